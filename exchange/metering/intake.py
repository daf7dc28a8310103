"""Events come in: from the seller's programs in batches, from our own deliveries one by one. Each is
kept once, whoever sends it again, with the day's total in the same statement."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.ids import new_id
from exchange.core.refusals import Refusal
from exchange.core.use_case import use_case
from exchange.members.actors import Actor, Subject, organisation_of
from exchange.members.permissions import Permission
from exchange.members.standing import suspended_since
from exchange.metering import caps, disputes, holds, plausibility, recording
from exchange.metering.bills import CLOCK
from exchange.metering.errors import BatchRefused, EventDiffers, UseBeyondPlan
from exchange.metering.lines import AHEAD_MAX, OWN_SOURCES, Columns, Target, sort_out
from exchange.metering.models import (
    MeteredSubscription,
    UsageEvent,
    UsageHeldEvent,
    UsagePeriod,
)
from exchange.metering.plausibility import Judged, group_of
from exchange.metering.subscriptions import bounds
from exchange.orders.models import Order
from pricing.money import Money
from pricing.refusals import PricingRefusal

BATCH_MAX = 10_000
HOLDS_LOCK = 0x6D657473  # the first of two numbers; the other is the seller's
OWN_SOURCE = f"{OWN_SOURCES}delivery"

# Batches share the lock among themselves; closing a period waits for them, and they for it.
SHARE = "SELECT * FROM metering_meteredsubscription WHERE id = ANY(%(keys)s) ORDER BY id FOR SHARE"


@dataclass(frozen=True)
class Taken:
    """What became of a batch: how many events are new, how many were known, which are refused, and
    how many wait for the buyer's word."""

    accepted: int
    duplicates: int
    refused: tuple[tuple[int, Refusal], ...]
    held: int = 0


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
def reserve(
    order: Order,
    *,
    quantities: Mapping[str, int],
    beside: Callable[[], Mapping[str, int]],
    is_begun: bool,
    now: datetime,
) -> Money:
    """Set aside what one of our own deliveries may still cost, before it is sent; what that is, net
    of tax. `beside` says what else was begun and may still be sent: it is set aside too. Raises
    CapReached for a use that has not begun, UseNotCovered and UseBeyondPlan."""
    metered = MeteredSubscription.objects.get(order=order)
    if not is_begun:
        caps.check_cap(metered)
    target = _locked(metered.seller_id, {metered.public_id}, now=now)[metered.public_id]

    def metered_of(counts: Mapping[str, int]) -> dict[str, int]:
        return {meter: count for meter, count in counts.items() if meter in target.meters}

    return holds.cover(
        metered, metered_of(quantities), beside=lambda: metered_of(beside()), actor=CLOCK, now=now
    )


@use_case()
def count_delivery(
    order: Order, *, quantities: Mapping[str, int], at: datetime, now: datetime
) -> Money:
    """Count what was sent of one of our own deliveries, which began at `at`; what it costs, net of
    tax. Nothing stands in the way of what was sent already: where use that came in beside it leaves no
    price for it, it is counted all the same, and the bill fails where operators see it."""
    metered = MeteredSubscription.objects.get(order=order)
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
            "at": at.isoformat(),
        }
        for meter, quantity in quantities.items()
        if meter in meters and quantity
    ]
    if not lines:
        return Money(0, metered.currency)
    before = _owed_now(metered)
    _take(lines, seller_id=metered.seller_id, targets=targets, now=now, is_own=True)
    return Money(max(_owed_now(metered) - before, 0), metered.currency)


def _owed_now(metered: MeteredSubscription) -> int:
    """What is owed now in minor units; zero where the plan has no price for it."""
    try:
        return holds.owed_now(metered).minor
    except PricingRefusal:
        return 0


def _locked(seller_id: int, names: set[str], *, now: datetime) -> dict[str, Target]:
    """The seller's subscriptions of these ids, which nobody closes before this transaction ends."""
    rows = MeteredSubscription.objects.filter(seller_id=seller_id, public_id__in=names)
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    locked = list(MeteredSubscription.objects.raw(SHARE, {"keys": keys})) if keys else []
    rest = suspended_since({seller_id, *(one.buyer_id for one in locked)}) if locked else {}
    closed = _closed([one for one in locked if one.ends_at is not None])
    return {one.public_id: _target(one, rest, closed.get(one.pk), now) for one in locked}


def _closed(ended: Sequence[MeteredSubscription]) -> Mapping[int, datetime]:
    """By when use of those had to be reported whose last bill is final."""
    if not ended:
        return {}
    last = UsagePeriod.objects.filter(
        subscription__in=ended,
        number=F("subscription__final_no"),
        until_at__gte=F("subscription__ends_at"),
    )
    return dict(last.values_list("subscription_id", "grace_until"))


