"""The documents of a trade: order, contract, delivery note, trading certificate.

All are worded from the order's frozen terms and the certificate's frozen document.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from accounts import billing
from exchange.catalog.choices import RIGHTS
from exchange.catalog.lifecycle import Delivery, Future, History, OfferKind, Period, RefundPolicy
from exchange.orders.models import Certificate, Order
from exchange.web.documents.layout import Clause, Document, Line, Seal, Table
from exchange.web.documents.wording import (
    amount,
    ending,
    language,
    moment,
    party,
    price_table,
    title_of,
)

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Delivered:
    """One file that a delivery opened: since when, and whether somebody fetched it."""

    name: str
    revision: int
    rows: int
    sha256: str
    first_at: datetime | None


def order_document(order: Order) -> Document:
    """What was ordered, by whom, at which price."""
    terms = order.terms
    lines = [
        Line(_("Order"), order.public_id),
        Line(_("Placed"), moment(order.created_at)),
        Line(_("Product"), title_of(terms["product"])),
        Line(_("Offer"), offer_words(terms["offer"])),
        Line(_("Payment"), str(order.get_payment_method_display())),
    ]
    if order.po_number:
        lines.append(Line(_("Buyer's PO number"), order.po_number))
    return _document(
        order,
        kind="order",
        title=_("Order"),
        lines=lines,
        tables=[price_table(title_of(terms["product"]), terms["price"])],
    )


def contract_document(order: Order, *, concluded_at: datetime) -> Document:
    """The agreement: the frozen terms in words, clause by clause."""
    terms = order.terms
    return _document(
        order,
        kind="contract",
        title=_("Data provision contract"),
        lines=[
            Line(_("Contract of order"), order.public_id),
            Line(_("Concluded"), moment(concluded_at)),
        ],
        tables=[price_table(title_of(terms["product"]), terms["price"])],
        clauses=_clauses(terms),
    )


def delivery_note(order: Order, *, delivered_at: datetime, files: Sequence[Delivered]) -> Document:
    """What was delivered, named by the hash of its content, and when it was first fetched."""
    rows = tuple(
        (
            one.name,
            str(one.revision),
            f"{one.rows:,}",
            one.sha256[:16] + "…",
            moment(one.first_at) if one.first_at else _("not yet fetched"),
        )
        for one in files
    )
    tables = []
    if rows:
        columns = (_("File"), _("Revision"), _("Rows"), "SHA-256", _("First fetched"))
        tables.append(Table(_("Files"), columns, rows, numbers=(1, 2)))
    return _document(
        order,
        kind="delivery_note",
        title=_("Delivery note"),
        lines=[
            Line(_("Order"), order.public_id),
            Line(_("Delivered"), moment(delivered_at)),
            Line(_("Manner"), str(Delivery(order.terms["delivery"]).label)),
        ],
        tables=tables,
    )


def certificate_document(
    certificate: Certificate, *, log_lines: Sequence[Line], url: str
) -> Document:
    """The exchange's word that the trade took place, with its place in the transparency log."""
    facts = certificate.document
    product = facts["product"]
    currency = facts["currency"]
    rows = (
        (_("Net"), amount(facts["net_minor"], currency)),
        (_("Value-added tax"), amount(facts["tax_minor"], currency)),
    )
    lines = [
        Line(_("Issued"), moment(facts["issued_at"])),
        Line(_("Order"), facts["order"]),
        Line(_("Traded"), title_of(product)),
        Line(_("Placed"), moment(facts["placed_at"])),
    ]
    lines += [
        Line(_("Revision %(number)s") % {"number": one["number"]}, _tables_of(one))
        for one in product["revisions"]
    ]
    if facts.get("period_from"):
        until = ending(facts["period_until"], "date")
        lines.append(Line(_("Period"), f"{moment(facts['period_from'], 'date')} – {until}"))
    if number := facts["documents"].get("invoice"):
        lines.append(Line(_("Invoice"), number))
    return Document(
        kind="certificate",
        stem=certificate.number,
        language=language(),
        title=_("Trading certificate"),
        number=certificate.number,
        issuer=settings.EXCHANGE_OPERATOR,
        lines=tuple(lines),
        parties=(party(_("Seller"), facts["seller"]), party(_("Buyer"), facts["buyer"])),
        tables=(
            Table(
                _("Value"),
                (_("Item"), _("Amount")),
                rows,
                (1,),
                (_("Total"), amount(facts["total_minor"], currency)),
            ),
        ),
        seal=Seal(
            certificate.document_hash,
            (Line(_("Document hash"), certificate.document_hash), *log_lines),
            url,
            _(
                "The address, in the PDF also a code, says whether the exchange issued this document."
            ),
        ),
        notes=_notes(product),
        page_of=_("page {page} of {pages}"),
    )


