"""Subscriptions by use: begun with the delivery, money set aside for each period, the end."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.audit import agreement, log
from exchange.audit.coverage import require_record, subjects
from exchange.catalog.lifecycle import OfferKind
from exchange.core.lifecycle import Doer
from exchange.core.periods import after_periods
from exchange.core.rules import rule
from exchange.core.use_case import use_case
from exchange.members import policy
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission
from exchange.metering import bills, holds
from exchange.metering.billing import Span, price, with_tax
from exchange.metering.errors import UnknownSubscription
from exchange.metering.models import MeteredSubscription, UsageBill, UsagePeriod
from exchange.orders.models import Order
from exchange.orders.terms import percent_at
from exchange.payments import wallets
from pricing.charges.plans import read_plan
from pricing.money import Money, exponent, round_to_minor

GRACE = "usage.grace_days"
DEFAULT_CAP = "usage.default_cap"
LEAST_TIMES = 10
DAYS_THAT_DIFFER = """
WITH told AS (
    SELECT receipt.subscription_id, receipt.day, line ->> 'meter' AS meter,
        (line ->> 'events')::bigint AS events, (line ->> 'quantity')::numeric AS quantity
    FROM metering_usagereceipt AS receipt
    CROSS JOIN jsonb_array_elements(
        convert_from(receipt.document, 'UTF8')::jsonb -> 'meters'
    ) AS line
), there AS (
    SELECT event.subscription_id, (event.arrived_at AT TIME ZONE 'UTC')::date AS day, event.meter,
        count(*) AS events, sum(event.quantity) AS quantity
    FROM metering_usageevent AS event
    JOIN metering_meteredsubscription AS owner ON owner.id = event.subscription_id
    WHERE (event.arrived_at AT TIME ZONE 'UTC')::date <= owner.receipted_until
    GROUP BY 1, 2, 3
)
SELECT owner.public_id, day, meter
FROM told FULL JOIN there USING (subscription_id, day, meter)
JOIN metering_meteredsubscription AS owner ON owner.id = subscription_id
WHERE told.events IS DISTINCT FROM there.events OR told.quantity IS DISTINCT FROM there.quantity
ORDER BY 1, 2, 3
"""
RECEIPTS = """
    SELECT 'usage_receipt:' || owner.public_id || '.' || receipt.day
    FROM metering_usagereceipt AS receipt
    JOIN metering_meteredsubscription AS owner ON owner.id = receipt.subscription_id
"""


def declare() -> None:
    """Every subscription, receipt and final bill has its record. For `AppConfig.ready`."""
    require_record(
        name="metering.subscriptions",
        rows=subjects("metered", MeteredSubscription.objects.all()),
        event="metering.subscription.begun",
    )
    _declare_rows()
    require_record(name="metering.receipts", rows=RECEIPTS, event="metering.receipt.made")
    require_record(
        name="metering.bills",
        rows=subjects("usage_bill", UsageBill.objects.all()),
        event="metering.bill.closed",
    )


def _declare_rows() -> None:
    """Say where the subjects of this room's records stand, and what they repeat; and that the events of each
    receipted day are those of its receipt."""
    agreement.rows_of(
        "metered",
        "metering_meteredsubscription AS row JOIN orders_order AS o ON o.id = row.order_id",
        facts={"order": "o.public_id"},
    )
    agreement.rows_of(
        "usage_receipt",
        "metering_usagereceipt AS row"
        " JOIN metering_meteredsubscription AS owner ON owner.id = row.subscription_id",
        key="owner.public_id || '.' || row.day",
        facts={
            "subscription": "owner.public_id",
            "day": "row.day",
            "receipt": "encode(sha256(row.document), 'hex')",
        },
    )
    agreement.rows_of(
        "usage_bill",
        "metering_usagebill AS row JOIN metering_usageperiod AS period ON period.id = row.period_id"
        " JOIN metering_meteredsubscription AS owner ON owner.id = period.subscription_id"
        " LEFT JOIN orders_order AS o ON o.id = row.order_id",
        facts={
            "subscription": "owner.public_id",
            "period": "period.number",
            "net_minor": "row.net_minor::text",
            "currency": "row.currency",
            "order": "coalesce(o.public_id, '')",
            "bill": "encode(sha256(row.document), 'hex')",
        },
    )
    agreement.rows_of("dispute", "metering_usagedispute AS row")
    agreement.hold("usage day", days_that_differ)


def days_that_differ(**_depth: bool) -> Iterator[str]:
    """Days whose receipt tells of other events than are there, as a sentence each."""
    with connection.cursor() as cursor:
        cursor.execute(DAYS_THAT_DIFFER)
        for subscription, day, meter in cursor.fetchall():
            yield f"{subscription} on {day}: the events of {meter} are not those of the receipt."


@use_case()
def begin(order: Order, *, actor: Doer, now: datetime) -> MeteredSubscription | None:
    """Begin the metering of a locked order that is paid by use, once; nothing for any other.

    Raises InsufficientFunds unless the wallet covers what is expected of the first period.
    """
    if order.terms["offer"]["kind"] != OfferKind.METERED:
        return None
    price_terms = order.terms["price"]
    subscription, is_new = MeteredSubscription.objects.get_or_create(
        order=order,
        defaults={
            "offer_id": order.offer_id,
            "buyer_id": order.buyer_id,
            "seller_id": order.seller_id,
            "taken_by_id": order.placed_by_id,
            "plan": without_tax(price_terms["plan"]),
            "tax_percent": price_terms["tax_percent"],
            "currency": price_terms["currency"],
            "period": order.terms["offer"]["period"],
            "began_at": now,
            "default_cap_minor": _default_cap(price_terms["plan"], now=now),
        },
    )
    if is_new:
        facts = {
            "order": order.public_id, "terms": order.terms_hash, "period": subscription.period,
        }  # fmt: skip
        _record(subscription, "begun", facts, actor=actor, now=now)
        open_period(subscription, number=1, actor=actor, now=now)
    return subscription


def _default_cap(plan: Mapping[str, Any], *, now: datetime) -> int:
    """What a period may cost unless the buyer sets another cap: the most that the plan itself asks
    for, else the exchange's own, and never less than ten times what no use at all costs."""
    terms = read_plan(without_tax(plan))
    if terms.terms.maximum is not None:
        most = round_to_minor(terms.terms.maximum * 10 ** exponent(terms.currency), terms.currency)
        return max(most, 1)
    least = price(terms, {}, Span(1, now, now, None)).net.minor
    figure = rule(key=DEFAULT_CAP, at=now).as_money()
    own = round_to_minor(Fraction(figure.decimal) * 10 ** exponent(terms.currency), terms.currency)
    return max(own, LEAST_TIMES * least)


