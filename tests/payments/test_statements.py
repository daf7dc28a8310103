"""Statements of payouts and of months: they sum to what the books say, to the cent."""

import csv
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from exchange.core.lifecycle import Named
from exchange.journeys import acceptance
from exchange.ledger import months
from exchange.ledger.entries import EntryRequest, Posting
from exchange.ledger.models import Month
from exchange.ledger.months import MonthNotOver
from exchange.members.actors import Actor
from exchange.members.roles import Kind, Role
from exchange.orders.lifecycle import ORDER
from exchange.payments import chart, closing, order_refunds, statements
from exchange.payments.errors import StatementWouldChange
from exchange.payments.gateway.sandbox import store
from exchange.payments.lifecycle import DocumentKind
from exchange.payments.models import Document, Payout, StatementRun
from pricing.money import Money
from tests.factories import accounts
from tests.factories import payments as money
from tests.factories.ledger import cny
from tests.factories.members import acting
from tests.factories.orders import DAY, Market, a_market
from tests.payments.test_payouts import LATER, run, sold
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db
CLOCK = Named("system:clock")
SOLD_IN = timezone.localtime(DAY).date().replace(day=1)
OVER = months.bounds(SOLD_IN)[1] + timedelta(hours=2)


@pytest.fixture
def market() -> Market:
    return a_market()


def clerk(market: Market, number: int = 1) -> Actor:
    return acting(
        market.exchange.staff(Role.EXCHANGE_FINANCE, number), market.exchange.organisation
    )


def sums(document: Document) -> tuple[int, int]:
    """What the totals and the lines of a payout's statement come to."""
    content = document.content
    opening = content["opening_minor"]
    totals = sum(row["amount_minor"] for row in content["totals"])
    lines = sum(row["amount_minor"] for row in content["lines"]) + content["left_out_minor"]
    return opening + totals, opening + lines


def refund(market: Market, order_id: str, minor: int, now: datetime) -> None:
    order_refunds.refund(
        ORDER.lock(order_id), reason="agreed", actor=CLOCK, now=now, amount=cny(minor)
    )


def statement_of(payout: Payout) -> Document:
    return Document.objects.get(kind=DocumentKind.PAYOUT_STATEMENT, cause=payout.public_id)


def test_a_payouts_statement_sums_to_it_with_refunds_and_what_was_owed(market: Market) -> None:
    money.an_account(market)
    sold(market, 100)
    first = run(market)
    assert statement_of(first).content["opening_minor"] == 0
    money.settle_down()
    paid_out = Payout.objects.get().organisation
    order = paid_out.sales.get()
    refund(market, order.public_id, 10600, LATER)  # more than is available: it is owed
    sold(market, 300)
    second = run(market, LATER + money.days(40))
    content = statement_of(second).content
    assert content["opening_minor"] == 0
    assert sums(statement_of(second)) == (second.amount_minor, second.amount_minor)
    assert second.amount_minor == 29400 - 9800


def test_a_refused_payout_is_in_the_next_statement(market: Market) -> None:
    money.an_account(market)
    sold(market)
    store.add_line(kind="adjustment", source="test", currency="cny", amount=-10_000)
    run(market)
    money.work()
    store.add_line(kind="adjustment", source="test", currency="cny", amount=10_000)
    second = run(market, LATER + money.days(1))
    content = statement_of(second).content
    assert [(row["kind"], row["amount_minor"]) for row in content["lines"]] == [
        ("payments.payout.refused", 9800)
    ]
    assert sums(statement_of(second)) == (9800, 9800)


