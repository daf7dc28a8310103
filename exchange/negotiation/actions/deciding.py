"""The ends of a negotiation: accepted, declined, withdrawn, expired, concluded."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from exchange.negotiation.actions.steps import (
    answered,
    check_in_time,
    check_running,
    locked_negotiation,
    newest_of,
    take_step,
)
from exchange.negotiation.errors import NothingToAccept, NotYourTurn
from exchange.negotiation.models import Negotiation, NegotiationStep
from exchange.negotiation.states import Move, NegotiationState, Side, Turn


@transaction.atomic
def accept(
    *,
    negotiation_id: str,
    side: Side,
    answers: str,
    needs_second: bool,
    actor: str,
    by_id: int | None,
    now: datetime,
) -> NegotiationStep:
    """Accept exactly the newest proposal, named by its hash. Where `needs_second`, a second person of
    the buyer approves before it binds.
    """
    negotiation = locked_negotiation(negotiation_id)
    newest = answered(negotiation, side=side, answers=answers, now=now)
    if newest.document["terms"]["price_minor"] is None:
        raise NothingToAccept(_("This proposal names no price: make an offer."))
    # Who bound the buyer: its person who accepts, or who made the proposal that the seller accepts.
    negotiation.accepted_by_id = by_id if side is Side.BUYER else newest.by_id
    return take_step(
        negotiation=negotiation,
        move=Move.HOLD if needs_second else Move.ACCEPT,
        actor=actor,
        organisation_id=_organisation(negotiation, side),
        by_id=by_id,
        proposal=newest,
        now=now,
    )


@transaction.atomic
def approve(*, negotiation_id: str, actor: str, by_id: int, now: datetime) -> NegotiationStep:
    """As the second person of the buyer, let an acceptance above the limit bind."""
    negotiation = locked_negotiation(negotiation_id)
    check_running(negotiation)
    negotiation.approved_by_id = by_id
    return take_step(
        negotiation=negotiation,
        move=Move.APPROVE,
        actor=actor,
        organisation_id=negotiation.buyer_id,
        by_id=by_id,
        proposal=newest_of(negotiation),
        now=now,
    )


@transaction.atomic
def decline(
    *,
    negotiation_id: str,
    side: Side,
    reason: str,
    actor: str,
    by_id: int | None,
    now: datetime,
) -> NegotiationStep:
    """End it, by the side that has to answer; or as the second person who does not approve."""
    negotiation = locked_negotiation(negotiation_id)
    check_running(negotiation)
    check_in_time(negotiation, newest_of(negotiation), now=now)
    if negotiation.turn not in (side.value, Turn.BOTH):
        raise _not_now(negotiation)
    return take_step(
        negotiation=negotiation,
        move=Move.DECLINE,
        actor=actor,
        organisation_id=_organisation(negotiation, side),
        by_id=by_id,
        reason=reason,
        proposal=newest_of(negotiation),
        now=now,
    )


@transaction.atomic
def withdraw(
    *,
    negotiation_id: str,
    side: Side,
    reason: str,
    actor: str,
    by_id: int | None,
    now: datetime,
) -> NegotiationStep:
    """Take one's own newest proposal back before it is answered; the negotiation ends."""
    negotiation = locked_negotiation(negotiation_id)
    check_running(negotiation)
    newest = newest_of(negotiation)
    check_in_time(negotiation, newest, now=now)
    if newest.side != side.value:
        raise _not_now(negotiation)
    return take_step(
        negotiation=negotiation,
        move=Move.WITHDRAW,
        actor=actor,
        organisation_id=_organisation(negotiation, side),
        by_id=by_id,
        reason=reason,
        proposal=newest,
        now=now,
    )


@transaction.atomic
def expire(*, negotiation_id: str, actor: str, now: datetime) -> NegotiationStep | None:
    """End one whose deadline has passed; None where somebody was quicker."""
    negotiation = locked_negotiation(negotiation_id)
    if negotiation.due_at is None or negotiation.due_at > now:
        return None
    return take_step(
        negotiation=negotiation,
        move=Move.EXPIRE,
        actor=actor,
        proposal=newest_of(negotiation),
        now=now,
    )


@transaction.atomic
def conclude(*, negotiation_id: str, actor: str, now: datetime) -> NegotiationStep:
    """Both sides have signed, and the order is placed."""
    negotiation = locked_negotiation(negotiation_id)
    return take_step(
        negotiation=negotiation,
        move=Move.CONCLUDE,
        actor=actor,
        proposal=newest_of(negotiation),
        now=now,
    )


def bind_contract(*, negotiation: Negotiation, contract_ref: str) -> None:
    """Name the contract that puts the agreement into words. The negotiation is locked."""
    negotiation.contract_ref = contract_ref
    negotiation.save(update_fields=["contract_ref"])


def _organisation(negotiation: Negotiation, side: Side) -> int:
    return negotiation.buyer_id if side is Side.BUYER else negotiation.seller_id


def _not_now(negotiation: Negotiation) -> NotYourTurn:
    return NotYourTurn(
        _("It is the other side's turn."),
        reason="not_your_turn",
        turn=negotiation.turn,
        state=NegotiationState(negotiation.state).value,
    )
