"""The right to an order's data: granted with its delivery, suspended, resumed, revoked, at its end."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypedDict

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from exchange.audit import agreement
from exchange.audit.coverage import require_record, subjects
from exchange.catalog.lifecycle import Future, History
from exchange.core import scheduled
from exchange.core.lifecycle import Change, Doer
from exchange.core.refusals import NotFound
from exchange.core.use_case import use_case
from exchange.delivery import after_payment
from exchange.delivery.errors import (
    EntitlementExpired,
    EntitlementNotBegun,
    EntitlementRevoked,
    EntitlementSuspended,
    NothingToExtend,
)
from exchange.delivery.lifecycle import ENTITLEMENT, EntitlementState
from exchange.delivery.lifecycle import EntitlementTransition as X
from exchange.delivery.models import Delivery, Entitlement, EntitlementStep
from exchange.members import standing
from exchange.members.actors import Actor, Subject, system_actor
from exchange.members.permissions import Permission
from exchange.members.standing import Business
from exchange.orders.models import Order, Subscription

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

CLOCK = system_actor("clock")


def declare() -> None:
    """Say of whom permissions are asked, and what must be in the log. For `AppConfig.ready`."""
    ENTITLEMENT.concerns = lambda entitlement: Subject(organisation_id=entitlement.organisation_id)
    ENTITLEMENT.record_facts = _facts
    agreement.rows_of("delivery", "delivery_delivery AS row")
    agreement.no_rows_of("link", "a link is good for minutes")
    require_record(
        name="delivery.entitlements.steps",
        rows=subjects("entitlement_step", EntitlementStep.objects.all()),
        event=ENTITLEMENT.events,
    )
    require_record(
        name="delivery.deliveries",
        rows=subjects("delivery", Delivery.objects.all()),
        event="delivery.table.delivered",
    )


@use_case()
def grant(order: Order, *, actor: Doer, now: datetime) -> Entitlement:
    """Open a locked order's data to its buyer. Asked again it is the same entitlement. Raises
    TrustedSpaceNotOpen where the data stays and there is no space yet to open."""
    standing.check(order.seller_id, order.buyer_id, business=Business.OWED)
    after_payment.check_opens(order.product)
    known = entitlement_of_order(order)
    if known is not None:
        return known
    offer = order.offer
    renewed = None if order.renews is None else entitlement_of_order(order.renews)
    entitlement = Entitlement(
        order=order,
        organisation=order.buyer,
        product=order.product,
        terms=order.terms,
        history=offer.history,
        history_count=(offer.history_count or 1) if offer.history == History.LAST else None,
        future=offer.future,
        new_since=now if renewed is None else min(renewed.new_since, now),
        valid_from=now,
        valid_until=_end(order, now),
    )
    return ENTITLEMENT.transition(
        entitlement, X.GRANT, actor=actor, due_at=entitlement.valid_until, now=now
    )


@use_case(Permission.ENTITLEMENT_STOP, locks=ENTITLEMENT)
def suspend(entitlement: Entitlement, *, actor: Actor, reason: str, now: datetime) -> Entitlement:
    """As an operator, close a right from the next request on, until it is resumed."""
    return _move(entitlement, X.SUSPEND, actor=actor, reason=reason, now=now)


@use_case(Permission.ENTITLEMENT_STOP, locks=ENTITLEMENT)
def resume(entitlement: Entitlement, *, actor: Actor, reason: str, now: datetime) -> Entitlement:
    """As an operator, open a suspended right again."""
    return _move(entitlement, X.RESUME, actor=actor, reason=reason, now=now)


@use_case(Permission.ENTITLEMENT_STOP, locks=ENTITLEMENT)
def revoke(entitlement: Entitlement, *, actor: Actor, reason: str, now: datetime) -> Entitlement:
    """As an operator, take a right back for good, from the next request on."""
    return _move(entitlement, X.REVOKE, actor=actor, reason=reason, now=now)


@use_case()
def revoke_order(order: Order, *, actor: Doer, reason: str, now: datetime) -> Entitlement | None:
    """Take the order's data back from its buyer, as a refund does. Nothing happens where none was
    opened, or where it was taken back already."""
    known = entitlement_of_order(order)
    if known is None:
        return None
    entitlement = ENTITLEMENT.lock_again(known)
    if entitlement.state == EntitlementState.REVOKED:
        return entitlement
    return _move(entitlement, X.REVOKE, actor=actor, reason=reason, now=now)


@use_case()
def pause_order(order: Order, *, actor: Doer, reason: str, now: datetime) -> int | None:
    """Close the order's data to its buyer for a time; the number of the step, which `resume_order` takes.
    None where no right was open."""
    known = entitlement_of_order(order)
    if known is None:
        return None
    entitlement = ENTITLEMENT.lock_again(known)
    if entitlement.state != EntitlementState.ACTIVE:
        return None
    return _move(entitlement, X.SUSPEND, actor=actor, reason=reason, now=now).steps_count


@use_case()
def resume_order(order: Order, *, step: int, actor: Doer, reason: str, now: datetime) -> bool:
    """Open the order's data again, unless something else happened to the right since it was paused."""
    known = entitlement_of_order(order)
    if known is None:
        return False
    entitlement = ENTITLEMENT.lock_again(known)
    if entitlement.state != EntitlementState.SUSPENDED or entitlement.steps_count != step:
        return False
    _move(entitlement, X.RESUME, actor=actor, reason=reason, now=now)
    return True


