"""Metering under real threads: the same batch twice, and an event while its period is closed."""

from datetime import timedelta

import pytest

from exchange.journeys import billing, checkout
from exchange.members.actors import Actor
from exchange.members.roles import Role
from exchange.metering import bills, caps, holds, intake
from exchange.metering.models import (
    MeteredSubscription,
    UsageBill,
    UsageDay,
    UsageDispute,
    UsageEvent,
    UsageHeldEvent,
)
from exchange.orders.lifecycle import PaymentMethod
from exchange.payments import wallets, withdrawals
from exchange.payments.models import Withdrawal
from pricing.money import Money
from tests.factories import accounts
from tests.factories.members import a_role, acting
from tests.factories.orders import DAY, Market, a_command, a_market
from tests.factories.payments import books_are_sound, fund_wallet
from tests.metering.test_beginnings import an_offer
from tests.metering.test_usage_plans import CLOSED, END, a_subscription, an_event
from tests.races.test_order_races import at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def reporter(market: Market) -> Actor:
    operator = accounts.a_member(market.seller)
    a_role(market.seller, operator, Role.DATA_OPERATOR)
    return acting(operator, market.seller)


def test_a_batch_sent_three_times_at_once_is_counted_once() -> None:
    market = a_market()
    metered = a_subscription(market)
    actor = reporter(market)
    lines = [an_event(metered, number, quantity=number) for number in range(1, 101)]

    def send() -> object:
        return intake.report(lines, actor=actor, now=END)

    assert at_once(send, send, send) == ["done"] * 3
    assert UsageEvent.objects.count() == 100
    assert sum(UsageDay.objects.values_list("quantity", flat=True)) == 5_050


def test_two_batches_that_overlap_in_other_orders_do_not_block_each_other() -> None:
    market = a_market()
    metered = a_subscription(market)
    actor = reporter(market)
    lines = [an_event(metered, number) for number in range(1, 201)]

    def send(chosen: list[dict[str, object]]) -> object:
        return intake.report(chosen, actor=actor, now=END)

    assert at_once(lambda: send(lines), lambda: send(lines[::-1])) == ["done"] * 2
    assert UsageEvent.objects.count() == 200


def test_an_event_while_its_period_is_closed_is_in_this_bill_or_the_next() -> None:
    market = a_market()
    metered = a_subscription(market)
    actor = reporter(market)
    intake.report([an_event(metered, 1, quantity=2_000)], actor=actor, now=END)
    late = an_event(metered, 2, quantity=500)
    outcomes = at_once(
        lambda: intake.report([late], actor=actor, now=CLOSED - timedelta(seconds=1)),
        lambda: billing.run_one(metered.pk, now=CLOSED),
    )
    assert outcomes == ["done"] * 2
    bill = UsageBill.objects.get()
    kept = UsageEvent.objects.get(event_id="e2")
    billed = 2_500 if kept.bill_no == 1 else 2_000
    assert bill.net_minor == billed - 100  # a hundred rows are free, a row costs a fen
    assert bills.events_counted([metered.pk])[metered.pk] == 2
    assert books_are_sound()


def test_caps_at_once_and_a_close_leave_what_the_last_period_expects_set_aside() -> None:
    market = a_market()
    metered = a_subscription(market)

    def cap(minor: int) -> object:
        return caps.set_cap(metered.public_id, actor=market.leading, cap_minor=minor, now=DAY)

    outcomes = at_once(
        lambda: cap(2_000), lambda: cap(20_000), lambda: billing.run_one(metered.pk, now=CLOSED)
    )
    assert outcomes == ["done"] * 3
    bill, last = UsageBill.objects.get(), metered.periods.order_by("number").last()
    assert last is not None
    metered.refresh_from_db()
    expected = holds.taxed(metered, holds.expected_net(metered, last)).minor
    left = 100_000 - holds.taxed(metered, bill.net).minor - expected
    assert (last.number, last.hold_minor) == (2, expected)
    assert wallets.available_in(market.buyer, "CNY").minor == left
    assert books_are_sound()


def test_reports_of_different_days_at_once_have_all_that_is_owed_set_aside() -> None:
    market = a_market()
    metered = a_subscription(market, yuan=100_000)
    actor = reporter(market)

    def send(day: int) -> object:
        at = (DAY + timedelta(days=day, hours=1)).isoformat()
        lines = [an_event(metered, 100 * day + n, quantity=10_000, at=at) for n in range(100)]
        return intake.report(lines, actor=actor, now=END)

    assert at_once(*(lambda day=day: send(day) for day in range(4))) == ["done"] * 4
    period = metered.periods.get()
    owed = holds.taxed(metered, bills.owed([period])[period.pk]).minor
    assert owed == 4_239_894  # 39,999.00 for four million rows but a hundred, and 6 % tax
    assert period.hold_minor >= owed
    assert books_are_sound()


def test_a_batch_that_is_held_and_sent_three_times_at_once_is_held_once() -> None:
    market = a_market()
    metered = a_subscription(market)
    actor = reporter(market)
    lines = [an_event(metered, number, quantity=10**10) for number in (1, 2)]

    def send() -> object:
        return intake.report(lines, actor=actor, now=END)

    assert at_once(send, send, send) == ["done"] * 3
    assert UsageHeldEvent.objects.count() == 2
    assert UsageDispute.objects.get().reported == 2 * 10**10
    assert UsageEvent.objects.exists() is False


def test_two_first_orders_at_once_get_one_sample() -> None:
    market = a_market()
    fund_wallet(market.exchange, market.buyer, 1_000)
    offer = an_offer(market, sample=1_000)
    command = a_command(market.buying, offer, method=PaymentMethod.NONE)

    def order() -> object:
        return checkout.checkout(command, actor=market.buying, now=DAY)

    assert sorted(at_once(order, order)) == ["done", "terms_changed"]
    assert MeteredSubscription.objects.count() == 1
    assert books_are_sound()


def test_money_that_is_owed_is_not_withdrawn_while_caps_and_use_change() -> None:
    """Whatever comes first, what is set aside and what is left cover what is owed, or the withdrawal
    came before the use was known."""
    market = a_market()
    metered = a_subscription(market, yuan=20_000)
    actor = reporter(market)
    intake.report([an_event(metered, 1, quantity=1_000_100)], actor=actor, now=END)
    owed = 1_060_000

    def cap(minor: int | None) -> object:
        return caps.set_cap(metered.public_id, actor=market.leading, cap_minor=minor, now=END)

    def withdraw(token: str) -> object:
        return withdrawals.ask(
            actor=market.leading, amount=Money(940_000, "CNY"), token=token, now=END
        )

    outcomes = at_once(
        lambda: cap(None), lambda: cap(1_000_000), lambda: withdraw("a"), lambda: withdraw("b")
    )
    assert "done" in outcomes
    period = metered.periods.get()
    assert period.hold_minor >= owed
    assert wallets.available_in(market.buyer, "CNY").minor >= 0
    withdrawn = 940_000 * Withdrawal.objects.count()
    left = wallets.available_in(market.buyer, "CNY").minor
    assert left + period.hold_minor + withdrawn == 2_000_000
    assert books_are_sound()
