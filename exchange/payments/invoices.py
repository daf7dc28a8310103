"""Numbered documents without gaps: invoice, credit note, settlement statement, and how each is numbered."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import rfc8785
from django.conf import settings
from django.utils.translation import gettext as _

from accounts import billing
from accounts.models import Organisation
from exchange.audit import log
from exchange.core.formatting import money_shown
from exchange.core.lifecycle import Doer
from exchange.core.refusals import NotFound, Refusal
from exchange.members.actors import operating_organisation
from exchange.orders.models import Order
from exchange.payments.allocation import net_shown
from exchange.payments.lifecycle import NUMBER_PREFIXES, DocumentKind
from exchange.payments.models import Chargeback, Document, NumberSeries, Refund, Settlement
from pricing.money import Money

HUNDRED = 100


class InvoiceDiffers(Refusal):
    """The lines of an invoice do not sum to its net, or net and tax not to its total: it is not issued."""

    code = "invoice_differs"


def issue_invoice(order: Order, *, actor: Doer, now: datetime) -> Document:
    """The seller's invoice to the buyer, issued once. Raises InvoiceDiffers."""
    price = order.terms.get("price", {})
    content: dict[str, Any] = {
        "format": "assay.invoice/1",
        "order": order.public_id,
        "po_number": order.po_number,
        "seller": party(order.seller),
        "buyer": party(order.buyer),
        "lines": price.get("lines")
        or [{"name": order.title, "explained": [], "amount_minor": order.net_minor}],
        "title": order.title,
        "currency": order.currency,
        "net_minor": order.net_minor,
        "tax_percent": price.get("tax_percent", ""),
        "tax_minor": order.tax_minor,
        "total_minor": order.total_minor,
        "paid": True,
    }
    _check_sums(content)
    return issue(
        DocumentKind.INVOICE,
        cause=order.public_id,
        issuer=order.seller,
        receiver=order.buyer,
        content=content,
        order=order,
        actor=actor,
        now=now,
    )


def _check_sums(content: Mapping[str, Any]) -> None:
    lines = sum(line["amount_minor"] for line in content["lines"])
    net, total = content["net_minor"], content["total_minor"]
    if lines != net or net + content["tax_minor"] != total:
        shown = [money_shown(Money(minor, content["currency"])) for minor in (lines, net, total)]
        raise InvoiceDiffers(
            _(
                "The lines come to %(lines)s, the net is %(net)s and the total %(total)s: no invoice is issued."
            )
            % dict(zip(("lines", "net", "total"), shown, strict=True)),
            lines_minor=lines,
            net_minor=net,
            total_minor=total,
        )


def issue_credit_note(
    order: Order, *, refund: Refund | Chargeback, actor: Doer, now: datetime
) -> Document | None:
    """The seller's correction of the invoice for what the sale gave of a refund; none where it gave
    nothing. Its tax is that of the net which it shows; a unit that no such net gives is its rounding.
    Raises NotFound without invoice."""
    given = refund.of_sale
    if not given.minor:
        return None
    invoice = Document.objects.filter(kind=DocumentKind.INVOICE, cause=order.public_id).first()
    if invoice is None:
        raise NotFound(_("This order has no invoice."), order=order.public_id)
    net = net_shown(given, tax=Money(refund.tax_minor, given.currency), tax_rate=tax_rate(order))
    content: dict[str, Any] = {
        "format": "assay.credit_note/1",
        "order": order.public_id,
        "refund": refund.public_id,
        "corrects": {"number": invoice.number, "hash": invoice.document_hash},
        "seller": party(order.seller),
        "buyer": party(order.buyer),
        "title": order.title,
        "reason": refund.reason,
        "currency": refund.currency,
        "net_minor": net.minor,
        "tax_percent": order.terms.get("price", {}).get("tax_percent", ""),
        "tax_minor": refund.tax_minor,
        "rounding_minor": given.minor - net.minor - refund.tax_minor,
        "total_minor": given.minor,
    }
    return issue(
        DocumentKind.CREDIT_NOTE,
        cause=refund.public_id,
        issuer=order.seller,
        receiver=order.buyer,
        content=content,
        order=order,
        corrects=invoice,
        actor=actor,
        now=now,
    )


def tax_rate(order: Order) -> Fraction:
    """The rate of the order's frozen terms; that of its amounts where they name none."""
    percent = order.terms.get("price", {}).get("tax_percent")
    if percent:
        return Fraction(Decimal(percent)) / HUNDRED
    return Fraction(order.tax_minor, order.net_minor) if order.net_minor else Fraction(0)


