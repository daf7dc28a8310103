"""The exchange rules on a dispute or a delivery that failed: money to the seller, back, or a part of it.

One operator proposes and another decides, whatever the amount: many small ones would slip under any limit.
What a ruling does to the money is a journey (`journeys/disputes.py`).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from exchange.core.lifecycle import Doer
from exchange.core.refusals import Invalid, Refusal
from exchange.core.use_case import use_case
from exchange.members import approvals
from exchange.members.actors import Actor, Subject, person_of
from exchange.members.permissions import Permission
from exchange.orders.lifecycle import (
    ORDER,
    RULING,
    Decision,
    OrderState,
    OrderTransition,
    RulingReason,
    RulingTransition,
)
from exchange.orders.models import Order, Ruling
from exchange.orders.models.orders import RULINGS
from exchange.orders.queries import subject_of
from pricing.money import Money

# Which reasons fit which ruling. Who refunds a part releases the rest, for a reason to refund.
GROUNDS: Mapping[OrderTransition, tuple[RulingReason, ...]] = {
    OrderTransition.RELEASE: (
        RulingReason.AS_DESCRIBED, RulingReason.AGREED, RulingReason.OTHER,
    ),
    OrderTransition.REFUND: (
        RulingReason.NOT_AS_DESCRIBED, RulingReason.NOT_READABLE, RulingReason.NOT_DELIVERED,
        RulingReason.RIGHTS_DOUBTFUL, RulingReason.AGREED, RulingReason.OTHER,
    ),
}  # fmt: skip

# Which reasons fit the end of the buyer's access, for which nothing goes back.
ENDS_ACCESS = (RulingReason.MISUSED, RulingReason.AGREED, RulingReason.OTHER)


class RulingOpen(Refusal):
    """Another ruling on the order still waits for a second operator."""

    code = "ruling_open"


class RulingRefused(Invalid):
    """A ruling is a release or a refund, in full or of a part, for one of the reasons that fit it."""

    code = "ruling_refused"


def ruling_concerns(ruling: Ruling) -> Subject:
    """The ruling as permissions see it: the order's parties, made by who proposed it."""
    return replace(subject_of(ruling.order), made_by=frozenset({ruling.proposed_by_id}))


def open_ruling(order: Order) -> Ruling | None:
    """What waits for a second operator."""
    return order.rulings.select_related("proposed_by").filter(decision=Decision.OPEN).first()


class RuledBefore(Refusal):
    """An appeal is decided by two who took no part in the ruling that it is against."""

    code = "ruled_before"


@use_case(Permission.ORDER_MODERATE, locks=ORDER)
def rule_on(
    order: Order,
    *,
    actor: Actor,
    transition: OrderTransition,
    reason_code: str,
    reason: str,
    now: datetime,
    refund: Money | None = None,
    ends_access: bool = False,
) -> Order:
    """As an operator, propose to release the money to the seller, all but `refund` of it or with an end of
    the buyer's access, or to refund it in full: the order stays as it is until a second operator approves.
    Raises RuledBefore."""
    check_fresh(order, actor)
    kind = _checked(transition, reason_code, refund, ends_access=ends_access)
    if refund is not None:
        _check_part(order, refund)
    _check_ruled(order, transition)
    if open_ruling(order) is not None:
        raise RulingOpen(_("A ruling on this order waits for a second operator already."))
    ruling = Ruling(
        order=order,
        transition=transition,
        refund_minor=None if refund is None else refund.minor,
        ends_access=ends_access,
        reason_code=kind,
        reason=ORDER.checked_reason(transition, reason),
        proposed_by_id=person_of(actor),
        proposed_at=now,
    )
    RULING.transition(ruling, RulingTransition.PROPOSE, actor=actor, reason=ruling.reason, now=now)
    return order


@use_case(Permission.RULING_DECIDE, locks=RULING)
def approve(ruling: Ruling, *, actor: Actor, now: datetime) -> Ruling:
    """As a second operator, agree to what the first proposed, who may still propose it; `enforce` carries
    it out. Its order is locked. Raises ProposerLeft and RuledBefore."""
    approvals.check_proposer(
        ruling.proposed_by,
        may=Permission.ORDER_MODERATE,
        about=ruling_concerns(ruling),
        second=actor,
        now=now,
    )
    ruling.order = ORDER.lock_again(ruling.order)
    _check_ruled(ruling.order, ruling.transition)
    _decide(ruling, RulingTransition.APPROVE, actor=actor, now=now)
    return ruling


def enforce(ruling: Ruling, *, actor: Doer, now: datetime) -> Order:
    """Do to the locked order of an approved ruling what it says."""
    return ORDER.transition(
        ruling.order,
        ruling.transition,
        actor=actor,
        by_id=ruling.proposed_by_id,
        approved_by_id=ruling.decided_by_id,
        reason=ruling.reason,
        reason_code=ruling.reason_code,
        facts=refund_facts(ruling.refund),
        now=now,
    )


def refund_facts(refund: Money | None) -> dict[str, str]:
    """What the step and the record of a release say of the part that is refunded."""
    return {} if refund is None else {"refund_minor": str(refund.minor)}


@use_case(Permission.RULING_DECIDE, locks=RULING)
def decline(ruling: Ruling, *, actor: Actor, now: datetime) -> Order:
    """As a second operator, turn down what the first proposed; the order stays as it is."""
    _decide(ruling, RulingTransition.DECLINE, actor=actor, now=now)
    return ruling.order


def _check_ruled(order: Order, transition: str) -> None:
    """An order that is closed stays so: a ruling on a dispute over it moves its money alone."""
    if order.state != OrderState.CLOSED:
        ORDER.check(order, transition)


def check_fresh(order: Order, actor: Actor) -> None:
    """Raise RuledBefore where the actor proposed or approved an earlier ruling on the order."""
    took_part = Q(proposed_by_id=actor.user_id) | Q(decided_by_id=actor.user_id)
    if order.rulings.filter(took_part, decision=Decision.APPROVED).exists():
        raise RuledBefore(
            _("You took part in the first ruling. Two other operators decide the appeal.")
        )


def _decide(ruling: Ruling, transition: RulingTransition, *, actor: Actor, now: datetime) -> None:
    RULING.check(ruling, transition)
    check_fresh(ruling.order, actor)
    ruling.decided_by_id, ruling.decided_at = person_of(actor), now
    RULING.transition(
        ruling,
        transition,
        actor=actor,
        reason=ruling.reason,
        save=("decided_by", "decided_at"),
        now=now,
    )


def _checked(
    transition: OrderTransition, reason_code: str, refund: Money | None, *, ends_access: bool
) -> RulingReason:
    fitting = GROUNDS.get(OrderTransition.REFUND if refund is not None else transition, ())
    if ends_access:
        releases_all = transition == OrderTransition.RELEASE and refund is None
        fitting = ENDS_ACCESS if releases_all else ()
    if transition not in RULINGS or reason_code not in fitting:
        raise RulingRefused(
            _("Choose a ruling and one of the reasons that fit it."),
            rulings=[one.value for one in RULINGS],
            reasons=[one.value for one in fitting],
        )
    return RulingReason(reason_code)


def _check_part(order: Order, refund: Money) -> None:
    if refund.currency == order.currency and 0 < refund.minor < order.total_minor:
        return
    raise RulingRefused(
        _("Refund more than nothing and less than %(total)s, or all of it.")
        % {"total": order.total},
        total_minor=order.total_minor,
    )
