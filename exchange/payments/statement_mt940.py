"""Statements of the bank as SWIFT MT940, through the library mt-940: every line, in and out."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from mt940.models import Transactions

from exchange.payments.bank import BankLine
from exchange.payments.errors import IncomingTransferRefused
from exchange.payments.statement_lines import Sheet, currency_of, derived_ref
from pricing.money import Money, exponent

# Each :20: begins a statement; a header in braces may stand before it.
_BEGINS = re.compile(r"^(?=:20:)", re.MULTILINE)
# A debit, and a credit that is taken back.
OUT = frozenset({"D", "RC"})
NO_REFERENCE = frozenset({"", "NONREF"})


def read(text: str) -> list[Sheet]:
    """The statements of a file. Raises IncomingTransferRefused, naming the statement that cannot be
    read."""
    blocks = [one for one in _BEGINS.split(text.replace("\r\n", "\n")) if one.startswith(":20:")]
    return [_sheet(block) for block in blocks]


def _sheet(block: str) -> Sheet:
    found = Transactions()
    try:
        found.parse(block)
    except (RuntimeError, ValueError, ArithmeticError, KeyError, TypeError) as error:
        raise IncomingTransferRefused(
            _("The statement %(number)s cannot be read as MT940: %(why)s.")
            % {"number": block.partition("\n")[0][4:40], "why": str(error)[:200]}
        ) from None
    about: Mapping[str, Any] = found.data
    account = str(about.get("account_identification") or "").rpartition("/")[2]
    number = "/".join(
        str(about[part]) for part in ("statement_number", "sequence_number") if about.get(part)
    )
    named = f"{about.get('transaction_reference', '')}:{number}"
    lines = [
        _line(one.data, derived_ref(account, named, place))
        for place, one in enumerate(found, start=1)
        if "status" in one.data
    ]
    opening = _balance(about, "final_opening_balance", "intermediate_opening_balance")
    closing = _balance(about, "final_closing_balance", "intermediate_closing_balance")
    ended = about.get("final_closing_balance")
    closed_on = date(ended.date.year, ended.date.month, ended.date.day) if ended else None
    return Sheet(re.sub(r"[A-Z]{3}$", "", account), number, lines, opening, closing, closed_on)


def _line(told: Mapping[str, Any], derived: str) -> BankLine:
    is_out = told["status"] in OUT
    amount = told["amount"]
    day = told.get("entry_date") or told["date"]
    ref = str(told.get("bank_reference") or "").strip()
    other = told.get("applicant_name") or told.get("recipient_name") or ""
    said = [told.get("purpose"), told.get("transaction_details"), told.get("extra_details")]
    own = str(told.get("customer_reference") or "").strip()
    if own not in NO_REFERENCE:
        said.append(own)
    return BankLine(
        bank_ref=derived if ref in NO_REFERENCE else ref,
        received_on=date(day.year, day.month, day.day),
        amount=_money(abs(amount.amount), amount.currency),
        payer_name=" ".join(str(other).split()),
        text=" ".join(" ".join(str(part).split()) for part in said if part),
        is_out=is_out,
    )


def _balance(about: Mapping[str, Any], *names: str) -> Money | None:
    found = next((about[name] for name in names if about.get(name)), None)
    return _money(found.amount.amount, found.amount.currency) if found else None


def _money(exact: Decimal, currency: str) -> Money:
    minor = exact.scaleb(exponent(currency_of(currency)))
    if minor != minor.to_integral_value():
        raise IncomingTransferRefused(
            _("“%(text)s” is not an amount in %(currency)s.")
            % {"text": str(exact)[:40], "currency": currency}
        )
    return Money(int(minor), currency)
