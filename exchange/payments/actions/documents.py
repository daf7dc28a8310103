"""Issuing numbered documents: without gaps, once for each cause."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import rfc8785
from django.conf import settings

from accounts.models import Organisation
from exchange.payments.models import Document, NumberSeries
from exchange.payments.states import NUMBER_PREFIXES, DocumentKind


def issue(
    *,
    kind: DocumentKind,
    cause: str,
    issuer: Organisation,
    receiver: Organisation,
    content: Mapping[str, Any],
    now: datetime,
    order_ref: str = "",
    corrects: Document | None = None,
) -> tuple[Document, bool]:
    """Issue the document, or return the one issued for the same cause; and whether it is new.

    Number, day and kind are written into the content, which is hashed as canonical JSON. Writers
    of one kind and year queue on its series until they commit: issue last in a transaction.
    """
    known = Document.objects.filter(kind=kind, cause=cause).first()
    if known is not None:
        return known, False
    today = now.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    NumberSeries.objects.get_or_create(kind=kind, year=today.year)
    series = NumberSeries.objects.select_for_update().get(kind=kind, year=today.year)
    known = Document.objects.filter(kind=kind, cause=cause).first()
    if known is not None:  # issued while we waited
        return known, False
    series.issued_count += 1
    series.save(update_fields=["issued_count"])
    number = f"{NUMBER_PREFIXES[kind]}-{today.year}-{series.issued_count:06d}"
    whole = {**content, "kind": str(kind), "number": number, "date": today.isoformat()}
    document = Document.objects.create(
        kind=kind,
        year=today.year,
        serial=series.issued_count,
        number=number,
        order_ref=order_ref,
        cause=cause,
        issuer=issuer,
        receiver=receiver,
        corrects=corrects,
        content=whole,
        document_hash=document_hash(whole),
        issued_at=now,
    )
    return document, True


def document_hash(content: Mapping[str, Any]) -> str:
    """`sha256:` and the hash of the canonical JSON (RFC 8785)."""
    return f"sha256:{hashlib.sha256(rfc8785.dumps(dict(content))).hexdigest()}"


def party(organisation: Organisation) -> dict[str, str]:
    """An organisation as documents name it."""
    return {
        "id": organisation.public_id,
        "name": organisation.name,
        "credit_code": organisation.credit_code or "",
    }
