"""The road of a disposal as a table: what may happen, from where, by whom, and whose turn it is then."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exchange.core.moves import lifecycle


class DisposalState(TextChoices):
    """Where a disposal stands."""

    PLANNED = "planned", _("Planned")
    DECIDED = "decided", _("Decided within the enterprise")
    VALUED = "valued", _("Valued")
    FILED = "filed", _("Valuation filed")
    ANNOUNCED = "announced", _("Announced")
    SUSPENDED = "suspended", _("Announcement suspended")
    QUALIFYING = "qualifying", _("Bidders are being examined")
    NO_BUYER = "no_buyer", _("No buyer")
    ONE_BUYER = "one_buyer", _("One buyer")
    BIDDING = "bidding", _("Bidding")
    WON = "won", _("Buyer found")
    RESULT_NOTICE = "result_notice", _("Result is public")
    CONTRACTED = "contracted", _("Contract concluded")
    PAID = "paid", _("Paid")
    CERTIFIED = "certified", _("Certificate issued")
    TRANSFERRED = "transferred", _("Right transferred")
    STALE = "stale", _("Valuation to be redone")
    CANCELLED = "cancelled", pgettext_lazy("disposal", "Cancelled")


class Turn(TextChoices):
    """Who has to do the next thing."""

    SELLER = "seller", _("The seller")
    COMMITTEE = "committee", _("The seller's committee")
    BIDDERS = "bidders", _("The bidders")
    OPERATOR = "operator", _("The exchange")
    BUYER = "buyer", _("The buyer")
    NOBODY = "nobody", _("Nobody")


class Move(TextChoices):
    """What can happen to a disposal. Each is one row of MOVES and, when done, one step."""

    PLAN = "plan", _("Disposal planned")
    DECIDE = "decide", _("Decided by the seller's committee")
    VALUE = "value", _("Valuation or memo handed in")
    FILE = "file", _("Valuation filed")
    ANNOUNCE = "announce", _("Announced")
    SUSPEND = "suspend", _("Announcement suspended by the exchange")
    RESUME = "resume", _("Announcement goes on")
    CLOSE = "close", _("Announcement ended")
    FIND_NONE = "find_none", _("No qualified bidder")
    FIND_ONE = "find_one", _("One qualified bidder")
    FIND_MANY = "find_many", _("Several qualified bidders: bidding opened")
    EXTEND = "extend", _("Announced again at the same floor")
    CONSENT = "consent", _("Consent to a lower floor handed in")
    LOWER = "lower", _("Announced again at a lower floor")
    AGREE = "agree", _("Agreed with the one buyer")
    AWARD = "award", _("Bidding won")
    APPROVE_RELATED = "approve_related", _("Related buyer approved")
    PUBLISH = "publish", _("Result published")
    CONTRACT = "contract", pgettext_lazy("disposal", "Contract concluded")
    PAY = "pay", _("Price paid")
    DEFAULT = "default", _("The buyer did not pay")
    CERTIFY = "certify", pgettext_lazy("disposal", "Certificate issued")
    TRANSFER = "transfer", pgettext_lazy("disposal", "Right transferred")
    EXPIRE = "expire", _("The valuation has to be redone")
    CANCEL = "cancel", _("Disposal cancelled")


class Party(StrEnum):
    """Who makes a move. The exchange's own clock makes those of SYSTEM."""

    SELLER = "seller"
    COMMITTEE = "committee"
    OPERATOR = "operator"
    SYSTEM = "system"


@dataclass(frozen=True)
class MoveRule:
    """From where a move may be made and by whom, where it leads (None: it stays), whose turn then."""

    sources: frozenset[DisposalState]
    target: DisposalState | None
    party: Party
    turn: Turn


def _from(*sources: DisposalState) -> frozenset[DisposalState]:
    return frozenset(sources)


S, T, P = DisposalState, Turn, Party
_OPEN = (S.PLANNED, S.DECIDED, S.VALUED, S.FILED, S.NO_BUYER, S.SUSPENDED, S.STALE)
MOVES: Mapping[Move, MoveRule] = {
    Move.PLAN: MoveRule(_from(), S.PLANNED, P.SELLER, T.COMMITTEE),
    Move.DECIDE: MoveRule(_from(S.PLANNED), S.DECIDED, P.COMMITTEE, T.SELLER),
    Move.VALUE: MoveRule(_from(S.DECIDED, S.STALE), S.VALUED, P.SELLER, T.SELLER),
    Move.FILE: MoveRule(_from(S.VALUED), S.FILED, P.SELLER, T.SELLER),
    Move.ANNOUNCE: MoveRule(_from(S.FILED), S.ANNOUNCED, P.SELLER, T.BIDDERS),
    Move.SUSPEND: MoveRule(_from(S.ANNOUNCED), S.SUSPENDED, P.OPERATOR, T.OPERATOR),
    Move.RESUME: MoveRule(_from(S.SUSPENDED), S.ANNOUNCED, P.OPERATOR, T.BIDDERS),
    Move.CLOSE: MoveRule(_from(S.ANNOUNCED), S.QUALIFYING, P.SYSTEM, T.OPERATOR),
    Move.FIND_NONE: MoveRule(_from(S.QUALIFYING), S.NO_BUYER, P.SYSTEM, T.SELLER),
    Move.FIND_ONE: MoveRule(_from(S.QUALIFYING), S.ONE_BUYER, P.SYSTEM, T.SELLER),
    Move.FIND_MANY: MoveRule(_from(S.QUALIFYING), S.BIDDING, P.SYSTEM, T.BIDDERS),
    Move.EXTEND: MoveRule(_from(S.NO_BUYER), S.ANNOUNCED, P.SELLER, T.BIDDERS),
    Move.CONSENT: MoveRule(_from(S.NO_BUYER), None, P.COMMITTEE, T.SELLER),
    Move.LOWER: MoveRule(_from(S.NO_BUYER), S.ANNOUNCED, P.SELLER, T.BIDDERS),
    Move.AGREE: MoveRule(_from(S.ONE_BUYER), S.WON, P.SELLER, T.OPERATOR),
    Move.AWARD: MoveRule(_from(S.BIDDING), S.WON, P.SYSTEM, T.OPERATOR),
    Move.APPROVE_RELATED: MoveRule(_from(S.WON), None, P.COMMITTEE, T.OPERATOR),
    Move.PUBLISH: MoveRule(_from(S.WON), S.RESULT_NOTICE, P.OPERATOR, T.NOBODY),
    Move.CONTRACT: MoveRule(_from(S.RESULT_NOTICE), S.CONTRACTED, P.SYSTEM, T.BUYER),
    Move.PAY: MoveRule(_from(S.CONTRACTED), S.PAID, P.SYSTEM, T.BUYER),
    Move.DEFAULT: MoveRule(_from(S.CONTRACTED), S.NO_BUYER, P.SYSTEM, T.SELLER),
    Move.CERTIFY: MoveRule(_from(S.PAID), S.CERTIFIED, P.SYSTEM, T.NOBODY),
    Move.TRANSFER: MoveRule(_from(S.CERTIFIED), S.TRANSFERRED, P.SYSTEM, T.NOBODY),
    Move.EXPIRE: MoveRule(_from(S.VALUED, S.FILED, S.NO_BUYER), S.STALE, P.SYSTEM, T.SELLER),
    Move.CANCEL: MoveRule(_from(*_OPEN), S.CANCELLED, P.SELLER, T.NOBODY),
}

