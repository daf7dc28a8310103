"""Negotiations as those see them whom they concern."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from exchange.catalog.models import Product
from exchange.core.refusals import NotFound
from exchange.members import policy
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission
from exchange.negotiation.lifecycle import NegotiationState, Side, Turn
from exchange.negotiation.models import RUNNING_STATES, Negotiation, Proposal
from exchange.negotiation.terms import Terms, read_terms


def subject_of(negotiation: Negotiation) -> Subject:
    """The negotiation as policy knows things: the buyer's, with the seller called in. Whoever
    accepted for the buyer made what a second person approves."""
    accepted_by = negotiation.accepted_by_id
    return Subject(
        organisation_id=negotiation.buyer_id,
        engaged=frozenset({negotiation.seller_id}),
        other_side=frozenset({negotiation.seller_id}),
        made_by=frozenset() if accepted_by is None else frozenset({accepted_by}),
    )


def dealing(product: Product, buyer_id: int) -> Subject:
    """What a buyer asks for when it negotiates about a product: the seller's, with the buyer in."""
    return Subject(organisation_id=product.seller_id, engaged=frozenset({buyer_id}))


def negotiation_seen_by(actor: Actor, negotiation_id: str) -> Negotiation:
    """The negotiation with its parties. Raises NotFound to those whom it does not concern."""
    found = (
        Negotiation.objects.filter(public_id=negotiation_id)
        .select_related(
            "buyer", "seller", "product", "accepted_by", "approved_by", "demand", "contract"
        )
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


def speaking_side(negotiation: Negotiation, actor: Actor) -> Side:
    """The side that the actor may speak for. Raises NotAllowed."""
    if side_of(negotiation, actor) is Side.SELLER:
        selling = dealing(negotiation.product, negotiation.buyer_id)
        policy.require(actor, Permission.QUOTE_MAKE, selling)
        return Side.SELLER
    policy.require(actor, Permission.QUOTE_ASK, dealing(negotiation.product, negotiation.buyer_id))
    return Side.BUYER


def negotiations_of(organisation_id: int, *, wanted: str = "") -> QuerySet[Negotiation]:
    """Those of the organisation: all, or only where it has the `turn`, that are `running` or
    `ended`."""
    bought, sold = Q(buyer_id=organisation_id), Q(seller_id=organisation_id)
    rows = Negotiation.objects.filter(bought | sold).select_related(
        "buyer", "seller", "product", "demand", "contract"
    )
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
    """The one that can be answered."""
    return negotiation.proposals.get(number=negotiation.proposals_count)


def terms_of(negotiation: Negotiation) -> Terms:
    """What the newest proposal says."""
    return read_terms(newest_proposal(negotiation).document["terms"])
