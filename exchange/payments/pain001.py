"""Payment files for the exchange's bank: ISO 20022 pain.001.001.09, and the same as CSV."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from xml.etree import ElementTree as ET

from exchange.core.downloads import csv_line
from pricing.money import Money

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
ID_CHARS_MAX = 35
NAME_CHARS_MAX = 140
IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?")
CSV_HEAD = ("reference", "name", "account", "bank_code", "amount", "currency", "text")


@dataclass(frozen=True)
class Holder:
    """Who has an account, and where. `bank_code` is a BIC, or what the bank's own country uses."""

    name: str
    account: str
    bank_code: str = ""


@dataclass(frozen=True)
class Order:
    """One transfer; `reference` comes back on the bank's statement."""

    reference: str
    to: Holder
    amount: Money


def xml(
    *, file_id: str, made_at: datetime, pay_on: date, payer: Holder, orders: Sequence[Order]
) -> bytes:
    """The file as the bank takes it: one block of transfers, each of them a line of its own on the
    statement."""
    ET.register_namespace("", NAMESPACE)
    root = ET.Element(f"{{{NAMESPACE}}}Document")
    initiation = _add(root, "CstmrCdtTrfInitn")
    header = _add(initiation, "GrpHdr")
    _add(header, "MsgId", file_id[:ID_CHARS_MAX])
    _add(header, "CreDtTm", made_at.isoformat(timespec="seconds"))
    _counted(header, orders)
    _add(_add(header, "InitgPty"), "Nm", payer.name[:NAME_CHARS_MAX])
    block = _add(initiation, "PmtInf")
    _add(block, "PmtInfId", file_id[:ID_CHARS_MAX])
    _add(block, "PmtMtd", "TRF")
    _add(block, "BtchBookg", "false")
    _counted(block, orders)
    _add(_add(block, "ReqdExctnDt"), "Dt", pay_on.isoformat())
    _add(_add(block, "Dbtr"), "Nm", payer.name[:NAME_CHARS_MAX])
    _account(block, "DbtrAcct", payer)
    _agent(block, "DbtrAgt", payer)
    for order in orders:
        _transfer(block, order)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _transfer(block: ET.Element, order: Order) -> None:
    transfer = _add(block, "CdtTrfTxInf")
    _add(_add(transfer, "PmtId"), "EndToEndId", order.reference[:ID_CHARS_MAX])
    amount = _add(_add(transfer, "Amt"), "InstdAmt", str(order.amount.decimal))
    amount.set("Ccy", order.amount.currency)
    _agent(transfer, "CdtrAgt", order.to)
    _add(_add(transfer, "Cdtr"), "Nm", order.to.name[:NAME_CHARS_MAX])
    _account(transfer, "CdtrAcct", order.to)
    _add(_add(transfer, "RmtInf"), "Ustrd", order.reference)


def _counted(part: ET.Element, orders: Sequence[Order]) -> None:
    total = sum((order.amount for order in orders[1:]), orders[0].amount)
    _add(part, "NbOfTxs", str(len(orders)))
    _add(part, "CtrlSum", str(total.decimal))


def _account(part: ET.Element, name: str, holder: Holder) -> None:
    account = _add(_add(part, name), "Id")
    if IBAN.fullmatch(holder.account):
        _add(account, "IBAN", holder.account)
    else:
        _add(_add(account, "Othr"), "Id", holder.account)


def _agent(part: ET.Element, name: str, holder: Holder) -> None:
    bank = _add(_add(part, name), "FinInstnId")
    if BIC.fullmatch(holder.bank_code):
        _add(bank, "BICFI", holder.bank_code)
    elif holder.bank_code:
        _add(_add(bank, "ClrSysMmbId"), "MmbId", holder.bank_code)
    else:
        _add(_add(bank, "Othr"), "Id", "NOTPROVIDED")


def _add(part: ET.Element, name: str, text: str = "") -> ET.Element:
    made = ET.SubElement(part, f"{{{NAMESPACE}}}{name}")
    made.text = text or None
    return made


def csv_lines(orders: Sequence[Order]) -> Iterator[str]:
    """A head and a line for each transfer, in the order of the file."""
    yield csv_line(CSV_HEAD)
    for order in orders:
        yield csv_line(
            [
                order.reference,
                order.to.name,
                order.to.account,
                order.to.bank_code,
                str(order.amount.decimal),
                order.amount.currency,
                order.reference,
            ]
        )
