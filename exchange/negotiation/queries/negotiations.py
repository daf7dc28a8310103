"""Negotiations as those see them whom they concern."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from exchange.core.refusals import NotFound
from exchange.members import policy
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission
from exchange.negotiation.models import Negotiation, Proposal
from exchange.negotiation.states import RUNNING, NegotiationState, Side, Turn

RUNNING_STATES = [state.value for state in sorted(RUNNING)]


def subject_of(negotiation: Negotiation) -> Subject:
    """The negotiation as policy knows things: the buyer's, with the seller called in."""
    return Subject(
        organisation_id=negotiation.buyer_id,
        engaged=frozenset({negotiation.seller_id}),
        other_side=frozenset({negotiation.seller_id}),
    )


def negotiation_seen_by(actor: Actor, negotiation_id: str) -> Negotiation:
    """The negotiation with its parties. Raises NotFound to those whom it does not concern."""
    found = (
        Negotiation.objects.filter(public_id=negotiation_id)
        .select_related("buyer", "seller", "product", "accepted_by", "approved_by")
        .first()
    )
    if found is None:
        raise NotFound(_("There is no such negotiation."))
    policy.require(actor, Permission.NEGOTIATION_SEE, subject_of(found))
    return found


def side_of(negotiation: Negotiation, actor: Actor) -> Side | None:
    """From which side the actor looks; None for those who oversee."""
    if actor.organisation_id == negotiation.buyer_id:
        return Side.BUYER
    if actor.organisation_id == negotiation.seller_id:
        return Side.SELLER
    return None


def negotiations_of(organisation_id: int, *, wanted: str = "") -> QuerySet[Negotiation]:
    """Those of the organisation: all, or only where it has the `turn`, that are `running` or
    `ended`."""
    bought, sold = Q(buyer_id=organisation_id), Q(seller_id=organisation_id)
    rows = Negotiation.objects.filter(bought | sold).select_related("buyer", "seller", "product")
    if wanted == "turn":
        return rows.filter(
            (bought & Q(turn=Turn.BUYER)) | (sold & Q(turn=Turn.SELLER)) | Q(turn=Turn.BOTH)
        )
    if wanted == "running":
        return rows.filter(state__in=RUNNING_STATES)
    if wanted == "ended":
        return rows.exclude(state__in=RUNNING_STATES)
    return rows


def waiting_for_approval(organisation_id: int) -> QuerySet[Negotiation]:
    """The acceptances of the organisation that a second person has to approve."""
    rows = Negotiation.objects.filter(buyer_id=organisation_id, state=NegotiationState.APPROVING)
    return rows.select_related("buyer", "seller", "product", "accepted_by").order_by("due_at", "pk")


def newest_proposal(negotiation: Negotiation) -> Proposal:
    return negotiation.proposals.get(number=negotiation.proposals_count)


def overdue(*, now: datetime, limit: int) -> list[str]:
    """Public ids of running negotiations whose deadline has passed, longest overdue first."""
    rows = Negotiation.objects.filter(state__in=RUNNING_STATES, due_at__lte=now)
    return list(rows.order_by("due_at").values_list("public_id", flat=True)[:limit])
