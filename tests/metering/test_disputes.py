"""Reports that are far more than before, and objections of buyers: held, decided, booked."""

from datetime import timedelta
from typing import Any

import pytest

from exchange.core.refusals import NotAllowed
from exchange.journeys import billing
from exchange.metering import bills, caps, disputes, subscriptions
from exchange.metering.errors import CapReached, DisputeRefused, UnknownSubscription
from exchange.metering.lifecycle import DisputeKind, DisputeState
from exchange.metering.models import (
    QUANTITY_MAX,
    MeteredSubscription,
    UsageBill,
    UsageDay,
    UsageDispute,
    UsageEvent,
    UsageHeldEvent,
)
from exchange.notices.models import Notice
from exchange.orders.lifecycle import PaymentMethod
from pricing.charges.plans import read_plan
from tests.architecture.lock_order import NO_KEY, Lock, Recorder
from tests.factories import accounts, listings
from tests.factories.members import acting
from tests.factories.orders import DAY, Market, a_market
from tests.factories.payments import books_are_sound, fund_wallet
from tests.metering.test_usage_plans import CLOSED, END, a_subscription, an_event, send

pytestmark = pytest.mark.django_db
HUGE = 999_999_999  # rows at 0.01: ten million yuan


def counted(subscription: MeteredSubscription) -> int:
    return sum(
        UsageDay.objects.filter(subscription=subscription).values_list("quantity", flat=True)
    )


def net(subscription: MeteredSubscription) -> int:
    return bills.running_net(subscription.periods.get()).minor


def used_daily(market: Market, subscription: MeteredSubscription, *, rows: int = 500) -> None:
    for day in range(5):
        at = (DAY + timedelta(days=day, hours=1)).isoformat()
        send(market, an_event(subscription, 100 + day, quantity=rows, at=at))


def held(market: Market, subscription: MeteredSubscription) -> UsageDispute:
    at = (DAY + timedelta(days=6)).isoformat()
    taken = send(market, an_event(subscription, 1, quantity=HUGE, at=at))
    assert (taken.accepted, taken.held) == (0, 1)
    return UsageDispute.objects.get(kind=DisputeKind.HELD)


def test_a_report_far_above_all_before_waits_for_the_buyers_word() -> None:
    market = a_market()
    subscription = a_subscription(market)
    used_daily(market, subscription)
    dispute = held(market, subscription)
    assert (dispute.state, dispute.reported) == (DisputeState.HELD, HUGE)
    assert counted(subscription) == 2_500
    assert Notice.objects.filter(kind="metering.dispute.held").exists()
    again = an_event(subscription, 1, quantity=HUGE, at=(DAY + timedelta(days=6)).isoformat())
    taken = send(market, again)
    assert (taken.accepted, taken.held, taken.duplicates) == (0, 0, 1)
    assert UsageHeldEvent.objects.count() == 1


def test_a_first_report_beyond_reason_is_held_too() -> None:
    market = a_market()
    subscription = a_subscription(market)
    held(market, subscription)
    assert counted(subscription) == 0


def test_what_the_buyer_confirms_counts_up_to_the_cap_and_is_sent_once() -> None:
    market = a_market()
    subscription = a_subscription(market, yuan=100_000)
    dispute = held(market, subscription)
    disputes.confirm(dispute.public_id, actor=market.leading, now=END)
    assert counted(subscription) == HUGE
    assert net(subscription) == 5_000_000  # the cap that every subscription begins with
    assert subscription.periods.get().hold_minor == 5_300_000
    with pytest.raises(CapReached):
        caps.check_cap(subscription)
    at = (DAY + timedelta(days=6)).isoformat()
    assert send(market, an_event(subscription, 1, quantity=HUGE, at=at)).duplicates == 1
    assert books_are_sound()


