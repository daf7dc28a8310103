"""Is the sequencer keeping up?"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from exchange.audit.models import Pending


@dataclass(frozen=True)
class Unsequenced:
    """The committed record that has waited longest for its index. `is_late` is the alarm."""

    record: str
    queued_at: datetime
    age_seconds: float
    is_late: bool


def oldest_unsequenced(now: datetime) -> Unsequenced | None:
    """The record at the front of the queue, None when every committed record has its index.

    It queued when its transaction began, so a long transaction looks late for the moment between
    its commit and the next batch.
    """
    waiting = Pending.objects.select_related("record").order_by("record_id").first()
    if waiting is None:
        return None
    age = now - waiting.queued_at
    return Unsequenced(
        record=waiting.record.public_id,
        queued_at=waiting.queued_at,
        age_seconds=age.total_seconds(),
        is_late=age > timedelta(seconds=settings.AUDIT_ALARM_SECONDS),
    )