def _target(
    subscription: MeteredSubscription,
    rest: Mapping[int, datetime],
    closed_at: datetime | None,
    now: datetime,
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
        closed_at=closed_at,
    )


def _take(
    lines: Sequence[object],
    *,
    seller_id: int,
    targets: Mapping[str, Target],
    now: datetime,
    is_own: bool = False,
) -> Taken:
    """Keep what is new of a batch for locked targets. Of a seller's report what is far more than
    before is held until the buyer's word, and the buyer is told of jumps; what we counted ourselves
    is counted."""
    kept, refused = sort_out(lines, targets, now=now, is_own=is_own)
    held = waiting = 0
    if kept.places and not is_own:
        waiting = _drop_waiting(kept, refused, seller_id)
        held, since = _hold(kept, refused, seller_id=seller_id, now=now)
        waiting += since
    accepted = duplicates = 0
    if kept.places:
        accepted, differing = recording.keep(kept, seller_id=seller_id, now=now)
        duplicates = len(kept.places) - accepted - len(differing)
        refused += [(kept.places[index], _differs(kept, index)) for index in differing]
    names = {target.pk: name for name, target in targets.items()}
    recording.follow(names, was_sent=is_own, now=now)
    in_order = tuple(sorted(refused, key=lambda one: one[0]))
    return Taken(accepted, duplicates + waiting, in_order, held)


def _drop_waiting(kept: Columns, refused: list[tuple[int, Refusal]], seller_id: int) -> int:
    """Take out what was held before, whatever became of it; how many lines. What is sent with another
    content than was held is refused."""
    held = UsageHeldEvent.objects.filter(seller=seller_id)
    if not held.exists():
        return 0
    columns = ("source", "event_id", "dispute__subscription", "dispute__meter", "quantity", "at")
    known = {
        (source, event_id): content
        for source, event_id, *content in held.filter(event_id__in=kept.ids).values_list(*columns)
    }
    out = kept.take_out(lambda at: (kept.sources[at], kept.ids[at]) in known)
    differing = [
        index
        for index in range(len(out.places))
        if known[out.sources[index], out.ids[index]]
        != [
            out.subscriptions[index], out.meters[index], out.quantities[index], out.moments[index]
        ]
    ]  # fmt: skip
    refused += [(out.places[index], _differs(out, index)) for index in differing]
    return len(out.places) - len(differing)


def _hold(
    kept: Columns, refused: list[tuple[int, Refusal]], *, seller_id: int, now: datetime
) -> tuple[int, int]:
    """Take out of a report what is held and what has no price; how many lines are held, and how many
    another batch had held meanwhile."""
    judged = plausibility.judge(kept, now=now)
    if not (judged.held or judged.told or judged.unpriced):
        return 0, 0
    known = set(
        UsageEvent.objects.filter(seller=seller_id, event_id__in=kept.ids).values_list(
            "source", "event_id"
        )
    )
    if known:  # sent again: what is counted is not held, and only what is new makes a jump
        new = kept.take_out(lambda at: (kept.sources[at], kept.ids[at]) not in known)
        judged = plausibility.judge(new, now=now)
        held = _hold_judged(new, judged, refused, seller_id=seller_id, now=now)
        kept.extend(new)
        return held
    return _hold_judged(kept, judged, refused, seller_id=seller_id, now=now)


def _hold_judged(
    kept: Columns,
    judged: Judged,
    refused: list[tuple[int, Refusal]],
    *,
    seller_id: int,
    now: datetime,
) -> tuple[int, int]:
    unpriced = kept.take_out(lambda at: group_of(kept, at) in judged.unpriced)
    refused += [
        (place, UseBeyondPlan(_("The plan has no price for so much use."), meter=meter))
        for place, meter in zip(unpriced.places, unpriced.meters, strict=True)
    ]
    held = kept.take_out(lambda at: group_of(kept, at) in judged.held)
    disputes.tell_jumps(judged.told, now=now)
    if not held.places:
        return 0, 0
    _wait_for_holds(seller_id)
    waiting = _drop_waiting(held, refused, seller_id)
    return disputes.hold(held, seller_id=seller_id, now=now), waiting


def _wait_for_holds(seller_id: int) -> None:
    """Let one batch of a seller at a time hold events: the next sees what the one before held."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", (HOLDS_LOCK, seller_id % 2**31))


def _differs(kept: Columns, index: int) -> EventDiffers:
    return EventDiffers(
        _("This event is known with another content."),
        source=kept.sources[index],
        event_id=kept.ids[index],
    )
