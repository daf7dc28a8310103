"""The numbered documents of a trade: invoice, credit note, settlement statement, payout statement."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.audit.actions import log
from exchange.core.refusals import NotFound
from exchange.members.queries.presence import operating_organisation
from exchange.orders.models import Order
from exchange.payments.actions import documents
from exchange.payments.models import Document, Payout, Refund, Settlement
from exchange.payments.splitting import GivenBack
from exchange.payments.states import DocumentKind


@transaction.atomic
def issue_invoice(*, order: Order, actor: str, now: datetime) -> Document:
    """The seller's invoice to the buyer, issued once."""
    price = order.terms.get("price", {})
    content: dict[str, Any] = {
        "format": "assay.invoice/1",
        "order": order.public_id,
        "purchase_number": order.purchase_number,
        "seller": documents.party(order.seller),
        "buyer": documents.party(order.buyer),
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
    return _issue(
        DocumentKind.INVOICE,
        cause=order.public_id,
        issuer=order.seller,
        receiver=order.buyer,
        content=content,
        order_ref=order.public_id,
        actor=actor,
        now=now,
    )


@transaction.atomic
def issue_credit_note(
    *, order: Order, refund: Refund, given: GivenBack, actor: str, now: datetime
) -> Document:
    """The seller's correction of the invoice for what was refunded. Raises NotFound without invoice."""
    invoice = Document.objects.filter(kind=DocumentKind.INVOICE, cause=order.public_id).first()
    if invoice is None:
        raise NotFound(_("This order has no invoice."), order=order.public_id)
    content: dict[str, Any] = {
        "format": "assay.credit_note/1",
        "order": order.public_id,
        "refund": refund.public_id,
        "corrects": {"number": invoice.number, "hash": invoice.document_hash},
        "seller": documents.party(order.seller),
        "buyer": documents.party(order.buyer),
        "title": order.title,
        "reason": refund.reason,
        "currency": refund.currency,
        "net_minor": refund.amount_minor - given.tax.minor,
        "tax_minor": given.tax.minor,
        "total_minor": refund.amount_minor,
    }
    return _issue(
        DocumentKind.CREDIT_NOTE,
        cause=refund.public_id,
        issuer=order.seller,
        receiver=order.buyer,
        content=content,
        order_ref=order.public_id,
        corrects=invoice,
        actor=actor,
        now=now,
    )


def issue_statement(*, settlement: Settlement, actor: str, now: datetime) -> Document:
    """The exchange's statement to the seller of how an order's money was shared out."""
    return _issue(
        DocumentKind.STATEMENT,
        cause=settlement.public_id,
        issuer=exchange_organisation(settlement.seller),
        receiver=settlement.seller,
        content={
            **settlement.document,
            "format": "assay.statement/1",
            "settlement": settlement.public_id,
            "title": settlement.title,
            "seller": documents.party(settlement.seller),
            "buyer": documents.party(settlement.buyer),
            "fee_rate": f"{settlement.fee_rate.normalize():f}",
            "available_from": settlement.clears_at.date().isoformat(),
        },
        order_ref=settlement.order_ref,
        actor=actor,
        now=now,
    )


def issue_payout_statement(
    *, payout: Payout, lines: list[dict[str, Any]], actor: str, now: datetime
) -> Document:
    """The exchange's statement of what a payout is made of."""
    return _issue(
        DocumentKind.PAYOUT_STATEMENT,
        cause=payout.public_id,
        issuer=exchange_organisation(payout.organisation),
        receiver=payout.organisation,
        content={
            "format": "assay.payout_statement/1",
            "payout": payout.public_id,
            "run": payout.run.run_date.isoformat(),
            "receiver": documents.party(payout.organisation),
            "account": payout.account.label,
            "currency": payout.currency,
            "amount_minor": payout.amount_minor,
            "lines": lines,
        },
        actor=actor,
        now=now,
    )


def exchange_organisation(otherwise: Organisation) -> Organisation:
    """Who runs the exchange; before it was founded, the party itself."""
    return operating_organisation() or otherwise


def _issue(
    kind: DocumentKind,
    *,
    cause: str,
    issuer: Organisation,
    receiver: Organisation,
    content: dict[str, Any],
    actor: str,
    now: datetime,
    order_ref: str = "",
    corrects: Document | None = None,
) -> Document:
    document, is_new = documents.issue(
        kind=kind,
        cause=cause,
        issuer=issuer,
        receiver=receiver,
        content=content,
        now=now,
        order_ref=order_ref,
        corrects=corrects,
    )
    if is_new:
        log.record(
            event="payments.document.issued",
            actor=actor,
            subject=f"document:{document.public_id}",
            facts={
                "kind": str(kind),
                "number": document.number,
                "order": order_ref,
                "hash": document.document_hash,
            },
            at=now,
        )
    return document
