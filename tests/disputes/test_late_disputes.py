"""A dispute over an order that is closed: in time, with the money held wherever it lies by then, taken once."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from exchange.core.lifecycle import Named
from exchange.core.refusals import NotAllowed, TooLate
from exchange.delivery.entitlements import entitlement_of_order
from exchange.disputes import appeals, opening
from exchange.disputes.models import Dispute
from exchange.disputes.opening import DisputedBefore, DisputeRefused
from exchange.disputes.splits import split_as_asked
from exchange.journeys import acceptance, disputes, refunds
from exchange.members.roles import Role
from exchange.orders.lifecycle import OrderState, OrderTransition
from exchange.orders.models import Order
from exchange.payments import chart, payouts, settlement, unpaid
from exchange.payments.lifecycle import Bearer
from exchange.payments.models import Document, Refund
from exchange.payments.unpaid import Why
from pricing.money import Money
from tests.factories import payments as money
from tests.factories.accounts import owner_of
from tests.factories.members import a_role
from tests.factories.orders import DAY, Market, a_market
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db
SOON = DAY + timedelta(days=10)  # the sale has cleared, and may still be disputed
LONG_AFTER = DAY + timedelta(days=90)
CLOCK = Named("system:clock")


@pytest.fixture
def market() -> Market:
    return a_market()


def sold(market: Market, *, at: datetime = DAY) -> Order:
    """An order of 100 yuan and 6 of tax, accepted and closed: 98 are the seller's."""
    order = market.order(market.offer(100), at=at)
    money.pay_by_card(market, order, at=at)
    acceptance.accept(order.public_id, actor=market.buying, now=at)
    order.refresh_from_db()
    return order


def complained(market: Market, order: Order, *, now: datetime = SOON, part: int = 0) -> Dispute:
    return opening.open_dispute(
        order.public_id,
        kind="below_quality",
        reason="Half of the rows turned out to be empty.",
        remedy="part" if part else "refund",
        wanted=Money(part, "CNY") if part else None,
        actor=market.buying,
        now=now,
    )


def cleared(market: Market) -> Order:
    order = sold(market)
    assert settlement.clear_due(actor=CLOCK, now=SOON) == 1
    return order


def paid_out(market: Market) -> Order:
    money.an_account(market)
    order = cleared(market)
    payouts.run_payouts(run_date=SOON.date(), currency="CNY", actor=CLOCK, now=SOON)
    money.settle_down()
    assert money.available(market) == 0
    return order


def owed(market: Market) -> int:
    return money.on(chart.receivable(market.seller.public_id, "CNY"))


def set_aside(dispute: Dispute) -> int:
    return money.on(chart.dispute(dispute.public_id))


def test_what_has_not_cleared_waits_until_the_dispute_has_ended(market: Market) -> None:
    order = sold(market)
    dispute = complained(market, order, now=DAY)
    assert (dispute.state, dispute.set_aside) == ("opened", [])
    order.refresh_from_db()
    assert order.state == OrderState.CLOSED
    assert settlement.clear_due(actor=CLOCK, now=SOON) == 0
    assert money.pending(market) == 9_800
    share = order.settlement.shares.get()
    assert [
        one.why for one in unpaid.of_seller(market.seller.pk, now=SOON).for_share(share, None)
    ] == [Why.OBJECTED]
    disputes.withdraw(dispute.public_id, actor=market.buying, now=DAY)
    assert Dispute.objects.get().outcome == "released"
    assert settlement.clear_due(actor=CLOCK, now=SOON) == 1
    assert money.available(market) == 9_800
    assert money.books_are_sound()


def test_what_has_cleared_is_set_aside_and_a_part_goes_back_out_of_it(market: Market) -> None:
    order = cleared(market)
    dispute = complained(market, order, part=5_300)
    assert (money.available(market), set_aside(dispute)) == (4_900, 4_900)
    disputes.concede(dispute.public_id, actor=market.selling, now=SOON)
    assert Refund.objects.get().amount_minor == 5_300
    assert (money.available(market), set_aside(dispute), owed(market)) == (4_900, 0, 0)
    kinds = list(Document.objects.filter(order=order).values_list("kind", flat=True))
    assert kinds.count("credit_note") == 1
    order.refresh_from_db()
    assert order.state == OrderState.CLOSED
    assert money.books_are_sound()


def test_what_was_paid_out_is_owed_at_once_and_taken_once(market: Market) -> None:
    order = paid_out(market)
    dispute = complained(market, order)
    assert (owed(market), set_aside(dispute)) == (9_800, 9_800)
    second = cleared_another(market)
    payouts.run_payouts(
        run_date=SOON.date() + timedelta(days=30), currency="CNY", actor=CLOCK,
        now=SOON + timedelta(days=30),
    )  # fmt: skip
    assert owed(market) == 0  # the next payout was short of it
    money.ruled(market.exchange, order, OrderTransition.REFUND, now=SOON)
    assert Refund.objects.get().amount_minor == 10_600
    assert (money.available(market), owed(market), set_aside(dispute)) == (0, 0, 0)
    assert Dispute.objects.get().outcome == "refunded"
    entitlement = entitlement_of_order(order)
    assert entitlement is not None
    assert entitlement.state == "revoked"
    assert second.state == OrderState.CLOSED
    assert money.books_are_sound()


