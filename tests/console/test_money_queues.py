"""Numbers of the overview about money that waits: for the provider's balance, or for somebody at the bank."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from exchange.core.lifecycle import Named
from exchange.journeys import refunds
from exchange.members.roles import Role
from exchange.orders.lifecycle import PaymentMethod
from exchange.payments import bank, payouts, withdrawals
from exchange.payments.bank import BankLine
from exchange.payments.gateway.sandbox import store
from exchange.payments.lifecycle import Bearer
from exchange.payments.models import Payout, Refund, Withdrawal
from pricing.money import Money
from tests.factories import payments as money
from tests.factories.orders import DAY, Market, a_market
from tests.factories.payments import fund_wallet
from tests.payments.test_payouts import LATER, run, sold

pytestmark = pytest.mark.django_db


@pytest.fixture
def market(settings: Settings) -> Market:
    settings.SECOND_FACTOR_REQUIRED = False
    return a_market()


@pytest.fixture
def finance(market: Market) -> Client:
    client = Client()
    client.force_login(market.exchange.staff(Role.EXCHANGE_FINANCE, 1))
    return client


def counted(finance: Client, title: str) -> tuple[str, str, list[int]]:
    """The figure and the tone of a number of the overview, and the rows of the list that it leads to."""
    queues: dict[str, Any] = {
        one.title: one for one in finance.get(reverse("console:index")).context["queues"]
    }
    found = queues[title]
    rows = finance.get(found.link).context["cl"].queryset
    return found.figure, found.tone, [row.pk for row in rows]


def test_a_payout_for_which_the_providers_balance_is_too_small_is_counted_until_it_is_made(
    market: Market, finance: Client
) -> None:
    title = "Payouts that were refused"
    assert counted(finance, title) == ("0", "success", [])
    money.an_account(market)
    sold(market)
    store.add_line(kind="adjustment", source="test", currency="cny", amount=-10_000)
    first = run(market)
    money.work()
    assert counted(finance, title) == ("1", "danger", [first.pk])
    store.add_line(kind="adjustment", source="test", currency="cny", amount=10_000)
    run(market, LATER + money.days(1))
    assert counted(finance, title) == ("0", "success", [])


def test_a_payout_that_the_exchange_keeps_back_is_none_that_was_refused(market: Market) -> None:
    money.an_account(market)
    sold(market)
    run(market)
    for failure, count in ((payouts.SUSPENDED, 0), ("balance_insufficient", 1)):
        Payout.objects.update(state="refused", failure=failure)
        assert payouts.refused_and_not_made_good().count() == count


def test_what_is_to_be_sent_from_the_bank_account_is_counted(
    market: Market, finance: Client, settings: Settings
) -> None:
    by_bank = market.order(market.offer(100), method=PaymentMethod.BANK_TRANSFER)
    reference = money.payment_of(by_bank).reference
    line = BankLine("B1", DAY.date(), by_bank.total, "City Gas", reference)
    bank.enter(line, actor=market.exchange.cashier, now=DAY)
    by_card = market.order(market.offer(100))
    money.pay_by_card(market, by_card)
    for order in (by_bank, by_card):
        refunds.refund(
            order.public_id, amount=Money(500, "CNY"), bearer=Bearer.SELLER, reason="Late.",
            actor=Named("test:1"), now=DAY,
        )  # fmt: skip
    to_send = Refund.objects.get(payment__order=by_bank)
    assert counted(finance, "Refunds to send") == ("1", "warning", [to_send.pk])
    fund_wallet(market.exchange, market.buyer, 100)
    withdrawals.ask(actor=market.buying, amount=Money(50_00, "CNY"), token="t1", now=DAY)
    wanted = Withdrawal.objects.get()
    assert counted(finance, "Withdrawals to send") == ("1", "warning", [wanted.pk])
    assert counted(finance, "Payouts in no file yet") == ("0", "success", [])
    sold(market)
    settings.PAYMENT_PROVIDER = "none"
    money.an_account(market, number="DE89 3704 0044 0532 0130 00")
    payout = run(market)
    assert counted(finance, "Payouts in no file yet") == ("1", "warning", [payout.pk])