def test_what_the_buyer_refuses_is_decided_by_an_operator_and_booked() -> None:
    market = a_market()
    subscription = a_subscription(market)
    dispute = held(market, subscription)
    disputes.refuse(
        dispute.public_id, accepted=900, reason="We made 900 calls.", actor=market.leading, now=END
    )
    operator = market.exchange.proposer
    with pytest.raises(DisputeRefused):
        disputes.rule_on(dispute.public_id, decided=HUGE + 1, reason="No.", actor=operator, now=END)
    disputes.rule_on(dispute.public_id, decided=900, reason="As counted.", actor=operator, now=END)
    dispute.refresh_from_db()
    assert (dispute.state, dispute.decided) == (DisputeState.CORRECTED, 900)
    assert counted(subscription) == 900
    assert UsageEvent.objects.get().source == "assay.ruling"
    at = (DAY + timedelta(days=6)).isoformat()
    assert send(market, an_event(subscription, 1, quantity=HUGE, at=at)).duplicates == 1


def test_a_bill_waits_for_what_is_in_dispute_and_the_clock_for_nobody() -> None:
    market = a_market()
    subscription = a_subscription(market)
    used_daily(market, subscription)
    dispute = held(market, subscription)
    billing.run_due(now=CLOSED)
    assert UsageBill.objects.exists() is False
    billing.run_due(now=CLOSED + timedelta(days=30))
    dispute.refresh_from_db()
    assert dispute.state == DisputeState.OPEN
    operator = market.exchange.proposer
    late = CLOSED + timedelta(days=31)
    disputes.rule_on(dispute.public_id, decided=0, reason="A slip.", actor=operator, now=late)
    billing.run_due(now=late)
    assert UsageBill.objects.get(period__number=1).net_minor == 2_400


def test_a_late_ruling_locks_every_open_period_before_any_account() -> None:
    """A fetch holds the newest period and waits for the account: a ruling on an earlier one that came to
    it with the account in hand would wait for the fetch."""
    market = a_market()
    subscription = a_subscription(market)
    used_daily(market, subscription)
    dispute = held(market, subscription)
    late = CLOSED + timedelta(days=31)
    billing.run_due(now=late)
    assert subscription.periods.count() > 1
    locks = Recorder()
    with locks.watching():
        disputes.rule_on(
            dispute.public_id,
            decided=100_000,
            reason="So.",
            actor=market.exchange.proposer,
            now=late,
        )
    orders = {(edge.held.table, edge.wanted) for edge in locks.edges}
    assert ("metering_usageperiod", Lock("ledger_account", NO_KEY)) in orders
    assert ("ledger_account", Lock("metering_usageperiod", NO_KEY)) not in orders


def test_an_objection_that_is_right_takes_off_what_was_counted() -> None:
    market = a_market()
    subscription = a_subscription(market)
    used_daily(market, subscription, rows=10_000)
    assert net(subscription) == 49_900
    day = (DAY + timedelta(days=2, hours=1)).date()
    dispute = disputes.object_to(
        subscription.public_id, day=day, meter="rows", accepted=100, reason="Our log says 100.",
        actor=market.leading, now=END,
    )  # fmt: skip
    with pytest.raises(DisputeRefused):
        disputes.object_to(
            subscription.public_id, day=day, meter="rows", accepted=0, reason="Again.",
            actor=market.leading, now=END,
        )  # fmt: skip
    assert net(subscription) == 49_900  # until it is decided it counts
    operator = market.exchange.proposer
    disputes.rule_on(dispute.public_id, decided=100, reason="Right.", actor=operator, now=END)
    assert net(subscription) == 40_000
    billing.run_due(now=CLOSED)
    bill = UsageBill.objects.get()
    assert bill.net_minor == 40_000
    assert bytes(bill.document) == bills.drawn(bill.period).content
    assert books_are_sound()


