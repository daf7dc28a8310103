"""Signed messages: forged, altered, old, doubled, late, early, lost and in every order."""

import itertools
import json
import time

import pytest
import structlog
from django.db import transaction
from django.test import Client

from exchange.orders.models import Order
from exchange.payments import payment_webhooks, reconciliation
from exchange.payments.errors import EventUnreadable, ForgedEvent
from exchange.payments.gateway.port import MoneyStatus, ProviderRefund
from exchange.payments.gateway.sandbox import cards, incoming, messages
from exchange.payments.gateway.sandbox.messages import Message
from exchange.payments.gateway.sandbox.models import Delivery
from exchange.payments.lifecycle import EventState, PaymentState
from exchange.payments.models import Difference, Payment, ProviderEvent, Refund
from pricing.money import Money
from tests.factories import payments as money
from tests.factories.orders import DAY, Market, a_market

pytestmark = pytest.mark.django_db


@pytest.fixture
def market() -> Market:
    return a_market()


def all_messages() -> list[Message]:
    return [
        messages.message(delivery.event.body, secret=money.SECRET)
        for delivery in Delivery.objects.select_related("event")
    ]


def post(body: str, signature: str) -> int:
    return (
        Client()
        .post(
            "/webhooks/payments",
            body,
            content_type="application/json",
            headers={"Stripe-Signature": signature},
        )
        .status_code
    )


def test_a_true_message_is_kept_and_a_second_copy_changes_nothing(market: Market) -> None:
    order = market.order(market.offer(100))
    money.give_card(market, order)
    message = all_messages()[-1]
    assert [post(message.body, message.signature) for _copy in range(3)] == [200, 200, 200]
    assert ProviderEvent.objects.count() == 1
    money.work()
    assert ProviderEvent.objects.get().state == EventState.HANDLED


@pytest.mark.parametrize("how", ["altered", "unsigned", "other_secret", "old", "no_json", "empty"])
def test_a_forged_message_is_refused_and_nothing_is_kept(market: Market, how: str) -> None:
    order = market.order(market.offer(100))
    money.give_card(market, order)
    true = all_messages()[-1]
    old = int(time.time()) - 301
    sent = {
        "altered": (true.body.replace("10600", "1"), true.signature),
        "unsigned": (true.body, ""),
        "other_secret": (true.body, messages.sign(true.body, secret="whsec_other")),
        "old": (true.body, messages.sign(true.body, secret=money.SECRET, at=old)),
        "no_json": ("no json", messages.sign("no json", secret=money.SECRET)),
        "empty": ("", messages.sign("", secret=money.SECRET)),
    }[how]
    assert post(*sent) == 400
    assert ProviderEvent.objects.count() == 0
    with pytest.raises((ForgedEvent, EventUnreadable)):
        payment_webhooks.receive(body=sent[0].encode(), signature=sent[1], now=DAY)


def _signed(**parts: object) -> tuple[str, str]:
    told = {
        "id": "evt_1", "type": "refund.updated", "created": int(time.time()),
        "data": {"object": {"object": "refund", "id": "re_1"}}, **parts,
    }  # fmt: skip
    body = json.dumps(told)
    return body, messages.sign(body, secret=money.SECRET)


@pytest.mark.parametrize(
    "parts",
    [
        {"id": "evt_" + "x" * 80}, {"id": "evt_\x00"}, {"id": ""}, {"id": 7}, {"id": None},
        {"type": "t" * 101}, {"type": "refund\x00"}, {"created": 10**30}, {"created": -(10**30)},
        {"created": 0}, {"created": "soon"}, {"created": None}, {"created": True},
        {"created": 1e400}, {"data": {}}, {"data": []}, {"data": {"object": "refund"}},
        {"data": {"object": {"object": "refund", "id": "r" * 81}}},
        {"data": {"object": {"object": {"object": 1}, "id": "re_1"}}}, {"account": "a" * 81},
        {"account": "acct\x00"}, {"account": {"id": 1}},
    ],
)  # fmt: skip
def test_an_odd_message_is_refused_whoever_signed_it(parts: dict[str, object]) -> None:
    assert post(*_signed(**parts)) == 400
    assert ProviderEvent.objects.exists() is False


def test_a_message_that_is_deeper_than_can_be_read_is_refused() -> None:
    body = '{"data": ' + "[" * 100_000 + "]" * 100_000 + "}"
    assert post(body, messages.sign(body, secret=money.SECRET)) == 400


def test_an_odd_message_stands_in_our_log() -> None:
    with structlog.testing.capture_logs() as lines:
        assert post(*_signed(id="x" * 200)) == 400
    assert [line["event"] for line in lines] == ["payments.event.unreadable"]


