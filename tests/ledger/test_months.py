"""Months of the books: closed for whoever posts, opened again by two, and their report."""

import csv
import re
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from exchange.core.lifecycle import IllegalTransition, Named
from exchange.core.refusals import NotAllowed
from exchange.ledger import books, months
from exchange.ledger import journal as books_of_month
from exchange.ledger.entries import EntryRequest, Posting
from exchange.ledger.errors import MonthClosed
from exchange.ledger.lifecycle import MonthState
from exchange.ledger.models import JournalEntry, Month
from exchange.ledger.models.accounts import AccountKind, Guard
from exchange.members import approvals
from exchange.members.roles import Role
from exchange.payments import bank_days, by_hand, chart, closing, journal, tax_reports
from exchange.payments.bank import BankLine
from exchange.payments.errors import IncomingTransferRefused
from pricing.money import Money
from tests.factories.orders import Market, a_market

pytestmark = pytest.mark.django_db
ZONE = timezone.get_default_timezone()
MAY = date(2026, 5, 1)
LATER = datetime(2026, 7, 1, 12, tzinfo=UTC)


def in_month(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 12, tzinfo=ZONE)


def move(minor: int, at: datetime) -> None:
    with transaction.atomic():
        for code, kind in (("m:there", AccountKind.ASSET), ("m:here", AccountKind.LIABILITY)):
            books.open_account(
                code=code, kind=kind, currency="CNY", guard=Guard.NONE, actor="t", now=LATER
            )
        moved = EntryRequest(debit="m:there", credit="m:here", amount=Money(minor, "CNY"))
        books.post(
            Posting(
                scope="test", key=f"{at.isoformat()}:{minor}", kind="test.moved",
                transfers=[moved], effective_at=at,
            ),
            actor="test:1", now=LATER,
        )  # fmt: skip


@pytest.fixture
def market() -> Market:
    return a_market()


def close(market: Market, first_day: date = MAY) -> Month:
    finance = market.exchange.acting_as(Role.EXCHANGE_FINANCE)
    return closing.close_month(first_day=first_day, actor=finance, now=LATER)


def test_nothing_is_dated_into_a_closed_month_by_whoever_writes(market: Market) -> None:
    move(5, in_month(5, 31))
    close(market)
    before = JournalEntry.objects.count()
    with pytest.raises(MonthClosed) as refused:
        move(6, datetime(2026, 5, 31, 23, 59, tzinfo=ZONE))
    assert refused.value.facts["month"] == "2026-05"
    with pytest.raises(IntegrityError, match="2026-05"), transaction.atomic():
        JournalEntry.objects.create(
            scope="s", key="k", fingerprint=b"\0" * 32, kind="k", actor="a",
            effective_at=in_month(5, 1),
        )  # fmt: skip
    assert JournalEntry.objects.count() == before
    move(7, datetime(2026, 6, 1, tzinfo=ZONE))
    move(8, in_month(4, 30))


def test_a_month_is_closed_once_it_is_over(market: Market) -> None:
    for first_day in (date(2026, 7, 1), date(2026, 8, 1)):
        with pytest.raises(months.MonthNotOver):
            close(market, first_day)
    close(market)
    with pytest.raises(IllegalTransition):
        close(market)


def test_two_people_open_a_month_again(market: Market) -> None:
    month = close(market)
    finance = market.exchange.acting_as(Role.EXCHANGE_FINANCE)
    with pytest.raises(NotAllowed):
        closing.reopen_month(month.public_id, actor=finance, reason="I want to.", now=LATER)
    asked = closing.ask_to_reopen(
        month.public_id, actor=finance, reason="A line of May came late.", now=LATER
    )
    with pytest.raises(NotAllowed):
        approvals.approve(asked.public_id, actor=finance, now=LATER)
    approvals.approve(
        asked.public_id, actor=market.exchange.acting_as(Role.EXCHANGE_FINANCE, 2), now=LATER
    )
    month.refresh_from_db()
    assert month.state == MonthState.OPEN
    move(5, in_month(5, 2))
    assert close(market).pk == month.pk


def test_a_line_of_the_bank_of_a_closed_month_is_refused(market: Market) -> None:
    close(market)
    line = BankLine("B-1", date(2026, 5, 31), Money(100, "CNY"))
    finance = market.exchange.acting_as(Role.EXCHANGE_FINANCE)
    with pytest.raises(IncomingTransferRefused, match="2026-05"):
        by_hand.ask_to_enter(line, actor=finance, now=LATER)
    kept = replace(line, received_on=date(2026, 6, 1))
    assert by_hand.ask_to_enter(kept, actor=finance, now=LATER).about == "B-1"


