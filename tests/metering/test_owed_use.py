"""What was used is owed: no cap, end or withdrawal frees the money that is set aside for it."""

from datetime import timedelta

import pytest

from exchange.journeys import billing, scheduled
from exchange.metering import caps, subscriptions
from exchange.metering.errors import LastBillFinal
from exchange.metering.models import MeteredSubscription, UsageBill, UsageEvent
from exchange.orders import placing
from exchange.orders.errors import BillStaysDue
from exchange.orders.lifecycle import OrderState
from exchange.orders.models import Order
from exchange.payments import wallets, withdrawals
from exchange.payments.errors import MoneyIsOwed
from pricing.money import Money
from tests.factories.orders import Market, a_market
from tests.factories.payments import books_are_sound, fund_wallet
from tests.metering.test_usage_plans import CLOSED, END, a_subscription, an_event, send

pytestmark = pytest.mark.django_db
# 1,000,100 rows, of which 100 are free, at 0.01: 10,000.00 and 6 % tax.
USED = 1_000_100
OWED_MINOR = 1_060_000


def used_much(market: Market, *, yuan: int) -> MeteredSubscription:
    subscription = a_subscription(market, yuan=yuan)
    send(market, an_event(subscription, 1, quantity=USED))
    return subscription


def held(subscription: MeteredSubscription) -> int:
    return sum(subscription.periods.values_list("hold_minor", flat=True))


def free(market: Market) -> int:
    return wallets.available_in(market.buyer, "CNY").minor


def withdraw(market: Market, minor: int) -> None:
    withdrawals.ask(actor=market.leading, amount=Money(minor, "CNY"), token="once", now=END)


def test_use_raises_what_is_set_aside_and_no_cap_lowers_it() -> None:
    market = a_market()
    subscription = used_much(market, yuan=20_000)
    assert held(subscription) == OWED_MINOR * 5 // 4
    for cap in (None, 999_999_900, 1_000_000, 1_000_001, None, 1_200_000, None):
        caps.set_cap(subscription.public_id, actor=market.leading, cap_minor=cap, now=END)
        assert held(subscription) >= OWED_MINOR
        assert free(market) == 2_000_000 - held(subscription)
    assert held(subscription) == OWED_MINOR
    assert books_are_sound()


def test_the_end_of_a_subscription_keeps_what_is_owed_until_it_is_paid() -> None:
    market = a_market()
    subscription = used_much(market, yuan=20_000)
    subscriptions.end(subscription.public_id, actor=market.leading, now=END)
    caps.set_cap(subscription.public_id, actor=market.leading, cap_minor=None, now=END)
    assert held(subscription) == OWED_MINOR
    billing.run_due(now=CLOSED)
    assert free(market) == 2_000_000 - OWED_MINOR
    order = UsageBill.objects.get().order
    assert order is not None
    assert order.state == OrderState.DELIVERED


def test_late_use_of_a_closed_period_is_set_aside_in_the_next() -> None:
    market = a_market()
    subscription = a_subscription(market, yuan=20_000)
    billing.run_due(now=CLOSED)
    send(market, an_event(subscription, 1, quantity=USED), at=CLOSED)
    assert held(subscription) >= OWED_MINOR


def test_a_wallet_that_does_not_cover_the_use_gives_nothing_back() -> None:
    market = a_market()
    subscription = used_much(market, yuan=4_000)
    assert (held(subscription), free(market)) == (400_000, 0)
    fund_wallet(market.exchange, market.buyer, 1_000)
    with pytest.raises(MoneyIsOwed) as refused:
        withdraw(market, 1)
    assert refused.value.facts["owed_minor"] == OWED_MINOR - 400_000
    billing.run_due(now=CLOSED)  # the bill waits for its money; what was set aside for it is free
    order = UsageBill.objects.get().order
    assert order is not None
    assert order.state == OrderState.CONTRACT_SIGNED
    with pytest.raises(MoneyIsOwed):
        withdraw(market, 1)
    assert free(market) == 500_000 - 1_060  # what the second period expects is set aside


def test_what_is_not_owed_can_be_withdrawn() -> None:
    market = a_market()
    used_much(market, yuan=20_000)
    withdraw(market, 2_000_000 - OWED_MINOR * 5 // 4)
    assert free(market) == 0


def test_the_bill_of_what_was_used_is_neither_cancelled_nor_forgotten() -> None:
    market = a_market()
    used_much(market, yuan=4_000)
    billing.run_due(now=CLOSED)
    bill = UsageBill.objects.get().order
    assert bill is not None
    with pytest.raises(BillStaysDue):
        placing.cancel(bill.public_id, actor=market.leading, reason="", now=CLOSED)
    late = CLOSED + timedelta(days=60)
    scheduled.run_orders(now=late)
    order = Order.objects.get(pk=bill.pk)
    assert order.state == OrderState.CONTRACT_SIGNED
    assert order.due_at is not None
    assert order.due_at > late
    fund_wallet(market.exchange, market.buyer, 10_000)
    assert Order.objects.get(pk=bill.pk).state == OrderState.DELIVERED
    assert books_are_sound()


def test_use_that_comes_after_the_last_bill_is_refused_with_the_day_by_which_it_had_to() -> None:
    market = a_market()
    subscription = a_subscription(market, yuan=20_000)
    subscriptions.end(subscription.public_id, actor=market.leading, now=END)
    last_moment = CLOSED - timedelta(seconds=1)
    assert send(market, an_event(subscription, 1, quantity=100), at=last_moment).accepted == 1
    billing.run_due(now=CLOSED)
    taken = send(market, an_event(subscription, 2, quantity=500), at=CLOSED)
    assert taken.accepted == 0
    [(_place, refusal)] = taken.refused
    assert isinstance(refusal, LastBillFinal)
    grace_until = subscription.periods.get().grace_until
    assert refusal.facts["closed_at"] == grace_until.isoformat()
    assert UsageEvent.objects.count() == 1