def buyers_own(subscription_id: str, *, actor: Actor, **_other: object) -> Subject:
    """The buyer of a subscription, for its permission. Raises UnknownSubscription for any other."""
    own = MeteredSubscription.objects.filter(
        public_id=subscription_id, buyer_id=actor.organisation_id
    )
    if not own.exists():
        raise UnknownSubscription(_("There is no such subscription."))
    return Subject(organisation_id=actor.organisation_id)


@use_case(Permission.USAGE_CAP_SET, about=buyers_own)
def end(subscription_id: str, *, actor: Actor, now: datetime) -> MeteredSubscription:
    """As the buyer, let the subscription end with its running period."""
    subscription = lock(public_id=subscription_id)
    if subscription.ends_at is None:
        subscription.ends_at = subscription.periods.order_by("-number")[0].until_at
        subscription.save(update_fields=["ends_at"])
        facts = {"ends_at": subscription.ends_at.isoformat()}
        _record(subscription, "cancelled", facts, actor=actor, now=now)
    return subscription


def _record(
    subscription: MeteredSubscription,
    event: str,
    facts: Mapping[str, str],
    *,
    actor: Doer,
    now: datetime,
) -> None:
    log.record(
        event=f"metering.subscription.{event}",
        actor=actor.name,
        subject=f"metered:{subscription.public_id}",
        facts=facts,
        at=now,
    )


def first_hold(terms: Mapping[str, Any], *, now: datetime) -> Money | None:
    """What the first period of terms by use sets aside in the wallet, tax included: the price of no
    use at all. None for terms of another kind."""
    if terms["offer"]["kind"] != OfferKind.METERED:
        return None
    price_terms = terms["price"]
    net = price(read_plan(without_tax(price_terms["plan"])), {}, Span(1, now, now, None)).net
    return with_tax(net, price_terms["tax_percent"])


def check_funds(*, terms: Mapping[str, Any], buyer: Organisation, now: datetime) -> None:
    """Raise InsufficientFunds where the wallet lacks what the first period sets aside."""
    needed = first_hold(terms, now=now)
    if needed is not None and needed.minor:
        wallets.need(organisation=buyer, amount=needed)


def without_tax(plan: Mapping[str, Any]) -> dict[str, Any]:
    """A plan of terms as the offer had it: the tax of a bill is that of its period's last day."""
    return {key: part for key, part in plan.items() if key != "tax"}


