"""A subscription by use, from the order to the bill that its wallet paid."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from exchange.journeys import billing
from exchange.members.roles import Role
from exchange.metering import bills, caps, intake, subscriptions
from exchange.metering.errors import CapReached
from exchange.metering.intake import Taken
from exchange.metering.models import MeteredSubscription, UsageBill, UsageDay, UsageEvent
from exchange.orders.lifecycle import PaymentMethod
from exchange.payments import chart, wallets
from pricing.charges.plans import read_plan
from tests.factories import accounts, listings
from tests.factories import payments as money
from tests.factories.core import amend
from tests.factories.members import a_role, acting
from tests.factories.orders import DAY, Market, a_market
from tests.factories.payments import books_are_sound, fund_wallet

pytestmark = pytest.mark.django_db
PLAN: dict[str, Any] = {
    "format": "assay.plan/1",
    "plan": "by-rows",
    "version": 1,
    "currency": "CNY",
    "minimum": "10.00",
    "charges": [
        {"name": "rows", "model": "per_unit", "meter": "rows", "unit": "0.01", "free_units": 100}
    ],
}
END = DAY + timedelta(days=30)  # DAY is in a month of at most 31 days; the period ends after this
CLOSED = DAY + timedelta(days=36)


def a_subscription(
    market: Market, *, yuan: int = 1000, plan: Mapping[str, Any] = PLAN
) -> MeteredSubscription:
    if yuan:
        fund_wallet(market.exchange, market.buyer, yuan)
    product = listings.a_listing(seller=market.seller, price_minor=None)
    offer = listings.an_offer(
        product, period="P1M", kind="metered", plan=plan, plan_digest=read_plan(plan).digest
    )
    order = market.order(offer, method=PaymentMethod.NONE)
    return MeteredSubscription.objects.get(order=order)


def an_event(owner: MeteredSubscription, number: int, **fields: Any) -> dict[str, Any]:
    return {
        "subscription": owner.public_id,
        "source": "gateway",
        "event_id": f"e{number}",
        "meter": "rows",
        "quantity": 100,
        "at": (DAY + timedelta(hours=number)).isoformat(),
        **fields,
    }


def send(market: Market, *lines: object, at: datetime = END) -> Taken:
    operator = accounts.a_member(market.seller)
    a_role(market.seller, operator, Role.DATA_OPERATOR)
    return intake.report(list(lines), actor=acting(operator, market.seller), now=at)


def test_an_order_by_use_costs_nothing_at_once_and_sets_the_minimum_aside() -> None:
    market = a_market()
    subscription = a_subscription(market)
    order = subscription.order
    assert (order.total_minor, order.state) == (0, "closed")
    assert subscription.periods.get().hold_minor == 1060
    assert wallets.available_in(market.buyer, "CNY").minor == 100_000 - 1060


def test_an_event_sent_again_is_counted_once_and_another_content_is_refused() -> None:
    market = a_market()
    subscription = a_subscription(market)
    event = an_event(subscription, 1)
    assert send(market, event, event).duplicates == 1
    taken = send(market, event, {**event, "quantity": 7}, an_event(subscription, 2))
    assert (taken.accepted, taken.duplicates) == (1, 1)
    assert [(place, one.code) for place, one in taken.refused] == [(1, "usage_event_differs")]
    assert sum(UsageEvent.objects.values_list("quantity", flat=True)) == 200
    assert sum(UsageDay.objects.values_list("quantity", flat=True)) == 200


def test_lines_that_are_no_use_of_the_sellers_are_refused_one_by_one() -> None:
    market = a_market()
    subscription = a_subscription(market)
    taken = send(
        market,
        "rows",
        an_event(subscription, 1, subscription="mtr_other"),
        an_event(subscription, 2, meter="calls"),
        an_event(subscription, 3, quantity=1.5),
        an_event(subscription, 4, at=(END + timedelta(minutes=6)).isoformat()),
        an_event(subscription, 5, at=(DAY - timedelta(days=1)).isoformat()),
        an_event(subscription, 6, at="yesterday"),
    )
    assert [one.code for _place, one in taken.refused] == [
        "usage_line_invalid",
        "unknown_subscription",
        "unknown_meter",
        "usage_line_invalid",
        "usage_from_future",
        "usage_outside_subscription",
        "usage_line_invalid",
    ]
    assert UsageEvent.objects.exists() is False


def test_a_closed_period_is_an_order_paid_from_the_wallet_and_the_rest_is_free() -> None:
    market = a_market()
    subscription = a_subscription(market)
    send(market, *(an_event(subscription, number) for number in range(1, 31)))
    assert billing.run_due(now=CLOSED) == 1
    bill = UsageBill.objects.get()
    assert bill.net_minor == 2900  # 3,000 rows, 100 of them free, at 0.01
    order = bill.order
    assert order is not None
    assert (order.state, order.total_minor) == ("delivered", 3074)
    last = 1060  # the least that a period costs: the next one began before the bill was final
    assert wallets.available_in(market.buyer, "CNY").minor == 100_000 - 3074 - last
    assert bytes(bill.document) == bills.drawn(bill.period).content
    assert billing.run_due(now=CLOSED) == 0
    assert books_are_sound()


@pytest.mark.parametrize(("hours", "tax_minor"), [(-1, 130), (0, 60), (1, 60)])
def test_a_bill_bears_the_tax_of_its_periods_last_day_whenever_it_is_made(
    hours: int, tax_minor: int
) -> None:
    market = a_market()
    subscription = a_subscription(market)
    until_at = subscription.periods.get().until_at
    changed = until_at + timedelta(hours=hours)
    amend(key="fee.vat_rate", value="0.13", valid_from=changed, now=DAY)
    billing.run_due(now=CLOSED + timedelta(days=10))
    bill = UsageBill.objects.get()
    assert bill.order is not None
    assert (bill.order.net_minor, bill.order.tax_minor) == (1_000, tax_minor)
    # What is set aside for the next period goes by its own tax.
    assert subscription.periods.get(number=2).hold_minor == 1_130
    assert books_are_sound()


def test_a_subscription_that_has_ended_leaves_nothing_set_aside() -> None:
    market = a_market()
    subscription = a_subscription(market)
    buyer = acting(accounts.owner_of(market.buyer), market.buyer)
    a_role(market.buyer, accounts.owner_of(market.buyer), Role.FINANCE)
    caps.set_cap(subscription.public_id, actor=buyer, cap_minor=50_000, now=DAY)
    subscriptions.end(subscription.public_id, actor=buyer, now=DAY)
    billing.run_due(now=CLOSED)
    assert UsageBill.objects.get().net_minor == 1_000
    wallet = wallets.available_in(market.buyer, "CNY").minor
    assert wallet == 100_000 - 1_060
    assert money.on(chart.held(f"usage:{subscription.public_id}")) == 0
    assert books_are_sound()


def test_what_comes_after_the_close_is_a_correction_of_the_next_bill() -> None:
    market = a_market()
    subscription = a_subscription(market)
    send(market, *(an_event(subscription, number) for number in range(1, 31)))
    billing.run_due(now=CLOSED)
    first = UsageBill.objects.get()
    send(market, an_event(subscription, 99, quantity=500), at=CLOSED)
    billing.run_due(now=CLOSED + timedelta(days=31))
    second = UsageBill.objects.get(period__number=2)
    assert second.net_minor == 1000 + 500  # the minimum of the second period, and 500 late rows
    assert bills.drawn(first.period).digest == first.digest
    assert bills.drawn(second.period).digest == second.digest


@pytest.mark.parametrize("billed", [1, 2])
def test_a_last_bill_in_the_buyers_favour_is_paid_back(billed: int) -> None:
    market = a_market()
    tiers = [{"up_to": 100, "unit": "2.10"}, {"up_to": None, "unit": "1.00"}]
    charge = {"name": "rows", "model": "volume", "meter": "rows", "tiers": tiers}
    plan = {key: value for key, value in PLAN.items() if key != "minimum"}
    subscription = a_subscription(market, plan={**plan, "charges": [charge]})
    late = [
        an_event(subscription, 50 + number, at=(DAY + timedelta(days=31 * number + 1)).isoformat())
        for number in range(billed)
    ]
    for number, event in enumerate(late):
        send(market, event, at=END + timedelta(days=31 * number))
        billing.run_due(now=CLOSED + timedelta(days=31 * number))
    closing = CLOSED + timedelta(days=31 * billed)
    for number, event in enumerate(late):
        more = {**event, "event_id": f"late{number}", "quantity": 1}
        send(market, more, at=closing - timedelta(days=30))
    subscriptions.end(subscription.public_id, actor=market.buying, now=closing - timedelta(days=20))
    billing.run_due(now=closing)
    last = UsageBill.objects.latest("pk")
    assert (last.net_minor, last.carried_minor) == (0, -10_900 * billed)
    # Of 210.00 with 6 % tax each, what 101 rows cost is left.
    assert wallets.available_in(market.buyer, "CNY").minor == 100_000 - billed * 10_706
    assert books_are_sound()


def test_the_cap_ends_what_is_billed() -> None:
    market = a_market()
    subscription = a_subscription(market)
    caps.set_cap(subscription.public_id, actor=market.leading, cap_minor=1500, now=DAY)
    send(market, *(an_event(subscription, number) for number in range(1, 31)))
    with pytest.raises(CapReached):
        caps.check_cap(subscription)
    billing.run_due(now=CLOSED)
    assert UsageBill.objects.get().net_minor == 1500


def cap(market: Market, subscription: MeteredSubscription, minor: int | None) -> int:
    """Set the cap; what is set aside for the period then."""
    caps.set_cap(subscription.public_id, actor=market.leading, cap_minor=minor, now=DAY)
    return subscription.periods.get().hold_minor


def test_what_is_set_aside_follows_the_cap() -> None:
    market = a_market()
    subscription = a_subscription(market)
    for minor, held in ((1_500, 1_590), (1_500, 1_590), (20_000, 21_200), (None, 1_060), (1, 1)):
        assert cap(market, subscription, minor) == held
        assert wallets.available_in(market.buyer, "CNY").minor == 100_000 - held
    billing.run_due(now=CLOSED)
    assert books_are_sound()


def test_a_cap_that_comes_after_the_last_bill_sets_nothing_aside() -> None:
    market = a_market()
    subscription = a_subscription(market)
    subscriptions.end(subscription.public_id, actor=market.leading, now=DAY)
    billing.run_due(now=CLOSED)
    left = wallets.available_in(market.buyer, "CNY").minor
    cap(market, subscription, 50_000)
    assert wallets.available_in(market.buyer, "CNY").minor == left
    assert books_are_sound()


def test_a_cap_beyond_the_wallet_holds_and_leaves_what_is_set_aside() -> None:
    market = a_market()
    subscription = a_subscription(market)
    assert cap(market, subscription, 100_000) == 1_060
    assert subscription.periods.get().hard_cap_minor == 100_000
    assert cap(market, subscription, 90_000) == 95_400
    send(market, *(an_event(subscription, number) for number in range(1, 31)))
    billing.run_due(now=CLOSED)
    assert UsageBill.objects.get().net_minor == 2_900
    assert books_are_sound()


def test_the_order_of_events_leaves_the_bill_as_it_is() -> None:
    market = a_market()
    one, other = a_subscription(market), a_subscription(market)
    lines = range(1, 20)
    send(market, *(an_event(one, n, quantity=n, event_id=f"a{n}") for n in lines))
    for n in reversed(lines):
        event = an_event(other, n, quantity=n, event_id=f"b{n}")
        send(market, event, event)
    drawn = [bills.drawn(each.periods.get()).document for each in (one, other)]
    assert drawn[0]["quote"] == drawn[1]["quote"]
