"""What every form of a bank's statement gives: its account, its number, its lines, its two balances; and
the checks that hold for all of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256

from django.conf import settings
from django.utils.translation import gettext as _

from exchange.core.formatting import money_shown
from exchange.payments.bank import BankLine
from exchange.payments.errors import IncomingTransferRefused
from pricing.money import CURRENCIES, Money

ACCOUNT_CHARS_MIN = 6


@dataclass(frozen=True)
class Sheet:
    """One statement of one account. Its balances, and the day of the closing one, are None where the
    form has none."""

    account: str
    number: str
    lines: Sequence[BankLine] = field(default_factory=list)
    opening: Money | None = None
    closing: Money | None = None
    closed_on: date | None = None


def currency_of(text: str | None) -> str:
    """Raises IncomingTransferRefused for what is no currency that is known here."""
    currency = (text or "").strip()
    if currency not in CURRENCIES:
        raise IncomingTransferRefused(
            _("“%(currency)s” is no currency that is known here.") % {"currency": currency[:10]},
            accepted=sorted(CURRENCIES),
        )
    return currency


def derived_ref(account: str, number: str, place: int) -> str:
    """What stands for the bank's reference where a line has none: the same for the same line of the same
    statement, however often it is read."""
    return f"S-{sha256(f'{account}:{number}:{place}'.encode()).hexdigest()[:20]}"


def check(sheet: Sheet) -> None:
    """Raise IncomingTransferRefused for a statement of another account, or whose lines do not lead from
    its opening balance to its closing one: then some are missing, or stand twice."""
    ours, theirs = _bare(settings.EXCHANGE_BANK_ACCOUNT), _bare(sheet.account)
    if len(theirs) < ACCOUNT_CHARS_MIN or not (theirs in ours or ours in theirs):
        raise IncomingTransferRefused(
            _("The statement is of the account %(account)s, which is not the exchange's.")
            % {"account": sheet.account[:40] or "?"}
        )
    if sheet.opening is None or sheet.closing is None:
        return
    moved = sum(-line.amount.minor if line.is_out else line.amount.minor for line in sheet.lines)
    led_to = Money(sheet.opening.minor + moved, sheet.opening.currency)
    if led_to != sheet.closing:
        raise IncomingTransferRefused(
            _("The lines of the statement %(number)s lead to %(sum)s and not to its closing balance of %(closing)s: lines are missing, or stand twice.")
            % {
                "number": sheet.number[:40],
                "sum": money_shown(led_to),
                "closing": money_shown(sheet.closing),
            }
        )  # fmt: skip


def _bare(account: str) -> str:
    return "".join(char for char in account.upper() if char.isalnum())
