"""The tax of a month: documents by country and rate, agreeing with the accounts of tax to the minor unit."""

import csv
import random
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from exchange.core import clock
from exchange.core.lifecycle import Named
from exchange.core.refusals import Refusal
from exchange.journeys import acceptance, refunds
from exchange.ledger import books, months
from exchange.members.roles import Role
from exchange.orders.models import Order
from exchange.payments import chart, closing, journal, tax_reports
from exchange.payments.lifecycle import Bearer
from exchange.payments.tax_reports import TaxReport
from pricing.money import Money
from tests.depth import histories
from tests.factories import accounts
from tests.factories import payments as money
from tests.factories.orders import Market, a_market
from tests.payments.test_chargebacks import bought, decided, dispute
from tests.payments.test_payouts import sold
from tests.payments.test_statements import OVER, SOLD_IN, clerk
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def market() -> Market:
    return a_market()


def report(market: Market | None = None) -> TaxReport:
    """This month's, of the seller or of all."""
    now = clock.now()
    of = journal.period(f"{timezone.localtime(now):%Y-%m}", now=now)
    (found,) = tax_reports.reports(of, seller=market.seller if market else None)
    return found


def give_back(order: Order, minor: int) -> None:
    refunds.refund(
        order.public_id, amount=Money(minor, "CNY"), bearer=Bearer.SELLER, reason="Late.",
        actor=Named("test:1"), now=clock.now(),
    )  # fmt: skip


def settled(market: Market, yuan: int = 100) -> Order:
    return accepted(market, bought(market, yuan))


def accepted(market: Market, order: Order) -> Order:
    acceptance.accept(order.public_id, actor=market.buying, now=clock.now())
    order.refresh_from_db()
    return order


def test_invoices_and_credit_notes_stand_apart_and_agree_with_the_books(market: Market) -> None:
    settled(market, 100)
    give_back(settled(market, 50), 2120)
    for found in (report(market), report()):
        (row,) = found.rows
        assert (row.country, row.percent) == ("CN", "6")
        assert (row.invoiced_net.minor, row.invoiced_tax.minor) == (15000, 900)
        assert (row.credited_net.minor, row.credited_tax.minor) == (2000, 120)
        assert found.tax == found.booked == books.balance(chart.tax("CNY"), "CNY")
        assert found.tax.minor == 780
        assert found.fee == books.balance(chart.fee("CNY"), "CNY")
        assert found.agrees


@pytest.mark.parametrize("won", [True, False])
def test_tax_of_a_sale_that_is_disputed_at_its_bank_is_named_until_that_decides(
    market: Market, *, won: bool
) -> None:
    order = bought(market)
    made = dispute(order, 5300)
    accepted(market, order)
    open_one = report()
    assert open_one.at_banks.minor == 300
    assert open_one.tax.minor == 600
    assert open_one.booked.minor == 300
    assert open_one.agrees
    decided(made, won=won)
    done = report()
    assert done.at_banks.minor == 0
    assert done.tax.minor == done.booked.minor == (600 if won else 300)


@pytest.mark.parametrize("seed", histories(5))
def test_documents_and_books_agree_whatever_happens_to_sales(market: Market, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a seeded history, no secret
    orders, disputes = [bought(market, chance.randint(1, 300)) for _one in range(3)], list[Any]()
    for _step in range(12):
        order = chance.choice(orders)
        act = chance.choice(["accept", "refund", "dispute", "decide"])
        try:
            if act == "accept":
                accepted(market, order)
            elif act == "refund":
                give_back(order, chance.randint(1, 9000))
                money.settle_down()
            elif act == "dispute":
                disputes.append(dispute(order, chance.randint(1, 3000)))
            elif disputes:
                decided(disputes.pop(), won=chance.random() < 0.5)
        except Refusal:
            continue
    now = clock.now()
    of = journal.period(f"{timezone.localtime(now):%Y-%m}", now=now)
    for found in tax_reports.reports(of):
        assert found.agrees, (found.tax, found.booked, found.at_banks)
        assert found.booked == books.balance(chart.tax("CNY"), "CNY")


def test_more_documents_take_no_more_statements_of_the_database(market: Market) -> None:
    asked = []
    for _number in range(2):
        settled(market)
        with CaptureQueriesContext(connection) as queries:
            report()
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 8


def test_the_seller_reads_and_downloads_its_own_and_no_other_ones(market: Market) -> None:
    sold(market)
    seller = browser(accounts.owner_of(market.seller), market.seller)
    month = f"{SOLD_IN:%Y-%m}"
    page = shown(seller, reverse("web:tax") + f"?month={month}")
    assert "CN¥6.00" in page
    assert "Provisional" in page
    sent = seller.get(reverse("web:tax_csv"), {"month": month})
    assert sent["Content-Disposition"] == f'attachment; filename="tax-{month}-provisional.csv"'
    buyer = browser(market.agent, market.buyer)
    assert "CN¥6.00" not in buyer.get(reverse("web:tax"), {"month": month}).content.decode()
    assert seller.get(reverse("web:tax"), {"month": "soon"}).status_code == 422


def test_the_console_shows_a_closed_month_and_gives_it_by_seller(
    market: Market, settings: Any
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    sold(market)
    month = closing.close_month(first_day=SOLD_IN, actor=clerk(market), now=OVER)
    finance = browser(market.exchange.staff(Role.EXCHANGE_FINANCE, 1), market.exchange.organisation)
    page = shown(finance, reverse("console:ledger_month_tax", args=[month.pk]))
    assert "Agrees with the books" in page
    of = journal.period(f"{SOLD_IN:%Y-%m}", now=OVER)
    (row,) = csv.DictReader(tax_reports.csv_of(of))
    assert (row["seller"], row["tax_percent"], row["tax"]) == (market.seller.name, "6", "6.00")
    sent = finance.get(reverse("console:ledger_month_tax_csv", args=[month.pk]))
    assert sent["Content-Disposition"] == f'attachment; filename="tax-{month}.csv"'
    assert months.closed_months_of([SOLD_IN])
