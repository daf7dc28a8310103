"""The screens of fairness: unequal prices, circles, self-dealing, purchases that nobody fetches."""

from datetime import datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Organisation
from exchange.catalog.lifecycle import OfferKind
from exchange.catalog.models import Offer
from exchange.catalog.offers import OfferRequest, reserve_offer
from exchange.core.refusals import NotAllowed
from exchange.journeys import checkout, fairness
from exchange.journeys.fairness import Findings
from exchange.members import relations
from exchange.members.actors import Actor
from exchange.members.models import RelationKind
from exchange.members.roles import Kind, Role
from exchange.orders import discount_tiers, placing
from exchange.orders.discount_tiers import PriceReasonKnown
from exchange.orders.lifecycle import PriceGround
from exchange.orders.models import Order, PriceReason
from pricing.money import Money
from tests.factories import accounts
from tests.factories.listings import a_listing
from tests.factories.members import a_role, acting
from tests.factories.orders import DAY, Market, a_market
from tests.factories.payments import fund_wallet

pytestmark = pytest.mark.django_db


@pytest.fixture
def market() -> Market:
    return a_market()


def test_two_who_sell_each_other_as_much_are_found(market: Market) -> None:
    other = another_buyer(market, "Mirror")
    assert other.organisation_id is not None
    mirror = Organisation.objects.get(pk=other.organisation_id)
    agreed(market, market.offer(500), other, 100, "quote:1")
    theirs = a_listing(seller=mirror, price_minor=50_000).offers.get()
    fund_wallet(market.exchange, market.seller, 10_000)
    agreed(market, theirs, market.selling, 80, "quote:2")
    (circle,) = found(market).circles
    assert {circle.first_id, circle.second_id} == {market.seller.pk, mirror.pk}
    assert circle.share == Decimal("0.8")


def another_buyer(market: Market, name: str) -> Actor:
    house = accounts.an_organisation(name=name)
    market.exchange.admit(house, Kind.BUYER)
    agent = accounts.a_member(house)
    a_role(house, agent, Role.BUYER_AGENT)
    fund_wallet(market.exchange, house, 10_000)
    return acting(agent, house)


def agreed(
    market: Market, shop: Offer, buyer: Actor, yuan: int, basis: str, *, at: datetime = DAY
) -> Order:
    assert buyer.organisation_id is not None
    assert buyer.user_id is not None
    offer = reserve_offer(
        product_id=shop.product.public_id,
        command=OfferRequest(name="Agreed", kind=OfferKind.ONE_OFF, price=Money(yuan * 100, "CNY")),
        reserved_for_id=buyer.organisation_id,
        basis=basis,
        by_id=None,
        actor=placing.CLOCK,
        now=at,
    )
    return checkout.place_agreed(
        offer, buyer_id=buyer.organisation_id, by_id=buyer.user_id, actor=buyer, now=at
    )


def found(market: Market) -> Findings:
    return fairness.look(actor=market.exchange.proposer, now=DAY)


def test_prices_of_one_scope_that_lie_too_far_apart_are_found(market: Market) -> None:
    shop = market.offer(500)
    one, other = another_buyer(market, "One"), another_buyer(market, "Other")
    low = agreed(market, shop, one, 100, "quote:1")
    high = agreed(market, shop, other, 111, "quote:2")
    (spread,) = found(market).spreads
    assert (spread.lowest_order, spread.highest_order) == (low.public_id, high.public_id)
    assert (spread.lowest, spread.highest) == (Money(10_000, "CNY"), Money(11_100, "CNY"))
    assert (spread.share, spread.buyers_count) == (Decimal("0.11"), 2)


def test_prices_within_the_limit_are_not_found(market: Market) -> None:
    shop = market.offer(500)
    agreed(market, shop, another_buyer(market, "One"), 100, "quote:1")
    agreed(market, shop, another_buyer(market, "Other"), 110, "quote:2")
    assert found(market).spreads == []


def test_one_buyer_who_pays_different_prices_is_no_discrimination(market: Market) -> None:
    shop, one = market.offer(500), another_buyer(market, "One")
    agreed(market, shop, one, 100, "quote:1")
    agreed(market, shop, one, 200, "quote:2")
    assert found(market).spreads == []


def test_prices_that_bidding_has_made_are_not_compared(market: Market) -> None:
    shop = market.offer(500)
    agreed(market, shop, another_buyer(market, "One"), 100, "quote:1")
    agreed(market, shop, another_buyer(market, "Other"), 200, "auction:auc_1")
    assert found(market).spreads == []


def test_a_recorded_reason_takes_the_order_out_of_the_comparison(market: Market) -> None:
    shop = market.offer(500)
    agreed(market, shop, another_buyer(market, "One"), 100, "quote:1")
    dear = agreed(market, shop, another_buyer(market, "Other"), 200, "quote:2")
    discount_tiers.record_reason(
        dear.public_id, actor=market.exchange.proposer, ground=PriceGround.REAL_NEED,
        words="Support around the clock.", now=DAY,
    )  # fmt: skip
    assert found(market).spreads == []
    with pytest.raises(PriceReasonKnown):
        discount_tiers.record_reason(
            dear.public_id, actor=market.exchange.proposer, ground=PriceGround.OTHER,
            words="Another.", now=DAY,
        )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        PriceReason.objects.update(words="Another.")


def test_a_buyer_records_no_reason(market: Market) -> None:
    shop, one = market.offer(500), another_buyer(market, "One")
    order = agreed(market, shop, one, 100, "quote:1")
    with pytest.raises(NotAllowed):
        discount_tiers.record_reason(
            order.public_id, actor=one, ground=PriceGround.OTHER, words="No.", now=DAY
        )
    assert not PriceReason.objects.exists()


def test_sales_to_a_declared_relation_are_found_with_their_share(market: Market) -> None:
    shop = market.offer(500)
    near, far = another_buyer(market, "Near"), another_buyer(market, "Far")
    agreed(market, shop, near, 100, "quote:1")
    agreed(market, shop, far, 100, "quote:2")
    assert near.organisation_id is not None
    relations.declare(
        actor=market.exchange.proposer, organisation_id=market.seller.public_id,
        other_id=Organisation.objects.get(pk=near.organisation_id).public_id,
        kind=RelationKind.CONTROL, reason="Same owner.", now=DAY,
    )  # fmt: skip
    (sale,) = found(market).related
    assert (sale.seller_id, sale.buyer_id) == (market.seller.pk, near.organisation_id)
    assert (sale.sales, sale.share) == (Money(10_000, "CNY"), Decimal("0.5"))


def test_a_buyer_who_never_fetches_what_it_buys_again_and_again_is_found(market: Market) -> None:
    shop, one = market.offer(500), another_buyer(market, "One")
    for number in range(3):
        assert found(market).unused == []
        agreed(market, shop, one, 100, f"quote:{number}")
    (unused,) = found(market).unused
    assert (unused.buyer_id, unused.orders_count) == (one.organisation_id, 3)
    assert unused.paid == Money(30_000, "CNY")


def test_only_who_may_open_the_console_sees_the_screens(market: Market) -> None:
    with pytest.raises(NotAllowed):
        fairness.look(actor=market.selling, now=DAY)
