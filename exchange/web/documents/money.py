"""The numbered documents of settlement: invoices and credit notes of sales and of the exchange's fees, settlement,
payout and monthly statements."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from exchange.core.formatting import day_named, month_named
from exchange.payments.entry_labels import entry_label
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
        Line(_("Service fee"), fee_in_words(facts)),
        Line(_("Can be paid out from"), day_named(facts["available_from"])),
    )
    currency = facts["currency"]
    fee_tax = _kept(facts, "fee_tax")
    rows = [(_("Received from the buyer"), amount(facts["gross_minor"], currency))]
    if facts.get("refunded_minor"):
        rows.append((_("Refunded before"), amount(-int(facts["refunded_minor"]), currency)))
    rows += [
        (_("Value-added tax"), amount(-_kept(facts, "tax"), currency)),
        (_("Service fee of the exchange"), amount(fee_tax - _kept(facts, "fee"), currency)),
    ]
    if "fee_tax_percent" in facts:
        words = _("Value-added tax on the service fee, %(percent)s %%")
        rows.append((words % {"percent": facts["fee_tax_percent"]}, amount(-fee_tax, currency)))
    rows += [
        (
            _to_party(one, currency, is_alone=len(facts["shares"]) == 1),
            amount(int(one["amount_minor"]) - int(one.get("refunded_minor", 0)), currency),
        )
        for one in facts["shares"]
    ]
    table = Table(_("Settlement"), (_("Item"), _("Amount")), tuple(rows), (1,))
    return lines, _sides(facts), (table,)


def _to_party(one: Facts, currency: str, *, is_alone: bool) -> str:
    """Whom a part goes to, and by which share where there are several."""
    named = _("To %(party)s") % {"party": one["party"]["name"]}
    if is_alone or "percent" not in one:
        return named
    said = []
    if one["first_minor"]:
        said.append(_("%(amount)s first") % {"amount": amount(one["first_minor"], currency)})
    if one["percent"] != "0" or not said:
        said.append(_("%(percent)s %% of the rest") % {"percent": one["percent"]})
    return f"{named} ({', '.join(said)})"


def fee_in_words(facts: Facts) -> str:
    """How the fee is reckoned, from `FeeSchedule.facts_in` with the currency: the share, the least and the most
    of it, and what of that is spared."""
    share = f"{(Decimal(facts['fee_rate']) * 100).normalize():f}"
    said = [_("%(percent)s %% of the net") % {"percent": share}]
    if facts.get("fee_is_agreed"):
        said.append(_("as agreed with the seller"))
    if "fee_minimum_minor" in facts:
        least = amount(facts["fee_minimum_minor"], facts["currency"])
        said.append(_("at least %(amount)s") % {"amount": least})
    if "fee_cap_minor" in facts:
        most = amount(facts["fee_cap_minor"], facts["currency"])
        said.append(_("at most %(amount)s") % {"amount": most})
    if "fee_spared" in facts:
        percent = f"{(Decimal(facts['fee_spared']) * 100).normalize():f}"
        said.append(
            _("less %(percent)s %% for small and medium-sized sellers") % {"percent": percent}
        )
    if "fee_tax_percent" in facts:
        said.append(
            _("plus %(percent)s %% value-added tax") % {"percent": facts["fee_tax_percent"]}
        )
    return " · ".join(said)


def _kept(facts: Facts, part: str) -> int:
    """A part of the money less what of it was refunded before the release."""
    return int(facts.get(f"{part}_minor", 0)) - int(facts.get(f"{part}_refunded_minor", 0))


def _payout_statement(facts: Facts) -> Made:
    """What became available since the payout before, and what was taken from that."""
    currency = facts["currency"]
    lines = (
        Line(_("Payout"), facts["payout"]),
        Line(_("Run of"), day_named(facts["run"])),
        Line(_("To the account"), facts["account"]),
    )
    rows = _changes(facts) if "totals" in facts else _settlements(facts)
    if facts.get("opening_minor"):
        rows = [(_("Left from before"), "", amount(facts["opening_minor"], currency)), *rows]
    tables = [_by_kind(_("By kind"), facts["totals"], currency)] if "totals" in facts else []
    tables.append(
        Table(
            _("What the payout is made of"),
            (_("What happened"), _("Order"), _("Amount")),
            tuple(rows),
            (2,),
            (_("Paid out"), "", amount(facts["amount_minor"], currency)),
        )
    )
    return lines, (party(_("Receiver"), facts["receiver"]),), tuple(tables)


def _settlements(facts: Facts) -> list[tuple[str, ...]]:
    """The lines of statements as they were issued at first."""
    return [
        (one["title"], one["order"], amount(one["amount_minor"], facts["currency"]))
        for one in facts["lines"]
    ]


def _changes(facts: Facts) -> list[tuple[str, ...]]:
    """Each change with its product, and the sum of those that only the CSV names."""
    currency = facts["currency"]
    rows: list[tuple[str, ...]] = [
        (
            " · ".join(filter(None, (entry_label(one["kind"]), one["title"]))),
            one["order"],
            amount(one["amount_minor"], currency),
        )
        for one in facts["lines"]
    ]
    if facts["lines_left_out"]:
        left_out = _left_out(facts["lines_left_out"])
        rows.append((left_out, "", amount(facts["left_out_minor"], currency)))
    return rows


def _left_out(count: int) -> str:
    return ngettext(
        "%(count)d more line, in the CSV", "%(count)d more lines, in the CSV", count
    ) % {"count": count}


def _by_kind(heading: str, totals: Sequence[Facts], currency: str) -> Table:
    return Table(
        heading,
        (_("What happened"), _("How often"), _("Amount")),
        tuple(
            (entry_label(one["kind"]), str(one["count"]), amount(one["amount_minor"], currency))
            for one in totals
        ),
        (1, 2),
    )


ACCOUNTS: Mapping[str, str | Promise] = {
    "pending": gettext_lazy("Earned, not available yet"),
    "available": gettext_lazy("Available for payouts"),
    "owed": gettext_lazy("Owed to the exchange"),
}


def _month_statement(facts: Facts) -> Made:
    """Opening balance, changes by kind and closing balance of each of the seller's accounts, then each change."""
    currency = facts["currency"]
    lines = [Line(_("Month"), month_named(facts["month"])), Line(_("Currency"), currency)]
    if facts.get("corrects"):
        lines.append(Line(_("Replaces"), facts["corrects"]))
    tables = []
    for row in facts["accounts"]:
        opening = (_("Opening balance"), "", amount(row["opening_minor"], currency))
        table = _by_kind(str(ACCOUNTS[row["account"]]), row["totals"], currency)
        closing = (_("Closing balance"), "", amount(row["closing_minor"], currency))
        tables.append(replace(table, rows=(opening, *table.rows), total=closing))
    accounts = [str(ACCOUNTS[one["account"]]) for one in facts["lines"]]
    changes = zip_longest(accounts, _changes(facts), fillvalue="")
    columns = (_("Account"), _("What happened"), _("Order"), _("Amount"))
    rows = tuple((account, *row) for account, row in changes)
    tables.append(Table(_("Changes"), columns, rows, (3,)))
    return tuple(lines), (party(_("Receiver"), facts["receiver"]),), tuple(tables)


