"""The exchange rules on an objection or a delivery that failed: money to the seller, or back.

One operator proposes and another decides, whatever the amount: many small ones would slip under any limit.
What a ruling does to the money is a journey (`journeys/rulings.py`).
"""

from datetime import datetime

from django.utils.translation import gettext as _

from exchange.core.refusals import Invalid, Refusal
from exchange.core.use_case import use_case
from exchange.members.actors import Actor, Subject, person_of
from exchange.members.permissions import Permission
from exchange.orders.lifecycle import (
    ORDER,
    RULING,
    Decision,
    OrderTransition,
    RulingReason,
    RulingTransition,
)
from exchange.orders.models import Order, Ruling
from exchange.orders.models.orders import RULINGS
from exchange.orders.queries import subject_of


class RulingOpen(Refusal):
    """Another ruling on the order still waits for a second operator."""

    code = "ruling_open"


class RulingRefused(Invalid):
    """A ruling is a release or a refund, for one of the reasons listed."""

    code = "ruling_refused"


def ruling_concerns(ruling: Ruling) -> Subject:
    """The ruling as permissions see it: the order's parties, made by who proposed it."""
    order = subject_of(ruling.order)
    return Subject(
        organisation_id=order.organisation_id,
        engaged=order.engaged,
        made_by=frozenset({ruling.proposed_by_id}),
        other_side=order.other_side,
    )


def reason_of(ruling_id: str) -> str:
    """The reason that the first operator gave."""
    return Ruling.objects.values_list("reason", flat=True).get(public_id=ruling_id)


@use_case(Permission.ORDER_MODERATE, locks=ORDER)
def rule_on(
    order: Order,
    *,
    actor: Actor,
    transition: OrderTransition,
    reason_code: str,
    reason: str,
    now: datetime,
) -> Order:
    """As an operator, propose to release the money to the seller or to refund it in full: the order
    stays as it is until a second operator approves."""
    kind = _checked(transition, reason_code)
    ORDER.check(order, transition)
    if order.rulings.filter(decision=Decision.OPEN).exists():
        raise RulingOpen(_("A ruling on this order waits for a second operator already."))
    ruling = Ruling(
        order=order,
        transition=transition,
        reason_code=kind,
        reason=ORDER.checked_reason(transition, reason),
        proposed_by_id=person_of(actor),
        proposed_at=now,
    )
    RULING.transition(ruling, RulingTransition.PROPOSE, actor=actor, reason=ruling.reason, now=now)
    return order


@use_case(Permission.RULING_DECIDE, locks=RULING)
def approve(ruling: Ruling, *, actor: Actor, now: datetime) -> Order:
    """As a second operator, carry out what the first proposed."""
    _decide(ruling, RulingTransition.APPROVE, actor=actor, now=now)
    return ORDER.transition(
        ORDER.lock_again(ruling.order),
        ruling.transition,
        actor=actor,
        by_id=ruling.proposed_by_id,
        approved_by_id=ruling.decided_by_id,
        reason=ruling.reason,
        reason_code=ruling.reason_code,
        now=now,
    )


@use_case(Permission.RULING_DECIDE, locks=RULING)
def decline(ruling: Ruling, *, actor: Actor, now: datetime) -> Order:
    """As a second operator, turn down what the first proposed; the order stays as it is."""
    _decide(ruling, RulingTransition.DECLINE, actor=actor, now=now)
    return ruling.order


def _decide(ruling: Ruling, transition: RulingTransition, *, actor: Actor, now: datetime) -> None:
    ruling.decided_by_id, ruling.decided_at = person_of(actor), now
    RULING.transition(
        ruling,
        transition,
        actor=actor,
        reason=ruling.reason,
        save=("decided_by", "decided_at"),
        now=now,
    )


def _checked(transition: OrderTransition, reason_code: str) -> RulingReason:
    if transition not in RULINGS or reason_code not in RulingReason.values:
        raise RulingRefused(
            _("Choose a ruling and one of the reasons."),
            rulings=[one.value for one in RULINGS],
            reasons=list(RulingReason.values),
        )
    return RulingReason(reason_code)
