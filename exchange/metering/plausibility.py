"""Which reports are far more than before: held until the buyer's word, or told to the buyer at once.

A day's report of a meter is a jump where the day comes to more than `usage.jump_factor` times the
highest day of the two months before. A jump that adds more than `usage.hold_from` to the price of its
period is held; one that adds a tenth of it is told. All else is counted without a word.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db.models import Sum

from exchange.core.rules import rule
from exchange.metering.billing import Span, price
from exchange.metering.lines import Columns
from exchange.metering.models import MeteredSubscription, UsageDay
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
        before = counted[group.subscription, group.period_no]
        added = _added(subscription, group, before, sums[group])
        limit = int(hold_from * 10 ** exponent(subscription.currency))
        if added is None:
            unpriced.add(group)
        elif added > limit:
            held.add(group)
        elif added * TOLD_SHARE > limit:
            told.add(group)
    return Judged(frozenset(held), frozenset(told), frozenset(unpriced))


def _jumps(sums: Mapping[Group, int], *, factor: int) -> list[Group]:
    if not sums:
        return []
    first = min(one.day for one in sums) - LOOK_BACK
    rows = UsageDay.objects.filter(
        subscription__in={one.subscription for one in sums}, day__gte=first
    ).order_by()
    days: dict[tuple[int, str], dict[date, int]] = defaultdict(dict)
    for key, meter, day, total in rows.values_list("subscription", "meter", "day").annotate(
        total=Sum("quantity")
    ):
        days[key, meter][day] = int(total)
    found = []
    for group, quantity in sums.items():
        known = days[group.subscription, group.meter]
        highest = max(
            (total for day, total in known.items() if group.day - LOOK_BACK <= day < group.day),
            default=0,
        )
        if known.get(group.day, 0) + quantity > factor * highest:
            found.append(group)
    return found


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
    """What the report adds to the price of its period before any cap; None where the plan has no
    price for so much."""
    plan = read_plan(dict(subscription.plan))
    span = Span(group.period_no, subscription.began_at, subscription.began_at, None)
    after = {**before, group.meter: before.get(group.meter, 0) + more}
    try:
        return price(plan, after, span).net.minor - price(plan, before, span).net.minor
    except PricingRefusal:
        return None
