"""The lifecycle of a negotiation as a table, and the choices that a negotiation is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from exchange.core.lifecycle import NEW, Lifecycle, Transition

if TYPE_CHECKING:
    from exchange.negotiation.models import Negotiation

ANSWER = "negotiation.answer_days"
APPROVAL = "contract.confirmation_days"
SIGNING = "contract.signing_days"


class NegotiationState(TextChoices):
    """Where a negotiation stands."""

    REQUESTED = "requested", _("The seller is asked")
    OFFERED = "offered", _("An offer lies with the buyer")
    APPROVING = "approving", _("Waits for a second person of the buyer")
    ACCEPTED = "accepted", _("Agreed, to be signed")
    CONCLUDED = "concluded", _("Signed and ordered")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXPIRED = "expired", _("Expired")


class Turn(TextChoices):
    """Who has to do the next thing."""

    BUYER = "buyer", _("The buyer")
    SELLER = "seller", _("The seller")
    BOTH = "both", _("Both sides")
    NOBODY = "nobody", _("Nobody")


class Side(TextChoices):
    """From which side somebody negotiates."""

    BUYER = "buyer", _("Buyer")
    SELLER = "seller", _("Seller")


class Origin(TextChoices):
    """What opened a negotiation."""

    QUOTE = "quote", _("Request for a quote")
    PRIVATE_OFFER = "private_offer", _("Private offer")
    DEMAND = "demand", _("Answer to a request on the board")
    SUBSCRIPTION = "subscription", _("Request for a subscription")


class NegotiationTransition(TextChoices):
    """What can happen to a negotiation. Each is one row of NEGOTIATION and, when done, one step."""

    ASK = "ask", _("Quote asked for")
    OFFER = "offer", _("Offer made")
    COUNTER = "counter", _("Counter-offer made")
    ACCEPT = "accept", _("Accepted")
    HOLD = "hold", _("Accepted; a second person of the buyer has to approve")
    APPROVE = "approve", _("Approved by a second person")
    DECLINE = "decline", _("Declined")
    WITHDRAW = "withdraw", _("Withdrawn")
    EXPIRE = "expire", _("Expired, since the time for it was over")
    CONCLUDE = "conclude", _("Contract signed by both sides and order placed")


S, T, X = NegotiationState, Turn, NegotiationTransition
OPEN = frozenset({S.REQUESTED, S.OFFERED})
RUNNING = OPEN | {S.APPROVING, S.ACCEPTED}

# A seller's proposal leads to OFFERED, a buyer's to REQUESTED: both may open or go on.
NEGOTIATION: Lifecycle[Negotiation] = Lifecycle(
    "negotiation.negotiation",
    NegotiationState,
    title=_("Negotiation"),
    start=S.REQUESTED,
    transitions=(
        Transition(
            X.ASK, NEW, S.REQUESTED, by=Side.BUYER, turn=T.SELLER, term=ANSWER,
            event="negotiation.quote.asked",
        ),
        Transition(
            X.OFFER, (NEW, S.REQUESTED), S.OFFERED, by=Side.SELLER, turn=T.BUYER, term=ANSWER,
            in_time=True, event="negotiation.offer.made",
        ),
        Transition(
            X.COUNTER, S.OFFERED, S.REQUESTED, by=Side.BUYER, turn=T.SELLER, term=ANSWER,
            in_time=True, event="negotiation.offer.countered",
        ),
        Transition(
            X.ACCEPT, OPEN, S.ACCEPTED, turn=T.BOTH, term=SIGNING,
            in_time=True, event="negotiation.offer.accepted",
        ),
        Transition(
            X.HOLD, OPEN, S.APPROVING, turn=T.BUYER, term=APPROVAL,
            in_time=True, event="negotiation.offer.held",
        ),
        Transition(
            X.APPROVE, S.APPROVING, S.ACCEPTED, by=Side.BUYER, turn=T.BOTH, term=SIGNING,
            in_time=True, event="negotiation.offer.approved",
        ),
        Transition(
            X.DECLINE, OPEN | {S.APPROVING}, S.DECLINED, turn=T.NOBODY,
            event="negotiation.offer.declined", needs_reason=True,
        ),
        Transition(
            X.WITHDRAW, OPEN, S.WITHDRAWN, turn=T.NOBODY, event="negotiation.offer.withdrawn",
        ),
        Transition(
            X.EXPIRE, RUNNING, S.EXPIRED, turn=T.NOBODY, event="negotiation.offer.expired",
        ),
        Transition(
            X.CONCLUDE, S.ACCEPTED, S.CONCLUDED, turn=T.NOBODY,
            in_time=True, event="negotiation.deal.concluded",
        ),
    ),
    when_due=dict.fromkeys(RUNNING, X.EXPIRE),
)  # fmt: skip

OPENING = {Side.BUYER: X.ASK, Side.SELLER: X.OFFER}
ANSWERING = {Side.BUYER: X.COUNTER, Side.SELLER: X.OFFER}
