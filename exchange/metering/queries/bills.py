"""Bills computed from the events alone, and what a running period costs so far."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import connection
from django.db.models import Sum

from exchange.metering.billing import Drawn, Quantities, Span, billable_minor, draw, price
from exchange.metering.models import MeteredSubscription, UsageBill, UsageDay, UsagePeriod
from exchange.metering.queries import quantities_sql
from pricing.charges.plans import read_plan
from pricing.money import Money


def drawn(period: UsagePeriod) -> Drawn:
    """The bill of a period from its events: a draft while the period may still change, and after
    that, byte for byte, what was billed."""
    subscription, number = period.subscription, period.number
    by_period: dict[int, dict[str, int]] = defaultdict(dict)
    for period_no, meter, quantity in _rows(
        quantities_sql.OF_A_BILL, subscription=subscription.pk, bill=number
    ):
        by_period[int(period_no)][str(meter)] = int(quantity)
    spans = {one.number: span_of(one) for one in subscription.periods.filter(number__lte=number)}
    return draw(
        subscription=subscription.public_id,
        plan=subscription.plan,
        span=spans[number],
        used=by_period.get(number, {}),
        late={
            earlier: (spans[earlier], _before(subscription, number, earlier), since)
            for earlier, since in by_period.items()
            if earlier < number
        },
        carried_minor=_carried(subscription, number),
    )


def span_of(period: UsagePeriod) -> Span:
    return Span(period.number, period.from_at, period.until_at, period.hard_cap_minor)


def running_net(period: UsagePeriod) -> Money:
    """What the use of a period costs up to now, from the days' totals."""
    return _net(period, used_in(period))


def used_in(period: UsagePeriod) -> Quantities:
    """By meter, what happened in a period, from the days' totals."""
    rows = UsageDay.objects.filter(subscription=period.subscription_id, period_no=period.number)
    totals = rows.order_by().values_list("meter").annotate(total=Sum("quantity"))
    return {meter: int(total) for meter, total in totals}


def events_counted(subscription_ids: Iterable[int]) -> dict[int, int]:
    """How many events each subscription has; it only grows, so pages follow it."""
    rows = UsageDay.objects.filter(subscription__in=subscription_ids).order_by()
    return dict(rows.values_list("subscription").annotate(total=Sum("events")))


def running(periods: Sequence[UsagePeriod]) -> dict[int, Money]:
    """What each period costs so far, by its key, with one query for all of them."""
    used: dict[tuple[int, int], dict[str, int]] = defaultdict(dict)
    rows = UsageDay.objects.filter(subscription__in=[one.subscription_id for one in periods])
    totals = rows.order_by().values_list("subscription", "period_no", "meter")
    for subscription, number, meter, total in totals.annotate(total=Sum("quantity")):
        used[subscription, number][meter] = int(total)
    return {one.pk: _net(one, used.get((one.subscription_id, one.number), {})) for one in periods}


def path_of(period: UsagePeriod) -> list[tuple[date, Money]]:
    """What a period cost at the end of each day on which something was used."""
    rows = UsageDay.objects.filter(subscription=period.subscription_id, period_no=period.number)
    totals: dict[str, int] = defaultdict(int)
    path: dict[date, Money] = {}
    days = rows.order_by("day", "meter").values_list("day", "meter").annotate(Sum("quantity"))
    for day, group in groupby(days, key=itemgetter(0)):
        for _day, meter, quantity in group:
            totals[meter] += int(quantity)
        path[day] = _net(period, totals)
    return list(path.items())


def _net(period: UsagePeriod, used: Quantities) -> Money:
    plan, span = read_plan(dict(period.subscription.plan)), span_of(period)
    return Money(billable_minor(price(plan, used, span, ended=False), span), plan.currency)


def is_capped(period: UsagePeriod) -> bool:
    """Whether the hard cap of a period is reached."""
    cap = period.hard_cap_minor
    return cap is not None and running_net(period).minor >= cap


def _before(subscription: MeteredSubscription, bill: int, period: int) -> dict[str, int]:
    rows = _rows(
        quantities_sql.BILLED_BEFORE, subscription=subscription.pk, bill=bill, period=period
    )
    return {str(meter): int(quantity) for meter, quantity in rows}


def _carried(subscription: MeteredSubscription, number: int) -> int:
    found = UsageBill.objects.filter(period__subscription=subscription, period__number=number - 1)
    return found.values_list("carried_minor", flat=True).first() or 0


def _rows(statement: str, **values: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
