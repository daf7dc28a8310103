"""Disputes as those see them whom they concern."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from exchange.core.refusals import NotFound
from exchange.disputes.lifecycle import (
    DISPUTE,
    DisputeState,
    DisputeTransition,
    DisputeTurn,
)
from exchange.disputes.models import Dispute, DisputeStep
from exchange.members import policy
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission
from exchange.orders.models import Order
from exchange.orders.queries import subject_of


def running_dispute(order: Order, *, lock: bool = False) -> Dispute | None:
    """The dispute that runs over the order, if one does."""
    rows = Dispute.objects.filter(order=order).exclude(state=DisputeState.ENDED)
    if lock:
        rows = rows.select_for_update(no_key=True, of=("self",))
    return rows.select_related("claimant", "respondent", "ruling").first()


def latest_dispute(order: Order) -> Dispute | None:
    """The dispute over the order that runs or was the last one."""
    return Dispute.objects.filter(order=order).order_by("-pk").first()


def disputes_of(organisation_id: int) -> QuerySet[Dispute]:
    """Those that the organisation opened or that were opened against it, newest first."""
    sides = Q(claimant_id=organisation_id) | Q(respondent_id=organisation_id)
    rows = Dispute.objects.filter(sides).select_related("order", "claimant", "respondent")
    return rows.order_by("-pk")


def waiting() -> QuerySet[Dispute]:
    """Those that wait for the exchange."""
    return Dispute.objects.filter(turn=DisputeTurn.OPERATOR)


def waiting_for(organisation_id: int) -> QuerySet[Dispute]:
    """Those in which the organisation has to do the next thing, or may appeal."""
    opened, met = Q(claimant_id=organisation_id), Q(respondent_id=organisation_id)
    return Dispute.objects.filter(
        (opened & Q(turn=DisputeTurn.CLAIMANT))
        | (met & Q(turn=DisputeTurn.RESPONDENT))
        | ((opened | met) & Q(turn=DisputeTurn.APPELLANT))
    )


def dispute_seen_by(actor: Actor, dispute_id: str) -> Dispute:
    """The dispute with its order. Raises NotFound to those whom it does not concern."""
    dispute = (
        Dispute.objects.filter(public_id=dispute_id)
        .select_related("order__buyer", "order__seller", "claimant", "respondent", "ruling")
        .first()
    )
    if dispute is None:
        raise NotFound(_("There is no such dispute."))
    policy.require(actor, Permission.ORDER_SEE, subject_of(dispute.order))
    return dispute


def _side(organisation_id: int, other_id: int) -> Subject:
    return Subject(
        organisation_id=organisation_id,
        engaged=frozenset({other_id}),
        other_side=frozenset({other_id}),
    )


def as_claimant(dispute: Dispute, **_said: object) -> Subject:
    """The dispute as a thing of who opened it."""
    return _side(dispute.claimant_id, dispute.respondent_id)


def as_respondent(dispute: Dispute, **_said: object) -> Subject:
    """The dispute as a thing of the other side."""
    return _side(dispute.respondent_id, dispute.claimant_id)


def as_asked(dispute: Dispute, **_said: object) -> Subject:
    """The dispute as a thing of the side whose turn it is."""
    is_claimants = dispute.turn == DisputeTurn.CLAIMANT
    return as_claimant(dispute) if is_claimants else as_respondent(dispute)


def side_of(dispute: Dispute, actor: Actor) -> DisputeTurn:
    """The side that the actor speaks for: who opened it, or else the other."""
    is_claimants = actor.organisation_id == dispute.claimant_id
    return DisputeTurn.CLAIMANT if is_claimants else DisputeTurn.RESPONDENT


def as_speaker(dispute: Dispute, *, actor: Actor, **_said: object) -> Subject:
    """The dispute as a thing of the side that the actor is on."""
    is_claimants = side_of(dispute, actor) is DisputeTurn.CLAIMANT
    return as_claimant(dispute) if is_claimants else as_respondent(dispute)


def as_offered(dispute: Dispute, *, actor: Actor, **_said: object) -> Subject:
    """The dispute as a thing of the side that the standing offer was made to."""
    if not dispute.offer_by:
        return as_speaker(dispute, actor=actor)
    is_claimants = dispute.offer_by == DisputeTurn.CLAIMANT
    return as_respondent(dispute) if is_claimants else as_claimant(dispute)


def speaker(step: DisputeStep, steps: Sequence[DisputeStep]) -> str:
    """Which side made a step, of all `steps` of the dispute: a reply is of the side that was asked."""
    if "side" in step.facts:
        return str(step.facts["side"])
    if "made_by" in step.facts:
        made_by_claimant = step.facts["made_by"] == DisputeTurn.CLAIMANT
        return DisputeTurn.RESPONDENT if made_by_claimant else DisputeTurn.CLAIMANT
    if step.transition != DisputeTransition.REPLY:
        return DISPUTE.transitions[step.transition].by
    asked = steps[step.number - 2].transition
    return (
        DisputeTurn.CLAIMANT if asked == DisputeTransition.ASK_CLAIMANT else DisputeTurn.RESPONDENT
    )
