"""Receipts of use: what came in on a day, as a document that the exchange signs and logs."""

from datetime import date, datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Q

from exchange.audit import keys
from exchange.audit.actions import log as transparency
from exchange.metering.models import MeteredSubscription, UsageReceipt
from exchange.metering.queries.arrivals import Arrived, arrived_on, days_with_arrivals
from exchange.metering.verify_receipt import FORMAT, signed_text
from pricing.documents import canonical, digest

CLOCK = "system:clock"
SETTLED_AFTER = timedelta(minutes=10)  # what was begun before midnight is in by then
BATCH_MAX = 100

log = structlog.get_logger(__name__)


def sweep(*, now: datetime) -> int:
    """Make the receipts of all days that are over; return how many."""
    last = (now - SETTLED_AFTER).date() - timedelta(days=1)
    behind = Q(receipted_until=None) | Q(receipted_until__lt=last)
    begun = MeteredSubscription.objects.filter(behind, began_at__date__lte=last)
    made = 0
    for pk in begun.order_by("pk").values_list("pk", flat=True)[:BATCH_MAX]:
        try:
            made += _catch_up(pk, last, now=now)
        except Exception:
            log.exception("metering.receipt.stuck", subscription=pk)
    return made


@transaction.atomic
def _catch_up(pk: int, last: date, *, now: datetime) -> int:
    subscription = (
        MeteredSubscription.objects.select_for_update(of=("self",), no_key=True)
        .select_related("buyer", "seller")
        .get(pk=pk)
    )
    days = days_with_arrivals(pk, after=subscription.receipted_until, until=last)
    before = subscription.receipts.order_by("-day").first()
    for day in days:
        before = _make(subscription, day, arrived_on(pk, day), before, now=now)
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
        "order": subscription.order_ref,
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
        actor=CLOCK,
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
