"""Dispute to money: how a dispute ends is carried out in the books, with access and documents."""

from datetime import datetime

from django.utils.translation import gettext as _

from exchange.contracts import performance as contracts
from exchange.core.scheduled import attempts
from exchange.core.use_case import use_case
from exchange.delivery import entitlements
from exchange.disputes import appeals, endings, offers
from exchange.disputes.lifecycle import DISPUTE, DisputeState, Outcome, Remedy
from exchange.disputes.models import Dispute
from exchange.disputes.queries import running_dispute
from exchange.journeys import acceptance, delivery
from exchange.members.actors import Actor
from exchange.orders import licence_windows, performance, placing, rulings, subscriptions
from exchange.orders.lifecycle import ORDER, OrderState, OrderTransition, RulingReason
from exchange.orders.models import Order
from exchange.orders.rulings import RulingRefused
from exchange.payments import disputed_sales, order_refunds
from pricing.money import Money

BATCH_MAX = 100


@use_case()
def rule_on(
    order_id: str,
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
    the buyer's access, or to refund it in full; a second operator decides. Raises RulingRefused where nothing
    would be left to release or no end of access is asked for, and IllegalTransition while the first ruling
    may be appealed."""
    order = rulings.rule_on(
        order_id, transition=transition, reason_code=reason_code, reason=reason, refund=refund,
        ends_access=ends_access, actor=actor, now=now,
    )  # fmt: skip
    if refund is not None and not order_refunds.preview(order, amount=refund).left.minor:
        raise RulingRefused(_("Nothing is left to release then: refund it in full."))
    dispute = running_dispute(order, lock=True)
    if ends_access and (dispute is None or dispute.remedy != Remedy.END_ACCESS):
        raise RulingRefused(_("Nobody asks for an end of the access to this order."))
    if dispute is not None:
        DISPUTE.check(dispute, appeals.decision_of(dispute))
    return order


@use_case()
def approve(ruling_id: str, *, actor: Actor, now: datetime) -> Order:
    """As a second operator, agree to what the first proposed. It is carried out at once where no dispute
    runs, or where it decides an appeal; else the sides may appeal first."""
    ruling = rulings.approve(ruling_id, actor=actor, now=now)
    dispute = running_dispute(ruling.order, lock=True)
    if dispute is None:
        order = rulings.enforce(ruling, actor=actor, now=now)
        return _carry_out(order, refund=ruling.refund, actor=actor, reason=ruling.reason, now=now)
    appeals.rule(dispute, ruling, actor=actor, now=now)
    return _follow_ruling(dispute, now=now) if dispute.outcome else ruling.order


@use_case()
def accept_ruling(dispute_id: str, *, actor: Actor, now: datetime) -> Dispute:
    """As a side that a ruling goes against, accept it: it is carried out once all such sides have."""
    dispute = appeals.accept(dispute_id, actor=actor, now=now)
    if dispute.outcome:
        _follow_ruling(dispute, now=now)
    return dispute


@use_case()
def withdraw_appeal(dispute_id: str, *, actor: Actor, now: datetime) -> Dispute:
    """As the side that appealed, withdraw the appeal: the first ruling is carried out."""
    dispute = appeals.withdraw(dispute_id, actor=actor, now=now)
    _follow_ruling(dispute, now=now)
    return dispute


@use_case()
def withdraw(dispute_id: str, *, actor: Actor, now: datetime) -> Dispute:
    """As who opened a dispute, withdraw it: the seller is paid."""
    dispute = endings.withdraw(dispute_id, actor=actor, now=now)
    _follow(dispute, RulingReason.WITHDRAWN, now=now)
    return dispute


@use_case()
def concede(dispute_id: str, *, actor: Actor, now: datetime) -> Dispute:
    """As the other side of a dispute, agree to what is asked for; it is carried out at once."""
    dispute = endings.concede(dispute_id, actor=actor, now=now)
    _follow(dispute, RulingReason.CONCEDED, now=now)
    return dispute


@use_case()
def take_offer(dispute_id: str, *, actor: Actor, number: int, now: datetime) -> Dispute:
    """As the side that an offer was made to, take it; it is carried out at once. Raises OfferGone."""
    dispute = endings.take_offer(dispute_id, actor=actor, number=number, now=now)
    _follow(dispute, RulingReason.AGREED, now=now)
    return dispute


def run_due(*, now: datetime) -> int:
    """End the disputes in which a side let its time pass, to answer or to appeal, then the offers that had
    theirs, each in a transaction of its own; how many."""
    keys = DISPUTE.due(now=now, limit=BATCH_MAX)
    ended = sum(attempts(DISPUTE.name, keys, lambda key: _expire(key, now=now)))
    keys = offers.lapsed(now=now, limit=BATCH_MAX)
    return ended + sum(attempts(DISPUTE.name, keys, lambda key: _lapse(key, now=now)))


@use_case()
def _lapse(key: int, *, now: datetime) -> bool:
    """Whether an offer had its time still, once its dispute is locked."""
    dispute = DISPUTE.lock_key(key)
    if dispute.offer_until is None or dispute.offer_until > now:
        return False
    offers.lapse(dispute, actor=placing.CLOCK, now=now)
    return True


@use_case()
def _expire(key: int, *, now: datetime) -> bool:
    """Whether one was due still, once its order and it are locked, in this order."""
    endings.lock_order(Dispute.objects.get(pk=key))
    dispute = DISPUTE.lock_key(key)
    is_waiting = DISPUTE.state_of(dispute) in DISPUTE.when_due
    if not is_waiting or dispute.due_at is None or dispute.due_at > now:
        return False
    if dispute.state == DisputeState.RULED:
        appeals.take_effect(dispute, actor=placing.CLOCK, now=now)
        _follow_ruling(dispute, now=now)
        return True
    endings.expire(dispute, actor=placing.CLOCK, now=now)
    _follow(dispute, RulingReason.UNANSWERED, now=now)
    return True


def _follow(dispute: Dispute, why: RulingReason, *, now: datetime) -> Order:
    """Do to the order what its dispute ended with, by its sides or the clock. No ruling waits any longer."""
    return _end_order(dispute, reason=str(why.label), reason_code=why, now=now)


def _follow_ruling(dispute: Dispute, *, now: datetime) -> Order:
    """Do to the order what the exchange has ruled, once that is final."""
    ruling = appeals.standing(dispute)
    return _end_order(
        dispute,
        reason=ruling.reason,
        reason_code=ruling.reason_code,
        by_id=ruling.proposed_by_id,
        approved_by_id=ruling.decided_by_id,
        now=now,
    )


def _end_order(
    dispute: Dispute,
    *,
    reason: str,
    reason_code: str,
    now: datetime,
    by_id: int | None = None,
    approved_by_id: int | None = None,
) -> Order:
    """Rights and the subscription are locked before any account, windows after them."""
    order, days = ORDER.lock_again(dispute.order), dispute.extended_days
    if dispute.outcome == Outcome.REDELIVERED:
        return delivery.deliver_anew(order, now=now)
    if days is not None:
        entitlements.extend_order(order, days=days, actor=performance.EXCHANGE, now=now)
        subscriptions.lock_any(order)
    if order.state == OrderState.CLOSED:
        order = _end_closed(order, dispute, reason=reason, now=now)
    else:
        order = _end_held(
            order, dispute, reason=reason, reason_code=reason_code, by_id=by_id,
            approved_by_id=approved_by_id, now=now,
        )  # fmt: skip
    if days is not None:
        _extend(order, days=days, now=now)
    return order


def _end_held(
    order: Order,
    dispute: Dispute,
    *,
    reason: str,
    reason_code: str,
    now: datetime,
    by_id: int | None,
    approved_by_id: int | None,
) -> Order:
    """A part that is all that is left by now, since more went back meanwhile, is a refund in full."""
    refund = dispute.refund
    is_refunded = dispute.outcome == Outcome.REFUNDED
    if refund is not None and refund >= order_refunds.refundable(order):
        is_refunded, refund = True, None
    ORDER.transition(
        order,
        OrderTransition.REFUND if is_refunded else OrderTransition.RELEASE,
        actor=performance.EXCHANGE,
        by_id=by_id,
        approved_by_id=approved_by_id,
        reason=reason,
        reason_code=reason_code,
        facts=rulings.refund_facts(refund),
        now=now,
    )
    return _carry_out(
        order, refund=refund, to_wallet=dispute.outcome == Outcome.CREDITED,
        actor=performance.EXCHANGE, reason=reason, now=now,
    )  # fmt: skip


def _extend(order: Order, *, days: int, now: datetime) -> None:
    """Move the end of the subscription that the order is of, and those of its licence window and of its
    contract's permit with the access."""
    subscriptions.extend(order, days=days, actor=performance.EXCHANGE, now=now)
    right = entitlements.entitlement_of_order(order)
    if right is not None and right.valid_until is not None:
        licence_windows.extend(order, until=right.valid_until)
        if order.contract is not None:
            contracts.extend(order.contract, until=right.valid_until)


def _end_closed(order: Order, dispute: Dispute, *, reason: str, now: datetime) -> Order:
    """An order that is closed stays so: its money is held no longer, and goes back as far as it should and
    is left. Where the access ends, a subscription is not renewed either."""
    actor, is_refunded = performance.EXCHANGE, dispute.outcome == Outcome.REFUNDED
    if dispute.outcome in endings.ENDS_ACCESS:
        entitlements.revoke_order(order, actor=actor, reason=reason, now=now)
        subscriptions.lock_any(order)
    disputed_sales.give_free(
        order, dispute.set_aside, dispute_id=dispute.public_id, actor=actor, now=now
    )
    back = order.total if is_refunded else dispute.refund
    amount = min(back or Money(0, order.currency), order_refunds.refundable(order))
    if amount.minor:
        order_refunds.refund(
            order, amount=amount, to_wallet=dispute.outcome == Outcome.CREDITED, reason=reason,
            actor=actor, now=now,
        )  # fmt: skip
    if dispute.outcome in endings.ENDS_ACCESS:
        subscriptions.stop_with(order, actor=actor, now=now)
    return order


def _carry_out(
    order: Order,
    *,
    refund: Money | None,
    actor: Actor,
    reason: str,
    now: datetime,
    to_wallet: bool = False,
) -> Order:
    """What follows for access and money. A part goes back out of what is held, before the rest is
    shared out."""
    if order.state == OrderState.ACCEPTED:
        if refund is not None:
            order_refunds.refund(
                order, amount=refund, to_wallet=to_wallet, reason=reason, actor=actor, now=now
            )
        return acceptance.close(order, now=now)
    if order.state == OrderState.REFUNDED:
        entitlements.revoke_order(order, actor=actor, reason=reason, now=now)
        order_refunds.refund(order, reason=reason, actor=actor, now=now)
    return order
