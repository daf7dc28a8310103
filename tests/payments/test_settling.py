"""The waterfall at the release, refunds before and after it, and the documents of both."""

from datetime import timedelta
from fractions import Fraction

import pytest
from django.db import Error, connection

from exchange.core.lifecycle import Named
from exchange.disputes import opening
from exchange.journeys import acceptance
from exchange.orders.lifecycle import ORDER, OrderState, OrderTransition
from exchange.orders.models import Order
from exchange.payments import (
    chart,
    order_refunds,
    reactions,
    reconciliation,
    refunds,
    settlement,
    turned_back,
)
from exchange.payments.allocation import split
from exchange.payments.errors import NothingRefundable, NotPaid
from exchange.payments.gateway.providers import provider
from exchange.payments.gateway.sandbox import incoming, store
from exchange.payments.invoices import document_hash
from exchange.payments.lifecycle import RefundState
from exchange.payments.models import Difference, Document, Refund, Settlement
from pricing.money import Money
from pricing.worth.proceeds import Fee, Terms
from pricing.worth.shares import fixed_shares
from tests.factories import payments as money
from tests.factories.orders import DAY, Market, a_market

pytestmark = pytest.mark.django_db
CNY = "CNY"


@pytest.fixture
def market() -> Market:
    return a_market()


def bought(market: Market, yuan: int = 100) -> Order:
    order = market.order(market.offer(yuan))
    money.pay_by_card(market, order)
    return order


def closed(market: Market, yuan: int = 100) -> Order:
    order = bought(market, yuan)
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    order.refresh_from_db()
    return order


def ask_refund(order: Order, minor: int | None = None) -> Refund:
    return order_refunds.refund(
        ORDER.lock(order.public_id),
        reason="agreed",
        actor=Named("test:1"),
        now=DAY,
        amount=None if minor is None else Money(minor, CNY),
    )


def refund_fails_at_the_bank(provider_ref: str) -> None:
    """The buyer's bank sends the money back, days later."""
    incoming.fail_refund(store.get("refund", provider_ref, lock=True))


def test_the_rule_books_example_is_split_to_the_cent() -> None:
    parts = split(
        net=Money(226_415_094, CNY),
        tax=Money(13_584_906, CNY),
        terms=Terms(
            shares=fixed_shares({"pipes": "0.6", "city gas": "0.3", "institute": "0.1"}),
            fee=Fee(Fraction(2, 100)),
        ),
    )
    assert parts.fee == Money(4_528_302, CNY)
    assert [share.minor for share in parts.shares] == [133_132_075, 66_566_038, 22_188_679]
    assert sum((share.minor for share in parts.shares), 0) == parts.pool.minor == 221_886_792


def test_acceptance_shares_the_money_out_and_empties_what_was_held(market: Market) -> None:
    order = closed(market)
    settlement = Settlement.objects.get()
    assert order.state == OrderState.CLOSED
    assert (settlement.gross_minor, settlement.tax_minor, settlement.fee_minor) == (10600, 600, 200)
    assert (money.held(order), money.pending(market), money.available(market)) == (0, 9800, 0)
    assert (money.on(chart.tax(CNY)), money.on(chart.fee(CNY))) == (600, 200)
    assert money.books_are_sound()


def test_settling_again_gives_the_first_settlement(market: Market) -> None:
    order = closed(market)
    again = settlement.settle(ORDER.lock(order.public_id), actor=Named("test:1"), now=DAY)
    assert again == Settlement.objects.get()
    assert money.pending(market) == 9800


def test_an_order_that_is_not_paid_cannot_be_settled(market: Market) -> None:
    order = market.order(market.offer(100))
    with pytest.raises(NotPaid) as refused:
        settlement.settle(ORDER.lock(order.public_id), actor=Named("test:1"), now=DAY)
    assert refused.value.facts == {"held_minor": 0, "expected_minor": 10600}
    assert Settlement.objects.count() == 0


def test_documents_are_numbered_from_one_and_carry_their_hash(market: Market) -> None:
    closed(market)
    invoice = Document.objects.get(kind="invoice")
    statement = Document.objects.get(kind="statement")
    assert (invoice.number, statement.number) == ("INV-2026-000001", "ST-2026-000001")
    assert invoice.content["total_minor"] == 10600
    assert invoice.document_hash == document_hash(invoice.content)
    assert statement.issuer == market.exchange.organisation
    assert statement.content["fee_rate"] == "0.02"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE payments_document SET number = 'INV-2026-000009'",
        "DELETE FROM payments_document",
        "UPDATE payments_numberseries SET issued_count = 9; SET CONSTRAINTS ALL IMMEDIATE",
        "UPDATE payments_numberseries SET issued_count = issued_count - 1",
        "DELETE FROM payments_numberseries",
        "UPDATE payments_settlement SET fee_minor = fee_minor - 1, pool_minor = pool_minor + 1",
        "UPDATE payments_settlementshare SET amount_minor = amount_minor + 1",
        "UPDATE payments_settlementshare SET refunded_minor = amount_minor + 1",
        "UPDATE payments_payment SET amount_minor = 1",
        "UPDATE payments_payment SET state = 'waiting', received_at = NULL",
        "UPDATE payments_payment SET refunded_minor = amount_minor + 1",
        "DELETE FROM payments_payment",
    ],
)
def test_plain_sql_cannot_rewrite_what_was_paid_split_or_issued(
    market: Market, change: str
) -> None:
    closed(market)
    with pytest.raises(Error), connection.cursor() as cursor:
        cursor.execute(change)


