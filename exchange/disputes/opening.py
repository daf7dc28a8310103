"""Opening a dispute: what is wrong with an order, and what is asked for."""

from datetime import datetime

from django.utils.translation import gettext as _

from exchange.core.calendar import deadline
from exchange.core.formatting import moment_shown
from exchange.core.refusals import Invalid, Refusal, TooLate
from exchange.core.use_case import use_case
from exchange.disputes.lifecycle import (
    COMPLAINT_DAYS,
    DISPUTE,
    DisputeKind,
    DisputeTransition,
    Remedy,
)
from exchange.disputes.models import Dispute
from exchange.members.actors import Actor, person_of
from exchange.members.permissions import Permission
from exchange.orders import performance
from exchange.orders.lifecycle import ORDER, OrderState
from exchange.orders.models import Order
from exchange.payments import disputed_sales, order_refunds, settlement
from pricing.money import Money


class DisputeRefused(Invalid):
    """A dispute says what is wrong, and asks for no more than the order cost."""

    code = "dispute_refused"


class DisputedBefore(Refusal):
    """An order is disputed once after it was closed, and not where it was disputed before."""

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
) -> Dispute:
    """As the buyer, dispute an order within its inspection period, or one that is closed within the time to
    complain (a bill of use, a renewal and an award are orders): the money is held until the dispute has
    ended. `wanted` is how much is asked back where that is a part. Raises DisputeRefused, TooLate and
    DisputedBefore."""
    _check(order, kind=kind, remedy=remedy, wanted=wanted)
    is_late = order.state == OrderState.CLOSED
    if is_late:
        _check_late(order, now=now)
    else:
        performance.object_to(order, actor=actor, reason=reason, kind=kind, now=now)
    dispute = Dispute(
        order=order,
        claimant=order.buyer,
        respondent=order.seller,
        opened_by_id=person_of(actor),
        kind=kind,
        remedy=remedy,
        currency=order.currency,
        wanted_minor=None if wanted is None else wanted.minor,
        opened_at=now,
    )
    if is_late:
        dispute.set_aside = list(
            disputed_sales.hold(
                order, amount=dispute.wanted, dispute_id=dispute.public_id, actor=actor, now=now
            )
        )
    return DISPUTE.transition(
        dispute, DisputeTransition.OPEN, actor=actor, reason=reason, reason_code=kind, now=now
    )


def complain_until(order: Order) -> datetime | None:
    """Until when a closed order can be disputed; None of one that is not closed, cost nothing, of which all
    went back, or that was disputed before."""
    made = settlement.settlement_of(order) if order.state == OrderState.CLOSED else None
    if made is None or order.disputes.exists() or not order_refunds.refundable(order).minor:
        return None
    return deadline(COMPLAINT_DAYS, now=made.settled_at)


def _check_late(order: Order, *, now: datetime) -> None:
    if order.disputes.exists():
        raise DisputedBefore(_("This order was disputed already; what was decided stands."))
    until = complain_until(order)
    if until is None:
        raise DisputeRefused(_("No money of this order is left to dispute."))
    if until <= now:
        said = _("The time to open a dispute ended on %(at)s.") % {"at": moment_shown(until)}
        raise TooLate(said, due_at=until.isoformat())


def _check(order: Order, *, kind: str, remedy: str, wanted: Money | None) -> None:
    if kind not in DisputeKind.values or remedy not in Remedy.values:
        raise DisputeRefused(
            _("Say what is wrong, and what you ask for."),
            kinds=list(DisputeKind.values),
            remedies=list(Remedy.values),
        )
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
