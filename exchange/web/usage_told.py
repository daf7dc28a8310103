"""What the exchange told both sides of a subscription by use: signed receipts, and alerts."""

from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse

from exchange.metering.models import MeteredSubscription, UsagePeriod
from pricing.money import Money

RECEIPTS_SHOWN_MAX = 31


@dataclass(frozen=True)
class ReceiptRow:
    day: date
    events: int
    digest: str
    url: str
    events_url: str


@dataclass(frozen=True)
class AlertRow:
    percent: int
    limit: Money
    kind: str
    at: datetime


def receipts_shown(found: MeteredSubscription) -> tuple[ReceiptRow, ...]:
    """The newest receipts, without their documents."""
    rows = found.receipts.order_by("-day").defer("document", "note")[:RECEIPTS_SHOWN_MAX]
    return tuple(
        ReceiptRow(
            day=one.day,
            events=one.events,
            digest=one.digest,
            url=reverse("web:usage_receipt", args=[found.public_id, one.day]),
            events_url=reverse("web:usage_receipt_events", args=[found.public_id, one.day]),
        )
        for one in rows
    )


def alerts_shown(period: UsagePeriod) -> tuple[AlertRow, ...]:
    """What the buyer was told in this period."""
    currency = period.subscription.currency
    return tuple(
        AlertRow(one.percent, Money(one.limit_minor, currency), one.get_limit_display(), one.at)
        for one in period.alerts.order_by("-pk")
    )