DISPOSAL_MOVES: Mapping[DisposalState, frozenset[DisposalState]] = lifecycle(
    name="disposals.disposal",
    title=_("Disposal of a state asset"),
    start=DisposalState.PLANNED,
    moves={
        state: frozenset(
            rule.target
            for rule in MOVES.values()
            if rule.target is not None and state in rule.sources
        )
        for state in DisposalState
    },
)

# The name under which each step is known outside.
EVENTS: Mapping[Move, str] = {
    Move.PLAN: "disposals.disposal.planned",
    Move.DECIDE: "disposals.disposal.decided",
    Move.VALUE: "disposals.disposal.valued",
    Move.FILE: "disposals.disposal.filed",
    Move.ANNOUNCE: "disposals.disposal.announced",
    Move.SUSPEND: "disposals.disposal.suspended",
    Move.RESUME: "disposals.disposal.resumed",
    Move.CLOSE: "disposals.disposal.closed",
    Move.FIND_NONE: "disposals.disposal.no_buyer_found",
    Move.FIND_ONE: "disposals.disposal.one_buyer_found",
    Move.FIND_MANY: "disposals.disposal.bidding_opened",
    Move.EXTEND: "disposals.disposal.extended",
    Move.CONSENT: "disposals.disposal.consented",
    Move.LOWER: "disposals.disposal.lowered",
    Move.AGREE: "disposals.disposal.agreed",
    Move.AWARD: "disposals.disposal.awarded",
    Move.APPROVE_RELATED: "disposals.disposal.related_buyer_approved",
    Move.PUBLISH: "disposals.disposal.result_published",
    Move.CONTRACT: "disposals.disposal.contracted",
    Move.PAY: "disposals.disposal.paid",
    Move.DEFAULT: "disposals.disposal.defaulted",
    Move.CERTIFY: "disposals.disposal.certified",
    Move.TRANSFER: "disposals.disposal.transferred",
    Move.EXPIRE: "disposals.disposal.expired",
    Move.CANCEL: "disposals.disposal.cancelled",
}
NEED_REASON: frozenset[Move] = frozenset(
    {Move.SUSPEND, Move.RESUME, Move.CANCEL, Move.APPROVE_RELATED, Move.DECIDE}
)
# Before its first announcement a disposal is known to its seller and to who oversees.
IN_PREPARATION: frozenset[DisposalState] = frozenset({S.PLANNED, S.DECIDED, S.VALUED, S.FILED})
# Something is left for the clock to do.
TENDED: frozenset[DisposalState] = frozenset(
    {
        S.VALUED, S.FILED, S.ANNOUNCED, S.QUALIFYING, S.NO_BUYER, S.BIDDING, S.WON,
        S.RESULT_NOTICE, S.CONTRACTED, S.PAID, S.CERTIFIED,
    }
)  # fmt: skip


class Round(TextChoices):
    """Why an announcement was made."""

    FIRST = "first", _("First announcement")
    EXTENDED = "extended", _("Extended at the same floor")
    LOWERED = "lowered", _("Lowered floor")


class Standing(TextChoices):
    """What the exchange found of a bidder."""

    REGISTERED = "registered", _("Registered")
    QUALIFIED = "qualified", _("Qualified")
    REJECTED = "rejected", _("Not qualified")


class Paper(TextChoices):
    """What a document is for."""

    MINUTES = "minutes", _("Minutes of the decision")
    VALUATION = "valuation", _("Valuation report")
    MEMO = "memo", _("Memo on consulted firms")
    FILING = "filing", _("Proof of filing")
    CONSENT = "consent", _("Consent of the approver")


def legal_steps() -> list[tuple[Move, str, DisposalState]]:
    """Every (move, from, to) that a step may record; `from` is empty for the first step."""
    steps: list[tuple[Move, str, DisposalState]] = []
    for move, rule in MOVES.items():
        if not rule.sources and rule.target is not None:
            steps.append((move, "", rule.target))
        steps.extend((move, source, rule.target or source) for source in sorted(rule.sources))
    return steps
