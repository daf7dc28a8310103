"""Statements of the bank in the XML of ISO 20022 (camt.053): every booked line, in and out.

Read without a schema: element names are compared without their namespace, so that the versions 001.02
to 001.14 read alike. A document type is refused, since entities are declared there.
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree as ET

from django.utils.translation import gettext as _

from exchange.core.inputs import read_day
from exchange.core.refusals import Refusal
from exchange.payments.bank import BankLine
from exchange.payments.errors import IncomingTransferRefused
from exchange.payments.statement_lines import Sheet, currency_of, derived_ref
from pricing.money import Money, exponent

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053."
BOOKED, OUT = "BOOK", "DBIT"
OPENING, CLOSING = ("OPBD", "PRCD"), ("CLBD",)
NO_REFERENCE = "NOTPROVIDED"
# At most 18 digits, five of them after the point; ASCII alone.
_AMOUNT = re.compile(r"(?=.{1,19}\Z)[0-9]+(\.[0-9]{1,5})?")


class _WithoutDoctype(ET.TreeBuilder):
    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        raise IncomingTransferRefused(_("A statement in XML declares no document type."))


def read(content: bytes) -> list[Sheet]:
    """The statements of a camt.053 document. Raises IncomingTransferRefused for a document that is none
    or holds what cannot be read, naming the entry."""
    try:
        parser = ET.XMLParser(target=_WithoutDoctype())  # noqa: S314 - no document type, no entities
        root = ET.fromstring(content, parser=parser)  # noqa: S314 - as above
    except (ET.ParseError, ValueError, LookupError) as error:
        raise IncomingTransferRefused(
            _("The statement is not well-formed XML: %(why)s.") % {"why": str(error)[:200]}
        ) from None
    if not root.tag.startswith(f"{{{NAMESPACE}"):
        raise IncomingTransferRefused(
            _("The statement is XML, but its document is %(name)s and not a camt.053.")
            % {"name": root.tag[:120]}
        )
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return [_sheet(found) for found in root.iterfind("BkToCstmrStmt/Stmt")]


def _sheet(found: ET.Element) -> Sheet:
    account = _text(found, "Acct/Id/IBAN", "Acct/Id/Othr/Id")
    number = _text(found, "Id", "ElctrncSeqNb")
    lines: list[BankLine] = []
    for place, entry in enumerate(found.iterfind("Ntry"), start=1):
        if _text(entry, "Sts/Cd", "Sts") not in {BOOKED, ""}:
            continue
        try:
            lines += _lines(entry, derived_ref(account, number, place))
        except Refusal as refusal:
            raise IncomingTransferRefused(
                _("Line %(number)d was not entered: %(why)s")
                % {"number": place, "why": refusal.message}
            ) from None
    opening, closing = (_balance(found, kinds) for kinds in (OPENING, CLOSING))
    return Sheet(account, number, lines, opening, closing, _closed_on(found))


def _lines(entry: ET.Element, derived: str) -> Iterator[BankLine]:
    """The lines of one entry: its transactions where it has several that make up the whole, else the entry
    as one."""
    whole, is_out, day = _needed(entry), _is_out(entry), _day(entry)
    ref = _text(entry, "AcctSvcrRef")
    parts = list(entry.iterfind("NtryDtls/TxDtls"))
    amounts = [_amount(part, "Amt", "AmtDtls/TxAmt/Amt") for part in parts]
    known = [one for one in amounts if one is not None]
    if len(parts) == len(known) > 1 and sum(one.minor for one in known) == whole.minor:
        own = [_text(part, "Refs/AcctSvcrRef") for part in parts]
        if len(set(own)) < len(parts) or {ref, ""} & set(own):  # some banks repeat one for all
            own = [f"{ref or derived}/{number}" for number in range(1, len(parts) + 1)]
        for under, part, amount in zip(own, parts, known, strict=True):
            yield BankLine(under, day, amount, _other(part, is_out), _said(part), is_out)
        return
    part = parts[0] if parts else entry
    said = " ".join(filter(None, map(_said, parts))) or _text(entry, "AddtlNtryInf")
    under = ref or _text(part, "Refs/AcctSvcrRef") or derived
    yield BankLine(under, day, whole, _other(part, is_out), said, is_out)


def _needed(entry: ET.Element) -> Money:
    amount = _amount(entry, "Amt")
    if amount is None:
        raise IncomingTransferRefused(_("A line of the statement has no amount."))
    return amount


def _amount(found: ET.Element, *paths: str) -> Money | None:
    """The first of the paths that is there, exactly. Raises IncomingTransferRefused."""
    for path in paths:
        element = found.find(path)
        if element is None:
            continue
        currency = currency_of(element.get("Ccy"))
        text = (element.text or "").strip()
        minor = Decimal(text).scaleb(exponent(currency)) if _AMOUNT.fullmatch(text) else None
        if minor is None or minor != minor.to_integral_value():
            raise IncomingTransferRefused(
                _("“%(text)s” is not an amount in %(currency)s.")
                % {"text": text[:40], "currency": currency}
            )
        return Money(int(minor), currency)
    return None


def _balance(found: ET.Element, kinds: tuple[str, ...]) -> Money | None:
    for kind in kinds:
        for balance in found.iterfind("Bal"):
            if _text(balance, "Tp/CdOrPrtry/Cd") == kind:
                amount = _needed(balance)
                return -amount if _is_out(balance) else amount
    return None


def _closed_on(found: ET.Element) -> date | None:
    """The day of the closing balance, where it names one."""
    for balance in found.iterfind("Bal"):
        if _text(balance, "Tp/CdOrPrtry/Cd") in CLOSING:
            told = _text(balance, "Dt/Dt", "Dt/DtTm").partition("T")[0]
            return read_day(told) if told else None
    return None


def _is_out(found: ET.Element) -> bool:
    return _text(found, "CdtDbtInd") == OUT


def _day(entry: ET.Element) -> date:
    """The day on which the bank booked it. Raises what `read_day` refuses."""
    return read_day(
        _text(entry, "BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm").partition("T")[0]
    )


def _other(part: ET.Element, is_out: bool) -> str:  # noqa: FBT001 - which of two parties
    side = "Cdtr" if is_out else "Dbtr"
    return _text(part, f"RltdPties/{side}/Nm", f"RltdPties/{side}/Pty/Nm")


def _said(part: ET.Element) -> str:
    """What the payer wrote: free text, the creditor's reference, and the id from end to end."""
    free = [(one.text or "").strip() for one in part.iterfind("RmtInf/Ustrd")]
    references = [
        _text(part, "RmtInf/Strd/CdtrRefInf/Ref"),
        _text(part, "Refs/EndToEndId"),
    ]
    named = [one for one in references if one and one != NO_REFERENCE and one not in free]
    return " ".join([*free, *named])


def _text(found: ET.Element, *paths: str) -> str:
    """The text at the first path that has one."""
    return next(filter(None, ((found.findtext(path) or "").strip() for path in paths)), "")
