"""Bills: computed from the events alone, made final once, and what a running period costs so far."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import connection
from django.db.models import QuerySet, Sum

from accounts.ids import new_id
from exchange.audit import log
from exchange.core.use_case import use_case
from exchange.members.actors import system_actor
from exchange.metering.billing import Drawn, Quantities, Span, billable_minor, draw, price
from exchange.metering.lifecycle import UNDECIDED
from exchange.metering.models import (
    MeteredSubscription,
    UsageBill,
    UsageDay,
    UsageDispute,
    UsagePeriod,
)
from exchange.orders.models import Order
from pricing.charges.plans import read_plan
from pricing.money import Money
from pricing.refusals import PricingRefusal

CLOCK = system_actor("clock")
# The one pass over a bill's events.
OF_A_BILL = """
    SELECT period_no, meter, sum(quantity)::bigint
    FROM metering_usageevent WHERE subscription_id = %(subscription)s AND bill_no = %(bill)s
    GROUP BY period_no, meter ORDER BY period_no, meter
"""
BILLED_BEFORE = """
    SELECT meter, sum(quantity)::bigint
    FROM metering_usageevent
    WHERE subscription_id = %(subscription)s AND bill_no < %(bill)s AND period_no = %(period)s
    GROUP BY meter ORDER BY meter
"""


def to_close(subscription: MeteredSubscription, *, now: datetime) -> UsageBill | None:
    """The bill of the next period of a locked subscription whose grace is over and of which nothing
    is in dispute, not yet kept: what is due is ordered first."""
    period = subscription.periods.filter(
        number=subscription.final_no + 1, grace_until__lte=now
    ).first()
    if period is None or _is_disputed(period):
        return None
    bill = drawn(period)
    return UsageBill(
        public_id=new_id("ubl"),
        period=period,
        document=bill.content,
        digest=bill.digest,
        currency=subscription.currency,
        net_minor=bill.due.minor,
        carried_minor=bill.carried.minor,
    )


def _is_disputed(period: UsagePeriod) -> bool:
    undecided = UsageDispute.objects.filter(state__in=sorted(UNDECIDED), period_no=period.number)
    return undecided.filter(subscription=period.subscription_id).exists()


@use_case()
def close(bill: UsageBill, *, order: Order | None, now: datetime) -> None:
    """Keep a bill for good with the order that it became, if anything is due."""
    period, subscription = bill.period, bill.period.subscription
    bill.order, bill.final_at = order, now
    bill.record_id = log.record(
        event="metering.bill.closed",
        actor=CLOCK.name,
        subject=f"usage_bill:{bill.public_id}",
        facts={
            "subscription": subscription.public_id,
            "period": period.number,
            "net_minor": str(bill.net_minor),
            "currency": bill.currency,
            "order": "" if order is None else order.public_id,
        },
        documents={"bill": bytes(bill.document)},
        at=now,
    )
    bill.save(force_insert=True)
    subscription.final_no = period.number
    subscription.save(update_fields=["final_no"])


def is_last(bill: UsageBill) -> bool:
    """Whether no bill of the subscription comes after it."""
    ends_at = bill.period.subscription.ends_at
    return ends_at is not None and bill.period.until_at >= ends_at


def drawn(period: UsagePeriod) -> Drawn:
    """The bill of a period from its events: a draft while the period may still change, and after
    that, byte for byte, what was billed."""
    subscription, number = period.subscription, period.number
    by_period: dict[int, dict[str, int]] = defaultdict(dict)
    for period_no, meter, quantity in _rows(OF_A_BILL, subscription=subscription.pk, bill=number):
        by_period[int(period_no)][str(meter)] = int(quantity)
    spans = {one.number: span_of(one) for one in subscription.periods.filter(number__lte=number)}
    before = {
        earlier: _before(subscription, number, earlier) for earlier in by_period if earlier < number
    }
    carried_minor = _carried(subscription, number)
    return _drawn(period, spans, used=by_period, before=before, carried_minor=carried_minor)


def owed(periods: Sequence[UsagePeriod], *, more: Quantities | None = None) -> dict[int, Money]:
    """What the bill of each period would be if nothing more were used (or just `more`), by the
    period's key: its use, the least it costs, what came too late for earlier bills and what those
    carried. From the days' totals, with three queries for all of them."""
    if not periods:
        return {}
    subscriptions = {one.subscription_id: one.subscription for one in periods}
    days: dict[int, list[tuple[int, int, str, int]]] = defaultdict(list)
    rows = UsageDay.objects.filter(subscription__in=subscriptions).order_by()
    columns = rows.values_list("subscription", "bill_no", "period_no", "meter")
    for key, *day in columns.annotate(total=Sum("quantity")):
        days[key].append((day[0], day[1], day[2], int(day[3])))
    spans: dict[int, dict[int, Span]] = defaultdict(dict)
    for one in UsagePeriod.objects.filter(subscription__in=subscriptions):
        spans[one.subscription_id][one.number] = span_of(one)
    bills = UsageBill.objects.filter(period__subscription__in=subscriptions, carried_minor__lt=0)
    carried = {
        (key, number + 1): minor
        for key, number, minor in bills.order_by().values_list(
            "period__subscription", "period__number", "carried_minor"
        )
    }
    for one in periods:
        days[one.subscription_id] += [
            (one.number, one.number, meter, quantity) for meter, quantity in (more or {}).items()
        ]
    return {
        one.pk: _owed(
            one, days[one.subscription_id], spans[one.subscription_id],
            carried.get((one.subscription_id, one.number), 0),
        )
        for one in periods
    }  # fmt: skip


