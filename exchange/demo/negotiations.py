"""The demo's negotiations: one whose turn is the visitor's, one signed, paid and delivered."""

from datetime import datetime, timedelta

from exchange.contracts.models import Contract
from exchange.demo.acting import acting
from exchange.demo.shelves import product_of
from exchange.flows import negotiated_deal
from exchange.journeys import agreements
from exchange.negotiation.actions.rounds import Spoken
from exchange.negotiation.models import Negotiation
from exchange.negotiation.queries.negotiations import newest_proposal
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
    agreed = negotiated_deal.accept(
        actor=acting("freight", at),
        negotiation_id=held.public_id,
        answers=newest.document_hash,
        now=at,
    )
    contract = Contract.objects.get(public_id=agreed.contract_ref)
    for key in ("freight", "analyst"):
        agreements.sign(
            contract.public_id, actor=acting(key, at), seen_hash=contract.document_hash, now=at
        )


def _ask(who: str, ware: str, at: datetime) -> Negotiation:
    return negotiated_deal.ask(
        actor=acting(who, at),
        product_id=product_of(ware).public_id,
        spoken=Spoken(_terms(None), "For the planning of next year. 用于明年的规划。"),
        now=at,
    )


def _answer(who: str, held: Negotiation, yuan: int, at: datetime) -> None:
    newest = newest_proposal(Negotiation.objects.get(pk=held.pk))
    negotiated_deal.counter(
        actor=acting(who, at),
        negotiation_id=held.public_id,
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
