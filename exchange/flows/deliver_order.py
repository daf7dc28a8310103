"""The right to an order's data: opened, resting, taken back, at its end. Fetching is in `fetch_delivery`."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from exchange.audit.actions import log
from exchange.catalog.lifecycle import Future, History
from exchange.core.refusals import NotFound
from exchange.delivery import after_payment
from exchange.delivery.actions import entitlements
from exchange.delivery.models import Entitlement, EntitlementStep
from exchange.delivery.queries.entitlements import entitlement_of_order
from exchange.delivery.states import EntitlementState
from exchange.members import policy
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission
from exchange.orders.models import Order

EVENTS = {
    EntitlementState.ACTIVE: "delivery.entitlement.resumed",
    EntitlementState.SUSPENDED: "delivery.entitlement.suspended",
    EntitlementState.REVOKED: "delivery.entitlement.revoked",
    EntitlementState.EXPIRED: "delivery.entitlement.expired",
}


@transaction.atomic
def deliver(*, order: Order, actor: str, now: datetime) -> Entitlement:
    """Open the order's data to its buyer. Asked again it returns the same entitlement. Raises
    TrustedSpaceNotOpen where the data stays and there is no space yet to open."""
    after_payment.check_opens(order.product)
    offer = order.offer
    renewed = None if order.renews is None else entitlement_of_order(order.renews.public_id)
    entitlement, is_new = entitlements.grant(
        order_ref=order.public_id,
        organisation_id=order.buyer_id,
        product_id=order.product_id,
        terms=order.terms,
        history=History(offer.history),
        history_count=offer.history_count or 1,
        future=Future(offer.future),
        new_since=now if renewed is None else renewed.new_since,
        valid_until=_end(order, now),
        actor=actor,
        now=now,
    )
    if is_new:
        log.record(
            event="delivery.entitlement.granted",
            actor=actor,
            subject=f"entitlement:{entitlement.public_id}",
            facts={
                "order": order.public_id,
                "organisation": order.buyer.public_id,
                "product": order.product.public_id,
                "history": entitlement.history,
                "history_count": entitlement.history_count,
                "future": entitlement.future,
                "valid_until": _iso(entitlement.valid_until),
            },
            at=now,
        )
    return entitlement


@transaction.atomic
def revoke(*, order: Order, reason: str, actor: str, now: datetime) -> Entitlement | None:
    """Take the order's data back from its buyer, as a refund does. Nothing happens where none was
    opened, or where it was taken back already."""
    entitlement = entitlement_of_order(order.public_id)
    if entitlement is None or entitlement.state == EntitlementState.REVOKED:
        return entitlement
    step = entitlements.revoke(entitlement_id=entitlement.pk, reason=reason, actor=actor, now=now)
    return _record(step)


def stop(*, actor: Actor, entitlement_id: str, reason: str, now: datetime) -> Entitlement:
    """As an operator, let a right rest at once."""
    entitlement = _overseen(actor, entitlement_id)
    with transaction.atomic():
        step = entitlements.suspend(
            entitlement_id=entitlement.pk, reason=reason, actor=actor.name, now=now
        )
        return _record(step)


def resume(*, actor: Actor, entitlement_id: str, reason: str, now: datetime) -> Entitlement:
    """As an operator, end a right's rest."""
    entitlement = _overseen(actor, entitlement_id)
    with transaction.atomic():
        step = entitlements.resume(
            entitlement_id=entitlement.pk, reason=reason, actor=actor.name, now=now
        )
        return _record(step)


def take_back(*, actor: Actor, entitlement_id: str, reason: str, now: datetime) -> Entitlement:
    """As an operator, take a right back for good."""
    entitlement = _overseen(actor, entitlement_id)
    with transaction.atomic():
        step = entitlements.revoke(
            entitlement_id=entitlement.pk, reason=reason, actor=actor.name, now=now
        )
        return _record(step)


@transaction.atomic
def expire(*, actor: str, now: datetime) -> int:
    """Mark the rights whose end has come; return how many."""
    steps = entitlements.expire_due(actor=actor, now=now)
    for step in steps:
        _record(step)
    return len(steps)


def _overseen(actor: Actor, entitlement_id: str) -> Entitlement:
    policy.require(actor, Permission.ENTITLEMENT_STOP)
    entitlement = Entitlement.objects.filter(public_id=entitlement_id).first()
    if entitlement is None:
        raise NotFound(_("There is no such purchase."))
    policy.require(
        actor, Permission.ENTITLEMENT_STOP, Subject(organisation_id=entitlement.organisation_id)
    )
    return entitlement


def _record(step: EntitlementStep) -> Entitlement:
    entitlement = step.entitlement
    log.record(
        event=EVENTS[EntitlementState(step.target)],
        actor=step.by,
        subject=f"entitlement:{entitlement.public_id}",
        facts={"order": entitlement.order_ref, "from": step.source, "to": step.target},
        personal={"reason": step.reason} if step.reason else None,
        at=step.at,
    )
    return entitlement


def _end(order: Order, now: datetime) -> datetime | None:
    if order.period_until is not None:
        return order.period_until
    days = order.offer.access_days
    return None if days is None else now + timedelta(days=days)


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
