"""Trading certificates: numbered without gaps, hashed, and in the log from the moment they exist."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from exchange.audit import log
from exchange.audit.log import encode
from exchange.orders.models import Certificate, CertificateSeries, Order

FORMAT = "assay.certificate/1"


def issue(*, order: Order, documents: Mapping[str, str], actor: str, now: datetime) -> Certificate:
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
    content = encode(document)
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
