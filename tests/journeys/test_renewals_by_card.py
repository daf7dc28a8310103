"""Renewals charged to the saved card while the buyer is away: paid, declined and tried again, or left to the
buyer where the bank asks for one."""

from datetime import datetime, timedelta

import pytest

from exchange.core import clock as core_clock
from exchange.journeys import renewals, scheduled
from exchange.notices.models import Notice
from exchange.orders import placing
from exchange.orders.lifecycle import OrderState
from exchange.orders.models import Order, Subscription
from exchange.payments import card_pages, saved_cards
from exchange.payments.gateway.sandbox import cards, clock
from exchange.payments.gateway.sandbox.models import Thing
from exchange.payments.lifecycle import PaymentState
from exchange.payments.models import Payment
from tests.architecture.lock_order import Recorder
from tests.factories import payments as money
from tests.factories.orders import Market, a_market
from tests.journeys.test_renewals import MONTH_END, subscribed, sweep
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db
WEEK = MONTH_END - timedelta(days=7)


@pytest.fixture(autouse=True)
def a_week_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """What answers and messages bring is written down by the clock."""
    monkeypatch.setattr(core_clock, "now", lambda: WEEK)


@pytest.fixture
def market() -> Market:
    return a_market()


def renewed(market: Market, code: str) -> Order:
    """The subscription whose next period is ordered, with a card saved before."""
    order = subscribed(market)
    money.save_card(market, code)
    money.settle_down()
    return swept(order, WEEK)


def swept(order: Order, at: datetime) -> Order:
    """The renewal, after the clock's round at that time and what came of it."""
    sweep(at)
    money.settle_down()
    return Order.objects.get(renews=order)


def payment_of(renewal: Order) -> Payment:
    return Payment.objects.get(order=renewal)


def notices(kind: str) -> int:
    return Notice.objects.filter(kind=kind).count()


def test_the_saved_card_pays_a_week_before_the_period(market: Market) -> None:
    renewal = renewed(market, "good")
    payment = payment_of(renewal)
    assert (renewal.state, payment.state) == (OrderState.DELIVERED, PaymentState.RECEIVED)
    assert payment.saved_card == saved_cards.default_of(market.buyer.pk)
    assert Subscription.objects.get(latest=renewal).periods_paid == 2
    assert money.held(renewal) == 10_600
    assert notices("orders.subscription.charged") == 1
    assert notices("orders.subscription.renewal") == 0
    assert money.books_are_sound()


def test_the_subscription_is_locked_before_any_account(market: Market) -> None:
    order, locks = subscribed(market), Recorder()
    money.save_card(market, "good")
    money.settle_down()
    sweep(WEEK)
    with locks.watching():
        money.settle_down()
    assert Order.objects.get(renews=order).state == OrderState.DELIVERED
    orders = {(edge.held.table, edge.wanted.table) for edge in locks.edges if edge.waits_for}
    assert ("orders_subscription", "ledger_account") in orders
    assert ("ledger_account", "orders_subscription") not in orders


def test_without_a_saved_card_the_renewal_waits_for_the_buyer(market: Market) -> None:
    renewal = swept(subscribed(market), WEEK)
    assert renewal.state == OrderState.CONTRACT_SIGNED
    assert payment_of(renewal).attempts == 0
    assert notices("orders.subscription.renewal") == 1


def test_a_declined_card_is_tried_again_on_each_day_of_the_rule_and_no_other(
    market: Market,
) -> None:
    renewal = renewed(market, "empties")
    assert renewal.renews is not None
    for at, attempts in ((7, 1), (6, 1), (5, 2), (4, 2), (3, 3), (2, 3), (1, 4)):
        for _round in range(2):
            swept(renewal.renews, MONTH_END - timedelta(days=at))
        payment = payment_of(renewal)
        assert (payment.attempts, payment.declines) == (attempts, attempts)
        assert payment.last_refusal == "insufficient_funds"
    assert not payment.is_trying
    assert notices("orders.order.payment_failed") == 4
    scheduled.run_orders(now=MONTH_END)
    renewal.refresh_from_db()
    assert renewal.state == OrderState.CANCELLED