def offer_words(offer: Facts) -> str:
    """The offer in words: its name and what it gives access to."""
    parts = [str(offer["name"]), str(OfferKind(offer["kind"]).label)]
    if offer.get("period"):
        parts.append(str(Period(offer["period"]).label))
    return " · ".join(parts)


def _document(
    order: Order,
    *,
    kind: str,
    title: str,
    lines: Sequence[Line],
    tables: Sequence[Table],
    clauses: Sequence[Clause] = (),
) -> Document:
    buyer = {
        "id": order.buyer.public_id,
        "name": order.buyer.name,
        "credit_code": order.buyer.credit_code,
        **billing.shown_on_documents(order.buyer),
    }
    seller = {**order.terms["seller"], **billing.shown_on_documents(order.seller)}
    return Document(
        kind=kind,
        stem=f"{kind}-{order.public_id}",
        language=language(),
        title=title,
        number=order.public_id,
        issuer=settings.EXCHANGE_OPERATOR,
        lines=tuple(lines),
        parties=(party(_("Seller"), seller), party(_("Buyer"), buyer)),
        tables=tuple(tables),
        clauses=tuple(clauses),
        seal=Seal(order.terms_hash, (Line(_("Hash of the terms"), order.terms_hash),)),
        notes=_notes(order.terms["product"]),
        page_of=_("page {page} of {pages}"),
    )


def _clauses(terms: Facts) -> list[Clause]:
    days = terms["inspection_working_days"]
    return [
        Clause(_("What is provided"), _subject(terms)),
        Clause(_("What the buyer may and may not do"), _licence(terms["licence"])),
        Clause(
            _("Rights"),
            (
                _(
                    "The rights in the data stay with the seller. The buyer obtains the use described here and nothing beyond it."
                ),
            ),
        ),
        Clause(
            _("Payment and acceptance"),
            (
                _(
                    "The exchange holds the money until the buyer accepts, or until %(days)d working days after delivery have passed without an objection."
                )
                % {"days": days},
                _("An objection within that time keeps the money held until the exchange decides."),
            ),
        ),
        Clause(_("Refund"), (str(RefundPolicy(terms["refund_policy"]).label),)),
    ]


def _subject(terms: Facts) -> tuple[str, ...]:
    offer = terms["offer"]
    words = [
        title_of(terms["product"]),
        str(Delivery(terms["delivery"]).label),
        str(History(offer["history"]).label),
        str(Future(offer["future"]).label),
    ]
    if offer.get("access_days"):
        words.append(_("Access lasts %(days)d days.") % {"days": offer["access_days"]})
    return tuple(words)


def _licence(licence: Facts) -> tuple[str, ...]:
    """The licence's coded rights in words, then what the seller wrote."""
    may = [str(RIGHTS[code]) for code in licence.get("allowed", ()) if code in RIGHTS]
    may_not = [str(RIGHTS[code]) for code in licence.get("forbidden", ()) if code in RIGHTS]
    words = [
        _("The buyer may: %(uses)s.") % {"uses": "; ".join(may) or "–"},
        _("The buyer may not: %(uses)s.") % {"uses": "; ".join(may_not) or "–"},
    ]
    if licence.get("attribution"):
        words.append(_("The buyer names the source."))
    if licence.get("text"):
        words.append(str(licence["text"]))
    return tuple(words)


def _tables_of(revision: Facts) -> str:
    return "; ".join(
        f"{table['name']} · {table['rows']:,} · {table['sha256'][:16]}…"
        for table in revision["tables"]
    )


def _notes(product: Facts) -> tuple[str, ...]:
    if not product.get("synthetic"):
        return ()
    return (_("The data of this trade is synthetic: it describes nobody and nothing real."),)
