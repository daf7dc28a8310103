"""The demo's negotiations: one whose turn is the visitor's, one signed, paid and delivered."""

from datetime import datetime, timedelta

from exchange.contracts.models import Contract
from exchange.demo.acting import acting
from exchange.demo.demo_listings import product_of
from exchange.journeys import agreements
from exchange.negotiation import deciding, rounds
from exchange.negotiation.models import Negotiation
from exchange.negotiation.queries import newest_proposal
from exchange.negotiation.rounds import Spoken
from exchange.negotiation.terms import Terms

YUAN = 100
CURRENCY = "CNY"


def negotiate(now: datetime) -> None:
    """Tell both once, by what was said yesterday."""
    if Negotiation.objects.exists():
        return
    at = now - timedelta(hours=20)
    _answer("mobile", _ask("buyer", "cells", at), 9_600, at)
    held = _ask("analyst", "freight", at)
    _answer("freight", held, 7_500, at)
    _answer("analyst", held, 6_800, at)
    newest = newest_proposal(Negotiation.objects.get(pk=held.pk))
    deciding.accept(
        held.public_id, actor=acting("freight", at), answers=newest.document_hash, now=at
    )
    contract = Contract.objects.get(negotiation=held)
    for key in ("freight", "analyst"):
        agreements.sign(
            contract.public_id, actor=acting(key, at), seen_hash=contract.document_hash, now=at
        )


def _ask(who: str, demo_product: str, at: datetime) -> Negotiation:
    return rounds.ask(
        actor=acting(who, at),
        product_id=product_of(demo_product).public_id,
        spoken=Spoken(_terms(None), "For the planning of next year. 用于明年的规划。"),
        now=at,
    )


def _answer(who: str, held: Negotiation, yuan: int, at: datetime) -> None:
    newest = newest_proposal(Negotiation.objects.get(pk=held.pk))
    rounds.counter(
        held.public_id,
        actor=acting(who, at),
        answers=newest.document_hash,
        spoken=Spoken(_terms(yuan)),
        now=at,
    )


def _terms(yuan: int | None) -> Terms:
    return Terms(
        currency=CURRENCY,
        price_minor=None if yuan is None else yuan * YUAN,
        access_days=365,
        purpose="Planning 规划",
        territory="CN",
    )