def issue_statements(
    settlement: Settlement, parties: Sequence[Organisation], *, actor: Doer, now: datetime
) -> list[Document]:
    """The exchange's statements of how an order's money was shared out: to its seller and to each other party."""
    content = {
        **settlement.document,
        "format": "assay.statement/2",
        "settlement": settlement.public_id,
        "title": settlement.title,
        "seller": party(settlement.seller),
        "buyer": party(settlement.buyer),
        "available_from": settlement.clears_at.date().isoformat(),
    }
    issuer = exchange_or(settlement.seller)
    others = [one for one in parties if one != settlement.seller]
    drafts = [
        Draft(
            kind=DocumentKind.STATEMENT,
            cause=f"{settlement.public_id}:{number}" if number else settlement.public_id,
            issuer=issuer,
            receiver=receiver,
            content=content,
            order=settlement.order,
        )
        for number, receiver in enumerate([settlement.seller, *others])
    ]
    return issue_many(drafts, actor=actor, now=now)


@dataclass(frozen=True)
class Draft:
    """A document before it has its number. `cause` is what it is about: it is issued once for that."""

    kind: DocumentKind
    cause: str
    issuer: Organisation
    receiver: Organisation
    content: Mapping[str, Any]
    order: Order | None = None
    corrects: Document | None = None


def issue(
    kind: DocumentKind,
    *,
    cause: str,
    issuer: Organisation,
    receiver: Organisation,
    content: Mapping[str, Any],
    actor: Doer,
    now: datetime,
    order: Order | None = None,
    corrects: Document | None = None,
) -> Document:
    """Issue a document, or return the one issued for the same cause; see `issue_many`."""
    known = Document.objects.filter(kind=kind, cause=cause).first()
    if known is not None:
        return known
    draft = Draft(kind, cause, issuer, receiver, content, order, corrects)
    return issue_many([draft], actor=actor, now=now)[0]


def issue_many(drafts: Sequence[Draft], *, actor: Doer, now: datetime) -> list[Document]:
    """Issue documents of one kind, or return those issued for the same causes.

    Number, day and kind are written into the content, which is hashed as canonical JSON. Writers
    of one kind and year queue on its series until they commit: issue last in a transaction.
    """
    if not drafts:
        return []
    kind = drafts[0].kind
    today = now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    NumberSeries.objects.get_or_create(kind=kind, year=today.year)
    series = NumberSeries.objects.select_for_update().get(kind=kind, year=today.year)
    # Some may have been issued while we waited.
    rows = Document.objects.filter(kind=kind, cause__in=[draft.cause for draft in drafts])
    known = {row.cause: row for row in rows}
    new = {draft.cause: draft for draft in drafts if draft.cause not in known}
    numbered = enumerate(new.values(), start=series.issued_count + 1)
    made = [_numbered(draft, serial, today=today, now=now) for serial, draft in numbered]
    if made:
        series.issued_count += len(made)
        series.save(update_fields=["issued_count"])
    for document in Document.objects.bulk_create(made):
        _record(document, actor=actor, now=now)
        known[document.cause] = document
    return [known[draft.cause] for draft in drafts]


def _numbered(draft: Draft, serial: int, *, today: date, now: datetime) -> Document:
    """The document of a draft, not saved yet."""
    number = f"{NUMBER_PREFIXES[draft.kind]}-{today.year}-{serial:06d}"
    whole = {**draft.content, "kind": str(draft.kind), "number": number, "date": today.isoformat()}
    return Document(
        kind=draft.kind,
        year=today.year,
        serial=serial,
        number=number,
        order=draft.order,
        cause=draft.cause,
        issuer=draft.issuer,
        receiver=draft.receiver,
        corrects=draft.corrects,
        content=whole,
        document_hash=document_hash(whole),
        issued_at=now,
    )


def _record(document: Document, *, actor: Doer, now: datetime) -> None:
    log.record(
        event="payments.document.issued",
        actor=actor.name,
        subject=f"document:{document.public_id}",
        facts={
            "kind": str(document.kind),
            "number": document.number,
            "order": document.order.public_id if document.order else "",
            "hash": document.document_hash,
        },
        at=now,
    )


def document_hash(content: Mapping[str, Any]) -> str:
    """`sha256:` and the hash of the canonical JSON (RFC 8785)."""
    return f"sha256:{hashlib.sha256(rfc8785.dumps(dict(content))).hexdigest()}"


def party(organisation: Organisation) -> dict[str, str]:
    """An organisation as documents name it."""
    return {
        "id": organisation.public_id,
        "name": organisation.name,
        "credit_code": organisation.credit_code or "",
        **billing.shown_on_documents(organisation),
    }


def exchange_or(otherwise: Organisation) -> Organisation:
    """Who runs the exchange; before it was founded, the party itself."""
    return operating_organisation() or otherwise
