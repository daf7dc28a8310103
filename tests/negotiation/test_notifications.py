"""Who hears of turns and contracts: each once, on the right side."""

import pytest

from exchange.members.roles import Role
from exchange.negotiation import deciding, rounds
from exchange.negotiation.queries import newest_proposal
from exchange.negotiation.rounds import Spoken
from exchange.negotiation.terms import Terms
from tests.factories import accounts
from tests.factories.members import a_role, acting
from tests.factories.notices import told
from tests.factories.orders import DAY, a_market

pytestmark = pytest.mark.django_db


def test_each_turn_is_told_to_the_side_that_has_it() -> None:
    market = a_market()
    owner = accounts.owner_of(market.seller)
    a_role(market.seller, owner, Role.DATA_OWNER)
    seller, buyer = acting(owner, market.seller), market.buying
    opened = rounds.ask(
        actor=buyer,
        product_id=market.offer(500).product.public_id,
        spoken=Spoken(Terms(currency="CNY", price_minor=None)),
        now=DAY,
    )
    assert told("negotiation.turn") == ["Pipeline Data"]
    rounds.counter(
        opened.public_id,
        actor=seller,
        answers=newest_proposal(opened).document_hash,
        spoken=Spoken(Terms(currency="CNY", price_minor=90_000)),
        now=DAY,
    )
    assert told("negotiation.turn") == ["Pipeline Data", "City Gas"]
    opened.refresh_from_db()
    deciding.accept(
        opened.public_id,
        actor=buyer,
        answers=newest_proposal(opened).document_hash,
        now=DAY,
    )
    assert sorted(told("contracts.to_sign")) == ["City Gas", "Pipeline Data"]


def test_the_side_that_ended_a_negotiation_hears_nothing_of_it() -> None:
    market = a_market()
    a_role(market.seller, accounts.owner_of(market.seller), Role.DATA_OWNER)
    opened = rounds.ask(
        actor=market.buying,
        product_id=market.offer(500).product.public_id,
        spoken=Spoken(Terms(currency="CNY", price_minor=50_000)),
        now=DAY,
    )
    deciding.withdraw(opened.public_id, actor=market.buying, reason="", now=DAY)
    assert told("negotiation.ended") == ["Pipeline Data"]
