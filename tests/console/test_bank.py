"""Money that came by bank, entered by hand in the console."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from exchange.members.roles import Role
from exchange.orders.lifecycle import OrderState, PaymentMethod
from exchange.orders.models import Order
from exchange.payments import bank_proposals
from exchange.payments.lifecycle import IncomingState, PaymentState
from exchange.payments.models import IncomingTransfer, Payment
from tests.console.conftest import approve_newest
from tests.factories import payments as money
from tests.factories.orders import Market, a_market

pytestmark = pytest.mark.django_db

LINE = {
    "amount": "106.00",
    "currency": "CNY",
    "payer_name": "City Gas",
    "received_on": "2026-03-02",
    "bank_ref": "B-1",
}


@pytest.fixture
def market(settings: Any) -> Market:
    settings.SECOND_FACTOR_REQUIRED = False
    return a_market()


@pytest.fixture
def cashier(market: Market) -> Client:
    return _signed_in(market, 1)


@pytest.fixture
def second_cashier(market: Market) -> Client:
    return _signed_in(market, 2)


def _signed_in(market: Market, number: int) -> Client:
    client = Client()
    client.force_login(market.exchange.staff(Role.EXCHANGE_FINANCE, number))
    return client


def enter(client: Client, **changed: str) -> Any:
    address = reverse("console:payments_incomingtransfer_enter_line")
    return client.post(address, {**LINE, **changed})


def test_a_transfer_with_the_reference_of_an_order_pays_it(
    market: Market, cashier: Client, second_cashier: Client
) -> None:
    order = market.order(market.offer(100), method=PaymentMethod.BANK_TRANSFER)
    reference = Payment.objects.get(order=order).reference
    assert enter(cashier, text=f"invoice {reference.lower()} thanks").status_code == 302
    assert not IncomingTransfer.objects.exists()
    approve_newest(second_cashier)
    transfer = IncomingTransfer.objects.get()
    assert (transfer.state, transfer.amount_minor) == (IncomingState.USED, 106_00)
    assert Payment.objects.get().state == PaymentState.RECEIVED
    assert Order.objects.get().state != OrderState.CONTRACT_SIGNED
    assert enter(cashier, text=f"invoice {reference.lower()} thanks").status_code == 302
    approve_newest(second_cashier)
    assert IncomingTransfer.objects.count() == 1
    assert money.books_are_sound()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"amount": "106,5.0"}, "amount"),
        ({"amount": "-1.00"}, "amount"),
        ({"received_on": "yesterday"}, "date"),
        ({"bank_ref": ""}, "required"),
    ],
)
def test_a_line_that_cannot_be_is_refused_beside_the_form(
    cashier: Client, changed: dict[str, str], said: str
) -> None:
    answer = enter(cashier, text="x", **changed)
    assert answer.status_code == 422
    assert said in answer.content.decode().lower()
    assert not IncomingTransfer.objects.exists()


def test_the_form_to_match_proposes_what_the_line_may_be_for(
    market: Market, cashier: Client, second_cashier: Client
) -> None:
    likely = market.order(market.offer(100), method=PaymentMethod.BANK_TRANSFER)
    market.order(market.offer(200), method=PaymentMethod.BANK_TRANSFER)
    references = {row.order_id: row.reference for row in Payment.objects.all()}
    assert enter(cashier, text="for the data").status_code == 302
    approve_newest(second_cashier)
    transfer = IncomingTransfer.objects.get()
    (one,) = bank_proposals.proposals(transfer)
    assert (one.by_reference, one.by_amount, one.by_payer) == (False, True, True)
    address = reverse("console:payments_incomingtransfer_match", args=[transfer.pk])
    page = cashier.get(address).content.decode()
    assert f'value="{references[likely.pk]}"' in page
    for reference in references.values():
        assert (reference in page) is (reference == references[likely.pk])


def test_what_is_sent_back_stands_on_its_form_and_the_row_says_that_it_was(
    market: Market, cashier: Client, second_cashier: Client
) -> None:
    order = market.order(market.offer(100), method=PaymentMethod.BANK_TRANSFER)
    reference = Payment.objects.get(order=order).reference
    enter(cashier, text=reference, amount="200.00")
    approve_newest(second_cashier)
    transfer = IncomingTransfer.objects.get()
    address = reverse("console:payments_incomingtransfer_send_back", args=[transfer.pk])
    page = cashier.get(address).content.decode()
    assert "CN¥94.00 was sent back to City Gas" in page
    assert f"of CN¥200.00 ({reference})" in page
    row = reverse("console:payments_incomingtransfer_change", args=[transfer.pk])
    assert "the rest is to be sent back" in cashier.get(row).content.decode()
    assert cashier.post(address, {"bank_ref": "OUT-1"}).status_code == 302
    approve_newest(second_cashier)
    shown = cashier.get(row).content.decode()
    assert "the rest was sent back" in shown
    assert "the rest is to be sent back" not in shown


MANY_BY_CARD = """
INSERT INTO payments_payment SELECT (jsonb_populate_record(
    payment,
    jsonb_build_object(
        'id', -n, 'public_id', 'pay_' || n, 'order_id', -n, 'reference', 'R' || n, 'method', 'card'
    )
)).* FROM payments_payment AS payment, generate_series(1, 2000) AS n
"""


def test_a_line_is_held_against_waiting_payments_by_an_index(market: Market) -> None:
    market.order(market.offer(100), method=PaymentMethod.BANK_TRANSFER)
    rows = bank_proposals.waiting_for_bank().filter(currency="CNY", amount_minor=106_00)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # their orders are not there
        cursor.execute(MANY_BY_CARD)
        cursor.execute("ANALYZE payments_payment")
        assert "payment_waiting_by_amount" in rows.explain()
        transaction.set_rollback(True)
