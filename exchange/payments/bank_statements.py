"""Statements of the bank as CSV: their lines, or which of them cannot be read."""

import csv
import io

from django.utils.translation import gettext as _

from exchange.core.inputs import read_amount, read_day
from exchange.core.refusals import Refusal
from exchange.payments.bank import BankLine, checked
from exchange.payments.errors import IncomingTransferRefused
from pricing.money import CURRENCIES

COLUMNS = ("bank_ref", "received_on", "amount", "currency", "payer_name", "text")
NEEDED = COLUMNS[:4]
LINES_MAX = 5000
WRONG_SHOWN_MAX = 5


def read(content: bytes) -> list[BankLine]:
    """The lines of a CSV statement.

    Columns: bank_ref, received_on (YYYY-MM-DD), amount (1234.50), currency, payer_name, text.
    Raises IncomingTransferRefused for a file that is no such table, or naming the first lines that
    cannot be read: a statement is entered as a whole.
    """
    lines, wrong = [], []
    for number, row in enumerate(_rows(content), start=2):
        try:
            lines.append(checked(_line(row)))
        except Refusal as refusal:
            said = _("Line %(number)d was not entered: %(why)s")
            wrong.append(said % {"number": number, "why": refusal.message})
    if wrong or not lines:
        raise IncomingTransferRefused(
            " ".join(wrong[:WRONG_SHOWN_MAX]) or _("The statement has no lines."), lines=len(wrong)
        )
    return lines


def _rows(content: bytes) -> list[dict[str, str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError:
            raise IncomingTransferRefused(_("The statement is not a text file.")) from None
    reader = csv.DictReader(io.StringIO(text))
    missing = [name for name in NEEDED if name not in (reader.fieldnames or [])]
    if missing:
        raise IncomingTransferRefused(
            _("The statement needs the columns %(columns)s.") % {"columns": ", ".join(NEEDED)},
            missing=missing,
            accepted=list(COLUMNS),
        )
    rows = list(reader)
    if len(rows) > LINES_MAX:
        raise IncomingTransferRefused(
            _("A statement has at most %(limit)d lines.") % {"limit": LINES_MAX}, limit=LINES_MAX
        )
    return rows


def _line(row: dict[str, str]) -> BankLine:
    """Raises what `core.inputs` refuses of its day and amount, and IncomingTransferRefused for a
    currency that is none."""
    currency = (row.get("currency") or "").strip()
    if currency not in CURRENCIES:
        raise IncomingTransferRefused(
            _("“%(currency)s” is no currency that is known here.") % {"currency": currency[:10]},
            accepted=sorted(CURRENCIES),
        )
    return BankLine(
        bank_ref=row.get("bank_ref") or "",
        received_on=read_day(row.get("received_on") or ""),
        amount=read_amount(row.get("amount") or "", currency),
        payer_name=row.get("payer_name") or "",
        text=row.get("text") or "",
    )