def test_a_refund_before_the_release_gives_all_of_it_back(market: Market) -> None:
    order = bought(market)
    opening.open_dispute(
        order.public_id, kind="not_as_described", actor=market.buying, reason="Wrong rows.", now=DAY
    )
    money.ruled(
        market.exchange, order, OrderTransition.REFUND, reason="The rows are of another year.",
        now=DAY,
    )  # fmt: skip
    refund = Refund.objects.get()
    assert refund.state == RefundState.PROMISED
    assert money.held(order) == 10600
    money.settle_down()
    refund.refresh_from_db()
    assert (refund.state, refund.amount_minor) == (RefundState.SUCCEEDED, 10600)
    assert (money.held(order), money.at_provider()) == (0, -63)
    assert money.payment_of(order).refunded_minor == 10600
    assert money.books_are_sound()


def test_refunds_after_the_release_take_from_each_part_what_it_still_has(market: Market) -> None:
    order = closed(market)
    first = ask_refund(order, 5000)
    money.settle_down()
    assert Document.objects.filter(kind="credit_note").count() == 1
    assert (money.pending(market), money.on(chart.tax(CNY)), money.on(chart.fee(CNY))) == (
        5177,
        317,
        106,
    )
    second = ask_refund(order)
    money.settle_down()
    assert (first.amount_minor, second.amount_minor) == (5000, 5600)
    assert (money.pending(market), money.on(chart.tax(CNY)), money.on(chart.fee(CNY))) == (0, 0, 0)
    note = Document.objects.filter(kind="credit_note").latest("pk")
    assert note.corrects == Document.objects.get(kind="invoice")
    assert note.number == "CN-2026-000002"
    with pytest.raises(NothingRefundable):
        ask_refund(order)
    assert money.books_are_sound()


def test_a_refund_of_money_that_was_paid_out_is_owed_and_kept_from_the_next_sale(
    market: Market,
) -> None:
    money.an_account(market)
    order = closed(market)
    later = DAY + money.days(30)
    reactions.run_due(now=later)
    money.settle_down()
    assert money.available(market) == 0
    ask_refund(order)
    money.settle_down()
    owed = chart.receivable(market.seller.public_id, CNY)
    assert money.on(owed) == 9800
    closed(market, 300)
    settlement.clear_due(actor=Named("test:1"), now=later)
    assert (money.on(owed), money.available(market)) == (0, 29400 - 9800)
    assert money.books_are_sound()


def test_a_refund_that_comes_back_is_held_again_and_can_be_tried_again(market: Market) -> None:
    order = bought(market)
    ask_refund(order)
    money.settle_down()
    refund = Refund.objects.get()
    refund_fails_at_the_bank(refund.provider_ref)
    money.settle_down()
    refund.refresh_from_db()
    assert refund.state == RefundState.FAILED
    assert money.held(order) == 10600
    assert Difference.objects.get().kind == "refund_failed"
    refunds.retry(refund.public_id, actor=market.exchange.cashier, now=DAY)
    money.settle_down()
    refund.refresh_from_db()
    assert (refund.state, refund.attempt, money.held(order)) == (RefundState.SUCCEEDED, 2, 0)
    assert Difference.objects.filter(closed_at=None).count() == 0
    assert money.books_are_sound()


def test_a_refund_that_comes_back_unheard_of_is_asked_for_until_it_is_seen(market: Market) -> None:
    ask_refund(bought(market))
    money.settle_down()
    refund = Refund.objects.get()
    refund_fails_at_the_bank(refund.provider_ref)
    given_at = refund.decided_at
    assert given_at is not None
    assert turned_back.ask_again(now=given_at + money.days(46)) == 0  # beyond what banks return
    assert turned_back.ask_again(now=given_at + money.days(1)) == 1
    refund.refresh_from_db()
    assert refund.state == RefundState.FAILED
    assert reconciliation.reconcile(currency=CNY, now=DAY, whole=True).sound
    assert money.books_are_sound()


def test_what_is_final_is_asked_for_once_a_day(market: Market) -> None:
    ask_refund(bought(market))
    money.settle_down()
    refund = Refund.objects.get()
    first = (refund.decided_at or DAY) + money.days(1)
    turned_back.ask_again(now=first)
    refund_fails_at_the_bank(refund.provider_ref)
    assert turned_back.ask_again(now=first + timedelta(hours=23)) == 0
    assert turned_back.ask_again(now=first + timedelta(hours=24)) == 1


def test_late_news_of_a_refunds_first_attempt_does_not_touch_the_second(market: Market) -> None:
    ask_refund(bought(market))
    money.settle_down()
    refund = Refund.objects.get()
    first = refund.provider_ref
    refund_fails_at_the_bank(first)
    money.settle_down()
    refunds.retry(refund.public_id, actor=market.exchange.cashier, now=DAY)
    assert refunds.apply(provider().find_refund(first), now=DAY) == ""
    refund.refresh_from_db()
    assert refund.state == RefundState.PROMISED
    money.settle_down()
    refund.refresh_from_db()
    assert (refund.state, refund.attempt) == (RefundState.SUCCEEDED, 2)
    assert money.books_are_sound()
