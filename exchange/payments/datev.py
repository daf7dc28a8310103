"""The journal of a month in the columns of DATEV: a booking batch (“Buchungsstapel”, format 700, version 13).

A header of 31 fields, the names of the 125 columns, and a line for each booking. We know no consultant, client and
chart of accounts of the reader: the header names the least that the format allows, and accounts have the numbers of
ACCOUNTS, to be assigned at the import. The code of our account stands beside each as additional information. Amounts
have two places in this format, so that a currency with three is refused.

A batch holds one currency, which its header names as that of the books. We have no rates, so that the columns for the
rate and the amount in another currency stay empty: it is imported into books that are kept in its currency.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from exchange.core.csv_cells import inert
from exchange.core.refusals import Invalid
from exchange.ledger.models import Account
from exchange.payments.entry_labels import entry_label
from exchange.payments.journal import Booking, Books, Period
from pricing.money import exponent

CONSULTANT, CLIENT, ACCOUNT_DIGITS = 1001, 1, 4
PLACES = 2
TEXT_CHARS_MAX = 60
NUMBER_CHARS_MAX = 36
NUMBER_SIGNS = frozenset("$&%*+-/")
# By the longest beginning of our account's code; of the chart SKR 04 those that mean the nearest.
ACCOUNTS: Mapping[str, int] = {
    "clearing": 1460,
    "clearing:bank": 1800,
    "dispute": 3507,
    "disputed": 1370,
    "escrow": 3501,
    "expense": 6300,
    "expense:baddebt": 6930,
    "expense:provider": 6855,
    "fee": 4400,
    "feetax": 3806,
    "held": 3503,
    "incoming": 3508,
    "payout": 3505,
    "receivable": 1300,
    "refund": 3506,
    "seller": 3504,
    "tax": 3800,
    "wallet": 3502,
}
# The same in the books of a member: what the exchange holds for it are claims, and the fee is a cost.
OWN_ACCOUNTS: Mapping[str, int] = {
    **ACCOUNTS,
    "escrow": 1301,
    "fee": 6770,
    "feetax": 1406,
    "held": 1303,
    "receivable": 3500,
    "seller": 1304,
    "wallet": 1302,
}
OTHER_ACCOUNT = 1370
COLUMNS = (
    "Umsatz (ohne Soll/Haben-Kz)", "Soll/Haben-Kennzeichen", "WKZ Umsatz", "Kurs", "Basis-Umsatz",
    "WKZ Basis-Umsatz", "Konto", "Gegenkonto (ohne BU-Schlüssel)", "BU-Schlüssel", "Belegdatum",
    "Belegfeld 1", "Belegfeld 2", "Skonto", "Buchungstext", "Postensperre",
    "Diverse Adressnummer", "Geschäftspartnerbank", "Sachverhalt", "Zinssperre", "Beleglink",
    *(f"Beleginfo - {what} {number}" for number in range(1, 9) for what in ("Art", "Inhalt")),
    "KOST1 - Kostenstelle", "KOST2 - Kostenstelle", "Kost-Menge",
    "EU-Land u. UStID (Bestimmung)", "EU-Steuersatz (Bestimmung)", "Abw. Versteuerungsart",
    "Sachverhalt L+L", "Funktionsergänzung L+L", "BU 49 Hauptfunktionstyp",
    "BU 49 Hauptfunktionsnummer", "BU 49 Funktionsergänzung",
    *(
        f"Zusatzinformation{what} {number}"
        for number in range(1, 21) for what in (" - Art", "- Inhalt")
    ),
    "Stück", "Gewicht", "Zahlweise", "Forderungsart", "Veranlagungsjahr", "Zugeordnete Fälligkeit",
    "Skontotyp", "Auftragsnummer", "Buchungstyp", "USt-Schlüssel (Anzahlungen)",
    "EU-Land (Anzahlungen)", "Sachverhalt L+L (Anzahlungen)", "EU-Steuersatz (Anzahlungen)",
    "Erlöskonto (Anzahlungen)", "Herkunft-Kz", "Buchungs GUID", "KOST-Datum",
    "SEPA-Mandatsreferenz", "Skontosperre", "Gesellschaftername", "Beteiligtennummer",
    "Identifikationsnummer", "Zeichnernummer", "Postensperre bis", "Bezeichnung SoBil-Sachverhalt",
    "Kennzeichen SoBil-Buchung", "Festschreibung", "Leistungsdatum", "Datum Zuord. Steuerperiode",
    "Fälligkeit", "Generalumkehr (GU)", "Steuersatz", "Land", "Abrechnungsreferenz",
    "BVV-Position", "EU-Land u. UStID (Ursprung)", "EU-Steuersatz (Ursprung)",
    "Abw. Skontokonto",
)  # fmt: skip
BYTE_ORDER_MARK = "\ufeff"


class CurrencyNotInFormat(Invalid):
    """The format has two places behind the comma, and the currency has more."""

    code = "currency_not_in_format"


def takes(currency: str) -> bool:
    """Whether amounts of a currency have room in the format."""
    return exponent(currency) <= PLACES


def file_name(of: Period, currency: str) -> str:
    """What a batch is called: the format wants the beginning, and batches of two currencies two names."""
    return f"EXTF_{of.name}-{currency}.csv"


def batch(books: Books, of: Period, *, currency: str, now: datetime) -> Iterator[str]:
    """The booking batch of a month in one currency. Raises CurrencyNotInFormat, before the first line."""
    if not takes(currency):
        raise CurrencyNotInFormat(
            _("DATEV takes two places behind the comma, and %(currency)s has more. Take the CSV.")
            % {"currency": currency},
            field="currency",
        )
    return _lines(books, of, currency=currency, now=now)


def _lines(books: Books, of: Period, *, currency: str, now: datetime) -> Iterator[str]:
    yield BYTE_ORDER_MARK + _header(of, currency=currency, now=now)
    yield _line({name: name for name in COLUMNS})
    for booking in books.bookings(of, currency=currency):
        yield _line(_cells(books, booking, is_final=not of.is_provisional))


def _header(of: Period, *, currency: str, now: datetime) -> str:
    last_day = timezone.localtime(of.time.ends_at - timedelta(seconds=1)).date()
    made = f"{timezone.localtime(now):%Y%m%d%H%M%S%f}"[:17]
    fields: tuple[str | int, ...] = (
        _text("EXTF"), 700, 21, _text("Buchungsstapel"), 13, made, "", _text(""), _text(""),
        _text(""), CONSULTANT, CLIENT, f"{of.first_day:%Y}0101", ACCOUNT_DIGITS,
        f"{of.first_day:%Y%m%d}", f"{last_day:%Y%m%d}", _text(f"Assay {of.label}"), _text(""),
        1, 0, 0 if of.is_provisional else 1, _text(currency), "", _text(""), "", "", _text(""),
        "", "", _text(""), _text(""),
    )  # fmt: skip
    return ";".join(map(str, fields)) + "\r\n"


def _cells(books: Books, booking: Booking, *, is_final: bool) -> dict[str, str | int]:
    """What a line holds; every other column is empty. The debit is the account, the credit the one against it."""
    amount = f"{booking.amount.decimal:.{PLACES}f}".replace(".", ",")
    words = [entry_label(booking.kind), booking.counterparty]
    return {
        "Umsatz (ohne Soll/Haben-Kz)": amount,
        "Soll/Haben-Kennzeichen": _text("S"),
        "WKZ Umsatz": _text(booking.amount.currency),
        "Konto": _number_of(books, booking.debit),
        "Gegenkonto (ohne BU-Schlüssel)": _number_of(books, booking.credit),
        "Belegdatum": f"{booking.day:%d%m}",
        "Belegfeld 1": _text(_reference(booking.document)),
        "Buchungstext": _text(inert(" · ".join(filter(None, words)))[:TEXT_CHARS_MAX]),
        "Zusatzinformation - Art 1": _text("Konto"),
        "Zusatzinformation- Inhalt 1": _text(inert(books.account_of(booking.debit))),
        "Zusatzinformation - Art 2": _text("Gegenkonto"),
        "Zusatzinformation- Inhalt 2": _text(inert(books.account_of(booking.credit))),
        "Festschreibung": int(is_final),
    }


def _number_of(books: Books, account: Account) -> int:
    numbers = ACCOUNTS if books.owner is None else OWN_ACCOUNTS
    parts = account.code.split(":")
    return numbers.get(":".join(parts[:2])) or numbers.get(parts[0]) or OTHER_ACCOUNT


def _reference(number: str) -> str:
    """The number with the signs that the format allows in it."""
    signs = (
        sign if sign.isascii() and (sign.isalnum() or sign in NUMBER_SIGNS) else "-"
        for sign in number
    )
    return "".join(signs)[:NUMBER_CHARS_MAX].lstrip("+-*/%&$")


def _line(cells: Mapping[str, str | int]) -> str:
    return ";".join(str(cells.get(name, "")) for name in COLUMNS) + "\r\n"


def _text(text: str) -> str:
    """A cell of text: in quotes, which are doubled in it, and without signs that end a line."""
    shown = "".join(sign if sign.isprintable() else " " for sign in text)
    return '"' + shown.replace('"', '""') + '"'
