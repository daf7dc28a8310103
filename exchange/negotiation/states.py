"""The lifecycle of a negotiation as a table: which move, from where, by whom, whose turn it is then."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from exchange.core.moves import lifecycle


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

    @property
    def other(self) -> "Side":
        return Side.SELLER if self is Side.BUYER else Side.BUYER


class Origin(TextChoices):
    """What opened a negotiation."""

    QUOTE = "quote", _("Request for a quote")
    PRIVATE_OFFER = "private_offer", _("Private offer")
    DEMAND = "demand", _("Answer to a request on the board")
    SUBSCRIPTION = "subscription", _("Request for a subscription")


class Move(TextChoices):
    """What can happen to a negotiation. Each is one row of MOVES and, when done, one step."""

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


class Term(StrEnum):
    """How long the next act may take: rules of the pack."""

    ANSWER = "negotiation.answer_days"
    APPROVAL = "contract.confirmation_days"
    SIGNING = "contract.signing_days"


@dataclass(frozen=True)
class MoveRule:
    """From which states a side may make the move, where it leads, whose turn it is then, how long."""

    sources: frozenset[NegotiationState]
    target: NegotiationState
    turn: Turn
    term: Term | None = None


S, T = NegotiationState, Turn


def _from(*sources: NegotiationState) -> frozenset[NegotiationState]:
    return frozenset(sources)


_OPEN = _from(S.REQUESTED, S.OFFERED)
# A seller's proposal leads to OFFERED, a buyer's to REQUESTED: both may open or go on.
MOVES: Mapping[Move, MoveRule] = {
    Move.ASK: MoveRule(_from(), S.REQUESTED, T.SELLER, Term.ANSWER),
    Move.OFFER: MoveRule(_from(S.REQUESTED), S.OFFERED, T.BUYER, Term.ANSWER),
    Move.COUNTER: MoveRule(_from(S.OFFERED), S.REQUESTED, T.SELLER, Term.ANSWER),
    Move.ACCEPT: MoveRule(_OPEN, S.ACCEPTED, T.BOTH, Term.SIGNING),
    Move.HOLD: MoveRule(_OPEN, S.APPROVING, T.BUYER, Term.APPROVAL),
    Move.APPROVE: MoveRule(_from(S.APPROVING), S.ACCEPTED, T.BOTH, Term.SIGNING),
    Move.DECLINE: MoveRule(_OPEN | _from(S.APPROVING), S.DECLINED, T.NOBODY),
    Move.WITHDRAW: MoveRule(_OPEN, S.WITHDRAWN, T.NOBODY),
    Move.EXPIRE: MoveRule(_OPEN | _from(S.APPROVING, S.ACCEPTED), S.EXPIRED, T.NOBODY),
    Move.CONCLUDE: MoveRule(_from(S.ACCEPTED), S.CONCLUDED, T.NOBODY),
}
# A seller may begin, too: with a private offer, or in answer to a request on the board.
OPENING: Mapping[Side, Move] = {Side.BUYER: Move.ASK, Side.SELLER: Move.OFFER}
ANSWERING: Mapping[Side, Move] = {Side.BUYER: Move.COUNTER, Side.SELLER: Move.OFFER}

NEGOTIATION_MOVES: Mapping[NegotiationState, frozenset[NegotiationState]] = lifecycle(
    name="negotiation.negotiation",
    title=_("Negotiation"),
    start=NegotiationState.REQUESTED,
    moves={
        state: frozenset(rule.target for rule in MOVES.values() if state in rule.sources)
        for state in NegotiationState
    },
)

EVENTS: Mapping[Move, str] = {
    Move.ASK: "negotiation.quote.asked",
    Move.OFFER: "negotiation.offer.made",
    Move.COUNTER: "negotiation.offer.countered",
    Move.ACCEPT: "negotiation.offer.accepted",
    Move.HOLD: "negotiation.offer.held",
    Move.APPROVE: "negotiation.offer.approved",
    Move.DECLINE: "negotiation.offer.declined",
    Move.WITHDRAW: "negotiation.offer.withdrawn",
    Move.EXPIRE: "negotiation.offer.expired",
    Move.CONCLUDE: "negotiation.deal.concluded",
}

OPEN: frozenset[NegotiationState] = _OPEN
RUNNING: frozenset[NegotiationState] = _OPEN | _from(S.APPROVING, S.ACCEPTED)
ENDED: frozenset[NegotiationState] = frozenset(NegotiationState) - RUNNING
NEED_REASON: frozenset[Move] = frozenset({Move.DECLINE})


def legal_steps() -> list[tuple[Move, str, NegotiationState]]:
    """Every (move, from, to) that a step may record; `from` is empty for the first step."""
    steps: list[tuple[Move, str, NegotiationState]] = [
        (move, "", MOVES[move].target) for move in OPENING.values()
    ]
    for move, rule in MOVES.items():
        steps.extend((move, source, rule.target) for source in sorted(rule.sources))
    return steps
