"""What is free at first, for who subscribes to a product for the first time."""

from typing import Any

import pytest

from exchange.catalog.models import Offer
from exchange.journeys import billing, checkout
from exchange.metering import bills
from exchange.metering.models import MeteredSubscription, UsageBill
from exchange.orders.lifecycle import PaymentMethod
from exchange.orders.models import Order
from pricing.charges.plans import read_plan
from tests.factories import listings
from tests.factories.orders import DAY, Market, a_market
from tests.factories.payments import books_are_sound, fund_wallet
from tests.metering.test_usage_plans import CLOSED, PLAN, an_event, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def market() -> Market:
    market = a_market()
    fund_wallet(market.exchange, market.buyer, 1_000)
    return market


def an_offer(market: Market, *, sample: int = 0, grace: int = 0, **fields: Any) -> Offer:
    charge = {**PLAN["charges"][0], "sample_units": sample}
    plan = {**PLAN, "charges": [charge], "grace_periods": grace}
    product = fields.pop("product", None) or listings.a_listing(
        seller=market.seller, price_minor=None
    )
    return listings.an_offer(
        product, period="P1M", kind="metered", plan=plan, plan_digest=read_plan(plan).digest,
        **fields,
    )  # fmt: skip


def subscribed(market: Market, offer: Offer) -> MeteredSubscription:
    order = market.order(offer, method=PaymentMethod.NONE)
    return MeteredSubscription.objects.get(order=order)


def test_a_sample_comes_off_the_first_bill_and_no_later_one(market: Market) -> None:
    metered = subscribed(market, an_offer(market, sample=1_000))
    send(market, *(an_event(metered, number) for number in range(1, 31)))
    billing.run_due(now=CLOSED)
    bill = UsageBill.objects.get()
    assert bill.net_minor == 1_900  # 3,000 rows, 1,000 of them a sample and 100 free, at 0.01
    assert bytes(bill.document) == bills.drawn(bill.period).content
    assert books_are_sound()


def test_a_period_of_grace_needs_no_money_and_becomes_no_order(market: Market) -> None:
    metered = subscribed(market, an_offer(market, grace=1))
    assert metered.periods.get().hold_minor == 0
    send(market, *(an_event(metered, number) for number in range(1, 31)))
    billing.run_due(now=CLOSED)
    bill = UsageBill.objects.get()
    assert (bill.net_minor, bill.order) == (0, None)
    assert metered.periods.get(number=2).hold_minor == 1_060  # what the least of a period costs
    assert Order.objects.count() == 1


def test_who_comes_back_reads_and_gets_terms_without_a_beginning(market: Market) -> None:
    offer = an_offer(market, sample=1_000, grace=1)
    subscribed(market, offer)
    other = an_offer(market, sample=500, grace=2, product=offer.product)
    terms = checkout.terms_now(actor=market.buying, offer_id=other.public_id, now=DAY)
    plan = read_plan(terms["price"]["plan"])
    assert plan.grace_periods == 0
    assert not plan.charges[0].sample_units
    again = subscribed(market, other)
    assert "grace_periods" not in again.plan
    assert again.periods.get().hold_minor == 1_060
