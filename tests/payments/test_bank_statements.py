"""Statements of the bank as banks give them: camt.053 and MT940 beside CSV; money in is entered, money out
is held against what was noted as sent."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from exchange.members import approvals
from exchange.members.roles import Role
from exchange.orders.lifecycle import OrderState, PaymentMethod
from exchange.payments import bank, bank_statements, by_hand, reconciliation
from exchange.payments.bank import BankLine
from exchange.payments.errors import IncomingTransferRefused
from exchange.payments.lifecycle import DifferenceKind
from exchange.payments.models import Difference, IncomingTransfer
from pricing.money import Money
from tests.factories import payments as money
from tests.factories.orders import DAY, a_market

NOW = datetime(2026, 11, 24, tzinfo=UTC)
IBAN = "DE89370400440532013000"
ENTRY = """<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{way}</CdtDbtInd><Sts>{status}</Sts>
<BookgDt><Dt>{day}</Dt></BookgDt>{ref}<NtryDtls>{parts}</NtryDtls></Ntry>"""
PART = """<TxDtls><Refs>{ref}<EndToEndId>NOTPROVIDED</EndToEndId></Refs><AmtDtls><TxAmt>
<Amt Ccy="CNY">{amount}</Amt></TxAmt></AmtDtls><RltdPties><{side}><Nm>{name}</Nm></{side}></RltdPties>
<RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls>"""


@pytest.fixture(autouse=True)
def account(settings: Any) -> None:
    settings.EXCHANGE_BANK_ACCOUNT = "DE89 3704 0044 0532 0130 00"


def entry(amount: str, way: str = "CRDT", **other: str) -> str:
    side = "Cdtr" if way == "DBIT" else "Dbtr"
    ref = other.get("ref", "")
    given = {
        "currency": "CNY", "status": "BOOK", "day": "2026-11-23", "name": "City Gas", "text": "",
        **other, "ref": f"<AcctSvcrRef>{ref}</AcctSvcrRef>" if ref else "",
    }  # fmt: skip
    part = PART.format(amount=amount, side=side, **{**given, "ref": ""})
    return ENTRY.format(amount=amount, way=way, **{**given, "parts": other.get("parts", part)})


def camt(*entries: str, opening: str = "0.00", closing: str = "", version: str = "02") -> bytes:
    balances = "".join(
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="CNY">{amount.removeprefix("-")}</Amt>'
        f"<CdtDbtInd>{'DBIT' if amount.startswith('-') else 'CRDT'}</CdtDbtInd></Bal>"
        for kind, amount in (("OPBD", opening), ("CLBD", closing))
        if closing
    )
    return (
        f'<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}">'
        f"<BkToCstmrStmt><Stmt><Id>2026/327</Id><Acct><Id><IBAN>{IBAN}</IBAN></Id></Acct>{balances}"
        f"{''.join(entries)}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def read(content: bytes) -> list[BankLine]:
    return bank_statements.read(content, now=NOW)


def refused(content: bytes) -> str:
    with pytest.raises(IncomingTransferRefused) as caught:
        read(content)
    return str(caught.value)


MT940 = b""":20:STARTUMS
:25:37040044/0532013000
:28C:327/1
:60F:C261122CNY100,00
:61:2611231123C106,NTRFNONREF//B-1
:86:166?00GUTSCHRIFT?20AS-1234-?215678?32CITY GAS?33 LTD
:61:2611231123D6,5NTRFOUT-7//B-2
:86:020?00UEBERWEISUNG?20Withdrawal?32NORTH GRID
:61:2611231123RC0,5NTRFNONREF
:86:Taken back
:62F:C261123CNY199,00
-
"""


@pytest.mark.parametrize("version", ["02", "08", "14"])
def test_a_camt_statement_gives_each_booked_line_once(version: str) -> None:
    batch = "".join(
        PART.format(ref="<AcctSvcrRef>SAME</AcctSvcrRef>", amount=amount, side="Dbtr", name=name, text=text)
        for amount, name, text in (("60.00", "One", "AS-1"), ("40.00", "Two", "AS-2"))
    )  # fmt: skip
    lines = read(
        camt(
            entry("106.00", ref="B1", text="Invoice AS-9"),
            entry("6.5", "DBIT", ref="B2", name="North Grid"),
            entry("9999.00", ref="B3", status="PDNG"),
            entry("100.00", ref="B4", parts=batch),
            opening="-50.00",
            closing="149.50",
            version=version,
        )
    )
    day = date(2026, 11, 23)
    assert lines == [
        BankLine("B1", day, Money(10_600, "CNY"), "City Gas", "Invoice AS-9"),
        BankLine("B2", day, Money(650, "CNY"), "North Grid", "", is_out=True),
        BankLine("B4/1", day, Money(6_000, "CNY"), "One", "AS-1"),
        BankLine("B4/2", day, Money(4_000, "CNY"), "Two", "AS-2"),
    ]


@pytest.mark.parametrize("ref", ["", "B4"])
def test_a_transaction_of_a_batch_keeps_the_reference_that_is_its_own(ref: str) -> None:
    batch = "".join(
        PART.format(ref=f"<AcctSvcrRef>{own}</AcctSvcrRef>", amount="50.00", side="Dbtr", name="One", text="")
        for own in ("T1", "T2")
    )  # fmt: skip
    lines = read(camt(entry("100.00", ref=ref, parts=batch)))
    assert [line.bank_ref for line in lines] == ["T1", "T2"]


def test_an_mt940_statement_gives_each_line_with_its_direction() -> None:
    lines = read(MT940)
    assert [(line.amount.minor, line.is_out) for line in lines] == [
        (10_600, False), (650, True), (50, True),
    ]  # fmt: skip
    assert [line.bank_ref for line in lines[:2]] == ["B-1", "B-2"]
    assert lines[0].text == "AS-1234-5678"
    assert lines[0].payer_name == "CITY GAS LTD"
    assert lines[1].payer_name == "NORTH GRID"
    assert lines[2].bank_ref.startswith("S-")
    assert read(MT940.replace(b"\n", b"\r\n")) == lines


def test_a_line_without_a_reference_has_the_same_one_each_time_and_no_other_line_has_it() -> None:
    content = camt(entry("5.00"), entry("5.00"))
    first, second = read(content)
    assert first.bank_ref != second.bank_ref
    assert read(content) == [first, second]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (camt(entry("5.00"), closing="5.01"), "lead to CN¥5.00"),
        (MT940.replace(b"199,00", b"198,00"), "lead to CN¥199.00"),
        (MT940.replace(b"0532013000", b"0532013001"), "not the exchange's"),
        (camt(entry("5.00")).replace(IBAN.encode(), b"DE00"), "not the exchange's"),
        (camt(entry("5.00", day="2030-01-01")), "has not come"),
        (camt(entry("5.00", day="2026-13-01")), "Line 1 was not entered: “2026-13-01” is not a day"),
        (camt(entry("5.001")), "no|not an amount"),
        (camt(entry("1e9")), "not an amount"),
        (camt(entry("NaN")), "not an amount"),
        (camt(entry("0.00")), "above zero"),
        (camt(entry("5.00", currency="XXX")), "no currency"),
        (camt(entry("5.00", ref="B1"), entry("6.00", ref="B1")), "stands twice"),
        (camt(), "no lines"),
        (camt(entry("5.00"))[:-30], "not well-formed"),
        (b"<html></html>", "not a camt.053"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "no document type"),
        (MT940.replace(b"261122", b"269922"), "cannot be read as MT940"),
        (b":20:X\n:25:Y\n", "not the exchange's"),
        (b"\xff\xfe\x00", "not a text file|needs the columns"),
        (b"a,b\n1,2\n", "needs the columns"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_whole_in_a_sentence(content: bytes, says: str) -> None:
    said = refused(content)
    assert any(part in said for part in says.split("|")), said


def test_a_csv_says_with_a_minus_what_went_out() -> None:
    head = b"bank_ref,received_on,amount,currency\n"
    incoming, out = read(head + b"B1,2026-11-23,5.00,CNY\nB2,2026-11-23,-2.50,CNY\n")
    assert (incoming.amount.minor, incoming.is_out) == (500, False)
    assert (out.amount.minor, out.is_out) == (250, True)


@pytest.mark.django_db
def test_a_statement_pays_what_it_names_and_holds_money_out_against_what_was_noted() -> None:
    market = a_market()
    order = market.order(market.offer(100), method=PaymentMethod.BANK_TRANSFER)
    unknown, _is_new = bank.enter(
        BankLine("B0", DAY.date(), Money(700, "CNY"), "Somebody"),
        actor=market.exchange.cashier, now=DAY,
    )  # fmt: skip
    day = DAY.date().isoformat()
    content = camt(
        entry("106.00", ref="B1", text=money.payment_of(order).reference, day=day),
        entry("7.00", "DBIT", ref="OUT-1", name="Somebody", day=day),
        entry("3.00", "DBIT", ref="OUT-2", name="Whoever", day=day),
    )
    for number in (1, 2):
        asked = by_hand.ask_to_enter_statement(
            actor=market.exchange.acting_as(Role.EXCHANGE_FINANCE), content=content, now=DAY
        )
        approvals.approve(
            asked.public_id, actor=market.exchange.acting_as(Role.EXCHANGE_FINANCE, 2), now=DAY
        )
        assert IncomingTransfer.objects.count() == 2, number
    order.refresh_from_db()
    assert order.state == OrderState.DELIVERED
    waiting = Difference.objects.filter(kind=DifferenceKind.BANK_ONLY, closed_at=None)
    assert {one.subject: one.amount_minor for one in waiting} == {"OUT-1": -700, "OUT-2": -300}

    bank.send_back(unknown.public_id, actor=market.exchange.cashier, bank_ref="OUT-1", now=DAY)
    assert [one.subject for one in waiting.all()] == ["OUT-2"]
    reconciliation.explain_difference(
        waiting.get().public_id, actor=market.exchange.cashier,
        explanation="The bank's own fee.", now=DAY,
    )  # fmt: skip
    assert not waiting.all().exists()
