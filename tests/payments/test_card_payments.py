"""A card pays an order: authorised, taken, held; declined, confirmed, given up, run out."""

import pytest

from exchange.core import outbox
from exchange.core.models import OutboxJob
from exchange.orders import placing
from exchange.orders.lifecycle import OrderState, PaymentMethod
from exchange.payments import card_pages, chart, collection, payment_webhooks
from exchange.payments.errors import MoneyAlreadyReceived, PaymentNotOpen, WrongPaymentMethod
from exchange.payments.gateway.sandbox import cards, clock
from exchange.payments.gateway.sandbox.models import Thing
from exchange.payments.lifecycle import PaymentState
from exchange.payments.models import Payment, Refund
from tests.factories import payments as money
from tests.factories.orders import DAY, Market, a_market

pytestmark = pytest.mark.django_db


@pytest.fixture
def market() -> Market:
    return a_market()


def test_a_good_card_pays_the_order_which_is_then_delivered(market: Market) -> None:
    order = market.order(market.offer(100))
    payment = money.pay_by_card(market, order)
    assert payment.state == PaymentState.RECEIVED
    assert order.state == OrderState.DELIVERED
    assert money.held(order) == 10600
    assert payment.fee_minor == 63  # 0.6 % of 106.00
    assert money.at_provider() == 10537
    assert money.on(chart.provider_fee("CNY")) == 63
    assert money.books_are_sound()


def test_a_declined_card_says_why_and_leaves_the_payment_open(market: Market) -> None:
    order = market.order(market.offer(100))
    money.give_card(market, order, card="no_funds")
    money.settle_down()
    payment = money.payment_of(order)
    order.refresh_from_db()
    assert (payment.state, payment.last_refusal) == (PaymentState.WAITING, "insufficient_funds")
    assert payment.declines == 1
    assert order.state == OrderState.CONTRACT_SIGNED
    assert order.steps.latest("number").transition == "payment_failed"
    assert money.held(order) == 0
    assert money.pay_by_card(market, order).state == PaymentState.RECEIVED
    assert order.state == OrderState.DELIVERED


def test_a_card_whose_bank_asks_pays_once_the_payer_agrees(market: Market) -> None:
    order = market.order(market.offer(100))
    payment = money.give_card(market, order, card="confirm")
    money.settle_down()
    assert money.payment_of(order).state == PaymentState.WAITING
    cards.confirm(payment.provider_ref or "", agreed=True)
    money.settle_down()
    assert money.payment_of(order).state == PaymentState.RECEIVED


def test_a_payer_who_does_not_agree_is_refused_and_may_try_again(market: Market) -> None:
    order = market.order(market.offer(100))
    payment = money.give_card(market, order, card="confirm")
    cards.confirm(payment.provider_ref or "", agreed=False)
    money.settle_down()
    assert money.payment_of(order).last_refusal == "authentication_failed"


def test_looking_back_from_the_page_needs_no_message(market: Market) -> None:
    order = market.order(market.offer(100))
    payment = money.give_card(market, order)
    seen = payment_webhooks.refresh(actor=market.buying, payment_id=payment.public_id, now=DAY)
    assert seen.state == PaymentState.AUTHORISED
    money.work()
    assert money.payment_of(order).state == PaymentState.RECEIVED
    money.settle_down()
    assert money.held(order) == 10600


def test_no_message_at_all_is_made_good_by_looking(market: Market) -> None:
    order = market.order(market.offer(100))
    money.give_card(market, order)
    assert payment_webhooks.sync_open(now=DAY + money.days(1)) == 1
    money.work()
    order.refresh_from_db()
    assert order.state == OrderState.DELIVERED


def test_the_page_is_opened_twice_and_the_provider_has_one_object(market: Market) -> None:
    order = market.order(market.offer(100))
    first = money.open_page(market, order).provider_ref
    assert money.open_page(market, order).provider_ref == first
    assert Thing.objects.filter(kind="checkout.session").count() == 1
    assert Thing.objects.filter(kind="payment_intent").count() == 0


