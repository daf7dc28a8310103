"""Who hears of turns and contracts: each once, on the right side."""

import pytest

from exchange.flows import negotiated_deal
from exchange.members.roles import Role
from exchange.negotiation.actions.rounds import Spoken
from exchange.negotiation.queries.negotiations import newest_proposal
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
    opened = negotiated_deal.ask(
        actor=buyer,
        product_id=market.offer(500).product.public_id,
        spoken=Spoken(Terms(currency="CNY", price_minor=None)),
        now=DAY,
    )
    assert told("negotiation.turn") == ["Pipeline Data"]
    negotiated_deal.counter(
        actor=seller,
        negotiation_id=opened.public_id,
        answers=newest_proposal(opened).document_hash,
        spoken=Spoken(Terms(currency="CNY", price_minor=90_000)),
        now=DAY,
    )
    assert told("negotiation.turn") == ["Pipeline Data", "City Gas"]
    opened.refresh_from_db()
    negotiated_deal.accept(
        actor=buyer,
        negotiation_id=opened.public_id,
        answers=newest_proposal(opened).document_hash,
        now=DAY,
    )
    assert sorted(told("contracts.to_sign")) == ["City Gas", "Pipeline Data"]


def test_the_side_that_ended_a_negotiation_hears_nothing_of_it() -> None:
    market = a_market()
    a_role(market.seller, accounts.owner_of(market.seller), Role.DATA_OWNER)
    opened = negotiated_deal.ask(
        actor=market.buying,
        product_id=market.offer(500).product.public_id,
        spoken=Spoken(Terms(currency="CNY", price_minor=50_000)),
        now=DAY,
    )
    negotiated_deal.withdraw(
        actor=market.buying, negotiation_id=opened.public_id, reason="", now=DAY
    )
    assert told("negotiation.ended") == ["Pipeline Data"]
