"""Subscriptions over time: reminded, renewed on the frozen terms, paid before the period, ended."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from exchange.core.periods import after_periods, months_of
from exchange.core.refusals import Refusal
from exchange.delivery.entitlements import entitlement_of_order
from exchange.disputes import endings, opening
from exchange.disputes.models import Dispute
from exchange.journeys import acceptance, renewals, scheduled
from exchange.notices.models import Notice
from exchange.orders import subscriptions
from exchange.orders.lifecycle import OrderState
from exchange.orders.models import Order, Subscription
from tests.factories.core import amend
from tests.factories.orders import DAY, Market, a_market, pay

pytestmark = pytest.mark.django_db
MONTH_END = datetime(2026, 4, 2, 14, tzinfo=UTC)


@pytest.fixture
def market() -> Market:
    return a_market()


def subscribed(market: Market, *, yuan: int = 100, auto_renew: bool = True) -> Order:
    """A paid and accepted order of a monthly subscription."""
    order = market.order(market.offer(yuan, period="P1M"), auto_renew=auto_renew)
    if yuan:
        pay(order)
        acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    order.refresh_from_db()
    return order


def sweep(now: datetime) -> int:
    return scheduled.run_orders(now=now)["subscriptions"]


@pytest.mark.parametrize(
    ("began", "period", "count", "end"),
    [
        ("2026-01-31", "P1M", 1, "2026-02-28"),
        ("2026-01-31", "P1M", 2, "2026-03-31"),
        ("2024-02-29", "P1Y", 1, "2025-02-28"),
        ("2024-02-29", "P1Y", 4, "2028-02-29"),
        ("2026-11-30", "P3M", 1, "2027-02-28"),
    ],
)
def test_periods_are_reckoned_from_their_first_day(
    began: str, period: str, count: int, end: str
) -> None:
    starts, ends = (timezone.make_aware(datetime.fromisoformat(day)) for day in (began, end))
    assert after_periods(starts, period, count) == ends


@pytest.mark.parametrize("period", ["", "P1D", "1M", "P0M", "P1M2"])
def test_other_periods_are_a_mistake(period: str) -> None:
    with pytest.raises(ValueError, match="whole months or years"):
        months_of(period)


def test_the_first_period_begins_with_the_delivery(market: Market) -> None:
    order = subscribed(market)
    subscription = Subscription.objects.get(first=order)
    assert (order.period_from, order.period_until) == (DAY, MONTH_END)
    assert (subscription.paid_until, subscription.auto_renew) == (MONTH_END, True)
    entitlement = entitlement_of_order(order)
    assert entitlement is not None
    assert entitlement.valid_until == MONTH_END


def test_it_is_said_once_a_fortnight_before_that_it_renews(market: Market) -> None:
    subscribed(market)
    assert sweep(MONTH_END - timedelta(days=14, microseconds=1)) == 0
    assert sweep(MONTH_END - timedelta(days=14)) == 1
    assert sweep(MONTH_END - timedelta(days=13)) == 0
    assert Notice.objects.get(kind="orders.subscription.renews").user == market.agent


def test_a_week_before_its_end_the_next_period_is_ordered_on_the_same_terms(
    market: Market,
) -> None:
    order = subscribed(market)
    now = MONTH_END - timedelta(days=7)
    assert sweep(now) == 1
    renewal = Order.objects.get(renews=order)
    assert (renewal.terms_hash, renewal.terms) == (order.terms_hash, order.terms)
    assert (renewal.state, renewal.due_at) == (OrderState.CONTRACT_SIGNED, MONTH_END)
    assert (renewal.period_from, renewal.period_until) == (
        MONTH_END,
        datetime(2026, 5, 2, 14, tzinfo=UTC),
    )
    assert sweep(now) == 0
    assert Order.objects.filter(renews=order).count() == 1


@pytest.mark.parametrize(
    ("from_at", "percent", "total_minor"),
    [(MONTH_END - timedelta(days=1), "13", 11_300), (MONTH_END + timedelta(days=1), "6", 10_600)],
)
def test_a_renewal_bears_the_tax_of_the_day_on_which_its_period_begins(
    market: Market, from_at: datetime, percent: str, total_minor: int
) -> None:
    order = subscribed(market)
    amend(key="fee.vat_rate", value="0.13", valid_from=from_at, now=DAY)
    sweep(MONTH_END - timedelta(days=7))
    renewal = Order.objects.get(renews=order)
    assert (renewal.net_minor, renewal.total_minor) == (order.net_minor, total_minor)
    price = renewal.terms["price"]
    assert (price["tax_percent"], price["plan"]["tax"]) == (percent, {"percent": percent})
    assert (price["tax_minor"], price["total_minor"]) == (renewal.tax_minor, total_minor)
    assert renewal.terms["offer"] == order.terms["offer"]


def test_a_paid_renewal_carries_the_subscription_on(market: Market) -> None:
    order = subscribed(market)
    now = MONTH_END - timedelta(days=7)
    sweep(now)
    renewal = Order.objects.get(renews=order)
    pay(renewal, at=now)
    subscription = Subscription.objects.get(first=order)
    assert (subscription.latest, subscription.periods_paid) == (renewal, 2)
    assert subscription.paid_until == datetime(2026, 5, 2, 14, tzinfo=UTC)
    renewal.refresh_from_db()
    assert renewal.state == OrderState.DELIVERED


def test_an_unpaid_renewal_lapses_and_the_subscription_ends_with_it(market: Market) -> None:
    order = subscribed(market)
    sweep(MONTH_END - timedelta(days=7))
    scheduled.run_orders(now=MONTH_END)
    assert Order.objects.get(renews=order).state == OrderState.CANCELLED
    assert Subscription.objects.get(first=order).ended_at == MONTH_END


def test_switched_off_it_ends_with_the_period_and_says_so(market: Market) -> None:
    order = subscribed(market)
    subscriptions.set_auto_renew(order.public_id, actor=market.buying, wanted=False, now=DAY)
    sweep(MONTH_END - timedelta(days=7))
    assert not Order.objects.filter(renews=order).exists()
    assert Notice.objects.filter(kind="orders.subscription.ends").count() == 1
    sweep(MONTH_END)
    assert Subscription.objects.get(first=order).ended_at == MONTH_END


def test_the_command_of_the_checkout_decides_whether_it_renews(market: Market) -> None:
    order = subscribed(market, auto_renew=False)
    assert Subscription.objects.get(first=order).auto_renew is False


def test_one_purchase_renews_nothing(market: Market) -> None:
    order = market.order(market.offer(100))
    with pytest.raises(Refusal) as refused:
        subscriptions.set_auto_renew(order.public_id, actor=market.buying, wanted=True, now=DAY)
    assert refused.value.code == "not_a_subscription"


def test_only_the_buyer_switches_the_renewal(market: Market) -> None:
    order = subscribed(market)
    with pytest.raises(Refusal) as refused:
        subscriptions.set_auto_renew(order.public_id, actor=market.selling, wanted=False, now=DAY)
    assert refused.value.code == "not_allowed"
    assert Subscription.objects.get().auto_renew is True


WHY = "The sensors are taken down."


def test_the_seller_lets_it_end_with_what_is_paid_for_and_the_buyer_reads_why(
    market: Market,
) -> None:
    order = subscribed(market)
    for _twice in range(2):
        subscriptions.decline_renewals(order.public_id, actor=market.selling, reason=WHY, now=DAY)
    told = Notice.objects.get(kind="orders.subscription.declined")
    assert (told.user, told.facts["reason"]) == (market.agent, WHY)
    with pytest.raises(Refusal, match=WHY) as refused:
        subscriptions.set_auto_renew(order.public_id, actor=market.buying, wanted=True, now=DAY)
    assert refused.value.code == "renewals_declined"
    assert sweep(MONTH_END - timedelta(days=7)) == 1
    assert not Order.objects.filter(renews=order).exists()
    entitlement = entitlement_of_order(order)
    assert entitlement is not None
    assert entitlement.valid_until == MONTH_END
    sweep(MONTH_END)
    assert Subscription.objects.get(first=order).ended_at == MONTH_END
    with pytest.raises(Refusal, match="ended"):
        subscriptions.offer_renewals(order.public_id, actor=market.selling, now=MONTH_END)


def test_the_seller_takes_it_back_and_the_buyer_decides_again(market: Market) -> None:
    order = subscribed(market)
    subscriptions.decline_renewals(order.public_id, actor=market.selling, reason=WHY, now=DAY)
    subscriptions.offer_renewals(order.public_id, actor=market.selling, now=DAY)
    assert Notice.objects.filter(kind="orders.subscription.offered_again").count() == 1
    assert not Subscription.objects.get(first=order).auto_renew
    subscriptions.set_auto_renew(order.public_id, actor=market.buying, wanted=True, now=DAY)
    sweep(MONTH_END - timedelta(days=7))
    assert Order.objects.filter(renews=order).exists()


def test_a_period_that_is_ordered_can_still_be_paid_and_is_the_last(market: Market) -> None:
    order = subscribed(market)
    now = MONTH_END - timedelta(days=7)
    sweep(now)
    renewal = Order.objects.get(renews=order)
    subscriptions.decline_renewals(order.public_id, actor=market.selling, reason=WHY, now=now)
    pay(renewal)
    acceptance.accept(renewal.public_id, actor=market.buying, now=now)
    subscription = Subscription.objects.get(first=order)
    assert (subscription.periods_paid, subscription.auto_renew) == (2, False)
    sweep(subscription.paid_until - timedelta(days=7))
    assert not Order.objects.filter(renews=renewal).exists()


def test_only_the_seller_lets_it_end_for_its_part(market: Market) -> None:
    order = subscribed(market)
    with pytest.raises(Refusal):
        subscriptions.decline_renewals(order.public_id, actor=market.buying, reason=WHY, now=DAY)
    subscriptions.decline_renewals(order.public_id, actor=market.selling, reason=WHY, now=DAY)
    with pytest.raises(Refusal):
        subscriptions.offer_renewals(order.public_id, actor=market.buying, now=DAY)
    assert Subscription.objects.get(first=order).declined_at == DAY


def test_those_that_are_done_with_do_not_keep_later_ones_waiting(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewals, "BATCH", 1)
    for _number in range(3):
        subscribed(market)
    until = Subscription.objects.latest("paid_until").paid_until
    assert sweep(until - timedelta(days=13)) == 3
    with CaptureQueriesContext(connection) as asked:
        renewals.run_due(now=until - timedelta(days=13))
    assert len(asked) == 1
    assert sweep(until - timedelta(days=6)) == 3
    assert Order.objects.filter(renews__isnull=False).count() == 3


WEEK = timedelta(days=7)


def test_a_renewal_waits_for_the_decision_on_a_dispute_and_says_so(market: Market) -> None:
    order = subscribed(market)
    opening.open_dispute(
        order.public_id, actor=market.buying, kind="not_as_described", reason="Half is missing.",
        now=DAY,
    )  # fmt: skip
    for now in (MONTH_END - WEEK, MONTH_END, MONTH_END + timedelta(days=2)):
        renewals.run_due(now=now)
    assert not Order.objects.filter(renews=order).exists()
    assert Subscription.objects.get().ended_at is None
    assert Notice.objects.filter(kind="orders.subscription.waits").count() == 1
    endings.withdraw(Dispute.objects.get().public_id, actor=market.buying, now=DAY)
    now = MONTH_END + timedelta(days=3)
    renewals.run_due(now=now)
    renewal = Order.objects.get(renews=order)
    # Nobody pays for the days that went by, and there is a week to pay.
    assert renewal.period_from == MONTH_END + timedelta(days=4) + WEEK
    pay(renewal, at=now)
    subscription = Subscription.objects.get()
    assert (subscription.paid_until, subscription.extended_days) == (renewal.period_until, 11)
    assert subscription.ended_at is None
    notice = Notice.objects.get(kind="orders.subscription.renewal")
    assert timezone.localtime(renewal.period_from).date().isoformat() in str(notice.facts)
    # The periods after it follow without a gap.
    assert subscriptions.next_period(subscription, now=now) == (
        renewal.period_until, datetime(2026, 6, 2, 14, tzinfo=UTC) + timedelta(days=11),
    )  # fmt: skip


def test_what_is_not_accepted_yet_renews_once_it_is(market: Market) -> None:
    order = market.order(market.offer(100, period="P1M"), auto_renew=True)
    pay(order)
    renewals.run_due(now=MONTH_END)
    assert Subscription.objects.get().ended_at is None
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    renewals.run_due(now=MONTH_END + timedelta(days=1))
    assert Order.objects.get(renews=order).state == OrderState.CONTRACT_SIGNED


def test_after_an_outage_over_its_end_a_subscription_renews_late(market: Market) -> None:
    order = subscribed(market)
    now = MONTH_END + timedelta(days=11)
    sweep(now)
    renewal = Order.objects.get(renews=order)
    assert renewal.due_at == renewal.period_from == now + timedelta(days=1) + WEEK
    assert sweep(now + timedelta(days=1)) == 0
    assert renewal.period_from is not None
    scheduled.run_orders(now=renewal.period_from)
    assert Subscription.objects.get().ended_at == renewal.period_from
    assert Notice.objects.filter(kind="orders.subscription.ended").count() == 1


def test_what_was_switched_off_ends_after_an_outage_too(market: Market) -> None:
    stays, goes = subscribed(market), subscribed(market)
    subscriptions.set_auto_renew(goes.public_id, actor=market.buying, wanted=False, now=DAY)
    sweep(MONTH_END + timedelta(days=11))
    assert list(Order.objects.filter(renews__isnull=False).values_list("renews", flat=True)) == [
        stays.pk
    ]
    assert Subscription.objects.get(ended_at=None).first == stays