def test_a_cancelled_order_takes_no_card(market: Market) -> None:
    order = market.order(market.offer(100))
    money.open_page(market, order)
    placing.cancel(order.public_id, actor=market.buying, reason="", now=DAY)
    with pytest.raises(PaymentNotOpen):
        card_pages.open_card_page(
            actor=market.buying, payment_id=money.payment_of(order).public_id, now=DAY
        )
    money.work()
    assert Thing.objects.get(kind="checkout.session").body["status"] == "expired"


def test_a_page_that_ran_out_is_followed_by_another(market: Market) -> None:
    order = market.order(market.offer(100))
    first = money.open_page(market, order)
    clock.advance(25 * 3600)
    card_pages.open_card_page(actor=market.buying, payment_id=first.public_id, now=DAY)
    states = Payment.objects.filter(order=order).order_by("pk").values_list("state", flat=True)
    assert list(states) == ["cancelled", "waiting"]
    second = Payment.objects.get(order=order, state="waiting")
    cards.pay(second.provider_ref or "", card_code="good")
    money.settle_down()
    assert (money.held(order), money.books_are_sound()) == (10600, True)


def test_a_card_given_while_the_order_is_cancelled_is_let_go(market: Market) -> None:
    order = market.order(market.offer(100))
    money.give_card(market, order)
    placing.cancel(order.public_id, actor=market.buying, reason="", now=DAY)
    money.settle_down()
    order.refresh_from_db()
    assert order.state == OrderState.CANCELLED
    assert money.payment_of(order).state == PaymentState.CANCELLED
    assert Thing.objects.get(kind="payment_intent").body["status"] == "canceled"
    assert (money.held(order), money.at_provider()) == (0, 0)


def test_an_authorised_payment_cannot_be_cancelled_any_more(market: Market) -> None:
    order = market.order(market.offer(100))
    payment = money.give_card(market, order)
    payment_webhooks.refresh(actor=market.buying, payment_id=payment.public_id, now=DAY)
    with pytest.raises(MoneyAlreadyReceived):
        placing.cancel(order.public_id, actor=market.buying, reason="", now=DAY)
    order.refresh_from_db()
    assert order.state == OrderState.CONTRACT_SIGNED
    assert money.payment_of(order).state == PaymentState.AUTHORISED


def test_an_authorisation_that_ran_out_frees_the_money_and_asks_anew(market: Market) -> None:
    order = market.order(market.offer(100))
    payment = money.give_card(market, order)
    payment_webhooks.refresh(actor=market.buying, payment_id=payment.public_id, now=DAY)
    clock.advance(8 * 24 * 3600)
    money.work()
    states = Payment.objects.filter(order=order).order_by("pk")
    assert list(states.values_list("state", flat=True)) == ["cancelled", "waiting"]
    assert money.held(order) == 0
    assert money.books_are_sound()
    order.refresh_from_db()
    assert order.state == OrderState.CONTRACT_SIGNED


def test_money_for_an_order_that_lapsed_meanwhile_goes_back(market: Market) -> None:
    """A bank transfer is not asked for twice: here the order ends between match and delivery."""
    order = market.order(market.offer(100))
    money.pay_by_card(market, order)
    assert Refund.objects.count() == 0
    assert OutboxJob.objects.filter(state="dead").count() == 0


def test_a_bank_transfer_has_no_card_page(market: Market) -> None:
    order = market.order(market.offer(100), method=PaymentMethod.BANK_TRANSFER)
    with pytest.raises(WrongPaymentMethod) as refused:
        card_pages.open_card_page(
            actor=market.buying, payment_id=money.payment_of(order).public_id, now=DAY
        )
    assert refused.value.facts["method"] == "bank_transfer"


def test_work_given_out_twice_takes_the_money_once(market: Market) -> None:
    order = market.order(market.offer(100))
    payment = money.give_card(market, order)
    payment_webhooks.refresh(actor=market.buying, payment_id=payment.public_id, now=DAY)
    lease = outbox.Lease(
        job_id=1,
        topic="payments.payment.authorised",
        key=payment.public_id,
        payload={"payment": payment.public_id},
        fence=1,
        attempts=1,
    )
    for _attempt in range(3):
        payment_webhooks.note_captured(lease, collection.capture(lease))
    assert money.held(order) == 10600
    assert Thing.objects.filter(kind="payment_intent", body__status="succeeded").count() == 1