def test_another_card_that_was_made_the_default_pays_the_next_attempt(market: Market) -> None:
    renewal = renewed(market, "empties")
    better = money.save_card(market, "good")
    saved_cards.make_default(better.public_id, actor=market.buying, now=WEEK)
    assert renewal.renews is not None
    renewal = swept(renewal.renews, MONTH_END - timedelta(days=5))
    assert renewal.state == OrderState.DELIVERED
    assert payment_of(renewal).saved_card == better


def test_a_bank_that_asks_leaves_the_payment_to_the_buyer(market: Market) -> None:
    renewal = renewed(market, "confirm")
    payment = payment_of(renewal)
    assert (renewal.state, payment.last_refusal) == (
        OrderState.CONTRACT_SIGNED, "authentication_required",
    )  # fmt: skip
    assert notices("orders.order.payment_failed") == 1
    assert renewal.renews is not None
    swept(renewal.renews, MONTH_END - timedelta(days=1))
    assert payment_of(renewal).attempts == 1
    page = shown(browser(market.agent, market.buyer), f"/payments/{payment.public_id}/")
    assert "Your bank wants to ask you first." in page
    card_pages.open_card_page(actor=market.buying, payment_id=payment.public_id, now=WEEK)
    payment.refresh_from_db()
    cards.pay(payment.provider_ref or "", card_code="confirm")
    cards.confirm(payment.provider_ref or "", agreed=True)
    money.settle_down()
    renewal.refresh_from_db()
    assert renewal.state == OrderState.DELIVERED
    assert (money.held(renewal), money.books_are_sound()) == (10_600, True)


def test_the_page_says_when_the_card_is_charged_next(market: Market) -> None:
    payment = payment_of(renewed(market, "empties"))
    said = renewals.next_charge_at(payment, now=WEEK)
    assert said == MONTH_END - timedelta(days=5)


def test_a_removed_card_is_charged_no_more(market: Market) -> None:
    order = subscribed(market)
    card = money.save_card(market)
    sweep(WEEK)
    saved_cards.remove(card.public_id, actor=market.buying, now=WEEK)
    money.settle_down()
    payment = payment_of(Order.objects.get(renews=order))
    assert (payment.state, payment.is_trying) == (PaymentState.WAITING, False)
    assert not Thing.objects.filter(kind="charge", body__payment_intent__isnull=False).exists()


def test_an_attempt_beside_the_buyers_own_page_is_let_go(market: Market) -> None:
    order = subscribed(market)
    money.save_card(market)
    sweep(WEEK)
    payment = payment_of(Order.objects.get(renews=order))
    card_pages.open_card_page(actor=market.buying, payment_id=payment.public_id, now=WEEK)
    payment.refresh_from_db()
    cards.pay(payment.provider_ref or "", card_code="good")
    money.settle_down()
    payment.refresh_from_db()
    assert payment.state == PaymentState.RECEIVED
    states = Thing.objects.filter(kind="payment_intent").values_list("body__status", flat=True)
    assert sorted(states) == ["canceled", "succeeded"]
    assert money.held(payment.order) == 10_600
    assert money.books_are_sound()


def test_a_renewal_that_is_cancelled_is_not_charged(market: Market) -> None:
    order = subscribed(market)
    money.save_card(market)
    sweep(WEEK)
    renewal = Order.objects.get(renews=order)
    placing.cancel(renewal.public_id, actor=market.buying, reason="", now=WEEK)
    money.settle_down()
    payment = payment_of(renewal)
    assert payment.state == PaymentState.CANCELLED
    assert money.at_provider() == 10_600  # of the first period
    states = Thing.objects.filter(kind="payment_intent").values_list("body__status", flat=True)
    assert set(states) <= {"canceled"}


def test_an_answer_that_was_lost_is_found_and_charges_once(market: Market) -> None:
    order = subscribed(market)
    money.save_card(market)
    switches = clock.switchboard()
    switches.faults = [{"on": "POST /v1/payment_intents", "do": "drop_reply", "times": 1}]
    switches.save()
    renewal = swept(order, WEEK)
    money.settle_down()
    renewal.refresh_from_db()
    assert Thing.objects.filter(kind="payment_intent").count() == 1
    assert renewal.state in {OrderState.DELIVERED, OrderState.CONTRACT_SIGNED}
    assert money.books_are_sound()