@use_case()
def deliver_anew(entitlement: Entitlement, *, actor: Doer, now: datetime) -> Entitlement:
    """Open what the seller has to deliver by now, from this moment on: the newest revision counts as the one
    that was bought, and days of access begin anew."""
    order = entitlement.order
    standing.check(order.seller_id, order.buyer_id, business=Business.OWED)
    after_payment.check_opens(entitlement.product)
    entitlement = ENTITLEMENT.lock_again(entitlement)
    ENTITLEMENT.check(entitlement, X.DELIVER_ANEW)
    if entitlement.future != Future.ALL:  # whoever has all new ones keeps those that came meanwhile
        entitlement.new_since = now
    entitlement.valid_from, entitlement.valid_until = now, _end(order, now)
    if entitlement.valid_until is not None and entitlement.valid_until <= now:
        raise EntitlementExpired(_("The right to this data has ended. Buy or renew it to go on."))
    return ENTITLEMENT.transition(
        entitlement, X.DELIVER_ANEW, actor=actor, due_at=entitlement.valid_until,
        save=("new_since", "valid_from", "valid_until"), now=now,
    )  # fmt: skip


@use_case()
def extend_order(order: Order, *, days: int, actor: Doer, now: datetime) -> Entitlement:
    """Let the right to the order's data last so many days longer. Raises NothingToExtend, and
    IllegalTransition of a right that was taken back or rests."""
    known = entitlement_of_order(order)
    if known is None or known.valid_until is None:
        raise NothingToExtend(_("The access to this order has no end that could move."))
    entitlement = ENTITLEMENT.lock_again(known)
    ENTITLEMENT.check(entitlement, X.EXTEND)
    until = max(entitlement.valid_until or now, now) + timedelta(days=days)
    entitlement.valid_until = until
    return ENTITLEMENT.transition(
        entitlement, X.EXTEND, actor=actor, due_at=until, save=("valid_until",), now=now,
        facts={"valid_until": until.isoformat()},
    )  # fmt: skip


def expire_due(*, now: datetime) -> int:
    """Mark the rights whose end has come; return how many. They opened nothing since anyway."""
    return scheduled.run_due(ENTITLEMENT, {X.EXPIRE: _expire}, now=now)[X.EXPIRE]


def _expire(entitlement: Entitlement, *, now: datetime) -> Entitlement:
    return _move(entitlement, X.EXPIRE, actor=CLOCK, reason="", now=now)