def cleared_another(market: Market) -> Order:
    order = sold(market, at=SOON)
    settlement.clear_due(actor=CLOCK, now=SOON + timedelta(days=20))
    return order


def test_what_was_paid_out_is_the_sellers_again_when_it_wins(market: Market) -> None:
    order = paid_out(market)
    dispute = complained(market, order)
    money.ruled(market.exchange, order, OrderTransition.RELEASE, now=SOON)
    assert set_aside(dispute) == 0
    assert money.available(market) - owed(market) == 0
    assert not Refund.objects.exists()
    assert money.books_are_sound()


def test_a_ruling_on_a_closed_order_is_appealed_like_any_other(market: Market) -> None:
    order = cleared(market)
    dispute = complained(market, order)
    disputes.rule_on(
        order.public_id, actor=market.exchange.proposer, transition=OrderTransition.RELEASE,
        reason_code="as_described", reason="All is there.", now=SOON,
    )  # fmt: skip
    disputes.approve(order.rulings.get().public_id, actor=market.exchange.approver, now=SOON)
    appeals.appeal(dispute.public_id, actor=market.buying, reason="Look again.", now=SOON)
    assert set_aside(dispute) == 9_800
    disputes.withdraw_appeal(dispute.public_id, actor=market.buying, now=SOON)
    assert (money.available(market), set_aside(dispute)) == (9_800, 0)


def test_the_seller_gives_back_meanwhile_and_no_more_goes_back_than_was_paid(
    market: Market,
) -> None:
    order = cleared(market)
    dispute = complained(market, order)
    refunds.refund(
        order.public_id, amount=Money(10_000, "CNY"), bearer=Bearer.SELLER, reason="At once.",
        actor=market.selling, now=SOON,
    )  # fmt: skip
    split = split_as_asked(dispute)
    assert split is not None
    assert split.back == Money(600, "CNY")
    disputes.concede(dispute.public_id, actor=market.selling, now=SOON)
    assert [one.amount_minor for one in Refund.objects.order_by("pk")] == [10_000, 600]
    assert set_aside(dispute) == 0
    assert money.available(market) == owed(market)
    assert money.books_are_sound()


def test_a_side_that_stays_silent_loses_a_late_dispute_too(market: Market) -> None:
    dispute = complained(market, cleared(market), part=5_300)
    assert disputes.run_due(now=LONG_AFTER) == 1
    assert Refund.objects.get().amount_minor == 5_300
    assert set_aside(dispute) == 0


def test_who_complains_does_so_in_time_and_once(market: Market) -> None:
    order = cleared(market)
    asked: dict[str, Any] = {"kind": "below_quality", "reason": "No."}
    with pytest.raises(TooLate):
        complained(market, order, now=LONG_AFTER)
    with pytest.raises(NotAllowed):
        opening.open_dispute(order.public_id, actor=market.selling, now=SOON, **asked)
    assert not Dispute.objects.exists()
    dispute = complained(market, order)
    with pytest.raises(DisputedBefore):
        complained(market, order)
    disputes.withdraw(dispute.public_id, actor=market.buying, now=SOON)
    with pytest.raises(DisputedBefore):
        complained(market, order)


def test_what_went_back_entirely_is_not_disputed(market: Market) -> None:
    order = cleared(market)
    refunds.refund(
        order.public_id, amount=Money(10_600, "CNY"), bearer=Bearer.SELLER, reason="At once.",
        actor=market.selling, now=SOON,
    )  # fmt: skip
    with pytest.raises(DisputeRefused):
        complained(market, order)


def test_a_closed_order_is_disputed_on_its_page(market: Market) -> None:
    a_role(market.seller, owner_of(market.seller), Role.DATA_OWNER)
    order = sold(market, at=timezone.now())
    buyer = browser(market.agent, market.buyer)
    seller = browser(owner_of(market.seller), market.seller)
    page = shown(buyer, f"/orders/{order.public_id}/")
    assert "You can open one until" in page
    assert "Quality below the report" not in shown(seller, f"/orders/{order.public_id}/")
    said = {"kind": "below_quality", "remedy": "part", "wanted": "53.00", "reason": "Half."}
    opened = buyer.post(f"/orders/{order.public_id}/object/", said)
    assert opened.status_code == 302
    dispute = Dispute.objects.get()
    assert "CN¥53.00" in shown(seller, f"/disputes/{dispute.public_id}/")
    assert "You can open one until" not in shown(buyer, f"/orders/{order.public_id}/")
    answered = seller.post(f"/disputes/{dispute.public_id}/agree/")
    assert answered.status_code == 302
    assert Refund.objects.get().amount_minor == 5_300