@pytest.mark.parametrize(("day", "accepted"), [(0, 500), (0, -1), (0, 501), (30, 0)], ids=str)
def test_no_objection_to_what_was_not_counted(day: int, accepted: int) -> None:
    market = a_market()
    subscription = a_subscription(market)
    used_daily(market, subscription)
    with pytest.raises(DisputeRefused):
        disputes.object_to(
            subscription.public_id, day=(DAY + timedelta(days=day, hours=1)).date(),
            meter="rows", accepted=accepted, reason="No.", actor=market.leading, now=END,
        )  # fmt: skip
    assert UsageDispute.objects.exists() is False


def test_a_final_bill_is_objected_to_as_an_order() -> None:
    market = a_market()
    subscription = a_subscription(market)
    used_daily(market, subscription)
    billing.run_due(now=CLOSED)
    with pytest.raises(DisputeRefused, match="final"):
        disputes.object_to(
            subscription.public_id, day=(DAY + timedelta(hours=1)).date(), meter="rows",
            accepted=0, reason="Late.", actor=market.leading, now=CLOSED,
        )  # fmt: skip


def test_only_the_buyer_speaks_and_only_an_operator_rules() -> None:
    market = a_market()
    subscription = a_subscription(market)
    dispute = held(market, subscription)
    selling = acting(accounts.owner_of(market.seller), market.seller)
    for act in (disputes.confirm, disputes.rule_on):
        said: dict[str, Any] = {"decided": HUGE, "reason": "So."} if act is disputes.rule_on else {}
        with pytest.raises((NotAllowed, UnknownSubscription, Exception)) as refused:
            act(dispute.public_id, actor=selling, now=END, **said)
        assert getattr(refused.value, "code", "") != ""
    dispute.refresh_from_db()
    assert dispute.state == DisputeState.HELD


def test_a_jump_that_costs_less_is_told_and_counts() -> None:
    market = a_market()
    subscription = a_subscription(market, yuan=20_000)
    used_daily(market, subscription)
    at = (DAY + timedelta(days=6)).isoformat()
    assert send(market, an_event(subscription, 1, quantity=500_000, at=at)).accepted == 1
    assert Notice.objects.filter(kind="metering.use.jumped").exists()
    assert UsageDispute.objects.exists() is False


def test_a_jump_is_held_in_however_many_reports_it_comes() -> None:
    market = a_market()
    subscription = a_subscription(market, yuan=20_000)
    used_daily(market, subscription)
    at = (DAY + timedelta(days=6)).isoformat()
    part = 300_000  # of a million, which costs what a jump may
    sent = [
        send(market, an_event(subscription, number, quantity=part, at=at))
        for number in range(1, 21)
    ]
    assert [one.accepted for one in sent] == [1, 1, 1, *[0] * 17]
    dispute = UsageDispute.objects.get()
    assert dispute.reported == 17 * part
    disputes.confirm(dispute.public_id, actor=market.leading, now=END)
    small = an_event(subscription, 30, quantity=1_000, at=at)  # what the buyer confirmed is no jump
    assert send(market, small).accepted == 1


def test_a_held_event_that_comes_again_with_another_content_is_refused() -> None:
    market = a_market()
    subscription = a_subscription(market)
    held(market, subscription)
    at = (DAY + timedelta(days=6)).isoformat()
    for changed in ({"quantity": HUGE - 1}, {"at": (DAY + timedelta(days=5)).isoformat()}):
        event = an_event(subscription, 1, **{"quantity": HUGE, "at": at, **changed})
        taken = send(market, event)
        assert (taken.accepted, taken.held, taken.duplicates) == (0, 0, 0)
        assert [one.code for _place, one in taken.refused] == ["usage_event_differs"]