def _fee_invoice(facts: Facts) -> Made:
    """What the exchange took of sales in a month, sale by sale, and its tax by rate."""
    paid = (_("Payment"), _("taken out of the sales"))
    return _of_fees(facts, _("Service fee of order %(order)s"), Line(*paid))


def _fee_credit_note(facts: Facts) -> Made:
    """The same of what it gave back."""
    paid = (_("Payment"), _("given back with the refunds"))
    return _of_fees(facts, _("Service fee of order %(order)s, given back"), Line(*paid))


def _of_fees(facts: Facts, words: str, payment: Line) -> Made:
    currency = facts["currency"]
    lines = (Line(_("Month"), month_named(facts["month"])), payment)
    sides = (party(_("Issuer"), facts["issuer"]), party(_("Receiver"), facts["receiver"]))
    sales = [
        (
            " · ".join(filter(None, (words % {"order": one["order"]}, one["title"]))),
            one.get("corrects", ""),
            f"{one['tax_percent']} %",
            amount(one["amount_minor"], currency),
        )
        for one in facts["lines"]
    ]
    if facts["lines_left_out"]:
        left_out = _left_out(facts["lines_left_out"])
        sales.append((left_out, "", "", amount(facts["left_out_minor"], currency)))
    columns = (_("Item"), _("Corrects"), _("Tax rate"), _("Net"))
    net = (_("Net"), "", "", amount(facts["net_minor"], currency))
    taxes = tuple(
        (
            f"{one['percent']} %",
            *(amount(one[name], currency) for name in ("net_minor", "tax_minor")),
        )
        for one in facts["taxes"]
    )
    totals = [(_("Net"), "net_minor"), (_("Value-added tax"), "tax_minor")]
    if facts["rounding_minor"]:
        totals.append((_("Rounding"), "rounding_minor"))
    tables = (
        Table(_("Service fees"), columns, tuple(sales), (2, 3), net),
        Table(_("Tax by rate"), (_("Tax rate"), _("Net"), _("Value-added tax")), taxes, (0, 1, 2)),
        Table(
            _("Amounts"),
            (_("Item"), _("Amount")),
            tuple((label, amount(facts[name], currency)) for label, name in totals),
            (1,),
            (_("Total"), amount(facts["total_minor"], currency)),
        ),
    )
    return lines, sides, tables


MAKERS: Mapping[DocumentKind, Callable[[Facts], Made]] = {
    DocumentKind.INVOICE: _invoice,
    DocumentKind.CREDIT_NOTE: _credit_note,
    DocumentKind.STATEMENT: _statement,
    DocumentKind.PAYOUT_STATEMENT: _payout_statement,
    DocumentKind.MONTH_STATEMENT: _month_statement,
    DocumentKind.FEE_INVOICE: _fee_invoice,
    DocumentKind.FEE_CREDIT_NOTE: _fee_credit_note,
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
