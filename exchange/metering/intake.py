"""Events come in: from the seller's programs in batches, from our own deliveries one by one. Each is
kept once, whoever sends it again, with the day's total in the same statement."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from accounts.ids import new_id
from exchange.core.refusals import Refusal
from exchange.core.use_case import announce, use_case
from exchange.members.actors import Actor, Subject, organisation_of
from exchange.members.permissions import Permission
from exchange.members.standing import suspended_since
from exchange.metering import caps, holds
from exchange.metering.bills import CLOCK, events_counted
from exchange.metering.errors import BatchRefused, EventDiffers, UseNotCovered
from exchange.metering.lines import AHEAD_MAX, Columns, Target, sort_out
from exchange.metering.models import MeteredSubscription
from exchange.metering.subscriptions import bounds
from exchange.orders.models import Order
from pricing.money import Money

BATCH_MAX = 10_000
OWN_SOURCE = "assay.delivery"

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

# Batches share the lock among themselves; closing a period waits for them, and they for it.
SHARE = "SELECT * FROM metering_meteredsubscription WHERE id = ANY(%(keys)s) ORDER BY id FOR SHARE"


@dataclass(frozen=True)
class Taken:
    """What became of a batch: how many events are new, how many were known, which are refused, and
    what is owed now that the buyers' wallets do not cover."""

    accepted: int
    duplicates: int
    refused: tuple[tuple[int, Refusal], ...]
    missing_minor: int = 0


def _own(_lines: object, *, actor: Actor, now: datetime) -> Subject:  # noqa: ARG001 - as the use case is called
    return Subject(organisation_id=organisation_of(actor))


@use_case(Permission.USAGE_REPORT, about=_own)
def report(lines: object, *, actor: Actor, now: datetime) -> Taken:
    """As the seller, report a batch. What is new is kept, what is known is counted, and what cannot
    be kept is refused line by line; sending it again changes nothing. Raises BatchRefused."""
    if not isinstance(lines, list) or not 0 < len(lines) <= BATCH_MAX:
        raise BatchRefused(
            _("Send a list of 1 to %(limit)d events.") % {"limit": BATCH_MAX}, limit=BATCH_MAX
        )
    seller_id = organisation_of(actor)
    named = {line.get("subscription") for line in lines if isinstance(line, dict)}
    targets = _locked(seller_id, {name for name in named if isinstance(name, str)}, now=now)
    return _take(lines, seller_id=seller_id, targets=targets, now=now)


@use_case()
def count_delivery(order: Order, *, quantities: Mapping[str, int], now: datetime) -> None:
    """Count one of our own deliveries, where it is paid by use. Raises CapReached, and
    UseNotCovered where the wallet lacks what is owed with this use."""
    metered = MeteredSubscription.objects.filter(order=order).first()
    if metered is None:
        return
    caps.check_cap(metered)
    targets = _locked(metered.seller_id, {metered.public_id}, now=now)
    meters = targets[metered.public_id].meters
    event_id = new_id("use")
    lines = [
        {
            "subscription": metered.public_id,
            "source": OWN_SOURCE,
            "event_id": f"{event_id}.{meter}",
            "meter": meter,
            "quantity": quantity,
            "at": now.isoformat(),
        }
        for meter, quantity in quantities.items()
        if meter in meters
    ]
    taken = _take(lines, seller_id=metered.seller_id, targets=targets, now=now)
    if taken.missing_minor:
        missing = Money(taken.missing_minor, metered.currency)
        raise UseNotCovered(
            _("The wallet does not cover this use: %(missing)s are missing. Top it up to go on.")
            % {"missing": missing},
            missing_minor=missing.minor,
            currency=missing.currency,
        )


def _locked(seller_id: int, names: set[str], *, now: datetime) -> dict[str, Target]:
    """The seller's subscriptions of these ids, which nobody closes before this transaction ends."""
    rows = MeteredSubscription.objects.filter(seller_id=seller_id, public_id__in=names)
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    locked = list(MeteredSubscription.objects.raw(SHARE, {"keys": keys})) if keys else []
    rest = suspended_since({seller_id, *(one.buyer_id for one in locked)}) if locked else {}
    return {one.public_id: _target(one, rest, now) for one in locked}


def _target(
    subscription: MeteredSubscription, rest: Mapping[int, datetime], now: datetime
) -> Target:
    parties = (subscription.buyer_id, subscription.seller_id)
    starts = [subscription.began_at]
    while starts[-1] <= now + AHEAD_MAX:
        starts.append(bounds(subscription, len(starts))[1])
    meters = {charge.get("meter") for charge in subscription.plan["charges"]}
    return Target(
        pk=subscription.pk,
        meters=frozenset(meter for meter in meters if meter),
        starts=starts,
        ends_at=subscription.ends_at,
        final_no=subscription.final_no,
        rests_since=min(filter(None, map(rest.get, parties)), default=None),
    )


def _take(
    lines: Sequence[object], *, seller_id: int, targets: Mapping[str, Target], now: datetime
) -> Taken:
    """Keep what is new of a batch for locked targets; let open meters know that something was
    counted, and buyers that a cap is near."""
    kept, refused = sort_out(lines, targets, now=now)
    accepted = duplicates = 0
    if kept.places:
        accepted, differing = _keep(kept, seller_id, now)
        duplicates = len(kept.places) - accepted - len(differing)
        refused += [(kept.places[index], _differs(kept, index)) for index in differing]
    keys = [target.pk for target in targets.values()]
    missing = holds.keep_up(keys, actor=CLOCK, now=now)
    caps.raise_due(keys, now=now)
    counted = events_counted(keys)
    for name, target in targets.items():
        announce(topic=f"usage:{name}", version=counted.get(target.pk, 0))
    in_order = tuple(sorted(refused, key=lambda one: one[0]))
    return Taken(accepted, duplicates, in_order, sum(missing.values()))


def _keep(kept: Columns, seller_id: int, now: datetime) -> tuple[int, list[int]]:
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


def _differs(kept: Columns, index: int) -> EventDiffers:
    return EventDiffers(
        _("This event is known with another content."),
        source=kept.sources[index],
        event_id=kept.ids[index],
    )


def _array(values: Sequence[str] | Sequence[int]) -> str:
    """Numbers, or printable text, as the database writes an array: its quotes and escapes are those
    of JSON, which is written ten times as fast as the driver writes lists."""
    return "{" + json.dumps(values, ensure_ascii=False)[1:-1] + "}"