def test_opening_and_movements_give_the_closing_balance(market: Market) -> None:
    move(100, in_month(4, 3))
    move(20, in_month(5, 3))
    move(3, in_month(6, 3))
    month = close(market)
    (report,) = [one for one in months.reports(month) if one.currency == "CNY"]
    assert report.debit_total == report.credit_total == Money(20, "CNY")
    lines = {row["account"]: row for row in csv.DictReader(months.report_csv(month))}
    there = lines["m:there"]
    assert [there[name] for name in ("opening", "debit", "credit", "closing")] == [
        "1.00", "0.20", "0.00", "1.20",
    ]  # fmt: skip
    assert lines["m:here"]["closing"] == "1.20"
    june = close(market, date(2026, 6, 1))
    next_lines = {row["account"]: row for row in csv.DictReader(months.report_csv(june))}
    assert next_lines["m:there"]["opening"] == "1.20"


def test_the_console_closes_shows_and_opens(market: Market, settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    move(5, in_month(5, 31))
    client = Client()
    client.force_login(market.exchange.staff(Role.EXCHANGE_FINANCE, 1))
    address = reverse("console:ledger_month_close")
    assert client.post(address, {"first_day": "2999-01-01"}).status_code == 422
    assert client.post(address, {"first_day": "2026-05-01"}).status_code == 302
    month = Month.objects.get()
    shown = client.get(reverse("console:ledger_month_report", args=[month.pk])).content.decode()
    assert "2026-05" in shown
    assert "Balanced" in shown
    sent = client.get(reverse("console:ledger_month_report_csv", args=[month.pk]))
    assert sent["Content-Disposition"] == 'attachment; filename="books-2026-05.csv"'
    again = reverse("console:ledger_month_reopen", args=[month.pk])
    assert client.post(again, {"reason": "A line came late."}).status_code == 302
    assert approvals.waiting().get().about == month.public_id
    assert client.get(reverse("console:ledger_month_changelist")).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_closing_waits_for_what_is_being_posted_into_the_month() -> None:
    move(1, in_month(5, 1))
    posted, closed = threading.Event(), threading.Event()

    def close_meanwhile() -> None:
        posted.wait(10)
        with transaction.atomic():
            months.close(MAY, actor=Named("test:2"), now=LATER)
        closed.set()
        connection.close()

    closer = threading.Thread(target=close_meanwhile)
    closer.start()
    with transaction.atomic():
        move(2, in_month(5, 2))
        posted.set()
        assert not closed.wait(0.5)
    closer.join(10)
    assert closed.is_set()
    with pytest.raises(MonthClosed):
        move(3, in_month(5, 3) + timedelta(hours=1))


LONG_BEFORE = """
WITH posted AS (
    INSERT INTO ledger_journalentry (scope, key, fingerprint, kind, subject, actor, effective_at)
    SELECT 'old', n::text, repeat('0', 32)::bytea, 'test.moved', '', 'test:1', %s - n * interval '20 minutes'
    FROM generate_series(1, 20000) AS n
    RETURNING id
)
INSERT INTO ledger_transfer (id, posting_id, step, debit_id, credit_id, currency, amount_minor, phase, kind)
SELECT gen_random_uuid(), posted.id, 1, there.id, here.id, 'CNY', 1, 'single', ''
FROM posted, ledger_account AS there, ledger_account AS here
WHERE there.code = 'm:there' AND here.code = 'm:here'
"""


@pytest.mark.parametrize("read", ["report", "journal", "tax", "bank"])
def test_a_month_is_read_without_what_was_before_it(market: Market, read: str) -> None:
    move(5, in_month(5, 3))
    chart.Chart(currency="CNY", actor=Named("test:1"), now=LATER).clearing(chart.BANK)
    month = close(market)
    of = journal.period("2026-05", now=LATER)
    reading: dict[str, Callable[[], object]] = {
        "report": lambda: months.reports(month),
        "journal": lambda: list(books_of_month.batches(of.time)),
        "tax": lambda: tax_reports.reports(of),
        "bank": lambda: bank_days.books_at(date(2026, 5, 30), "CNY"),
    }
    asked: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, facts: Any, *more: Any) -> Any:
        if re.search(r"effective_at\"? >=", sql):
            asked.append((sql, facts))
        return execute(sql, facts, *more)

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # balances stay as they are
        cursor.execute(LONG_BEFORE, [in_month(4, 30)])
        cursor.execute("ANALYZE ledger_journalentry, ledger_transfer, ledger_account")
        with connection.execute_wrapper(note):
            reading[read]()
        assert asked
        for sql, facts in asked:
            cursor.execute(f"EXPLAIN {sql}", facts)
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert "posting_by_effective_time" in plan, plan
            assert "Seq Scan on ledger_transfer" not in plan, plan
        transaction.set_rollback(True)