def test_a_refund_made_at_the_providers_own_pages_is_booked_once(market: Market) -> None:
    order = market.order(market.offer(100))
    payment = money.pay_by_card(market, order)
    incoming.create_refund({"charge": payment.charge_ref, "amount": "500"}, "")
    for _time in range(2):
        money.settle_down()
        incoming_again()
    refund = Refund.objects.get()
    assert (refund.amount_minor, refund.state, refund.by) == (500, "succeeded", "system:payments")
    assert money.held(order) == 10_100
    assert reconciliation.reconcile(currency="CNY", now=DAY, whole=True).found == ()
    incoming.create_refund({"charge": payment.charge_ref}, "")
    money.settle_down()
    order.refresh_from_db()
    assert (order.state, money.held(order)) == ("refunded", 0)
    assert money.books_are_sound()


def incoming_again() -> None:
    """The newest message comes once more, under another name."""
    told = ProviderRefund(
        Refund.objects.get().provider_ref, MoneyStatus.DONE, Money(500, "CNY"), refund_id=""
    )
    assert payment_webhooks.apply(told, now=DAY) == ""


def test_a_refund_of_no_charge_of_ours_is_a_difference_and_kills_no_job() -> None:
    for status in (MoneyStatus.UNDER_WAY, MoneyStatus.FAILED, MoneyStatus.DONE, MoneyStatus.DONE):
        told = ProviderRefund("re_own", status, Money(500, "CNY"), refund_id="")
        assert payment_webhooks.apply(told, now=DAY) == "not ours"
        assert Difference.objects.exists() is (status is MoneyStatus.DONE)
    difference = Difference.objects.get()
    assert (difference.kind, difference.subject) == ("provider_only", "re_own:refund")
    assert (difference.amount_minor, difference.currency) == (-500, "CNY")


def test_a_true_message_with_false_contents_is_not_believed(market: Market) -> None:
    """Whoever holds the secret of messages still cannot say that money came."""
    order = market.order(market.offer(100))
    payment = money.open_page(market, order)
    lie = {
        "id": "evt_lie",
        "type": "payment_intent.succeeded",
        "created": int(time.time()),
        "data": {
            "object": {
                "object": "payment_intent", "id": payment.provider_ref, "status": "succeeded",
            }
        },
    }  # fmt: skip
    body = json.dumps(lie)
    assert post(body, messages.sign(body, secret=money.SECRET)) == 200
    money.work()
    assert money.payment_of(order).state == PaymentState.WAITING
    assert money.held(order) == 0


def test_a_message_about_an_object_of_somebody_else_is_ignored(market: Market) -> None:
    body = json.dumps(
        {
            "id": "evt_other",
            "type": "payment_intent.succeeded",
            "created": int(time.time()),
            "data": {"object": {"object": "payment_intent", "id": "pi_unknown"}},
        }
    )
    assert post(body, messages.sign(body, secret=money.SECRET)) == 200
    money.work()
    assert ProviderEvent.objects.get().state == EventState.IGNORED


def test_every_order_of_the_messages_leads_to_the_same_books(market: Market) -> None:
    """Four messages in all orders, the first heard again, and in four of five orders one lost."""
    order = market.order(market.offer(100))
    payment = money.give_card(market, order, card="no_funds")
    cards.pay(payment.provider_ref or "", card_code="confirm")
    cards.confirm(payment.provider_ref or "", agreed=True)
    told = [one for one in all_messages() if "payment_intent.created" not in one.body]
    assert len(told) == 4
    ends = set()
    for number, heard in enumerate(itertools.permutations(told)):
        kept = [one for place, one in enumerate(heard) if place != number % 5]
        before = transaction.savepoint()
        ends.add(_end_of(order, kept))
        transaction.savepoint_rollback(before)
    assert ends == {("received", 10600, "delivered")}


def _end_of(order: Order, heard: list[Message]) -> tuple[str, int, str]:
    """Where the trade ends when these are heard, the first of them twice, and all is looked after."""
    for message in [*heard, heard[0]]:
        money.hear(message)
        money.work()
    payment_webhooks.sync_open(now=DAY + money.days(1))
    money.work()
    order.refresh_from_db()
    return str(money.payment_of(order).state), money.held(order), str(order.state)


def test_a_message_before_our_own_call_returned_is_understood(market: Market) -> None:
    order = market.order(market.offer(100))
    payment = money.give_card(market, order)
    Payment.objects.filter(pk=payment.pk).update(provider_ref=None)
    money.settle_down()
    found = money.payment_of(order)
    assert (found.state, found.provider_ref) == (PaymentState.RECEIVED, payment.provider_ref)
