"""Statements of the bank as CSV: every line entered by itself, and what became of it."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from exchange.core.inputs import read_amount, read_day
from exchange.core.refusals import Refusal
from exchange.members import policy
from exchange.members.actors import Actor
from exchange.members.permissions import Permission
from exchange.payments.bank import BankLine, enter
from exchange.payments.errors import IncomingTransferRefused
from exchange.payments.models import IncomingTransfer
from pricing.money import CURRENCIES

COLUMNS = ("bank_ref", "received_on", "amount", "currency", "payer_name", "text")
NEEDED = COLUMNS[:4]
LINES_MAX = 5000


@dataclass(frozen=True)
class Entered:
    """One line of a statement that was imported: what it became, or why it was refused."""

    line_number: int
    bank_ref: str
    transfer: IncomingTransfer | None
    is_new: bool = False
    refusal: str = ""


def import_statement(*, actor: Actor, content: bytes, now: datetime) -> Iterator[Entered]:
    """Enter the lines of a CSV statement, each by itself, and say what became of each.

    Columns: bank_ref, received_on (YYYY-MM-DD), amount (1234.50), currency, payer_name, text.
    Raises IncomingTransferRefused for a file that is no such table; a line that cannot be read is
    reported and stops no other.
    """
    policy.require(actor, Permission.PAYMENTS_RUN)
    for number, row in enumerate(_rows(content), start=2):
        ref = (row.get("bank_ref") or "").strip()
        try:
            transfer, is_new = enter(_line(row), actor=actor, now=now)
        except Refusal as refusal:
            yield Entered(number, ref, None, refusal=str(refusal.message))
        else:
            yield Entered(number, ref, transfer, is_new)


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
