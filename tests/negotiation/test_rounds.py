"""Rounds of a negotiation: whose turn it is, what may be answered, how it ends."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from exchange.negotiation import errors
from exchange.negotiation.actions import deciding, rounds
from exchange.negotiation.actions.rounds import Opening, Spoken
from exchange.negotiation.actions.steps import newest_of
from exchange.negotiation.models import Negotiation, NegotiationStep, Proposal
from exchange.negotiation.states import NegotiationState, Origin, Side, Turn
from exchange.negotiation.terms import Terms
from tests.factories.orders import DAY, Market, a_market

pytestmark = pytest.mark.django_db


@pytest.fixture
def market() -> Market:
    return a_market()


def terms(yuan: int | None, currency: str = "CNY") -> Terms:
    return Terms(
        currency=currency,
        price_minor=None if yuan is None else yuan * 100,
        allowed=("internal_use",),
        forbidden=("export",),
        access_days=30,
        uses_max=100,
        purpose="Forecasts",
    )


def asked(market: Market, yuan: int | None = None) -> Negotiation:
    opening = Opening(
        product=market.offer(500).product,
        buyer_id=market.buyer.pk,
        side=Side.BUYER,
        origin=Origin.QUOTE,
    )
    step = rounds.open_negotiation(
        opening=opening,
        spoken=Spoken(terms(yuan), words="What would it cost?"),
        actor="test:1",
        by_id=market.agent.pk,
        now=DAY,
    )
    return step.negotiation


def answer(negotiation: Negotiation, side: Side, yuan: int, answers: str = "") -> Negotiation:
    step = rounds.counter(
        negotiation_id=negotiation.public_id,
        side=side,
        answers=answers or newest_of(negotiation).document_hash,
        spoken=Spoken(terms(yuan)),
        actor="test:1",
        by_id=None,
        now=DAY,
    )
    return step.negotiation


def accept(negotiation: Negotiation, side: Side, answers: str) -> Negotiation:
    return deciding.accept(
        negotiation_id=negotiation.public_id,
        side=side,
        answers=answers,
        needs_second=False,
        actor="test:1",
        by_id=None,
        now=DAY,
    ).negotiation


def test_each_round_is_kept_whole_and_as_its_difference(market: Market) -> None:
    offered = answer(asked(market), Side.SELLER, 400)
    assert (offered.state, offered.turn) == (NegotiationState.OFFERED, Turn.BUYER)
    countered = answer(offered, Side.BUYER, 300)
    assert (countered.state, countered.turn) == (NegotiationState.REQUESTED, Turn.SELLER)
    newest = newest_of(countered)
    assert newest.changes == [{"field": "price_minor", "before": "40000", "after": "30000"}]
    assert newest.document["answers"] == Proposal.objects.get(number=2).document_hash


def test_an_overtaken_proposal_is_not_accepted_and_nothing_changes(market: Market) -> None:
    offered = answer(asked(market), Side.SELLER, 400)
    old = newest_of(offered).document_hash
    again = answer(answer(offered, Side.BUYER, 300), Side.SELLER, 350)
    with pytest.raises(errors.ProposalSuperseded) as refused:
        accept(again, Side.BUYER, old)
    assert refused.value.facts["newest"] == newest_of(again).document_hash
    assert NegotiationStep.objects.count() == 4
    accepted = accept(again, Side.BUYER, newest_of(again).document_hash)
    assert (accepted.state, accepted.turn) == (NegotiationState.ACCEPTED, Turn.BOTH)


def test_a_withdrawn_proposal_cannot_be_countered(market: Market) -> None:
    offered = answer(asked(market), Side.SELLER, 400)
    deciding.withdraw(
        negotiation_id=offered.public_id, side=Side.SELLER, reason="", actor="test:1",
        by_id=None, now=DAY,
    )  # fmt: skip
    with pytest.raises(errors.ProposalWithdrawn):
        answer(offered, Side.BUYER, 300)
    assert Proposal.objects.count() == 2


def test_an_expired_proposal_cannot_be_accepted(market: Market) -> None:
    offered = answer(asked(market), Side.SELLER, 400)
    late = DAY + timedelta(days=60)
    deciding.expire(negotiation_id=offered.public_id, actor="system:clock", now=late)
    with pytest.raises(errors.ProposalExpired):
        accept(offered, Side.BUYER, newest_of(offered).document_hash)


def test_the_side_that_proposed_waits_for_its_answer(market: Market) -> None:
    offered = answer(asked(market), Side.SELLER, 400)
    with pytest.raises(errors.NotYourTurn):
        accept(offered, Side.SELLER, newest_of(offered).document_hash)


def test_a_negotiation_keeps_its_currency_and_asks_need_an_offer(market: Market) -> None:
    negotiation = asked(market)
    newest = newest_of(negotiation).document_hash
    with pytest.raises(errors.NothingToAccept):
        accept(negotiation, Side.SELLER, newest)
    with pytest.raises(errors.OtherCurrency):
        rounds.counter(
            negotiation_id=negotiation.public_id, side=Side.SELLER, answers=newest,
            spoken=Spoken(terms(1, "EUR")), actor="test:1", by_id=None, now=DAY,
        )  # fmt: skip
    assert Proposal.objects.count() == 1


def test_a_proposal_is_never_rewritten(market: Market) -> None:
    asked(market)
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.update(side=Side.SELLER)
