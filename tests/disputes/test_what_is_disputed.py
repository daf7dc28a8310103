"""Disputes over a line of a bill of use, a bill, a renewal and an award: from the page to money in the books."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from exchange.core.formatting import day_shown
from exchange.delivery.entitlements import entitlement_of_order
from exchange.disputes import bill_lines, opening
from exchange.disputes.bill_lines import BillLine, LineRefused
from exchange.disputes.drafts import newest_draft
from exchange.disputes.models import Dispute
from exchange.journeys import acceptance, billing, disputes, scheduled
from exchange.members.actors import Actor
from exchange.metering import disputes as usage_disputes
from exchange.metering.models import MeteredSubscription, UsageBill
from exchange.orders.lifecycle import OrderState, OrderTransition
from exchange.orders.models import Order
from exchange.payments import chart
from exchange.payments.models import Refund
from pricing.money import Money
from tests.factories import payments as money
from tests.factories.accounts import owner_of
from tests.factories.auctions import a_house, clock_at
from tests.factories.orders import DAY, Market, a_market, pay
from tests.metering.test_disputes import used_daily
from tests.metering.test_usage_plans import CLOSED, END, a_subscription
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db
DAYS = [(DAY + timedelta(days=day, hours=1)).date() for day in range(5)]


@pytest.fixture
def market() -> Market:
    return a_market()


def billed(market: Market) -> tuple[MeteredSubscription, Order]:
    """Five days of 10,000 rows for 499 yuan, whose bill is final and paid from the wallet."""
    subscription = a_subscription(market)
    used_daily(market, subscription, rows=10_000)
    billing.run_due(now=CLOSED)
    order = UsageBill.objects.get().order
    assert order is not None
    order.refresh_from_db()
    return subscription, order


def in_wallet(market: Market) -> int:
    return money.on(chart.wallet(market.buyer.public_id, "CNY"))


def opened(order: Order, actor: Actor, *, at: datetime, part: int = 0, **what: object) -> Dispute:
    return opening.open_dispute(
        order.public_id,
        **{
            "kind": "wrong_price",
            "reason": "Our log says less.",
            "remedy": "part" if part else "refund",
            "wanted": Money(part, "CNY") if part else None,
            "actor": actor,
            "now": at,
            **what,
        },  # type: ignore[arg-type]  # a test's own mix of values
    )


def test_a_line_of_a_bill_is_disputed_and_its_part_comes_back(market: Market) -> None:
    _subscription, order = billed(market)
    assert order.state == OrderState.DELIVERED
    assert [(one.day, one.quantity) for one in bill_lines.lines_of(order)] == [
        (day, 10_000) for day in DAYS
    ]
    before = in_wallet(market)
    dispute = opened(order, market.leading, at=CLOSED, part=10_000, line=BillLine(DAYS[1], "rows"))
    assert (dispute.line_day, dispute.line_meter) == (DAYS[1], "rows")
    assert newest_draft(order).rule == "wrong_price"
    money.ruled(
        market.exchange, order, OrderTransition.RELEASE, refund=Money(10_000, "CNY"), now=CLOSED
    )
    assert Refund.objects.get().amount_minor == 10_000
    assert in_wallet(market) == before + 10_000
    order.refresh_from_db()
    assert order.state == OrderState.CLOSED
    assert money.books_are_sound()


def test_a_line_is_one_of_the_bill_and_about_price_or_metering(market: Market) -> None:
    _subscription, order = billed(market)
    unfit = [
        (BillLine(DAYS[1], "columns"), "wrong_price"),
        (BillLine(DAYS[1] + timedelta(days=20), "rows"), "wrong_price"),
        (BillLine(DAYS[1], "rows"), "below_quality"),
    ]
    for line, kind in unfit:
        with pytest.raises(LineRefused):
            opened(order, market.leading, at=CLOSED, line=line, kind=kind)
    other = market.delivered(100)
    with pytest.raises(LineRefused):
        opened(other, market.buying, at=DAY, line=BillLine(DAYS[1], "rows"))
    assert not Dispute.objects.exists()


def test_what_an_objection_decided_is_not_disputed_again(market: Market) -> None:
    subscription = a_subscription(market)
    used_daily(market, subscription, rows=10_000)
    objection = usage_disputes.object_to(
        subscription.public_id, day=DAYS[1], meter="rows", accepted=100, reason="Our log.",
        actor=market.leading, now=END,
    )  # fmt: skip
    operator = market.exchange.proposer
    usage_disputes.rule_on(
        objection.public_id, decided=5_000, reason="Half.", actor=operator, now=END
    )
    billing.run_due(now=CLOSED)
    order = UsageBill.objects.get().order
    assert order is not None
    with pytest.raises(LineRefused, match="decided already"):
        opened(order, market.leading, at=CLOSED, line=BillLine(DAYS[1], "rows"))
    assert DAYS[1] not in [one.day for one in bill_lines.lines_of(order)]
    opened(order, market.leading, at=CLOSED, line=BillLine(DAYS[2], "rows"))


def test_a_bill_as_a_whole_is_disputed_after_it_was_paid_out(market: Market) -> None:
    _subscription, order = billed(market)
    acceptance.accept(order.public_id, actor=market.leading, now=CLOSED)
    before = in_wallet(market)
    dispute = opened(order, market.leading, at=CLOSED)
    disputes.concede(dispute.public_id, actor=market.selling, now=CLOSED)
    assert in_wallet(market) == before + order.total_minor
    assert money.pending(market) == 0
    assert money.books_are_sound()


def test_a_renewal_is_disputed_and_refunded_alone(market: Market) -> None:
    first = market.order(market.offer(100, period="P1M"), auto_renew=True)
    pay(first)
    acceptance.accept(first.public_id, actor=market.buying, now=DAY)
    later = DAY + timedelta(days=28)
    scheduled.run_orders(now=later)
    renewal = Order.objects.get(renews=first)
    pay(renewal, at=later, number="renewal")
    renewal.refresh_from_db()
    assert renewal.state == OrderState.DELIVERED
    dispute = opened(renewal, market.buying, at=later)
    disputes.concede(dispute.public_id, actor=market.selling, now=later)
    assert Refund.objects.get().payment.order_id == renewal.pk
    states = [entitlement_of_order(order) for order in (first, renewal)]
    assert [right.state for right in states if right] == ["active", "revoked"]
    assert money.pending(market) == 9_800
    assert money.books_are_sound()


def test_an_award_is_disputed_and_refunded() -> None:
    house = a_house()
    with clock_at(DAY):
        auction = house.auction()
        house.bid("Grid", auction, 20_000)
    house.close(auction)
    order, buyer = Order.objects.get(), house.buyer("Grid")
    acceptance.accept(order.public_id, actor=buyer, now=order.created_at)
    before = money.on(chart.wallet(order.buyer.public_id, "CNY"))
    dispute = opened(order, buyer, at=order.created_at, kind="not_as_described")
    disputes.concede(dispute.public_id, actor=house.selling, now=order.created_at)
    assert Dispute.objects.get().outcome == "refunded"
    back = money.on(chart.wallet(order.buyer.public_id, "CNY")) - before
    assert back == order.total_minor > 0
    assert money.books_are_sound()


def test_a_line_is_disputed_from_the_page_of_its_meter(market: Market) -> None:
    subscription, order = billed(market)
    Order.objects.filter(pk=order.pk).update(due_at=timezone.now() + timedelta(days=3))
    buyer = browser(owner_of(market.buyer), market.buyer)
    page = shown(buyer, f"/usage/{subscription.public_id}/")
    assert f"/orders/{order.public_id}/#dispute" in page
    page = shown(buyer, f"/orders/{order.public_id}/")
    assert "Line of the bill" in page
    assert f"{DAYS[1].isoformat()}/rows" in page
    said = {
        "kind": "wrong_price", "remedy": "part", "wanted": "10.00", "reason": "Less.",
        "line": f"{DAYS[1].isoformat()}/rows",
    }  # fmt: skip
    assert buyer.post(f"/orders/{order.public_id}/object/", said).status_code == 302
    dispute = Dispute.objects.get()
    assert dispute.line_day == DAYS[1]
    assert day_shown(DAYS[1]) in shown(buyer, f"/disputes/{dispute.public_id}/")
