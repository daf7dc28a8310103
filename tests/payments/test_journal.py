"""The journal of a month: every booking twice, with its document, as CSV and in the columns of DATEV."""

import csv
import re
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localtime

from exchange.core.lifecycle import Named
from exchange.ledger import months
from exchange.ledger.entries import EntryRequest, Posting
from exchange.ledger.models import JournalEntry
from exchange.members.roles import Role
from exchange.payments import chart, closing, datev, journal
from exchange.payments.chart import Chart
from exchange.payments.datev import CurrencyNotInFormat
from exchange.payments.journal import Books, MonthNotBegun
from exchange.payments.lifecycle import DocumentKind
from exchange.payments.models import Document
from pricing.money import Money
from tests.factories import accounts
from tests.factories import payments as money
from tests.factories.orders import DAY, Market, a_market
from tests.payments.test_payouts import run, sold
from tests.payments.test_statements import OVER, SOLD_IN, clerk, refund
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db
MONTH = f"{SOLD_IN:%Y-%m}"


@pytest.fixture
def market() -> Market:
    return a_market()


def rows(books: Books, month: str = MONTH) -> list[dict[str, str]]:
    """The journal, long after the month."""
    of = journal.period(month, now=OVER + timedelta(days=400))
    return list(csv.DictReader(journal.csv_of(books, of)))


def total(lines: list[dict[str, str]], side: str) -> Decimal:
    return sum((Decimal(row[side] or 0) for row in lines), Decimal(0))


def test_every_booking_is_there_once_as_debit_and_as_credit(market: Market) -> None:
    sold(market, 100)
    sold(market, 50)
    lines = rows(Books(None))
    assert total(lines, "debit") == total(lines, "credit") > 0
    month = closing.close_month(first_day=SOLD_IN, actor=clerk(market), now=OVER)
    report = {row["account"]: row for row in csv.DictReader(months.report_csv(month))}
    for account, row in report.items():
        mine = [line for line in lines if line["account"] == account]
        assert (total(mine, "debit"), total(mine, "credit")) == (
            Decimal(row["debit"]), Decimal(row["credit"]),
        )  # fmt: skip
    assert {line["account"] for line in lines} == set(report)


def test_an_organisation_has_its_own_accounts_seen_from_its_side(market: Market) -> None:
    sold(market, 100)
    seller = market.seller
    lines = rows(Books(seller))
    pending = chart.pending(seller.public_id, "CNY")
    share = next(row for row in lines if row["account"] == pending and row["kind"] == "share")
    assert share["debit"] == "98.00"
    assert share["counterparty"] == market.buyer.name
    invoice = Document.objects.get(kind=DocumentKind.INVOICE)
    assert share["document"] == invoice.number
    assert {row["account"] for row in lines} >= {pending, "escrow"}
    assert not any(market.buyer.public_id in row["account"] for row in lines)
    taxed = [(row["net"], row["tax"]) for row in lines if row["net"]]
    assert taxed == [("100.00", "6.00")]


def test_refunds_and_payouts_are_named_by_their_documents(market: Market) -> None:
    money.an_account(market)
    sold(market, 100)
    order = Document.objects.get(kind=DocumentKind.INVOICE).order
    assert order is not None
    refund(market, order.public_id, 1060, DAY + timedelta(days=1))
    run(market)
    money.work()
    payout = Document.objects.get(kind=DocumentKind.PAYOUT_STATEMENT)
    note = Document.objects.get(kind=DocumentKind.CREDIT_NOTE)
    sent_in = {
        f"{localtime(one):%Y-%m}"
        for one in JournalEntry.objects.values_list("effective_at", flat=True)
    }
    documents = {row["document"] for month in sent_in for row in rows(Books(market.seller), month)}
    assert {payout.number, note.number} <= documents


def test_net_and_tax_stand_once_for_each_document_of_the_month(market: Market) -> None:
    for yuan in (100, 50):
        sold(market, yuan)
    lines = rows(Books(None))
    assert total(lines, "net") == 150
    assert total(lines, "tax") == 9


def test_a_cell_that_a_spreadsheet_would_run_is_text(market: Market) -> None:
    sold(market, 100)
    buyer = market.buyer
    buyer.name = '=cmd|"/c calc"!A1'
    buyer.save(update_fields=["name"])
    seller = market.seller
    assert {row["counterparty"][0] for row in rows(Books(seller))} == {"'"}
    of = journal.period(MONTH, now=OVER)
    batch = list(datev.batch(Books(seller), of, currency="CNY", now=OVER))
    for row in csv.DictReader(batch[1:], delimiter=";"):
        assert not row["Buchungstext"].startswith("=")


