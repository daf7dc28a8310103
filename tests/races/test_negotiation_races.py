"""Two answers to one proposal at the same moment: one counts, the other is refused."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from exchange.contracts import performance
from exchange.contracts.lifecycle import ContractState
from exchange.contracts.models import Contract, Permit
from exchange.journeys import agreements
from exchange.members.actors import Actor
from exchange.members.roles import Role
from exchange.negotiation import deciding, rounds
from exchange.negotiation.lifecycle import NegotiationState
from exchange.negotiation.models import Negotiation
from exchange.negotiation.queries import newest_proposal
from exchange.negotiation.rounds import Spoken
from exchange.negotiation.terms import Terms
from exchange.orders.models import Order
from tests.contracts.test_performance import a_deal
from tests.factories import accounts
from tests.factories.members import a_role
from tests.factories.orders import DAY, Market, a_market
from tests.factories.payments import books_are_sound, fund_wallet
from tests.races.test_order_races import at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
TERMS = Terms(currency="CNY", price_minor=40_000, access_days=30)


@pytest.fixture
def market() -> Market:
    market = a_market()
    a_role(market.seller, accounts.owner_of(market.seller), Role.DATA_OWNER)
    fund_wallet(market.exchange, market.buyer, 1000)
    return market


def offered(market: Market) -> Negotiation:
    """A private offer that lies with the buyer."""
    return rounds.offer_privately(
        actor=market.selling, product_id=market.offer(500).product.public_id,
        buyer_id=market.buyer.public_id, spoken=Spoken(TERMS), now=DAY,
    )  # fmt: skip


def accepting(actor: Actor, held: Negotiation) -> Callable[[], object]:
    answers = newest_proposal(held).document_hash
    return lambda: deciding.accept(held.public_id, actor=actor, answers=answers, now=DAY)


def countering(actor: Actor, held: Negotiation) -> Callable[[], object]:
    answers = newest_proposal(held).document_hash
    spoken = Spoken(replace(TERMS, price_minor=30_000))
    return lambda: rounds.counter(
        held.public_id, actor=actor, answers=answers, spoken=spoken, now=DAY
    )


def withdrawing(actor: Actor, held: Negotiation) -> Callable[[], object]:
    return lambda: deciding.withdraw(held.public_id, actor=actor, reason="", now=DAY)


def test_two_people_accept_once(market: Market) -> None:
    held = offered(market)
    outcomes = at_once(accepting(market.buying, held), accepting(market.leading, held))
    assert outcomes.count("done") == 1
    assert Contract.objects.count() == 1


def test_what_is_withdrawn_while_it_is_accepted_is_one_of_both(market: Market) -> None:
    held = offered(market)
    outcomes = at_once(accepting(market.buying, held), withdrawing(market.selling, held))
    assert outcomes.count("done") == 1
    held.refresh_from_db()
    is_accepted = held.state == NegotiationState.ACCEPTED
    assert is_accepted or held.state == NegotiationState.WITHDRAWN
    assert Contract.objects.count() == int(is_accepted)


def test_an_acceptance_never_meets_terms_that_were_not_read(market: Market) -> None:
    held = offered(market)
    outcomes = at_once(accepting(market.leading, held), countering(market.buying, held))
    assert outcomes.count("done") == 1
    held.refresh_from_db()
    if held.state == NegotiationState.ACCEPTED:
        assert Contract.objects.get().document["fee"]["net_minor"] == "40000"
    else:
        assert not Contract.objects.exists()


def test_two_signatures_of_one_side_are_one_and_both_sides_make_one_order(market: Market) -> None:
    held = accepting(market.buying, offered(market))()
    assert isinstance(held, Negotiation)
    contract = Contract.objects.get()

    def signing(actor: Actor) -> Callable[[], object]:
        return lambda: agreements.sign(
            contract.public_id, actor=actor, seen_hash=contract.document_hash, now=DAY
        )

    outcomes = at_once(signing(market.selling), signing(market.selling), signing(market.leading))
    assert outcomes.count("done") == 2
    contract.refresh_from_db()
    assert contract.state == ContractState.PERFORMING
    assert (Order.objects.count(), contract.signatures.count()) == (1, 2)
    assert books_are_sound()


def test_two_who_call_off_the_same_order_place_it_once() -> None:
    deal = a_deal()
    contract = deal.signed(calls_max=2, calls_days=30)

    def call() -> object:
        return agreements.call_off(contract.public_id, actor=deal.market.buying, number=2, now=DAY)

    assert at_once(call, call) == ["done", "done"]
    assert Order.objects.count() == 2
    assert books_are_sound()


def test_the_last_use_of_a_permit_is_made_once() -> None:
    deal = a_deal()
    contract = deal.signed(uses_max=1)

    def use() -> object:
        return performance.use(contract)

    assert at_once(use, use) == ["done", "permit_used_up"]
    assert Permit.objects.get().used == 1
