"""Close of a day at the bank: its closing balance beside the books, and who looks into what differs."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from exchange.core import clock
from exchange.jobs import payments as jobs
from exchange.members import approvals
from exchange.members.roles import Role
from exchange.payments import bank_days, bank_statements, by_hand
from exchange.payments.bank_days import Closing
from exchange.payments.errors import IncomingTransferRefused
from exchange.payments.models import BankDay, Difference
from pricing.money import Money
from tests.factories.members import Exchange, an_exchange
from tests.payments.test_bank_statements import IBAN, MT940, entry

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def account(settings: Any) -> None:
    settings.EXCHANGE_BANK_ACCOUNT = IBAN


@pytest.fixture
def exchange() -> Exchange:
    return an_exchange()


def camt(*entries: str, opening: str, closing: str, day: str = "2026-11-23") -> bytes:
    balances = "".join(
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="CNY">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{on}</Dt></Dt></Bal>'
        for kind, amount, on in (("OPBD", opening, "2026-11-22"), ("CLBD", closing, day))
    )
    return (
        '<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">'
        f"<BkToCstmrStmt><Stmt><Id>2026/327</Id><Acct><Id><IBAN>{IBAN}</IBAN></Id></Acct>{balances}"
        f"{''.join(entries)}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def entered(exchange: Exchange, content: bytes, *, now: datetime = NOW) -> None:
    asked = by_hand.ask_to_enter_statement(
        actor=exchange.acting_as(Role.EXCHANGE_FINANCE), content=content, now=now
    )
    approvals.approve(asked.public_id, actor=exchange.acting_as(Role.EXCHANGE_FINANCE, 2), now=now)


def differing() -> list[tuple[str, int]]:
    return [
        (one.state, one.amount_minor)
        for one in Difference.objects.filter(subject="bank:CNY").order_by("pk")
    ]


def test_a_day_that_agrees_is_closed_without_a_difference(exchange: Exchange) -> None:
    entered(exchange, camt(entry("106.00", ref="B1"), opening="0.00", closing="106.00"))
    row = BankDay.objects.get()
    assert (row.day, row.closing_minor, row.books_minor, row.differs.minor) == (
        DAY, 10_600, 10_600, 0,
    )  # fmt: skip
    assert row.statement == "2026/327"
    assert not differing()


def test_a_balance_that_differs_has_an_owner_and_a_reason_until_it_agrees(
    exchange: Exchange,
) -> None:
    entered(exchange, camt(entry("106.00", ref="B1"), opening="50.00", closing="156.00"))
    assert differing() == [("open", 5_000)]
    row = BankDay.objects.get()
    found = bank_days.difference_of(row)
    assert found is not None
    assert found.detail.startswith("2026-11-23: ")
    asked = by_hand.ask_about(
        by_hand.EXPLAIN, found.public_id, actor=exchange.acting_as(Role.EXCHANGE_FINANCE), now=NOW,
        explanation="Our own money from before.",
    )  # fmt: skip
    approvals.approve(asked.public_id, actor=exchange.acting_as(Role.EXCHANGE_FINANCE, 2), now=NOW)
    assert differing() == [("explained", 5_000)]
    # The same difference again is no news, another amount is.
    entered(exchange, camt(opening="156.00", closing="156.00", day="2026-11-24"))
    assert differing() == [("explained", 5_000)]
    entered(exchange, camt(opening="157.00", closing="157.00", day="2026-11-24"))
    assert differing() == [("explained", 5_000), ("open", 5_100)]
    entered(exchange, camt(opening="106.00", closing="106.00", day="2026-11-24"))
    assert differing() == [("explained", 5_000), ("resolved", 5_100)]
    assert BankDay.objects.count() == 2


def test_what_comes_after_the_day_is_counted_out(exchange: Exchange) -> None:
    later = entry("20.00", ref="B2", day="2026-11-24")
    entered(exchange, camt(later, opening="0.00", closing="20.00", day="2026-11-24"))
    assert bank_days.books_at(DAY, "CNY") == Money(0, "CNY")
    assert bank_days.books_at(DAY + timedelta(days=1), "CNY") == Money(2_000, "CNY")
    # An earlier day that is entered later raises no difference: the newest stands.
    entered(exchange, camt(opening="7.00", closing="7.00"))
    assert not differing()


def test_the_clock_holds_the_newest_day_again(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered(exchange, camt(opening="30.00", closing="30.00"))
    assert differing() == [("open", 3_000)]
    line = entry("30.00", ref="LATE")
    entered(exchange, camt(line, opening="0.00", closing="30.00").replace(b"CLBD", b"XXXX"))
    assert differing() == [("open", 3_000)]
    monkeypatch.setattr(clock, "now", lambda: NOW)
    jobs.reconcile_provider()
    assert differing() == [("resolved", 3_000)]
    assert bank_days.hold_again(actor=exchange.cashier, now=NOW) == ()


def test_an_mt940_statement_names_its_day_and_a_csv_none() -> None:
    assert bank_statements.closings(MT940) == [Closing(DAY, Money(19_900, "CNY"), "327/1")]
    csv = b"bank_ref,received_on,amount,currency\nB1,2026-11-23,1.00,CNY\n"
    assert bank_statements.closings(csv) == []


def test_a_day_that_has_not_come_is_refused(exchange: Exchange) -> None:
    with pytest.raises(IncomingTransferRefused, match="not come"):
        entered(exchange, camt(opening="1.00", closing="1.00", day="2030-01-01"))
    assert not BankDay.objects.exists()