def bounds(subscription: MeteredSubscription, number: int) -> tuple[datetime, datetime]:
    """When a period begins and ends."""
    began, length = subscription.began_at, subscription.period
    start = began if number == 1 else after_periods(began, length, number - 1)
    return start, after_periods(began, length, number)


@use_case()
def open_period(
    subscription: MeteredSubscription, *, number: int, actor: Doer, now: datetime
) -> UsagePeriod:
    """Open a period of a locked subscription and set aside what is expected of it. The first one
    needs the money; a later one goes on without, since its bill waits for it."""
    start, until = bounds(subscription, number)
    _follow_tax(subscription, until)
    period = UsagePeriod.objects.create(
        subscription=subscription,
        number=number,
        from_at=start,
        until_at=until,
        grace_until=until + timedelta(days=rule(key=GRACE, at=now).as_int()),
        hard_cap_minor=subscription.cap_minor,
    )
    holds.set_aside(period, needs_all=number == 1, actor=actor, now=now)
    return period


def supplied_at(period: UsagePeriod) -> datetime:
    """The moment whose tax the bill of a period bears, whenever it is made: the period's last."""
    return period.until_at - timedelta(microseconds=1)


def _follow_tax(subscription: MeteredSubscription, until: datetime) -> None:
    """What is set aside goes by the tax of the newest period, as it stands when that begins."""
    percent = percent_at(until - timedelta(microseconds=1))
    if percent != subscription.tax_percent:
        subscription.tax_percent = percent
        subscription.save(update_fields=["tax_percent"])


@use_case()
def open_next(subscription: MeteredSubscription, *, now: datetime) -> bool:
    """Open the next period of a locked subscription where the newest is over; whether it was."""
    newest = subscription.periods.order_by("-number")[0]
    ends_at = subscription.ends_at
    if newest.until_at > now or (ends_at is not None and newest.until_at >= ends_at):
        return False
    open_period(subscription, number=newest.number + 1, actor=bills.CLOCK, now=now)
    return True


def lock(**which: object) -> MeteredSubscription:
    """The subscription, which nobody else changes and to which nothing comes in before this
    transaction ends."""
    rows = MeteredSubscription.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("buyer", "seller", "order", "offer__product").get(**which)


def due(*, at: datetime, limit: int) -> list[int]:
    """Keys of subscriptions with a period to close, or whose newest period has ended."""
    closing = Q(grace_until__lte=at, number=F("subscription__final_no") + 1)
    ended = Q(until_at__lte=at) & (
        Q(subscription__ends_at=None) | Q(subscription__ends_at__gt=F("until_at"))
    )
    newest = ~Q(subscription__in=UsagePeriod.objects.filter(until_at__gt=at).values("subscription"))
    rows = UsagePeriod.objects.filter(closing | (ended & newest)).order_by("subscription_id")
    return list(rows.values_list("subscription_id", flat=True).distinct()[:limit])


def subscriptions_of(organisation_id: int) -> QuerySet[MeteredSubscription]:
    """What the organisation uses, and what is used of its products."""
    mine = Q(buyer_id=organisation_id) | Q(seller_id=organisation_id)
    rows = MeteredSubscription.objects.filter(mine)
    return rows.select_related("buyer", "seller", "order", "offer__product")


def running_periods(rows: Sequence[MeteredSubscription]) -> dict[int, UsagePeriod]:
    """The newest period of each, by the subscription's key."""
    periods = UsagePeriod.objects.filter(subscription__in=rows).select_related("subscription")
    newest = periods.order_by("subscription_id", "-number").distinct("subscription_id")
    return {one.subscription_id: one for one in newest}


def meter_of(order: Order) -> str:
    """The id of the subscription by use that the order began or bills; nothing for other orders."""
    if order.terms.get("offer", {}).get("kind") != OfferKind.METERED:
        return ""
    rows = MeteredSubscription.objects.filter(Q(order=order) | Q(periods__bill__order=order))
    return rows.values_list("public_id", flat=True).first() or ""


def first_used(buyer_id: int) -> datetime | None:
    """When the first of an organisation's own subscriptions by use began."""
    began = MeteredSubscription.objects.filter(buyer=buyer_id).order_by("began_at")
    return began.values_list("began_at", flat=True).first()


def subscription_seen_by(actor: Actor, public_id: str) -> MeteredSubscription:
    """One of the actor's organisation's. Raises UnknownSubscription."""
    organisation_id = actor.organisation_id
    subscription = (
        None
        if organisation_id is None
        else subscriptions_of(organisation_id).filter(public_id=public_id).first()
    )
    if subscription is None:
        raise UnknownSubscription(_("There is no such subscription."))
    policy.require(actor, Permission.USAGE_SEE, Subject(organisation_id=organisation_id))
    return subscription
