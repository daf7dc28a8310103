"""Events as they are kept: each once, with its day's total in the same statement, and what follows:
money set aside, alerts, open pages."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog
from django.db import connection
from django.utils.translation import gettext as _

from exchange.core.use_case import announce
from exchange.metering import caps, holds
from exchange.metering.bills import CLOCK, events_counted
from exchange.metering.errors import UseBeyondPlan
from exchange.metering.lines import Columns
from pricing.refusals import PricingRefusal

log = structlog.get_logger(__name__)

COLUMNS = "subscription_id, source, event_id, meter, quantity, at, period_no, bill_no"
LINES = """unnest(
        %(subscriptions)s::bigint[], %(sources)s::text[], %(ids)s::text[], %(meters)s::text[],
        %(quantities)s::bigint[], %(moments)s::timestamptz[], %(periods)s::int[], %(bills)s::int[]
    ) AS line(subscription_id, source, event_id, meter, quantity, at, period_no, bill_no)"""

# One statement: what is new is kept and added to its day's total. The orders keep two batches that
# share events or days from waiting for each other in a circle.
ADD = f"""
WITH added AS (
    INSERT INTO metering_usageevent ({COLUMNS}, seller_id, arrived_at)
    SELECT {COLUMNS}, %(seller)s, %(now)s FROM {LINES} ORDER BY source COLLATE "C", event_id COLLATE "C"
    ON CONFLICT (seller_id, source, event_id) DO NOTHING
    RETURNING subscription_id, bill_no, period_no, at, meter, quantity
), totals AS (
    INSERT INTO metering_usageday AS known
        (subscription_id, bill_no, period_no, day, meter, quantity, events)
    SELECT subscription_id, bill_no, period_no, (at AT TIME ZONE 'UTC')::date, meter,
           sum(quantity), count(*)
    FROM added GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (subscription_id, bill_no, period_no, day, meter) DO UPDATE
    SET quantity = known.quantity + excluded.quantity, events = known.events + excluded.events
)
SELECT count(*) FROM added
"""  # noqa: S608 - constants of this module only

# Which lines name an event that is known with another content, by their place in the batch.
DIFFERING = f"""
SELECT line.place - 1
FROM {LINES.replace(") AS line(", ") WITH ORDINALITY AS line(").replace("bill_no)", "bill_no, place)")}
JOIN metering_usageevent AS known
  ON known.seller_id = %(seller)s AND known.source = line.source AND known.event_id = line.event_id
WHERE (known.subscription_id, known.meter, known.quantity, known.at)
   <> (line.subscription_id, line.meter, line.quantity, line.at)
ORDER BY 1
"""  # noqa: S608 - constants of this module only


def keep(kept: Columns, *, seller_id: int, now: datetime) -> tuple[int, list[int]]:
    """How many of the lines are new, and the places of those that differ from what is known."""
    values: dict[str, Any] = {
        "seller": seller_id,
        "subscriptions": _array(kept.subscriptions),
        "sources": _array(kept.sources),
        "ids": _array(kept.ids),
        "meters": _array(kept.meters),
        "quantities": _array(kept.quantities),
        "moments": _array([at.isoformat() for at in kept.moments]),
        "periods": _array(kept.periods),
        "bills": _array(kept.bills),
    }
    with connection.cursor() as cursor:
        cursor.execute(ADD, {**values, "now": now})
        accepted = int(cursor.fetchone()[0])
        if accepted == len(kept.places):
            return accepted, []
        cursor.execute(DIFFERING, values)
        return accepted, [place for (place,) in cursor.fetchall()]


def follow(names: Mapping[int, str], *, now: datetime, was_sent: bool = False) -> None:
    """What follows from events of these subscriptions, by their keys: what is owed is set aside,
    buyers hear that a cap is near, open meters know that something was counted. Raises
    UseBeyondPlan where a plan has no price for so much; of what `was_sent` by us that is logged."""
    try:
        holds.keep_up(names, actor=CLOCK, now=now)
        caps.raise_due(names, now=now)
    except PricingRefusal as refusal:
        if not was_sent:
            raise UseBeyondPlan(
                _("The plan has no price for so much use: %(why)s") % {"why": refusal.message}
            ) from refusal
        log.exception("metering.use.unpriced", subscriptions=sorted(names.values()))
    counted = events_counted(names)
    for key, name in names.items():
        announce(topic=f"usage:{name}", version=counted.get(key, 0))


def _array(values: Sequence[str] | Sequence[int]) -> str:
    """Numbers, or printable text, as the database writes an array: its quotes and escapes are those
    of JSON, which is written ten times as fast as the driver writes lists."""
    return "{" + json.dumps(values, ensure_ascii=False)[1:-1] + "}"