def test_the_booking_batch_has_its_header_its_columns_and_a_line_for_each_booking(
    market: Market,
) -> None:
    sold(market, 100)
    of = journal.period(MONTH, now=OVER)
    batch = list(datev.batch(Books(None), of, currency="CNY", now=OVER))
    header = batch[0].removeprefix("\ufeff").rstrip("\r\n").split(";")
    assert len(header) == 31
    assert header[:5] == ['"EXTF"', "700", "21", '"Buchungsstapel"', "13"]
    assert re.fullmatch(r"\d{17}", header[5])
    assert header[14] == f"{SOLD_IN:%Y%m%d}"
    assert header[20] == "0"
    lines = list(csv.DictReader(batch[1:], delimiter=";"))
    assert len(lines[0]) == 125
    bookings = list(Books(None).bookings(of))
    assert len(lines) == len(bookings)
    for line, booking in zip(lines, bookings, strict=True):
        assert line["Umsatz (ohne Soll/Haben-Kz)"] == str(booking.amount.decimal).replace(".", ",")
        assert line["Konto"] != line["Gegenkonto (ohne BU-Schlüssel)"]
        assert re.fullmatch(r"[A-Za-z0-9$&%*+/-]{1,36}", line["Belegfeld 1"])
        assert line["Belegdatum"] == f"{booking.day:%d%m}"
        assert line["Festschreibung"] == "0"
    assert all(line.endswith("\r\n") for line in batch)


def test_a_currency_of_three_places_is_refused_for_datev(market: Market) -> None:
    of = journal.period(MONTH, now=OVER)
    with pytest.raises(CurrencyNotInFormat):
        datev.batch(Books(None), of, currency="KWD", now=OVER)


def test_a_month_is_provisional_until_it_is_closed_and_none_before_it_begins(
    market: Market,
) -> None:
    assert journal.period(MONTH, now=OVER).name == f"{MONTH}-provisional"
    closing.close_month(first_day=SOLD_IN, actor=clerk(market), now=OVER)
    assert journal.period(MONTH, now=OVER).name == MONTH
    with pytest.raises(MonthNotBegun):
        journal.period("2099-01", now=OVER)


def test_a_batch_is_read_with_as_many_statements_however_many_bookings(market: Market) -> None:
    counts = []
    for yuan in (100, 50):
        sold(market, yuan)
        with CaptureQueriesContext(connection) as asked:
            rows(Books(market.seller))
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 8


def test_members_and_the_exchange_take_it_from_their_pages(market: Market, settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    sold(market, 100)
    seller = browser(accounts.owner_of(market.seller), market.seller)
    assert "Journal of a month" in shown(seller, reverse("web:books"))
    sent = seller.get(reverse("web:journal"), {"month": MONTH, "form": "csv"})
    assert sent["Content-Disposition"] == f'attachment; filename="journal-{MONTH}-provisional.csv"'
    asked = {"month": MONTH, "form": "datev", "currency": "CNY"}
    sent = seller.get(reverse("web:journal"), asked)
    assert sent["Content-Disposition"] == f'attachment; filename="EXTF_{MONTH}-provisional-CNY.csv"'
    assert seller.get(reverse("web:journal"), {"month": "November"}).status_code == 422
    month = closing.close_month(first_day=SOLD_IN, actor=clerk(market), now=OVER)
    client = Client()
    client.force_login(market.exchange.staff(Role.EXCHANGE_FINANCE, 1))
    for form, name in (("csv", f"journal-{MONTH}.csv"), ("datev", f"EXTF_{MONTH}-CNY.csv")):
        address = reverse(f"console:ledger_month_journal_{form}", args=[month.pk])
        sent = client.get(address)
        assert sent["Content-Disposition"] == f'attachment; filename="{name}"'
    assert b"Umsatz" in b"".join(sent.streaming_content)  # type: ignore[attr-defined]  # a stream


def test_the_exchange_takes_a_batch_of_each_currency_of_the_month(
    market: Market, settings: Any
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    sold(market, 100)
    with transaction.atomic():
        for code in ("USD", "KWD"):
            paid = Chart(currency=code, actor=Named("test:1"), now=OVER)
            taken = EntryRequest(
                debit=paid.clearing("bank"),
                credit=paid.wallet(market.seller),
                amount=Money(5, code),
            )
            paid.post(
                Posting(
                    scope="test", key=code, kind="test.moved", transfers=[taken],
                    effective_at=timezone.make_aware(datetime.combine(SOLD_IN, time(12))),
                )
            )  # fmt: skip
    month = closing.close_month(first_day=SOLD_IN, actor=clerk(market), now=OVER)
    client = Client()
    client.force_login(market.exchange.staff(Role.EXCHANGE_FINANCE, 1))
    page = shown(client, reverse("console:ledger_month_report", args=[month.pk]))
    assert "one currency and no rate" in page
    address = reverse("console:ledger_month_journal_datev", args=[month.pk])
    assert f"{address}?currency=CNY" in page
    assert f"{address}?currency=KWD" not in page
    assert f"{address}?currency=USD" in page
    sent = client.get(f"{address}?currency=USD")
    assert sent["Content-Disposition"] == f'attachment; filename="EXTF_{MONTH}-USD.csv"'
    header, _names, line = b"".join(sent.streaming_content).decode().splitlines()  # type: ignore[attr-defined]  # a stream
    assert header.split(";")[21] == '"USD"'
    assert line.startswith('0,05;"S";"USD";;;')
