"""Which reports are far more than before: held until the buyer's word, or told to the buyer at once.

A day's report of a meter is a jump where the day comes to more than `usage.jump_factor` times the
highest day of the two months before. A jump whose day adds more than `usage.hold_from` to the price of
its period is held; one that adds a tenth of it is told. All else is counted without a word. It is the
day that is priced, in however many reports it comes; what was decided of the day is not judged again.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db.models import Sum
from django.db.models.functions import Coalesce

from exchange.core.rules import rule
from exchange.metering.billing import Span, price
from exchange.metering.lifecycle import DisputeKind, DisputeState
from exchange.metering.lines import Columns
from exchange.metering.models import MeteredSubscription, UsageDay, UsageDispute
from pricing.charges.plans import read_plan
from pricing.money import exponent
from pricing.refusals import PricingRefusal

FACTOR = "usage.jump_factor"
HOLD_FROM = "usage.hold_from"
LOOK_BACK = timedelta(days=61)
TOLD_SHARE = 10


@dataclass(frozen=True)
class Group:
    """What a batch reports of one meter on one day of one subscription."""

    subscription: int
    period_no: int
    day: date
    meter: str


@dataclass(frozen=True)
class Judged:
    """The groups of a batch that are held, told to the buyer, or have no price in the plan."""

    held: frozenset[Group]
    told: frozenset[Group]
    unpriced: frozenset[Group]


def group_of(kept: Columns, index: int) -> Group:
    return Group(
        kept.subscriptions[index],
        kept.periods[index],
        kept.moments[index].astimezone(UTC).date(),
        kept.meters[index],
    )


def judge(kept: Columns, *, now: datetime) -> Judged:
    """Judge what a batch reports, with one query for the days before and one for the plans of jumps."""
    sums: dict[Group, int] = defaultdict(int)
    for index in range(len(kept.places)):
        sums[group_of(kept, index)] += kept.quantities[index]
    jumps = _jumps(sums, factor=rule(key=FACTOR, at=now).as_int())
    if not jumps:
        return Judged(frozenset(), frozenset(), frozenset())
    hold_from = rule(key=HOLD_FROM, at=now).as_money().decimal
    keys = {one.subscription for one in jumps}
    subscriptions = MeteredSubscription.objects.in_bulk(keys)
    counted = _periods(keys)
    held, told, unpriced = set[Group](), set[Group](), set[Group]()
    for group in jumps:
        subscription = subscriptions[group.subscription]
        period = counted[group.subscription, group.period_no]
        before = {**period, group.meter: period.get(group.meter, 0) - jumps[group]}
        added = _added(subscription, group, before, jumps[group] + sums[group])
        limit = int(hold_from * 10 ** exponent(subscription.currency))
        if added is None:
            unpriced.add(group)
        elif added > limit:
            held.add(group)
        elif added * TOLD_SHARE > limit:
            told.add(group)
    return Judged(frozenset(held), frozenset(told), frozenset(unpriced))


def _jumps(sums: Mapping[Group, int], *, factor: int) -> dict[Group, int]:
    """The groups that are jumps, and what is counted of the same day and period already and was not
    decided in a dispute."""
    if not sums:
        return {}
    first = min(one.day for one in sums) - LOOK_BACK
    rows = UsageDay.objects.filter(
        subscription__in={one.subscription for one in sums}, day__gte=first
    ).order_by()
    days: dict[tuple[int, str], dict[date, int]] = defaultdict(lambda: defaultdict(int))
    counted: dict[Group, int] = {}
    columns = rows.values_list("subscription", "period_no", "day", "meter")
    for key, number, day, meter, total in columns.annotate(total=Sum("quantity")):
        days[key, meter][day] += int(total)
        counted[Group(key, number, day, meter)] = int(total)
    found = []
    for group, quantity in sums.items():
        known = days[group.subscription, group.meter]
        highest = max(
            (total for day, total in known.items() if group.day - LOOK_BACK <= day < group.day),
            default=0,
        )
        if known.get(group.day, 0) + quantity > factor * highest:
            found.append(group)
    decided = _decided(found)
    return {one: max(counted.get(one, 0) - decided.get(one, 0), 0) for one in found}


def _decided(groups: Collection[Group]) -> Mapping[Group, int]:
    """What counts of reports of these groups that were held, by the buyer's word or a ruling."""
    if not groups:
        return {}
    rows = UsageDispute.objects.filter(
        kind=DisputeKind.HELD,
        state__in=(DisputeState.COUNTED, DisputeState.CORRECTED),
        subscription__in={one.subscription for one in groups},
        day__in={one.day for one in groups},
    ).order_by()
    columns = rows.values_list("subscription", "period_no", "day", "meter")
    totals = columns.annotate(total=Sum(Coalesce("decided", "reported")))
    return {Group(*group): int(total) for *group, total in totals}


def _periods(keys: Iterable[int]) -> Mapping[tuple[int, int], dict[str, int]]:
    counted: dict[tuple[int, int], dict[str, int]] = defaultdict(dict)
    rows = UsageDay.objects.filter(subscription__in=keys).order_by()
    columns = rows.values_list("subscription", "period_no", "meter")
    for key, number, meter, total in columns.annotate(total=Sum("quantity")):
        counted[key, number][meter] = int(total)
    return counted


def _added(
    subscription: MeteredSubscription, group: Group, before: Mapping[str, int], more: int
) -> int | None:
    """What the day adds to the price of its period before any cap; None where the plan has no price
    for so much."""
    plan = read_plan(dict(subscription.plan))
    span = Span(group.period_no, subscription.began_at, subscription.began_at, None)
    after = {**before, group.meter: before.get(group.meter, 0) + more}
    try:
        return price(plan, after, span).net.minor - price(plan, before, span).net.minor
    except PricingRefusal:
        return None