def test_what_was_decided_is_not_objected_to_again_until_more_is_counted() -> None:
    market = a_market()
    subscription = a_subscription(market)
    used_daily(market, subscription)
    day = (DAY + timedelta(days=2, hours=1)).date()

    def object_to(accepted: int) -> UsageDispute:
        return disputes.object_to(
            subscription.public_id, day=day, meter="rows", accepted=accepted, reason="Less.",
            actor=market.leading, now=END,
        )  # fmt: skip

    operator = market.exchange.proposer
    first = object_to(100).public_id
    disputes.rule_on(first, decided=200, reason="Half.", actor=operator, now=END)
    with pytest.raises(DisputeRefused, match="decided already"):
        object_to(100)
    at = (DAY + timedelta(days=2, hours=2)).isoformat()
    send(market, an_event(subscription, 1, at=at))
    disputes.confirm(object_to(100).public_id, actor=market.leading, now=END)
    with pytest.raises(DisputeRefused, match="decided already"):
        object_to(100)


def test_rulings_about_more_than_one_event_may_count_are_booked_in_parts() -> None:
    market = a_market()
    subscription = a_subscription(market)
    at = (DAY + timedelta(days=6)).isoformat()
    lines = [an_event(subscription, n, quantity=QUANTITY_MAX, at=at) for n in (1, 2, 3)]
    assert send(market, *lines).held == 3
    dispute = UsageDispute.objects.get()
    assert dispute.reported == 3 * QUANTITY_MAX
    disputes.refuse(dispute.public_id, reason="Less.", actor=market.leading, now=END)
    operator, decided = market.exchange.proposer, 2 * QUANTITY_MAX + 7
    disputes.rule_on(dispute.public_id, decided=decided, reason="So.", actor=operator, now=END)
    assert counted(subscription) == decided
    parts = UsageEvent.objects.order_by("event_id").values_list("event_id", "quantity")
    assert list(parts) == [
        (f"{dispute.public_id}.{number}", part)
        for number, part in enumerate((QUANTITY_MAX, QUANTITY_MAX, 7), start=1)
    ]
    objection = disputes.object_to(
        subscription.public_id, day=(DAY + timedelta(days=6)).date(), meter="rows", accepted=0,
        reason="None.", actor=market.leading, now=END,
    )  # fmt: skip
    disputes.rule_on(objection.public_id, decided=1, reason="One.", actor=operator, now=END)
    assert counted(subscription) == 1


def test_what_the_plan_has_no_price_for_is_refused() -> None:
    market = a_market()
    fund_wallet(market.exchange, market.buyer, 1_000)
    plan: dict[str, Any] = {
        "format": "assay.plan/1", "plan": "tiers", "version": 1, "currency": "CNY",
        "charges": [
            {
                "name": "rows", "model": "graduated", "meter": "rows",
                "tiers": [{"up_to": 1000, "unit": "1.00"}],
            }
        ],
    }  # fmt: skip
    product = listings.a_listing(seller=market.seller, price_minor=None)
    offer = listings.an_offer(
        product, period="P1M", kind="metered", plan=plan, plan_digest=read_plan(plan).digest
    )
    order = market.order(offer, method=PaymentMethod.NONE)
    owner = MeteredSubscription.objects.get(order=order)
    taken = send(market, an_event(owner, 1, quantity=5_000))
    assert [one.code for _place, one in taken.refused] == ["usage_beyond_plan"]


def test_names_of_the_exchanges_own_sources_are_refused() -> None:
    market = a_market()
    subscription = a_subscription(market)
    taken = send(market, an_event(subscription, 1, source="assay.ruling"))
    assert [one.code for _place, one in taken.refused] == ["usage_line_invalid"]


def test_a_subscription_begins_with_a_cap_and_clearing_ones_own_brings_it_back() -> None:
    market = a_market()
    subscription = a_subscription(market)
    assert subscription.periods.get().hard_cap_minor == 5_000_000
    caps.set_cap(subscription.public_id, actor=market.leading, cap_minor=9_000, now=DAY)
    caps.set_cap(subscription.public_id, actor=market.leading, cap_minor=None, now=DAY)
    assert subscription.periods.get().hard_cap_minor == 5_000_000
    assert subscription.periods.get().hold_minor == 1_060
    assert subscriptions.subscriptions_of(market.buyer.pk).get() == subscription
