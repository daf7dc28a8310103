"""Statements of the bank: camt.053, MT940 or CSV, told apart by how they begin; their lines as a whole, or
why not."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from exchange.core.inputs import read_amount, read_day
from exchange.core.refusals import Refusal
from exchange.payments import statement_camt, statement_mt940
from exchange.payments.bank import BankLine, checked
from exchange.payments.bank_days import Closing
from exchange.payments.errors import IncomingTransferRefused
from exchange.payments.statement_lines import Sheet, check, currency_of

COLUMNS = ("bank_ref", "received_on", "amount", "currency", "payer_name", "text")
NEEDED = COLUMNS[:4]
LINES_MAX = 5000
WRONG_SHOWN_MAX = 5
Row = tuple[int, BankLine | dict[str, str]]
_XML, _MT940 = b"<", (b":20:", b"{1:", b"{4:")


def read(content: bytes, *, now: datetime) -> list[BankLine]:
    """The lines of a statement, money in and money out.

    A statement in camt.053 or MT940 is of the exchange's account and leads from its opening balance to
    its closing one; of a quiet day it has no lines and its closing balance alone. A CSV has the columns
    bank_ref, received_on (YYYY-MM-DD), amount (1234.50, with a minus where money went out), currency,
    payer_name, text. Raises IncomingTransferRefused for a file that is none of these, or naming the first
    lines that cannot be read: a statement is entered as a whole.
    """
    sheets = _sheets(content)
    rows: list[Row] = (
        [(number, row) for number, row in enumerate(_rows(content), start=2)]
        if sheets is None
        else [(place, line) for sheet in sheets for place, line in enumerate(sheet.lines, 1)]
    )
    if not rows and closings(content):
        return []
    if len(rows) > LINES_MAX:
        raise IncomingTransferRefused(
            _("A statement has at most %(limit)d lines.") % {"limit": LINES_MAX}, limit=LINES_MAX
        )
    lines = _all_or_none(rows, now=now)
    _check_once(lines)
    return lines


def closings(content: bytes) -> list[Closing]:
    """The closing balances of a statement by currency, of its last day in each; none of a CSV, nor where the
    form names no day. Raises what `read` does."""
    found: dict[str, Closing] = {}
    for sheet in _sheets(content) or []:
        if sheet.closing is None or sheet.closed_on is None:
            continue
        known = found.get(sheet.closing.currency)
        if known is None or known.day <= sheet.closed_on:
            found[sheet.closing.currency] = Closing(sheet.closed_on, sheet.closing, sheet.number)
    return list(found.values())


def _sheets(content: bytes) -> list[Sheet] | None:
    """What a statement in camt.053 or MT940 holds, checked; None of any other file."""
    begins = content.removeprefix("\ufeff".encode()).lstrip()[:4]
    if not begins.startswith((_XML, *_MT940)):
        return None
    sheets = statement_camt.read(content) if begins[:1] == _XML else _of_mt940(content)
    for sheet in sheets:
        check(sheet)
    return sheets


def _all_or_none(rows: Iterable[Row], *, now: datetime) -> list[BankLine]:
    lines, wrong = [], []
    for number, row in rows:
        try:
            line = row if isinstance(row, BankLine) else _line(row)
            lines.append(checked(line, now=now))
        except Refusal as refusal:
            said = _("Line %(number)d was not entered: %(why)s")
            wrong.append(said % {"number": number, "why": refusal.message})
    if wrong or not lines:
        raise IncomingTransferRefused(
            " ".join(wrong[:WRONG_SHOWN_MAX]) or _("The statement has no lines."), lines=len(wrong)
        )
    return lines


def _check_once(lines: Sequence[BankLine]) -> None:
    """A reference may stand twice with one content, as in two statements that overlap."""
    known: dict[str, BankLine] = {}
    for line in lines:
        first = known.setdefault(line.bank_ref, line)
        if (first.amount, first.received_on, first.is_out) != (
            line.amount, line.received_on, line.is_out,
        ):  # fmt: skip
            raise IncomingTransferRefused(
                _("The bank's reference %(ref)s stands twice in the statement, with another amount or day.")
                % {"ref": line.bank_ref}
            )  # fmt: skip


def _of_mt940(content: bytes) -> list[Sheet]:
    return statement_mt940.read(_text(content))


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise IncomingTransferRefused(_("The statement is not a text file."))


def _rows(content: bytes) -> Iterator[dict[str, str]]:
    reader = csv.DictReader(io.StringIO(_text(content)))
    missing = [name for name in NEEDED if name not in (reader.fieldnames or [])]
    if missing:
        raise IncomingTransferRefused(
            _("The statement is no camt.053, no MT940, and as a CSV it needs the columns %(columns)s.")
            % {"columns": ", ".join(NEEDED)},
            missing=missing,
            accepted=list(COLUMNS),
        )  # fmt: skip
    yield from reader


def _line(row: dict[str, str]) -> BankLine:
    """Raises what `core.inputs` refuses of its day and amount, and IncomingTransferRefused for a
    currency that is none."""
    currency = currency_of(row.get("currency"))
    amount = (row.get("amount") or "").strip()
    return BankLine(
        bank_ref=row.get("bank_ref") or "",
        received_on=read_day(row.get("received_on") or ""),
        amount=read_amount(amount.removeprefix("-"), currency),
        payer_name=row.get("payer_name") or "",
        text=row.get("text") or "",
        is_out=amount.startswith("-"),
    )