def _move(
    entitlement: Entitlement, transition: X, *, actor: Doer, reason: str, now: datetime
) -> Entitlement:
    """Make the transition; `reason` stands on the entitlement too, for whoever is turned away."""
    ENTITLEMENT.check(entitlement, transition)
    entitlement.reason = ENTITLEMENT.checked_reason(transition, reason)
    goes_on = transition in {X.SUSPEND, X.RESUME}
    return ENTITLEMENT.transition(
        entitlement, transition, actor=actor, reason=entitlement.reason,
        due_at=entitlement.valid_until if goes_on else None, save=("reason",), now=now,
    )  # fmt: skip


def _facts(entitlement: Entitlement, change: Change) -> Mapping[str, Any]:
    facts: dict[str, Any] = {"order": entitlement.order.public_id}
    if change.transition != X.GRANT:
        return facts
    until = entitlement.valid_until
    return {
        **facts,
        "organisation": entitlement.organisation.public_id,
        "product": entitlement.product.public_id,
        "history": entitlement.history,
        "history_count": entitlement.history_count,
        "future": entitlement.future,
        "valid_until": None if until is None else until.isoformat(),
    }


def _end(order: Order, now: datetime) -> datetime | None:
    if order.period_until is not None:
        return order.period_until
    days = order.offer.access_days
    return None if days is None else now + timedelta(days=days)


def entitlements_of(organisation_id: int) -> QuerySet[Entitlement]:
    """What the organisation may fetch or could once, newest first."""
    return (
        Entitlement.objects.filter(organisation_id=organisation_id)
        .select_related("order", "product", "product__seller", "organisation")
        .defer("order__terms")  # nobody reads them here, and they are long
        .order_by("-id")
    )


class Ending(TypedDict):
    """Whether access that ends goes on by itself."""

    renews: bool


def ending_of(
    organisation_id: int, *, now: datetime, until: datetime
) -> "QuerySet[WithAnnotations[Entitlement, Ending]]":
    """The organisation's access that ends until then and goes on under no other order, the first to end
    first; `renews` where its subscription does so by itself."""
    rows = entitlements_of(organisation_id).filter(
        state=EntitlementState.ACTIVE, valid_until__gt=now, valid_until__lte=until
    )
    later = Entitlement.objects.filter(order__renews=OuterRef("order"))
    renewing = Subscription.objects.filter(latest=OuterRef("order"), auto_renew=True, ended_at=None)
    return (
        rows.exclude(Exists(later)).annotate(renews=Exists(renewing)).order_by("valid_until", "pk")
    )


def entitlement_of(organisation_id: int | None, public_id: str) -> Entitlement:
    """One of the organisation's entitlements. Raises NotFound for anybody else's."""
    entitlement = (
        None
        if organisation_id is None
        else entitlements_of(organisation_id).filter(public_id=public_id).first()
    )
    if entitlement is None:
        raise NotFound(_("There is no such purchase."))
    return entitlement


def entitlement_of_order(order: Order) -> Entitlement | None:
    """The entitlement that an order brought, if it did."""
    return Entitlement.objects.filter(order=order).select_related("order", "product").first()


def check_open(entitlement: Entitlement, *, at: datetime) -> None:
    """Raise the refusal that says why the entitlement opens nothing at this moment, if it does not."""
    if entitlement.state == EntitlementState.REVOKED:
        raise EntitlementRevoked(
            _("The right to this data was taken back: %(reason)s") % {"reason": entitlement.reason},
            reason=entitlement.reason,
        )
    if entitlement.state == EntitlementState.SUSPENDED:
        raise EntitlementSuspended(
            _("The right to this data rests for the moment: %(reason)s")
            % {"reason": entitlement.reason},
            reason=entitlement.reason,
        )
    until = entitlement.valid_until
    if entitlement.state == EntitlementState.EXPIRED or (until is not None and until <= at):
        raise EntitlementExpired(
            _("The right to this data has ended. Buy or renew it to go on."),
            valid_until=None if until is None else until.isoformat(),
        )
    if at < entitlement.valid_from:
        raise EntitlementNotBegun(
            _("The right to this data begins later."),
            valid_from=entitlement.valid_from.isoformat(),
        )
    order = entitlement.order
    standing.check(order.seller_id, order.buyer_id, business=Business.OWED)
