"""What follows a delivery: the buyer accepts or objects, time runs out, the exchange rules."""

from datetime import datetime

from django.db import transaction

from exchange.audit.actions import log
from exchange.core.queries.rules import rule
from exchange.flows import closing, deliver_order, settle_trade
from exchange.flows.admission import person_of
from exchange.flows.buy_product import permit
from exchange.flows.order_recording import record_step
from exchange.members import policy
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission
from exchange.orders.actions import rulings
from exchange.orders.actions.steps import locked_order, take_step
from exchange.orders.models import Order, Ruling
from exchange.orders.states import Decision, Move

FOUR_EYES_FROM = "contract.four_eyes_from"


@transaction.atomic
def accept(*, actor: Actor, order_id: str, now: datetime) -> Order:
    """As the buyer, accept what was delivered: the seller is paid and the trade certified."""
    permit(actor, Permission.ORDER_ACCEPT, order_id)
    order = locked_order(order_id)
    step = take_step(
        order=order, move=Move.ACCEPT, actor=actor.name, by_id=person_of(actor), now=now
    )
    return closing.close_accepted(step)


@transaction.atomic
def object_to(*, actor: Actor, order_id: str, reason: str, now: datetime) -> Order:
    """As the buyer, object within the inspection time: the money stays held until the exchange rules."""
    permit(actor, Permission.ORDER_ACCEPT, order_id)
    order = locked_order(order_id)
    return record_step(
        take_step(
            order=order, move=Move.OBJECT, actor=actor.name, by_id=person_of(actor),
            reason=reason, now=now,
        )
    )  # fmt: skip


@transaction.atomic
def rule_on(
    *, actor: Actor, order_id: str, move: Move, reason_code: str, reason: str, now: datetime
) -> Order:
    """As an operator, release the money to the seller or refund it in full.

    From the amount of the rule `contract.four_eyes_from` on this only proposes it: a second operator
    decides.
    """
    permit(actor, Permission.ORDER_MODERATE, order_id)
    order = locked_order(order_id)
    kind, person_id = rulings.check_ruling(move, reason_code), person_of(actor)
    if not takes_two(order, now=now):
        return _carry_out(
            order, move, actor=actor.name, by_id=person_id, reason_code=kind, reason=reason, now=now
        )
    ruling = rulings.propose(
        order=order, move=move, reason_code=kind, reason=reason, by_id=person_id, now=now
    )
    _record_ruling(ruling, "proposed", actor, now)
    return order


def takes_two(order: Order, *, now: datetime) -> bool:
    """Whether a ruling on the order needs a second operator. In a currency that the rule does not
    name it does."""
    threshold = rule(key=FOUR_EYES_FROM, at=now).as_money()
    return order.currency != threshold.currency or order.total_minor >= threshold.minor


@transaction.atomic
def approve_ruling(*, actor: Actor, ruling_id: str, now: datetime) -> Order:
    """As a second operator, carry out what the first proposed."""
    order, ruling = _for_decision(actor, ruling_id)
    rulings.decide(ruling=ruling, decision=Decision.APPROVED, by_id=person_of(actor), now=now)
    _record_ruling(ruling, "approved", actor, now)
    return _carry_out(
        order,
        Move(ruling.move),
        actor=actor.name,
        by_id=ruling.proposed_by_id,
        approved_by_id=ruling.decided_by_id,
        reason_code=ruling.reason_code,
        reason=ruling.reason,
        now=now,
    )


@transaction.atomic
def decline_ruling(*, actor: Actor, ruling_id: str, now: datetime) -> Order:
    """As a second operator, turn down what the first proposed; the order stays as it is."""
    order, ruling = _for_decision(actor, ruling_id)
    rulings.decide(ruling=ruling, decision=Decision.DECLINED, by_id=person_of(actor), now=now)
    _record_ruling(ruling, "declined", actor, now)
    return order


def inspection_over(*, order_id: str, actor: str, now: datetime) -> Order | None:
    """Accept a delivery to which nobody objected in time; None when the buyer was quicker."""
    with transaction.atomic():
        order = locked_order(order_id)
        is_due = order.inspection_ends_at is not None and order.inspection_ends_at <= now
        if order.state != "delivered" or not is_due:
            return None
        return closing.accept_by_time(order=order, actor=actor, now=now)


def _carry_out(
    order: Order,
    move: Move,
    *,
    actor: str,
    by_id: int,
    reason_code: str,
    reason: str,
    now: datetime,
    approved_by_id: int | None = None,
) -> Order:
    step = take_step(
        order=order,
        move=move,
        actor=actor,
        by_id=by_id,
        approved_by_id=approved_by_id,
        reason=reason,
        reason_code=reason_code,
        now=now,
    )
    if move is Move.RELEASE:
        return closing.close_accepted(step)
    record_step(step)
    deliver_order.revoke(order=order, reason=step.reason, actor=actor, now=now)
    settle_trade.refund(order=order, reason=step.reason, actor=actor, now=now)
    return order


def _for_decision(actor: Actor, ruling_id: str) -> tuple[Order, Ruling]:
    """The order, locked first, and the ruling, if the actor may decide on it."""
    named = rulings.ruling_named(ruling_id)
    subject = Subject(
        organisation_id=named.order.buyer_id,
        other_side=frozenset({named.order.seller_id}),
        made_by=frozenset({named.proposed_by_id}),
    )
    policy.require(actor, Permission.RULING_DECIDE, subject)
    return locked_order(named.order.public_id), rulings.locked_ruling(ruling_id)


def _record_ruling(ruling: Ruling, event: str, actor: Actor, now: datetime) -> None:
    log.record(
        event=f"orders.ruling.{event}",
        actor=actor.name,
        subject=f"ruling:{ruling.public_id}",
        facts={
            "order": ruling.order.public_id,
            "move": str(ruling.move),
            "reason_code": str(ruling.reason_code),
        },
        personal={"reason": ruling.reason},
        at=now,
    )
