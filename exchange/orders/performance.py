"""From payment to the certificate: what happens to an order while it is performed.

Trading certificates are numbered without gaps, hashed, and in the log from the moment they exist.

Each function is one transition (or two that follow each other) of a locked order; the journeys call
them in turn with what payments and delivery do between.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from exchange.audit import log
from exchange.core.calendar import deadline
from exchange.core.lifecycle import REASON_CHARS_MAX
from exchange.core.refusals import Refusal
from exchange.members.actors import Actor, system_actor
from exchange.orders.lifecycle import INSPECTION, ORDER, OrderTransition
from exchange.orders.models import Certificate, CertificateSeries, Order

FORMAT = "assay.certificate/1"

SETTLEMENT = system_actor("settlement")
DELIVERY = system_actor("delivery")
EXCHANGE = system_actor("exchange")


def pay(order: Order, *, now: datetime) -> Order:
    """The buyer's money is held for the order."""
    return ORDER.transition(order, OrderTransition.PAY, actor=SETTLEMENT, now=now)


def payment_failed(order: Order, *, reason: str, now: datetime) -> Order:
    """A payment came to nothing; the buyer may try again, with the full time to do so. A renewal is
    paid before its period begins."""
    return ORDER.transition(
        order,
        OrderTransition.PAYMENT_FAILED,
        actor=SETTLEMENT,
        reason=reason[:REASON_CHARS_MAX] or _("The payment was declined."),
        due_at=order.period_from,
        now=now,
    )


def prepare(order: Order, *, now: datetime) -> Order:
    """Begin the delivery."""
    return ORDER.transition(order, OrderTransition.PREPARE, actor=DELIVERY, now=now)


def deliver_anew(order: Order, *, now: datetime) -> Order:
    """Begin the delivery once more, as buyer and seller agreed."""
    return ORDER.transition(order, OrderTransition.DELIVER_ANEW, actor=EXCHANGE, now=now)


def delay(order: Order, refusal: Refusal, *, now: datetime) -> Order:
    """Say what holds the delivery up; the exchange has to see to it."""
    return ORDER.transition(
        order,
        OrderTransition.DELAY,
        actor=DELIVERY,
        reason=str(refusal.message)[:REASON_CHARS_MAX],
        reason_code=refusal.code,
        now=now,
    )


def deliver(order: Order, *, now: datetime) -> Order:
    """The buyer can get at what was bought; the time to look at it begins. What costs nothing is
    accepted at once."""
    due_at = None if order.total_minor == 0 else deadline(INSPECTION, now=now)
    order.inspection_ends_at = due_at or now
    return ORDER.transition(
        order, OrderTransition.DELIVER, actor=DELIVERY, due_at=due_at,
        skip_deadline=order.total_minor == 0, save=("inspection_ends_at",), now=now,
    )  # fmt: skip


def accept(order: Order, *, actor: Actor, now: datetime) -> Order:
    """The buyer accepts what was delivered."""
    return ORDER.transition(order, OrderTransition.ACCEPT, actor=actor, now=now)


def auto_accept(order: Order, *, actor: Actor, now: datetime) -> Order:
    """Accept a locked order because nobody objected in time, or because it costs nothing."""
    return ORDER.transition(order, OrderTransition.AUTO_ACCEPT, actor=actor, now=now)


def object_to(order: Order, *, actor: Actor, reason: str, kind: str, now: datetime) -> Order:
    """The buyer opens a dispute over a locked order under inspection: the money stays held until it has
    ended."""
    return ORDER.transition(
        order, OrderTransition.OBJECT, actor=actor, reason=reason, reason_code=kind, now=now
    )


def settle(order: Order, *, now: datetime) -> Order:
    """The money is shared out."""
    return ORDER.transition(order, OrderTransition.SETTLE, actor=EXCHANGE, now=now)


def invoice(order: Order, *, number: str, now: datetime) -> Order:
    """The buyer has its invoice."""
    return ORDER.transition(
        order, OrderTransition.INVOICE, actor=EXCHANGE, facts={"invoice": number}, now=now
    )


def certify_and_close(order: Order, *, documents: Mapping[str, str], now: datetime) -> Order:
    """Issue the trading certificate and close the order. The series is locked until the commit: call
    this last."""
    certificate = _certify(order=order, documents=documents, actor=EXCHANGE.name, now=now)
    ORDER.transition(
        order, OrderTransition.CERTIFY, actor=EXCHANGE, facts={"certificate": certificate.number},
        now=now,
    )  # fmt: skip
    return ORDER.transition(order, OrderTransition.CLOSE, actor=EXCHANGE, now=now)


def _certify(
    *, order: Order, documents: Mapping[str, str], actor: str, now: datetime
) -> Certificate:
    """Issue the certificate of a locked order, in the transaction of its step.

    `documents` names the documents of the trade by kind, such as the invoice's number. The series of the
    year is locked until the commit: call this last.
    """
    year = timezone.localtime(now).year
    CertificateSeries.objects.get_or_create(year=year)
    series = CertificateSeries.objects.select_for_update().get(year=year)
    series.issued_count += 1
    series.save(update_fields=["issued_count"])
    number = f"TC{year}-{series.issued_count:06d}"
    document = _document(order, number=number, documents=documents, now=now)
    content = log.encode(document)
    digest = hashlib.sha256(content).hexdigest()
    record_id = log.record(
        event="orders.certificate.issued",
        actor=actor,
        subject=f"certificate:{number}",
        facts={"order": order.public_id, "terms": order.terms_hash},
        documents={"certificate": content},
        at=now,
    )
    return Certificate.objects.create(
        order=order,
        year=year,
        serial=series.issued_count,
        number=number,
        document=document,
        document_hash=f"sha256:{digest}",
        record_id=record_id,
        issued_at=now,
    )


def _document(
    order: Order, *, number: str, documents: Mapping[str, str], now: datetime
) -> dict[str, Any]:
    """What the certificate says. Amounts are strings of minor units: JSON readers round large ones."""
    return {
        "format": FORMAT,
        "number": number,
        "order": order.public_id,
        "terms_hash": order.terms_hash,
        "buyer": _party(order, "buyer"),
        "seller": _party(order, "seller"),
        "product": order.terms["product"],
        "licence_hash": order.terms["licence_hash"],
        "currency": order.currency,
        "net_minor": str(order.net_minor),
        "tax_minor": str(order.tax_minor),
        "total_minor": str(order.total_minor),
        "placed_at": order.created_at.isoformat(),
        "period_from": order.period_from.isoformat() if order.period_from else None,
        "period_until": order.period_until.isoformat() if order.period_until else None,
        "documents": dict(documents),
        "issued_at": now.isoformat(),
    }


def _party(order: Order, side: str) -> dict[str, str]:
    organisation = getattr(order, side)
    return {
        "id": organisation.public_id,
        "name": organisation.name,
        "credit_code": organisation.credit_code or "",
    }