def test_lines_beyond_the_most_are_summed_and_stand_in_the_csv(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    money.an_account(market)
    for yuan in (100, 200, 300):
        sold(market, yuan)
    monkeypatch.setattr(statements, "LINES_MAX", 1)
    monkeypatch.setattr(statements, "CSV_STEP", 1)
    document = statement_of(run(market))
    assert (document.content["lines_left_out"], document.content["left_out_minor"]) == (2, 49000)
    assert sums(document) == (58800, 58800)
    rows = list(csv.DictReader("".join(statements.csv_of(document)).splitlines()))
    assert [row["amount"] for row in rows] == ["98.00", "196.00", "294.00"]
    assert all(row["order"].startswith("ord_") for row in rows)


def test_a_months_statements_are_made_once_it_is_over_and_agree_with_the_books(
    market: Market,
) -> None:
    sold(market, 100)
    order = market.delivered(200)
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    refund(market, order.public_id, 5300, DAY)
    assert statements.run_due(actor=CLOCK, now=DAY) == 0
    assert statements.run_due(actor=CLOCK, now=OVER) == 1
    assert statements.run_due(actor=CLOCK, now=OVER) == 0
    made = StatementRun.objects.get(first_day=SOLD_IN)
    assert (made.first_day, made.done_count, made.issued_count) == (SOLD_IN, made.sellers_count, 1)
    assert made.finished_at == OVER
    document = Document.objects.get(kind=DocumentKind.MONTH_STATEMENT)
    closing_of = {row["account"]: row["closing_minor"] for row in document.content["accounts"]}
    assert closing_of == {"pending": money.pending(market), "available": 0, "owed": 0}
    month = months.close(SOLD_IN, actor=CLOCK, now=OVER)
    (report,) = months.reports(month)
    sellers = next(row for row in report.rows if row.name == "seller")
    assert sellers.closing == cny(closing_of["pending"])
    rows = csv.DictReader("".join(statements.csv_of(document)).splitlines())
    assert sum(int(row["amount"].replace(".", "")) for row in rows) == closing_of["pending"]


def owe(market: Market, minor: int, at: datetime) -> None:
    books = chart.Chart(currency="CNY", actor=CLOCK, now=at)
    step = EntryRequest(
        debit=books.receivable(market.seller), credit=books.fee(), amount=Money(minor, "CNY")
    )
    posting = Posting(
        scope="test", key=f"owed:{minor}", kind="test.owed", transfers=[step], effective_at=at
    )
    books.post(posting)


def test_a_statement_of_a_closed_month_is_refused_only_where_it_would_change(
    market: Market,
) -> None:
    sold(market)
    make: Any = {"first_day": SOLD_IN, "actor": clerk(market), "now": OVER}
    with pytest.raises(MonthNotOver):
        statements.make_month(first_day=SOLD_IN, actor=clerk(market), now=DAY)
    statements.make_month(seller=market.seller.public_id, **make)
    closing.close_month(**make)
    statements.make_month(seller=market.seller.public_id, **make)
    assert Document.objects.filter(kind=DocumentKind.MONTH_STATEMENT).count() == 1
    months.reopen(Month.objects.get(), actor=CLOCK, reason="A late line", now=OVER)
    owe(market, 700, DAY)
    closing.close_month(**make)
    with pytest.raises(StatementWouldChange):
        statements.make_month(seller=market.seller.public_id, **make)
    statements.make_month(**make)
    statements.run_due(actor=CLOCK, now=OVER)
    assert StatementRun.objects.get().refused_count == 1
    months.reopen(Month.objects.get(), actor=CLOCK, reason="A late line", now=OVER)
    statements.make_month(seller=market.seller.public_id, **make)
    first, second = Document.objects.filter(kind=DocumentKind.MONTH_STATEMENT).order_by("pk")
    assert second.corrects == first
    assert second.content["accounts"][2]["closing_minor"] == 700


def test_the_clock_goes_on_seller_by_seller_where_it_stopped(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    sold(market)
    other = a_market_of(market)
    sold(other)
    monkeypatch.setattr(statements, "SELLERS_A_BATCH", 1)
    monkeypatch.setattr(statements, "BATCHES_A_TICK", 1)
    assert statements.run_due(actor=CLOCK, now=OVER) == 1
    halfway = StatementRun.objects.get()
    assert (halfway.done_count, halfway.sellers_count, halfway.finished_at) == (1, 2, None)
    assert statements.run_due(actor=CLOCK, now=OVER) == 1
    statements.run_due(actor=CLOCK, now=OVER)
    assert StatementRun.objects.get().finished_at == OVER


def test_more_sellers_take_no_more_statements_of_the_database(market: Market) -> None:
    sold(market)
    asked = []
    for new in (1, 3):
        statements.make_month(first_day=SOLD_IN, actor=clerk(market), now=OVER)
        with CaptureQueriesContext(connection) as queries:
            assert statements.run_due(actor=CLOCK, now=OVER) == new
        asked.append(len(queries))
        for _other in range(3):
            sold(a_market_of(market))
    assert asked[1] <= asked[0]


def a_market_of(market: Market) -> Market:
    other = replace(market, seller=accounts.an_organisation())
    market.exchange.admit(other.seller, Kind.SELLER)
    return other


def test_a_seller_reads_prints_and_downloads_its_statements(market: Market) -> None:
    seller = browser(accounts.owner_of(market.seller), market.seller)
    assert "No statements yet" in shown(seller, reverse("web:statements"))
    money.an_account(market)
    sold(market)
    statements.run_due(actor=CLOCK, now=OVER)
    run(market)
    page = shown(seller, reverse("web:statements"))
    for number in ("PO-2026-000001", "MS-2026-000001"):
        assert number in page
        read = shown(seller, reverse("web:numbered_document", args=[number, "html"]))
        assert "CN¥98.00" in read
        pdf = seller.get(reverse("web:numbered_document", args=[number, "pdf"]))
        assert pdf.content.startswith(b"%PDF")
        lines = seller.get(reverse("web:numbered_document", args=[number, "csv"]))
        assert lines["Content-Disposition"] == f'attachment; filename="{number}.csv"'
    buyer = browser(market.agent, market.buyer)
    assert buyer.get(
        reverse("web:numbered_document", args=["MS-2026-000001", "csv"])
    ).status_code in {403, 404}


def test_the_console_makes_a_month_again(market: Market, settings: object) -> None:
    settings.SECOND_FACTOR_REQUIRED = False  # type: ignore[attr-defined]  # pytest gives its own type
    sold(market)
    statements.run_due(actor=CLOCK, now=OVER)
    finance = browser(market.exchange.staff(Role.EXCHANGE_FINANCE, 1), market.exchange.organisation)
    page = shown(finance, reverse("console:payments_statementrun_changelist"))
    assert "1 / 1" in page
    make = reverse("console:payments_statementrun_make")
    said = {"first_day": date(2020, 2, 1).isoformat(), "csrfmiddlewaretoken": "none"}
    assert finance.post(make, said).status_code == 302
    assert StatementRun.objects.filter(first_day=date(2020, 2, 1)).exists()
