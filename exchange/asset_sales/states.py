"""The road of an asset sale as a table: what may happen, from where, by whom, and whose turn it is then."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exchange.core.moves import lifecycle


class AssetSaleState(TextChoices):
    """Where an asset sale stands."""

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
    CANCELLED = "cancelled", pgettext_lazy("asset_sale", "Cancelled")


class Turn(TextChoices):
    """Who has to do the next thing."""

    SELLER = "seller", _("The seller")
    COMMITTEE = "committee", _("The seller's committee")
    BIDDERS = "bidders", _("The bidders")
    OPERATOR = "operator", _("The exchange")
    BUYER = "buyer", _("The buyer")
    NOBODY = "nobody", _("Nobody")


class Move(TextChoices):
    """What can happen to an asset sale. Each is one row of MOVES and, when done, one step."""

    PLAN = "plan", _("Asset sale planned")
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
    CONTRACT = "contract", pgettext_lazy("asset_sale", "Contract concluded")
    PAY = "pay", _("Price paid")
    DEFAULT = "default", _("The buyer did not pay")
    CERTIFY = "certify", pgettext_lazy("asset_sale", "Certificate issued")
    TRANSFER = "transfer", pgettext_lazy("asset_sale", "Right transferred")
    EXPIRE = "expire", _("The valuation has to be redone")
    CANCEL = "cancel", _("Asset sale cancelled")


class Party(StrEnum):
    """Who makes a move. The exchange's own clock makes those of SYSTEM."""

    SELLER = "seller"
    COMMITTEE = "committee"
    OPERATOR = "operator"
    SYSTEM = "system"


@dataclass(frozen=True)
class MoveRule:
    """From where a move may be made and by whom, where it leads (None: it stays), whose turn then."""

    sources: frozenset[AssetSaleState]
    target: AssetSaleState | None
    party: Party
    turn: Turn


def _from(*sources: AssetSaleState) -> frozenset[AssetSaleState]:
    return frozenset(sources)


S, T, P = AssetSaleState, Turn, Party
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

ASSET_SALE_MOVES: Mapping[AssetSaleState, frozenset[AssetSaleState]] = lifecycle(
    name="asset_sales.asset_sale",
    title=_("Sale of a state asset"),
    start=AssetSaleState.PLANNED,
    moves={
        state: frozenset(
            rule.target
            for rule in MOVES.values()
            if rule.target is not None and state in rule.sources
        )
        for state in AssetSaleState
    },
)

# The name under which each step is known outside.
EVENTS: Mapping[Move, str] = {
    Move.PLAN: "asset_sales.asset_sale.planned",
    Move.DECIDE: "asset_sales.asset_sale.decided",
    Move.VALUE: "asset_sales.asset_sale.valued",
    Move.FILE: "asset_sales.asset_sale.filed",
    Move.ANNOUNCE: "asset_sales.asset_sale.announced",
    Move.SUSPEND: "asset_sales.asset_sale.suspended",
    Move.RESUME: "asset_sales.asset_sale.resumed",
    Move.CLOSE: "asset_sales.asset_sale.closed",
    Move.FIND_NONE: "asset_sales.asset_sale.no_buyer_found",
    Move.FIND_ONE: "asset_sales.asset_sale.one_buyer_found",
    Move.FIND_MANY: "asset_sales.asset_sale.bidding_opened",
    Move.EXTEND: "asset_sales.asset_sale.extended",
    Move.CONSENT: "asset_sales.asset_sale.consented",
    Move.LOWER: "asset_sales.asset_sale.lowered",
    Move.AGREE: "asset_sales.asset_sale.agreed",
    Move.AWARD: "asset_sales.asset_sale.awarded",
    Move.APPROVE_RELATED: "asset_sales.asset_sale.related_buyer_approved",
    Move.PUBLISH: "asset_sales.asset_sale.result_published",
    Move.CONTRACT: "asset_sales.asset_sale.contracted",
    Move.PAY: "asset_sales.asset_sale.paid",
    Move.DEFAULT: "asset_sales.asset_sale.defaulted",
    Move.CERTIFY: "asset_sales.asset_sale.certified",
    Move.TRANSFER: "asset_sales.asset_sale.transferred",
    Move.EXPIRE: "asset_sales.asset_sale.expired",
    Move.CANCEL: "asset_sales.asset_sale.cancelled",
}
NEED_REASON: frozenset[Move] = frozenset(
    {Move.SUSPEND, Move.RESUME, Move.CANCEL, Move.APPROVE_RELATED, Move.DECIDE}
)
# Before its first announcement an asset sale is known to its seller and to who oversees.
IN_PREPARATION: frozenset[AssetSaleState] = frozenset({S.PLANNED, S.DECIDED, S.VALUED, S.FILED})
# Something is left for the clock to do.
TENDED: frozenset[AssetSaleState] = frozenset(
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


class DocumentKind(TextChoices):
    """What a document is for."""

    MINUTES = "minutes", _("Minutes of the decision")
    VALUATION = "valuation", _("Valuation report")
    MEMO = "memo", _("Memo on consulted firms")
    FILING = "filing", _("Proof of filing")
    CONSENT = "consent", _("Consent of the approver")


def legal_steps() -> list[tuple[Move, str, AssetSaleState]]:
    """Every (move, from, to) that a step may record; `from` is empty for the first step."""
    steps: list[tuple[Move, str, AssetSaleState]] = []
    for move, rule in MOVES.items():
        if not rule.sources and rule.target is not None:
            steps.append((move, "", rule.target))
        steps.extend((move, source, rule.target or source) for source in sorted(rule.sources))
    return steps