def _owed(
    period: UsagePeriod,
    days: Iterable[tuple[int, int, str, int]],
    spans: Mapping[int, Span],
    carried_minor: int,
) -> Money:
    used: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    before: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for bill_no, period_no, meter, quantity in days:
        if bill_no == period.number:
            used[period_no][meter] += quantity
        elif bill_no < period.number:
            before[period_no][meter] += quantity
    return _drawn(period, spans, used=used, before=before, carried_minor=carried_minor).due


def _drawn(
    period: UsagePeriod,
    spans: Mapping[int, Span],
    *,
    used: Mapping[int, Quantities],
    before: Mapping[int, Quantities],
    carried_minor: int,
) -> Drawn:
    """The bill of a period: what it has of each period, and what earlier bills had of those."""
    number = period.number
    return draw(
        subscription=period.subscription.public_id,
        plan=period.subscription.plan,
        span=spans[number],
        used=used.get(number, {}),
        late={
            earlier: (spans[earlier], before.get(earlier, {}), since)
            for earlier, since in used.items()
            if earlier < number
        },
        carried_minor=carried_minor,
    )


def span_of(period: UsagePeriod) -> Span:
    return Span(period.number, period.from_at, period.until_at, period.hard_cap_minor)


def running_net(period: UsagePeriod, *, more: Quantities | None = None) -> Money:
    """What the use of a period costs up to now (and just `more`), from the days' totals."""
    used = used_in(period)
    for meter, quantity in (more or {}).items():
        used[meter] = used.get(meter, 0) + quantity
    return _net(period, used)


def used_in(period: UsagePeriod) -> dict[str, int]:
    """By meter, what happened in a period, from the days' totals."""
    return _totals(
        UsageDay.objects.filter(subscription=period.subscription_id, period_no=period.number)
    )


def used_since(*, buyer_id: int, product_id: int, since: date) -> dict[str, int]:
    """By meter, what a buyer used of a product from that day (UTC) on, whatever it paid by."""
    rows = UsageDay.objects.filter(
        subscription__buyer=buyer_id, subscription__offer__product=product_id, day__gte=since
    )
    return _totals(rows)


def events_counted(subscription_ids: Iterable[int]) -> dict[int, int]:
    """How many events each subscription has; it only grows, so pages follow it."""
    rows = UsageDay.objects.filter(subscription__in=subscription_ids).order_by()
    return dict(rows.values_list("subscription").annotate(total=Sum("events")))


def running(periods: Sequence[UsagePeriod]) -> dict[int, Money]:
    """What each period costs so far, by its key, with one query for all of them. Raises PricingRefusal
    where a plan has no price for so much."""
    used = _used_of(periods)
    return {one.pk: _net(one, used.get((one.subscription_id, one.number), {})) for one in periods}


def running_where_priced(periods: Sequence[UsagePeriod]) -> dict[int, Money]:
    """The same, without the periods of which a plan has no price for so much: they close no list."""
    used, costs = _used_of(periods), {}
    for one in periods:
        with suppress(PricingRefusal):
            costs[one.pk] = _net(one, used.get((one.subscription_id, one.number), {}))
    return costs


def _used_of(periods: Sequence[UsagePeriod]) -> dict[tuple[int, int], dict[str, int]]:
    """By subscription and number of the period, what was used by meter."""
    used: dict[tuple[int, int], dict[str, int]] = defaultdict(dict)
    rows = UsageDay.objects.filter(subscription__in=[one.subscription_id for one in periods])
    totals = rows.order_by().values_list("subscription", "period_no", "meter")
    for subscription, number, meter, total in totals.annotate(total=Sum("quantity")):
        used[subscription, number][meter] = int(total)
    return used


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


def _totals(rows: QuerySet[UsageDay]) -> dict[str, int]:
    totals = rows.order_by().values_list("meter").annotate(total=Sum("quantity"))
    return {meter: int(total) for meter, total in totals}


def _net(period: UsagePeriod, used: Quantities) -> Money:
    plan, span = read_plan(dict(period.subscription.plan)), span_of(period)
    return Money(billable_minor(price(plan, used, span, ended=False), span), plan.currency)


def _before(subscription: MeteredSubscription, bill: int, period: int) -> dict[str, int]:
    rows = _rows(BILLED_BEFORE, subscription=subscription.pk, bill=bill, period=period)
    return {str(meter): int(quantity) for meter, quantity in rows}


def _carried(subscription: MeteredSubscription, number: int) -> int:
    found = UsageBill.objects.filter(period__subscription=subscription, period__number=number - 1)
    return found.values_list("carried_minor", flat=True).first() or 0


def _rows(statement: str, **values: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
