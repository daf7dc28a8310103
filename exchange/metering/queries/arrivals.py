"""The events of a subscription by the day (UTC) on which they came in, as lines of text."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models.functions import Collate, TruncDate

from exchange.metering.models import UsageEvent

CHUNK = 5_000
FIELDS = ("source", "event_id", "meter", "quantity", "at")


@dataclass
class Arrived:
    """What came in on a day: events and quantities by meter, and the SHA-256 of the lines."""

    quantities: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    sha256: str = ""

    @property
    def events(self) -> int:
        return self.counts.total()


def lines_of(subscription_id: int, day: date) -> Iterator[bytes]:
    """The day's events as NDJSON, one line each, by source and id; always the same bytes."""
    for _row, line in _rows(subscription_id, day):
        yield line


def arrived_on(subscription_id: int, day: date) -> Arrived:
    """What a receipt of the day says, in one pass over its events."""
    found, digest = Arrived(), hashlib.sha256()
    for row, line in _rows(subscription_id, day):
        found.quantities[row["meter"]] += row["quantity"]
        found.counts[row["meter"]] += 1
        digest.update(line)
    found.sha256 = digest.hexdigest()
    return found


def days_with_arrivals(subscription_id: int, *, after: date | None, until: date) -> list[date]:
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
