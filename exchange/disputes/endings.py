"""How a dispute ends: by one side, by both, by the clock, or since its money went back. What the exchange
rules ends it by `appeals.py`.

Each sets the outcome alone; what it does to order and money is a journey (`journeys/disputes.py`). The
order is locked before its dispute.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from exchange.core.lifecycle import Change, Doer
from exchange.core.use_case import use_case
from exchange.delivery import entitlements
from exchange.disputes.lifecycle import (
    DISPUTE,
    DisputeTransition,
    DisputeTurn,
    OfferKind,
    Outcome,
    Remedy,
)
from exchange.disputes.models import OFFER_FIELDS, Dispute
from exchange.disputes.offers import check_stands
from exchange.disputes.queries import as_claimant, as_offered, as_respondent, running_dispute
from exchange.members.actors import Actor
from exchange.members.permissions import Permission
from exchange.orders import performance
from exchange.orders.lifecycle import ORDER
from exchange.orders.models import Order
from exchange.payments import order_refunds

# How a dispute ends where the buyer has the data no longer.
ENDS_ACCESS = (Outcome.REFUNDED, Outcome.ACCESS_ENDED)
ENDING = ("outcome", "refund_minor", "extended_days", "ended_at", *OFFER_FIELDS)
BY_OFFER = {
    OfferKind.REFUND: Outcome.PART_REFUNDED,
    OfferKind.CREDIT: Outcome.CREDITED,
    OfferKind.REDELIVER: Outcome.REDELIVERED,
    OfferKind.EXTEND: Outcome.EXTENDED,
}


def lock_order(dispute: Dispute | str) -> None:
    """Lock the order of a dispute, which comes before it. What is no dispute is left to its own lock."""
    which = {"public_id": dispute} if isinstance(dispute, str) else {"pk": dispute.pk}
    order_id = Dispute.objects.filter(**which).values_list("order_id", flat=True).first()
    if order_id is not None:
        ORDER.lock_key(order_id)


@use_case(Permission.DISPUTE_SPEAK, locks=DISPUTE, about=as_claimant, before=lock_order)
def withdraw(dispute: Dispute, *, actor: Actor, now: datetime) -> Dispute:
    """As who opened it, withdraw a dispute: the seller keeps the money."""
    return end(dispute, DisputeTransition.WITHDRAW, Outcome.RELEASED, actor=actor, now=now)


@use_case(Permission.DISPUTE_SPEAK, locks=DISPUTE, about=as_respondent, before=lock_order)
def concede(dispute: Dispute, *, actor: Actor, now: datetime) -> Dispute:
    """As the other side, agree to what is asked for."""
    return _as_asked(dispute, DisputeTransition.CONCEDE, actor=actor, now=now)


@use_case(Permission.DISPUTE_SPEAK, locks=DISPUTE, about=as_offered, before=lock_order)
def take_offer(dispute: Dispute, *, actor: Actor, number: int, now: datetime) -> Dispute:
    """As the side that an offer was made to, take it. Raises OfferGone."""
    check_stands(dispute, number, now=now)
    kind = OfferKind(dispute.offer_kind)
    outcome = BY_OFFER[kind]
    dispute.refund_minor, dispute.extended_days = dispute.offer_minor, dispute.offer_days
    if kind is OfferKind.REFUND and dispute.offered == order_refunds.refundable(dispute.order):
        outcome, dispute.refund_minor = Outcome.REFUNDED, None
    return end(
        dispute, DisputeTransition.TAKE_OFFER, outcome, actor=actor, now=now,
        facts={"made_by": dispute.offer_by},
    )  # fmt: skip


def expire(dispute: Dispute, *, actor: Doer, now: datetime) -> Dispute:
    """End a locked dispute whose time has come: who did not answer loses it."""
    if dispute.turn == DisputeTurn.CLAIMANT:
        return end(dispute, DisputeTransition.EXPIRE, Outcome.RELEASED, actor=actor, now=now)
    return _as_asked(dispute, DisputeTransition.EXPIRE, actor=actor, now=now)


def return_money(order: Order, change: Change) -> None:
    """End the dispute over an order of which all the money has gone back by another way. A reaction."""
    dispute = running_dispute(order, lock=True)
    if dispute is not None:
        end(
            dispute, DisputeTransition.RETURN_MONEY, Outcome.REFUNDED, actor=change.doer,
            reason=change.reason, now=change.at,
        )  # fmt: skip


def _as_asked(dispute: Dispute, name: DisputeTransition, *, actor: Doer, now: datetime) -> Dispute:
    if dispute.remedy == Remedy.END_ACCESS:
        return end(dispute, name, Outcome.ACCESS_ENDED, actor=actor, now=now)
    if dispute.remedy == Remedy.PART:
        dispute.refund_minor = dispute.wanted_minor
        return end(dispute, name, Outcome.PART_REFUNDED, actor=actor, now=now)
    return end(dispute, name, Outcome.REFUNDED, actor=actor, now=now)


def end(
    dispute: Dispute,
    name: DisputeTransition,
    outcome: Outcome,
    *,
    actor: Doer,
    now: datetime,
    save: Sequence[str] = (),
    **said: Any,
) -> Dispute:
    """End a locked dispute, whatever is offered in it. Access that rested for it goes on where it is not
    taken back."""
    dispute.outcome, dispute.ended_at = outcome, now
    dispute.clear_offer()
    if dispute.paused_step is not None and outcome not in ENDS_ACCESS:
        entitlements.resume_order(
            dispute.order, step=dispute.paused_step, actor=performance.EXCHANGE,
            reason=_("The dispute over this order has ended."), now=now,
        )  # fmt: skip
    return DISPUTE.transition(dispute, name, actor=actor, save=(*ENDING, *save), now=now, **said)
