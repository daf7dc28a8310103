"""Settling a dispute between its sides: one offers a refund, a credit to the buyer's wallet, another delivery
or more time of access, the other takes it or not.

One offer stands at a time, until it is declined or taken or its time has passed; it changes nobody's turn
and no deadline. The number of its step names it. Taking it ends the dispute (`endings.take_offer`).
"""

from datetime import datetime

from django.utils.translation import gettext as _

from exchange.core.calendar import deadline
from exchange.core.lifecycle import Doer
from exchange.core.refusals import Invalid, Refusal
from exchange.core.use_case import use_case
from exchange.delivery.entitlements import entitlement_of_order
from exchange.delivery.lifecycle import EntitlementState
from exchange.disputes.lifecycle import ANSWER_DAYS, DISPUTE, DisputeTransition, OfferKind
from exchange.disputes.models import OFFER_FIELDS, Dispute
from exchange.disputes.queries import as_offered, as_speaker, side_of
from exchange.members.actors import Actor
from exchange.members.permissions import Permission
from exchange.orders.lifecycle import OrderState
from exchange.orders.models import Order
from exchange.payments import order_refunds
from pricing.money import Money

OFFERS_MAX = 20
DAYS_MAX = 366


class OfferRefused(Invalid):
    """An offer is more than nothing, no more than can go back to the buyer, and can be carried out."""

    code = "offer_refused"


class OfferStands(Refusal):
    """One offer stands at a time."""

    code = "offer_stands"


class OffersFull(Refusal):
    """The sides of a dispute make only so many offers."""

    code = "offers_full"


class OfferGone(Refusal):
    """The offer was declined or taken, or its time has passed."""

    code = "offer_gone"


@use_case(Permission.DISPUTE_SPEAK, locks=DISPUTE, about=as_speaker)
def offer(
    dispute: Dispute,
    *,
    actor: Actor,
    reason: str,
    now: datetime,
    kind: str = OfferKind.REFUND,
    refund: Money | None = None,
    days: int | None = None,
) -> Dispute:
    """As one of the sides, offer how to end a running dispute: with so much of the money going back to the
    buyer, or into its wallet, with another delivery and a new inspection while the money is held, or with
    so many more days of access. It stands for the time of an answer. Raises OfferRefused, OfferStands
    and OffersFull."""
    DISPUTE.check(dispute, DisputeTransition.OFFER)
    if dispute.offer_number is not None:
        raise OfferStands(_("An offer stands already; it is answered before another is made."))
    if dispute.steps.filter(transition=DisputeTransition.OFFER).count() >= OFFERS_MAX:
        raise OffersFull(
            _("At most %(limit)d offers are made in a dispute.") % {"limit": OFFERS_MAX},
            limit=OFFERS_MAX,
        )
    _check_offer(dispute, kind, refund, days)
    side = side_of(dispute, actor)
    dispute.offer_by, dispute.offer_kind = side, kind
    dispute.offer_minor = None if refund is None else refund.minor
    dispute.offer_days = days
    dispute.offer_until = deadline(ANSWER_DAYS, now=now)
    dispute.offer_number = dispute.steps_count + 1
    return DISPUTE.transition(
        dispute,
        DisputeTransition.OFFER,
        actor=actor,
        reason=reason,
        facts={
            "side": side,
            "offer": kind,
            **({} if refund is None else {"refund_minor": str(refund.minor)}),
            **({} if days is None else {"days": str(days)}),
        },
        save=OFFER_FIELDS,
        now=now,
    )


@use_case(Permission.DISPUTE_SPEAK, locks=DISPUTE, about=as_offered)
def decline(dispute: Dispute, *, actor: Actor, number: int, now: datetime) -> Dispute:
    """As the side that an offer was made to, decline it: the dispute goes on. Raises OfferGone."""
    check_stands(dispute, number, now=now)
    return _clear(dispute, DisputeTransition.DECLINE_OFFER, actor=actor, now=now)


def lapse(dispute: Dispute, *, actor: Doer, now: datetime) -> Dispute:
    """End the offer of a locked dispute whose time has passed."""
    return _clear(dispute, DisputeTransition.LAPSE_OFFER, actor=actor, now=now)


def lapsed(*, now: datetime, limit: int) -> list[int]:
    """Keys of the disputes whose offer has had its time, the oldest first."""
    rows = Dispute.objects.filter(offer_until__lte=now).order_by("offer_until", "pk")
    return list(rows.values_list("pk", flat=True)[:limit])


def check_stands(dispute: Dispute, number: int, *, now: datetime) -> None:
    """Raise OfferGone unless the offer of this number stands still."""
    until = dispute.offer_until
    if dispute.offer_number != number or until is None or until <= now:
        raise OfferGone(_("This offer does not stand any more. Look at the dispute again."))


def _check_offer(dispute: Dispute, kind: str, refund: Money | None, days: int | None) -> None:
    """Each kind says what it needs and no more, and can be carried out as things stand."""
    if kind not in OfferKind.values:
        raise OfferRefused(_("Choose what you offer."), field="kind", kinds=OfferKind.values)
    is_money = kind in (OfferKind.REFUND, OfferKind.CREDIT)
    if (refund is not None) != is_money:
        raise OfferRefused(
            _("An amount belongs to a refund or a credit, and only to these."), field="refund"
        )
    if (days is not None) != (kind == OfferKind.EXTEND):
        raise OfferRefused(
            _("Days belong to an access that lasts longer, and only to it."), field="days"
        )
    if refund is not None:
        _check_amount(dispute, kind, refund)
    elif kind == OfferKind.REDELIVER:
        _check_redelivery(dispute.order)
    else:
        _check_days(dispute.order, days or 0)


def _check_amount(dispute: Dispute, kind: str, refund: Money) -> None:
    left = order_refunds.refundable(dispute.order)
    most = left.minor - 1 if kind == OfferKind.CREDIT else left.minor
    if refund.currency == left.currency and 0 < refund.minor <= most:
        return
    said = (
        _("Credit more than nothing and less than %(total)s; all of it is a refund.")
        if kind == OfferKind.CREDIT
        else _("Offer more than nothing and at most %(total)s.")
    )
    raise OfferRefused(said % {"total": left}, field="refund", total_minor=left.minor)


def _check_redelivery(order: Order) -> None:
    """The money has to be held still, which a new inspection is about."""
    if order.state != OrderState.OBJECTED:
        raise OfferRefused(
            _("What was paid out is not delivered again; offer a refund or a credit."), field="kind"
        )
    right = entitlement_of_order(order)
    if right is None or right.state == EntitlementState.REVOKED:
        raise OfferRefused(_("The access to this order was taken back."), field="kind")


def _check_days(order: Order, days: int) -> None:
    right = entitlement_of_order(order)
    if right is None or right.valid_until is None or right.state == EntitlementState.REVOKED:
        raise OfferRefused(_("The access to this order has no end that could move."), field="kind")
    if order.renewals.exists():
        raise OfferRefused(_("This order was renewed already."), field="kind")
    if not 0 < days <= DAYS_MAX:
        raise OfferRefused(
            _("Offer from 1 to %(limit)d days.") % {"limit": DAYS_MAX}, field="days", limit=DAYS_MAX
        )


def _clear(dispute: Dispute, name: DisputeTransition, *, actor: Doer, now: datetime) -> Dispute:
    made_by = dispute.offer_by
    dispute.clear_offer()
    return DISPUTE.transition(
        dispute, name, actor=actor, facts={"made_by": made_by}, save=OFFER_FIELDS, now=now
    )
