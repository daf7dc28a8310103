"""Rounds of a negotiation: whose turn it is, what may be answered, how it ends."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from exchange.contracts.actions import concluding, drafting
from exchange.contracts.draft import Draft
from exchange.contracts.errors import AlreadySigned, DocumentDiffers
from exchange.contracts.models import Contract, Signature
from exchange.contracts.odrl import policy_of
from exchange.contracts.queries.contracts import is_intact
from exchange.contracts.queries.permits import permits
from exchange.contracts.templates import CODES, template
from exchange.negotiation import errors
from exchange.negotiation.actions import deciding, rounds
from exchange.negotiation.actions.rounds import Opening, Spoken
from exchange.negotiation.actions.steps import newest_of
from exchange.negotiation.models import Negotiation, NegotiationStep, Proposal
from exchange.negotiation.states import NegotiationState, Origin, Side, Turn
from exchange.negotiation.terms import Terms
from pricing.money import Money
from tests.factories import accounts
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


def drawn_up(market: Market, code: str = "provision") -> Contract:
    draft = Draft(
        template=code,
        product=market.offer(500).product,
        seller=market.seller,
        buyer=market.buyer,
        basis=f"test:{code}",
        basis_hash="",
        fee=Money(40_000, "CNY"),
        plan=None,
        period="",
        access_days=30,
        history="all",
        history_count=None,
        future="none",
        allowed=("internal_use",),
        forbidden=("export",),
        attribution=False,
        licence_text="",
        nature="licence",
        purpose="Forecasts",
        territory="",
        environment="",
        uses_max=100,
        seller_share_percent=60 if code == "fusion" else None,
        acceptance_days=5,
    )
    return drafting.put_up(draft=draft, actor="test:1", now=DAY)[-1].contract


def sign(contract: Contract, market: Market, *, buyer: bool, seen: str = "") -> concluding.Signed:
    party = market.buyer if buyer else market.seller
    return concluding.sign(
        contract_id=contract.public_id,
        organisation_id=party.pk,
        seen_hash=seen or contract.document_hash,
        actor="test:1",
        by_id=accounts.owner_of(party).pk,
        now=DAY,
    )


@pytest.mark.parametrize("code", CODES)
def test_every_template_fills_in_both_languages(market: Market, code: str) -> None:
    clauses = drawn_up(market, code).document["clauses"]
    assert len(clauses) == len(template(code).clauses)
    assert "{" not in str([one["paragraphs"]["zh"] for one in clauses])


def test_two_signatures_conclude_a_contract_and_grant_its_permit(market: Market) -> None:
    contract = drawn_up(market)
    assert not sign(contract, market, buyer=True).is_concluded
    with pytest.raises(AlreadySigned):
        sign(contract, market, buyer=True)
    assert sign(contract, market, buyer=False).is_concluded
    contract.refresh_from_db()
    assert (contract.state, is_intact(contract)) == ("signed", True)
    held = permits(product_id=contract.product.public_id, holder_id=market.buyer.pk, at=DAY)
    assert [(one.uses_max, one.purpose, one.actions) for one in held] == [
        (100, "Forecasts", ["internal_use"])
    ]
    assert policy_of(contract)["permission"][0]["constraint"][0]["rightOperand"] == "100"


def test_another_document_than_the_one_put_up_is_not_signed(market: Market) -> None:
    contract = drawn_up(market)
    with pytest.raises(DocumentDiffers):
        sign(contract, market, buyer=True, seen="sha256:" + "0" * 64)
    with pytest.raises(IntegrityError), transaction.atomic():
        Contract.objects.update(document={})
    assert not Signature.objects.exists()
