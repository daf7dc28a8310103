"""The numbered documents of settlement: invoice, credit note, settlement statement, payout statement."""

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from exchange.payments.lifecycle import DocumentKind
from exchange.payments.models import Document as IssuedDocument
from exchange.web.documents.layout import Document, Line, Party, Seal, Table
from exchange.web.documents.wording import amount, language, moment, party
from exchange.web.usage.rates import charge_name

Facts = Mapping[str, Any]


def numbered_document(issued: IssuedDocument) -> Document:
    """Any numbered document, worded from its frozen content."""
    facts: Facts = issued.content
    kind = DocumentKind(issued.kind)
    lines, parties, tables = MAKERS[kind](facts)
    return Document(
        kind=str(kind),
        stem=issued.number,
        language=language(),
        title=str(kind.label),
        number=issued.number,
        issuer=settings.EXCHANGE_OPERATOR,
        lines=(Line(_("Issued"), moment(issued.issued_at)), *lines),
        parties=parties,
        tables=tables,
        seal=Seal(issued.document_hash, (Line(_("Document hash"), issued.document_hash),)),
        page_of=_("page {page} of {pages}"),
    )


Made = tuple[tuple[Line, ...], tuple[Party, ...], tuple[Table, ...]]


def _invoice(facts: Facts) -> Made:
    lines = [Line(_("Order"), facts["order"])]
    if facts.get("po_number"):
        lines.append(Line(_("Buyer's PO number"), facts["po_number"]))
    if facts.get("paid"):
        lines.append(Line(_("Payment"), _("received")))
    rows = [
        (f"{facts['title']} · {charge_name(one['name'])}", one["amount_minor"])
        for one in facts["lines"]
    ]
    return tuple(lines), _sides(facts), (_sum_table(facts, rows),)


def _credit_note(facts: Facts) -> Made:
    lines = (
        Line(_("Order"), facts["order"]),
        Line(_("Corrects the invoice"), facts["corrects"]["number"]),
        Line(_("Reason"), facts["reason"]),
    )
    return lines, _sides(facts), (_sum_table(facts, [(facts["title"], facts["net_minor"])]),)


def _statement(facts: Facts) -> Made:
    """Gross, tax, fee, and what each party got of the rest."""
    lines = (
        Line(_("Order"), facts["order"]),
        Line(_("Product"), facts["title"]),
        Line(_("Service fee"), _("%(rate)s × net") % {"rate": facts["fee_rate"]}),
        Line(_("Can be paid out from"), facts["available_from"]),
    )
    currency = facts["currency"]
    rows = [(_("Received from the buyer"), amount(facts["gross_minor"], currency))]
    if facts.get("refunded_minor"):
        rows.append((_("Refunded before"), amount(-int(facts["refunded_minor"]), currency)))
    rows += [
        (_("Value-added tax"), amount(-_kept(facts, "tax"), currency)),
        (_("Service fee of the exchange"), amount(-_kept(facts, "fee"), currency)),
    ]
    rows += [
        (
            _("To %(party)s") % {"party": one["party"]["name"]},
            amount(int(one["amount_minor"]) - int(one.get("refunded_minor", 0)), currency),
        )
        for one in facts["shares"]
    ]
    table = Table(_("Settlement"), (_("Item"), _("Amount")), tuple(rows), (1,))
    return lines, _sides(facts), (table,)


def _kept(facts: Facts, part: str) -> int:
    """A part of the money less what of it was refunded before the release."""
    return int(facts[f"{part}_minor"]) - int(facts.get(f"{part}_refunded_minor", 0))


def _payout_statement(facts: Facts) -> Made:
    currency = facts["currency"]
    lines = (
        Line(_("Payout"), facts["payout"]),
        Line(_("Run of"), facts["run"]),
        Line(_("To the account"), facts["account"]),
    )
    rows = tuple(
        (one["title"], one["order"], amount(one["amount_minor"], currency))
        for one in facts["lines"]
    )
    table = Table(
        _("Settlements in this payout"),
        (_("Product"), _("Order"), _("Amount")),
        rows,
        (2,),
        (_("Paid out"), "", amount(facts["amount_minor"], currency)),
    )
    return lines, (party(_("Receiver"), facts["receiver"]),), (table,)


MAKERS: Mapping[DocumentKind, Callable[[Facts], Made]] = {
    DocumentKind.INVOICE: _invoice,
    DocumentKind.CREDIT_NOTE: _credit_note,
    DocumentKind.STATEMENT: _statement,
    DocumentKind.PAYOUT_STATEMENT: _payout_statement,
}


def _sides(facts: Facts) -> tuple[Party, ...]:
    return (party(_("Seller"), facts["seller"]), party(_("Buyer"), facts["buyer"]))


def _sum_table(facts: Facts, rows: list[tuple[str, int]]) -> Table:
    currency = facts["currency"]
    percent = facts.get("tax_percent")
    tax = (
        _("Value-added tax, %(percent)s %%") % {"percent": percent}
        if percent
        else _("Value-added tax")
    )
    worded = [(name, amount(minor, currency)) for name, minor in rows]
    worded += [
        (_("Net"), amount(facts["net_minor"], currency)),
        (tax, amount(facts["tax_minor"], currency)),
    ]
    if facts.get("rounding_minor"):
        worded.append((_("Rounding"), amount(facts["rounding_minor"], currency)))
    return Table(
        _("Amounts"),
        (_("Item"), _("Amount")),
        tuple(worded),
        (1,),
        (_("Total"), amount(facts["total_minor"], currency)),
    )
