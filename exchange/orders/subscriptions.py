"""Subscriptions: begun with the first delivery, continued by each renewal that is paid, ended once."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from exchange.audit import log
from exchange.core.periods import after_periods
from exchange.core.use_case import use_case
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission
from exchange.notices.notify import notify_organisation, path
from exchange.orders.errors import NotASubscription, RenewalsDeclined
from exchange.orders.lifecycle import ORDER, OrderState
from exchange.orders.models import Order, Subscription
from exchange.orders.queries import subscription_of
from exchange.orders.reactions import BUYERS

RENEW_DAYS = 7  # how long before its period a renewal is ordered, so that it can be paid


def begin(*, order: Order, now: datetime) -> Subscription:
    """Begin the first period of a subscription with this moment and write it on its order."""
    period: str = order.terms["offer"]["period"]
    order.period_from, order.period_until = now, after_periods(now, period, 1)
    order.save(update_fields=["period_from", "period_until"])
    return Subscription.objects.create(
        first=order,
        latest=order,
        period=period,
        began_at=now,
        paid_until=order.period_until,
        auto_renew=order.auto_renew,
    )


def next_period(subscription: Subscription, *, now: datetime) -> tuple[datetime, datetime]:
    """The period after the last one paid for. When that is over it begins so many whole days later that there
    is the usual time to pay: nobody pays for days that have gone by without access."""
    count = subscription.periods_paid + 1
    until = after_periods(subscription.began_at, subscription.period, count)
    late = timedelta(0)
    if subscription.paid_until <= now:
        late = timedelta(days=(now - subscription.paid_until).days + 1 + RENEW_DAYS)
    extended = timedelta(days=subscription.extended_days)
    return subscription.paid_until + late, until + extended + late


def carry_on(*, renewal: Order) -> Subscription:
    """Count the period of a paid renewal as paid for."""
    subscription = lock(renewal.renews)
    subscription.latest = renewal
    subscription.periods_paid += 1
    if renewal.period_from is None or renewal.period_until is None:
        raise TypeError("A renewal names its period.")
    subscription.extended_days += (renewal.period_from - subscription.paid_until).days
    subscription.paid_until = renewal.period_until
    subscription.ended_at = None  # the money came in the last moment
    subscription.save(
        update_fields=["latest", "periods_paid", "extended_days", "paid_until", "ended_at"]
    )
    return subscription


def declare() -> None:
    """Have a renewal that may be paid locked with its subscription. For `AppConfig.ready`."""
    ORDER.locks_next.append(lock_renewed)


def lock_renewed(*orders: Order) -> None:
    """Lock the subscriptions that locked orders renew once they are paid, before any account."""
    renewed = [
        one.renews_id for one in orders
        if one.renews_id is not None and one.state == OrderState.CONTRACT_SIGNED
    ]  # fmt: skip
    if renewed:
        rows = Subscription.objects.select_for_update(no_key=True).filter(latest__in=renewed)
        list(rows.order_by("pk"))


def lock_free(latest: Collection[int]) -> set[int]:
    """Lock the subscriptions that orders of these keys began or last continued and nobody holds; of which."""
    if not latest:
        return set()
    free = Subscription.objects.select_for_update(no_key=True, skip_locked=True).order_by("pk")
    return {one.latest_id for one in free.filter(latest__in=latest).only("pk", "latest_id")}


def lock_any(order: Order) -> None:
    """Lock the subscription that a locked order began or last continued, if it is one, before any account: a
    renewal is paid while its subscription is locked."""
    list(Subscription.objects.select_for_update(no_key=True).filter(latest=order))


def lock(order: Order | None) -> Subscription:
    """The subscription that the order began or last continued. Raises NotASubscription."""
    subscription = (
        Subscription.objects.select_for_update(of=("self",), no_key=True)
        .select_related("latest__buyer", "latest__seller", "first")
        .filter(latest=order, latest__isnull=False)
        .first()
    )
    if subscription is None:
        raise NotASubscription(_("This order is not the latest of a subscription."))
    return subscription


@use_case(Permission.ORDER_CANCEL, locks=ORDER)
def set_auto_renew(order: Order, *, actor: Actor, wanted: bool, now: datetime) -> Subscription:
    """As the buyer, let the subscription go on by itself, or end with the period paid for. Raises
    RenewalsDeclined where the seller lets it end."""
    subscription = _lock_current(order)
    if wanted and subscription.declined_at is not None:
        raise RenewalsDeclined(
            _("The seller does not renew this subscription: %(reason)s You can buy another offer.")
            % {"reason": subscription.declined_reason}
        )
    if subscription.auto_renew != wanted:
        subscription.auto_renew = wanted
        subscription.save(update_fields=["auto_renew"])
        _record(subscription, "continued" if wanted else "cancelled", actor.name, now)
    return subscription


def _as_seller(order: Order, **_said: object) -> Subject:
    """The subscription as what its seller may let end."""
    return Subject(organisation_id=order.seller_id, other_side=frozenset({order.buyer_id}))


@use_case(Permission.LISTING_END, locks=ORDER, about=_as_seller)
def decline_renewals(order: Order, *, actor: Actor, reason: str, now: datetime) -> Subscription:
    """As the seller, let the subscription end with what is paid for or ordered; the buyer is told why, and keeps
    its access until then. Done twice, the first reason stands. Raises NotASubscription where it has ended."""
    subscription = _lock_running(order)
    if subscription.declined_at is None:
        subscription.auto_renew, subscription.reminded_until = False, None
        subscription.declined_at, subscription.declined_reason = now, reason
        subscription.save(
            update_fields=["auto_renew", "reminded_until", "declined_at", "declined_reason"]
        )
        _record(subscription, "declined", actor.name, now)
        _tell_of_decision(subscription, "declined", now=now)
    return subscription


@use_case(Permission.LISTING_END, locks=ORDER, about=_as_seller)
def offer_renewals(order: Order, *, actor: Actor, now: datetime) -> Subscription:
    """As the seller, take back that the subscription ends: whether it renews is the buyer's to say again. Raises
    NotASubscription where it has ended."""
    subscription = _lock_running(order)
    if subscription.declined_at is not None:
        subscription.declined_at, subscription.declined_reason = None, ""
        subscription.save(update_fields=["declined_at", "declined_reason"])
        _record(subscription, "offered_again", actor.name, now)
        _tell_of_decision(subscription, "offered_again", now=now)
    return subscription


def _lock_current(order: Order) -> Subscription:
    """The subscription that a locked order belongs to. Raises NotASubscription."""
    current = subscription_of(order)
    return lock(None if current is None else current.latest)


def _lock_running(order: Order) -> Subscription:
    """The same, of one that has not ended."""
    subscription = _lock_current(order)
    if subscription.ended_at is not None:
        raise NotASubscription(_("This subscription has ended."))
    return subscription


def stop_renewing(subscription: Subscription, *, actor: Actor, now: datetime) -> bool:
    """Stop renewing what cannot be ordered any more, and tell the buyer that it ends."""
    subscription.auto_renew = False
    subscription.reminded_until = None
    subscription.save(update_fields=["auto_renew", "reminded_until"])
    _record(subscription, "cancelled", actor.name, now)
    return remind(subscription, now=now)


def extend(order: Order, *, days: int, actor: Actor, now: datetime) -> None:
    """Let the subscription that a locked order began or last continued last longer, if it is one; later
    periods begin with its new end. Raises NotASubscription of an order that was renewed already."""
    if order.renewals.exists():
        raise NotASubscription(_("This order is not the latest of a subscription."))
    if subscription_of(order) is None:
        return
    subscription = _lock_running(order)
    subscription.paid_until += timedelta(days=days)
    subscription.extended_days += days
    subscription.reminded_until = None
    subscription.save(update_fields=["paid_until", "extended_days", "reminded_until"])
    _record(subscription, "extended", actor.name, now)


def stop_with(order: Order, *, actor: Actor, now: datetime) -> None:
    """Stop renewing the subscription that a locked order began or last continued, if it is one that does."""
    if Subscription.objects.filter(latest=order, ended_at=None, auto_renew=True).exists():
        stop_renewing(lock(order), actor=actor, now=now)


def end(subscription: Subscription, *, actor: Actor, now: datetime) -> None:
    """End a locked subscription whose last paid period is over; its buyer is told where it was to renew."""
    subscription.ended_at = now
    subscription.save(update_fields=["ended_at"])
    _record(subscription, "ended", actor.name, now)
    if subscription.auto_renew:
        notify(subscription, "orders.subscription.ended", subscription.latest, now=now)


def remind(subscription: Subscription, *, now: datetime) -> bool:
    """Say once per period that it ends soon; whether that was new."""
    if subscription.reminded_until == subscription.paid_until:
        return False
    subscription.reminded_until = subscription.paid_until
    subscription.save(update_fields=["reminded_until"])
    kind = "renews" if subscription.auto_renew else "ends"
    notify(subscription, f"orders.subscription.{kind}", subscription.latest, now=now)
    return True


def say_that_it_waits(subscription: Subscription, *, now: datetime) -> bool:
    """Say once that it could not renew when its period ended, and that it will."""
    return notify(subscription, "orders.subscription.waits", subscription.latest, now=now)


def notify(subscription: Subscription, kind: str, order: Order, *, now: datetime) -> bool:
    """Tell the buyer, once per period and kind; whether that was new. `order` is its last one or its renewal."""
    is_renewal = order.pk != subscription.latest.pk
    until = order.period_from if is_renewal else subscription.paid_until
    told = notify_organisation(
        organisation_id=order.buyer_id,
        roles=BUYERS,
        kind=kind,
        facts={"product": order, "total": order.total, "until": until},
        url=path("order", order.public_id),
        dedupe=f"{kind}:{subscription.public_id}:{subscription.periods_paid}",
        now=now,
    )
    return told > 0


def _tell_of_decision(subscription: Subscription, event: str, *, now: datetime) -> None:
    """Tell the buyer what the seller decided on further periods."""
    notify_organisation(
        organisation_id=subscription.latest.buyer_id,
        roles=BUYERS,
        kind=f"orders.subscription.{event}",
        facts={
            "product": subscription.latest,
            "until": subscription.paid_until,
            "reason": subscription.declined_reason,
        },
        url=path("order", subscription.latest.public_id),
        dedupe=f"orders.subscription.{event}:{subscription.public_id}:{now.isoformat()}",
        now=now,
    )


def _record(subscription: Subscription, event: str, actor: str, now: datetime) -> None:
    log.record(
        event=f"orders.subscription.{event}",
        actor=actor,
        subject=f"subscription:{subscription.public_id}",
        facts={
            "order": subscription.latest.public_id,
            "paid_until": subscription.paid_until.isoformat(),
        },
        at=now,
    )
