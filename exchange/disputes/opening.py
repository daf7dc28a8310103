"""Opening a dispute: what is wrong with an order, and what is asked for."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from exchange.core.calendar import deadline
from exchange.core.formatting import end_shown
from exchange.core.refusals import Invalid, Refusal, TooLate
from exchange.core.use_case import use_case
from exchange.delivery import entitlements
from exchange.disputes.bill_lines import BillLine, check_line
from exchange.disputes.kinds import KINDS, kinds_for, remedies_for
from exchange.disputes.lifecycle import (
    COMPLAINT_DAYS,
    DISPUTE,
    DisputeKind,
    DisputeState,
    DisputeTransition,
    Remedy,
)
from exchange.disputes.models import Dispute
from exchange.members import policy
from exchange.members.actors import Actor, Subject, person_of
from exchange.members.permissions import Permission
from exchange.orders import performance
from exchange.orders.lifecycle import ORDER, OrderState, OrderTransition
from exchange.orders.models import Order
from exchange.orders.queries import Side, subject_of
from exchange.payments import disputed_sales, order_refunds, settlement
from pricing.money import Money


class DisputeRefused(Invalid):
    """A dispute says what is wrong, and asks for no more than the order cost."""

    code = "dispute_refused"


class DisputedBefore(Refusal):
    """Each side disputes an order that is closed once, and not while a dispute over it runs."""

    code = "disputed_before"


@use_case(Permission.ORDER_ACCEPT, locks=ORDER)
def open_dispute(
    order: Order,
    *,
    actor: Actor,
    kind: str,
    reason: str,
    now: datetime,
    remedy: str = Remedy.REFUND,
    wanted: Money | None = None,
    line: BillLine | None = None,
) -> Dispute:
    """As the buyer, dispute an order within its inspection period, or one that is closed within the time to
    complain (a bill of use, a renewal and an award are orders): the money is held until the dispute has
    ended. `wanted` is how much is asked back where that is a part, `line` what of a bill of use is disputed. Raises
    DisputeRefused, LineRefused, TooLate and DisputedBefore."""
    _check(Side.BUYER, kind=kind, remedy=remedy)
    _check_part(order, remedy=remedy, wanted=wanted)
    if line is not None:
        check_line(order, line, kind)
    is_late = order.state == OrderState.CLOSED
    if is_late:
        _check_late(order, Side.BUYER, now=now)
    else:
        performance.object_to(order, actor=actor, reason=reason, kind=kind, now=now)
    dispute = _dispute(order, Side.BUYER, actor=actor, kind=kind, remedy=remedy, now=now)
    dispute.wanted_minor = None if wanted is None else wanted.minor
    if line is not None:
        dispute.line_day, dispute.line_meter = line.day, line.meter
    return _open(dispute, holds=is_late, actor=actor, reason=reason, now=now)


def _of_seller(order: Order, **_said: object) -> Subject:
    return Subject(
        organisation_id=order.seller_id,
        engaged=frozenset({order.buyer_id}),
        other_side=frozenset({order.buyer_id}),
    )


@use_case(Permission.DISPUTE_SPEAK, locks=ORDER, about=_of_seller)
def open_claim(
    order: Order,
    *,
    actor: Actor,
    kind: str,
    reason: str,
    now: datetime,
    remedy: str,
    wanted: Money | None = None,
) -> Dispute:
    """As the seller, dispute an order that is closed within the time to complain, for an end of the access: of
    data that is used against its terms, or with a refund of what somebody has rights in. Only for a refund
    the money is held. Raises DisputeRefused, TooLate and DisputedBefore."""
    _check(Side.SELLER, kind=kind, remedy=remedy)
    _check_part(order, remedy=remedy, wanted=wanted)
    _check_late(order, Side.SELLER, now=now)
    dispute = _dispute(order, Side.SELLER, actor=actor, kind=kind, remedy=remedy, now=now)
    return _open(dispute, holds=remedy == Remedy.REFUND, actor=actor, reason=reason, now=now)


def may_open(order: Order, side: Side, actor: Actor) -> bool:
    """Whether the actor may open a dispute for its side, of an order that can be disputed."""
    if side is Side.SELLER:
        return bool(policy.allowed(actor, Permission.DISPUTE_SPEAK, _of_seller(order)))
    if side is Side.BUYER:
        return bool(policy.allowed(actor, Permission.ORDER_ACCEPT, subject_of(order)))
    return False


def complain_until(order: Order, side: Side) -> datetime | None:
    """Until when a side can dispute a closed order; None of one that is not closed, over which a dispute runs
    or that the side has disputed, and for the buyer of one of which no money is left. After a dispute of the
    other side the time begins anew."""
    if order.state != OrderState.CLOSED or _is_disputed(order, side):
        return None
    if side is Side.BUYER and not order_refunds.refundable(order).minor:
        return None
    made = settlement.settlement_of(order)
    since = (
        made.settled_at
        if made
        else order.steps.filter(transition=OrderTransition.CLOSE).latest("number").at
    )
    earlier = [ended for ended in order.disputes.values_list("ended_at", flat=True) if ended]
    return deadline(COMPLAINT_DAYS, now=max([since, *earlier]))


def _is_disputed(order: Order, side: Side) -> bool:
    its = order.seller_id if side is Side.SELLER else order.buyer_id
    return order.disputes.filter(Q(claimant_id=its) | ~Q(state=DisputeState.ENDED)).exists()


def _dispute(
    order: Order, side: Side, *, actor: Actor, kind: str, remedy: str, now: datetime
) -> Dispute:
    sides = (order.buyer, order.seller)
    claimant, respondent = sides if side is Side.BUYER else sides[::-1]
    return Dispute(
        order=order,
        claimant=claimant,
        respondent=respondent,
        opened_by_id=person_of(actor),
        kind=kind,
        remedy=remedy,
        currency=order.currency,
        opened_at=now,
    )


def _open(dispute: Dispute, *, holds: bool, actor: Actor, reason: str, now: datetime) -> Dispute:
    """Hold the money of a settled order and have the access rest, as far as the dispute needs it."""
    order = dispute.order
    if KINDS[DisputeKind(dispute.kind)].pauses_access:
        dispute.paused_step = entitlements.pause_order(
            order, actor=performance.EXCHANGE, reason=_("A dispute over this order runs."), now=now
        )
    if holds:
        dispute.set_aside = list(
            disputed_sales.hold(
                order, amount=dispute.wanted, dispute_id=dispute.public_id, actor=actor, now=now
            )
        )
    return DISPUTE.transition(
        dispute, DisputeTransition.OPEN, actor=actor, reason=reason, reason_code=dispute.kind,
        now=now,
    )  # fmt: skip


def _check_late(order: Order, side: Side, *, now: datetime) -> None:
    if order.state != OrderState.CLOSED:
        raise DisputeRefused(_("The seller opens a dispute once the order is closed."))
    if _is_disputed(order, side):
        raise DisputedBefore(_("This order was disputed already; what was decided stands."))
    until = complain_until(order, side)
    if until is None:
        raise DisputeRefused(_("No money of this order is left to dispute."))
    if until <= now:
        said = _("The time to open a dispute ended on %(at)s.") % {"at": end_shown(until)}
        raise TooLate(said, due_at=until.isoformat())


def _check(side: Side, *, kind: str, remedy: str) -> None:
    if kind not in kinds_for(side) or remedy not in remedies_for(side):
        raise DisputeRefused(
            _("Say what is wrong, and what you ask for."),
            kinds=[one.value for one in kinds_for(side)],
            remedies=[one.value for one in remedies_for(side)],
        )
    fitting = KINDS[DisputeKind(kind)].remedies(side)
    if remedy not in fitting:
        names = " / ".join(str(one.label) for one in fitting)
        raise DisputeRefused(
            _("For this kind of dispute ask for: %(remedies)s.") % {"remedies": names},
            field="remedy",
            remedies=[one.value for one in fitting],
        )


def _check_part(order: Order, *, remedy: str, wanted: Money | None) -> None:
    if remedy != Remedy.PART:
        if wanted is not None:
            raise DisputeRefused(_("An amount belongs to a refund of a part."), field="wanted")
        return
    if wanted is None or wanted.currency != order.currency:
        raise DisputeRefused(_("Say how much you ask back."), field="wanted")
    if not 0 < wanted.minor < order.total_minor:
        raise DisputeRefused(
            _("Ask for more than nothing and less than %(total)s, or for all of it.")
            % {"total": order.total},
            field="wanted",
            total_minor=order.total_minor,
        )
