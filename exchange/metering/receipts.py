"""Receipts of use: what came in on a day (UTC), as a document that the exchange signs and logs, and
the events themselves as lines of text."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import structlog
from django.db.models import Q
from django.db.models.functions import Collate, TruncDate
from django.utils.translation import gettext as _

from exchange.audit import keys
from exchange.audit import log as transparency
from exchange.core.refusals import NotFound
from exchange.core.use_case import use_case
from exchange.metering.bills import CLOCK
from exchange.metering.models import MeteredSubscription, UsageEvent, UsageReceipt
from exchange.metering.subscriptions import lock
from exchange.metering.verify_receipt import FORMAT, signed_text
from pricing.documents import canonical, digest

CHUNK = 5_000
FIELDS = ("source", "event_id", "meter", "quantity", "at")
SETTLED_AFTER = timedelta(minutes=10)  # what was begun before midnight is in by then
BATCH_MAX = 100

log = structlog.get_logger(__name__)


@dataclass
class Arrived:
    """What came in on a day: events and quantities by meter, and the SHA-256 of the lines."""

    quantities: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    sha256: str = ""

    @property
    def events(self) -> int:
        return self.counts.total()


def make_due(*, now: datetime) -> int:
    """Make the receipts of all days that are over; return how many."""
    last = (now - SETTLED_AFTER).date() - timedelta(days=1)
    behind = Q(receipted_until=None) | Q(receipted_until__lt=last)
    day_over = _midnight(last + timedelta(days=1))
    begun = MeteredSubscription.objects.filter(behind, began_at__lt=day_over)
    made = 0
    for pk in begun.order_by("pk").values_list("pk", flat=True)[:BATCH_MAX]:
        try:
            made += _catch_up(pk, last, now=now)
        except Exception:
            log.exception("metering.receipt.stuck", subscription=pk)
    return made


@use_case()
def _catch_up(pk: int, last: date, *, now: datetime) -> int:
    subscription = lock(pk=pk)
    days = _days_with_arrivals(pk, after=subscription.receipted_until, until=last)
    before = subscription.receipts.order_by("-day").first()
    for day in days:
        before = _make(subscription, day, _arrived_on(pk, day), before, now=now)
    subscription.receipted_until = last
    subscription.save(update_fields=["receipted_until"])
    return len(days)


def _make(
    subscription: MeteredSubscription,
    day: date,
    arrived: Arrived,
    before: UsageReceipt | None,
    *,
    now: datetime,
) -> UsageReceipt:
    document = {
        "format": FORMAT,
        "subscription": subscription.public_id,
        "order": subscription.order.public_id,
        "buyer": subscription.buyer.public_id,
        "seller": subscription.seller.public_id,
        "day": day.isoformat(),
        "meters": [
            {"meter": meter, "quantity": arrived.quantities[meter], "events": arrived.counts[meter]}
            for meter in sorted(arrived.counts)
        ],
        "events": arrived.events,
        "events_sha256": arrived.sha256,
        "before": before.digest if before else None,
    }
    content, hashed = canonical(document), digest(document)
    text = signed_text(subscription=subscription.public_id, day=day.isoformat(), digest=hashed)
    record_id = transparency.record(
        event="metering.receipt.made",
        actor=CLOCK.name,
        subject=f"usage_receipt:{subscription.public_id}.{day.isoformat()}",
        facts={"subscription": subscription.public_id, "day": day.isoformat()},
        documents={"receipt": content},
        at=now,
    )
    return UsageReceipt.objects.create(
        subscription=subscription,
        day=day,
        document=content,
        digest=hashed,
        note=keys.sign_text(text),
        events=arrived.events,
        record_id=record_id,
        made_at=now,
    )


def receipt_of(subscription: MeteredSubscription, day: date) -> UsageReceipt:
    """The receipt of a day. Raises NotFound."""
    found = subscription.receipts.filter(day=day).first()
    if found is None:
        raise NotFound(_("There is no receipt of that day."))
    return found


def receipt_file(receipt: UsageReceipt) -> dict[str, str]:
    """What a reader keeps of a receipt: `verify_receipt.py` checks it."""
    return {
        "content": bytes(receipt.document).decode(),
        "note": receipt.note,
        "record": receipt.record_id,
    }


def lines_of(subscription_id: int, day: date) -> Iterator[bytes]:
    """The day's events as NDJSON, one line each, by source and id; always the same bytes."""
    for _row, line in _rows(subscription_id, day):
        yield line


def _arrived_on(subscription_id: int, day: date) -> Arrived:
    """What a receipt of the day says, in one pass over its events."""
    found, digest = Arrived(), hashlib.sha256()
    for row, line in _rows(subscription_id, day):
        found.quantities[row["meter"]] += row["quantity"]
        found.counts[row["meter"]] += 1
        digest.update(line)
    found.sha256 = digest.hexdigest()
    return found


def _days_with_arrivals(subscription_id: int, *, after: date | None, until: date) -> list[date]:
    """The days up to and with `until` on which something came in."""
    rows = UsageEvent.objects.filter(
        subscription=subscription_id, arrived_at__lt=_midnight(until + timedelta(days=1))
    )
    if after is not None:
        rows = rows.filter(arrived_at__gte=_midnight(after + timedelta(days=1)))
    day = TruncDate("arrived_at", tzinfo=UTC)  # not of the zone that pages are shown in
    return sorted(rows.order_by().annotate(day=day).values_list("day", flat=True).distinct())


def _rows(subscription_id: int, day: date) -> Iterator[tuple[dict[str, Any], bytes]]:
    rows = UsageEvent.objects.filter(
        subscription=subscription_id,
        arrived_at__gte=_midnight(day),
        arrived_at__lt=_midnight(day + timedelta(days=1)),
    )
    for row in (
        rows.order_by(Collate("source", "C"), Collate("event_id", "C"))
        .values(*FIELDS)
        .iterator(chunk_size=CHUNK)
    ):
        shown = {**row, "at": row["at"].astimezone(UTC).isoformat()}
        line = json.dumps(shown, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        yield row, line.encode() + b"\n"


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)
