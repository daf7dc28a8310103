"""Rounds of a negotiation: whose turn it is, what may be answered, how it ends."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from exchange.audit.models import Record
from exchange.contracts.models import Contract
from exchange.members.roles import Role
from exchange.negotiation import deciding, errors, rounds
from exchange.negotiation.lifecycle import NegotiationState, NegotiationTransition, Side, Turn
from exchange.negotiation.models import Negotiation, NegotiationStep, Proposal
from exchange.negotiation.queries import newest_proposal
from exchange.negotiation.rounds import Spoken
from exchange.negotiation.terms import Terms
from tests.factories import accounts
from tests.factories.members import a_role
from tests.factories.orders import DAY, Market, a_market

pytestmark = pytest.mark.django_db


@pytest.fixture
def market() -> Market:
    market = a_market()
    a_role(market.seller, accounts.owner_of(market.seller), Role.DATA_OWNER)
    return market


def terms(yuan: int | None, currency: str = "CNY") -> Terms:
    return Terms(
        currency=currency,
        price_minor=None if yuan is None else yuan * 100,
        access_days=30,
        uses_max=100,
        purpose="Forecasts",
    )


def asked(market: Market, yuan: int | None = None) -> Negotiation:
    return rounds.ask(
        actor=market.buying,
        product_id=market.offer(500).product.public_id,
        spoken=Spoken(terms(yuan), words="What would it cost?"),
        now=DAY,
    )


def answer(market: Market, negotiation: Negotiation, side: Side, yuan: int) -> Negotiation:
    return rounds.counter(
        negotiation.public_id,
        actor=market.buying if side is Side.BUYER else market.selling,
        answers=newest_proposal(negotiation).document_hash,
        spoken=Spoken(terms(yuan)),
        now=DAY,
    )


def accept(market: Market, negotiation: Negotiation, side: Side, answers: str) -> Negotiation:
    return deciding.accept(
        negotiation.public_id,
        actor=market.buying if side is Side.BUYER else market.selling,
        answers=answers,
        now=DAY,
    )


def test_each_round_is_kept_whole_and_as_its_difference(market: Market) -> None:
    offered = answer(market, asked(market), Side.SELLER, 400)
    assert (offered.state, offered.turn) == (NegotiationState.OFFERED, Turn.BUYER)
    countered = answer(market, offered, Side.BUYER, 300)
    assert (countered.state, countered.turn) == (NegotiationState.REQUESTED, Turn.SELLER)
    newest = newest_proposal(countered)
    assert newest.changes == [{"field": "price_minor", "before": "40000", "after": "30000"}]
    assert newest.document["answers"] == Proposal.objects.get(number=2).document_hash


def test_an_overtaken_proposal_is_not_accepted_and_nothing_changes(market: Market) -> None:
    offered = answer(market, asked(market), Side.SELLER, 400)
    old = newest_proposal(offered).document_hash
    again = answer(market, answer(market, offered, Side.BUYER, 300), Side.SELLER, 350)
    with pytest.raises(errors.ProposalSuperseded) as refused:
        accept(market, again, Side.BUYER, old)
    assert refused.value.facts["newest"] == newest_proposal(again).document_hash
    assert NegotiationStep.objects.count() == 4
    accepted = accept(market, again, Side.BUYER, newest_proposal(again).document_hash)
    assert (accepted.state, accepted.turn) == (NegotiationState.ACCEPTED, Turn.BOTH)


def test_a_withdrawn_proposal_cannot_be_countered(market: Market) -> None:
    offered = answer(market, asked(market), Side.SELLER, 400)
    deciding.withdraw(offered.public_id, actor=market.selling, reason="", now=DAY)
    with pytest.raises(errors.ProposalWithdrawn):
        answer(market, offered, Side.BUYER, 300)
    assert Proposal.objects.count() == 2


def test_an_expired_proposal_cannot_be_accepted(market: Market) -> None:
    offered = answer(market, asked(market), Side.SELLER, 400)
    assert deciding.run_due(now=DAY + timedelta(days=60)) == 1
    assert deciding.run_due(now=DAY + timedelta(days=60)) == 0
    with pytest.raises(errors.ProposalExpired):
        accept(market, offered, Side.BUYER, newest_proposal(offered).document_hash)


def test_the_side_that_proposed_waits_for_its_answer(market: Market) -> None:
    offered = answer(market, asked(market), Side.SELLER, 400)
    with pytest.raises(errors.NotYourTurn):
        accept(market, offered, Side.SELLER, newest_proposal(offered).document_hash)


def test_a_negotiation_keeps_its_currency_and_asks_need_an_offer(market: Market) -> None:
    negotiation = asked(market)
    newest = newest_proposal(negotiation).document_hash
    with pytest.raises(errors.NothingToAccept):
        accept(market, negotiation, Side.SELLER, newest)
    with pytest.raises(errors.OtherCurrency):
        rounds.counter(
            negotiation.public_id, actor=market.selling, answers=newest,
            spoken=Spoken(terms(1, "EUR")), now=DAY,
        )  # fmt: skip
    assert Proposal.objects.count() == 1


def test_a_proposal_is_never_rewritten(market: Market) -> None:
    asked(market)
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.update(side=Side.SELLER)


def test_a_step_says_whose_it_was_and_of_which_words(market: Market) -> None:
    negotiation = answer(market, asked(market), Side.SELLER, 400)
    newest = newest_proposal(negotiation)
    step = negotiation.steps.get(number=2)
    assert step.transition == NegotiationTransition.OFFER
    assert step.facts == {"side": "seller", "proposal": newest.document_hash}
    record = Record.objects.get(subject=f"negotiation_step:{step.public_id}")
    assert record.event == "negotiation.offer.made"


def test_what_is_agreed_is_put_into_one_contract(market: Market) -> None:
    offered = answer(market, asked(market), Side.SELLER, 400)
    accepted = accept(market, offered, Side.BUYER, newest_proposal(offered).document_hash)
    assert accepted.contract == Contract.objects.get()
    assert accepted.due_at == accepted.contract.sign_by


def test_two_negotiate_about_a_product_once_at_a_time(market: Market) -> None:
    first = asked(market)
    with pytest.raises(errors.AlreadyNegotiating) as refused:
        rounds.ask(
            actor=market.buying,
            product_id=first.product.public_id,
            spoken=Spoken(terms(1)),
            now=DAY,
        )
    assert refused.value.facts["negotiation"] == first.public_id
    assert (Negotiation.objects.count(), NegotiationStep.objects.count()) == (1, 1)
