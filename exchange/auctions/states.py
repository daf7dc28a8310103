"""What an auction can be and the road it takes, as tables: kinds, states, moves, who makes each."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exchange.core.moves import lifecycle


class Kind(TextChoices):
    """The mechanisms of the pricing library that sell what one organisation has, or buy for it.

    Markets with offers of many sellers are not among them: no two data products are the same good.
    """

    ENGLISH = "english", _("English: rising bids with proxy")
    DUTCH = "dutch", _("Dutch: falling clock")
    FIRST_PRICE = "first_price", _("Sealed: the winner pays its bid")
    SECOND_PRICE = "second_price", _("Sealed: the winner pays the second bid")
    UNIFORM_PRICE = "uniform_price", _("Sealed: several licences at one price")
    DISCRIMINATORY = "discriminatory", _("Sealed: several licences, each pays its bid")
    MULTIUNIT_VICKREY = "multiunit_vickrey", _("Sealed: several licences, Vickrey prices")
    CLINCHING = "clinching", _("Sealed: several licences, rising clock")
    BOOK_BUILDING = "book_building", _("Book building: one price, pro rata")
    BUDGET_UNIFORM_PRICE = "budget_uniform_price", _("Budgets at one price")
    LICENCES = "licences", _("How exclusive: the bids decide the number of licences")
    PACKAGES = "packages", _("Bundles of products")
    OPTIMAL_SINGLE_PRICE = "optimal_single_price", _("Sealed: the one price that earns most")
    DETERMINISTIC_OPTIMAL_PRICE = (
        "deterministic_optimal_price",
        _("Sealed: each is offered the best price of the others"),
    )
    RANDOM_SAMPLING = "random_sampling", _("Sealed: each half is offered the other half's price")
    PROCUREMENT = "procurement", _("Procurement: the lowest offer wins")


# In these everybody sees the price move; in all others bids stay sealed until the close.
LIVE: frozenset[Kind] = frozenset({Kind.ENGLISH, Kind.DUTCH})
# Of these there is one winner at most, who gets one licence.
SINGLE: frozenset[Kind] = frozenset(
    {Kind.ENGLISH, Kind.FIRST_PRICE, Kind.SECOND_PRICE, Kind.PROCUREMENT}
)
# In these a bidder may ask for several units at different prices.
MANY_ROWS: frozenset[Kind] = frozenset(
    {
        Kind.UNIFORM_PRICE,
        Kind.DISCRIMINATORY,
        Kind.MULTIUNIT_VICKREY,
        Kind.CLINCHING,
        Kind.BOOK_BUILDING,
        Kind.BUDGET_UNIFORM_PRICE,
        Kind.PACKAGES,
    }
)


class AuctionState(TextChoices):
    """Where an auction stands."""

    DRAFT = "draft", _("Draft")
    SCHEDULED = "scheduled", _("Scheduled")
    OPEN = "open", pgettext_lazy("auction", "Open")
    PAUSED = "paused", _("Paused")
    CLOSED = "closed", pgettext_lazy("auction", "Closed")
    REVEALING = "revealing", _("Bids are being revealed")
    AWARDED = "awarded", _("Awarded")
    FAILED = "failed", _("No sale")
    CANCELLED = "cancelled", pgettext_lazy("auction", "Cancelled")


class Move(TextChoices):
    """What can happen to an auction. Each is one row of MOVES and, when done, one step."""

    DRAFT = "draft", _("Auction drafted")
    SCHEDULE = "schedule", _("Auction announced")
    OPEN = "open", _("Bidding opened")
    PAUSE = "pause", _("Bidding paused by the exchange")
    RESUME = "resume", _("Bidding goes on")
    EXTEND = "extend", _("The end was moved by the exchange")
    CLOSE = "close", _("Bidding closed")
    REVEAL = "reveal", _("Time to reveal began")
    AWARD = "award", pgettext_lazy("auction", "Awarded")
    FAIL = "fail", _("Ended without a sale")
    CANCEL = "cancel", _("Auction cancelled")


class Party(StrEnum):
    """Who makes a move."""

    ORGANISER = "organiser"
    OPERATOR = "operator"
    SYSTEM = "system"


@dataclass(frozen=True)
class MoveRule:
    """From where a move may be made, where it leads (None: it stays), and by whom."""

    sources: frozenset[AuctionState]
    target: AuctionState | None
    party: Party


S = AuctionState
MOVES: Mapping[Move, MoveRule] = {
    Move.DRAFT: MoveRule(frozenset(), S.DRAFT, Party.ORGANISER),
    Move.SCHEDULE: MoveRule(frozenset({S.DRAFT}), S.SCHEDULED, Party.ORGANISER),
    Move.OPEN: MoveRule(frozenset({S.SCHEDULED}), S.OPEN, Party.SYSTEM),
    Move.PAUSE: MoveRule(frozenset({S.OPEN}), S.PAUSED, Party.OPERATOR),
    Move.RESUME: MoveRule(frozenset({S.PAUSED}), S.OPEN, Party.OPERATOR),
    Move.EXTEND: MoveRule(frozenset({S.OPEN, S.PAUSED}), None, Party.OPERATOR),
    Move.CLOSE: MoveRule(frozenset({S.OPEN}), S.CLOSED, Party.SYSTEM),
    Move.REVEAL: MoveRule(frozenset({S.CLOSED}), S.REVEALING, Party.SYSTEM),
    Move.AWARD: MoveRule(frozenset({S.CLOSED, S.REVEALING}), S.AWARDED, Party.SYSTEM),
    Move.FAIL: MoveRule(frozenset({S.CLOSED, S.REVEALING}), S.FAILED, Party.SYSTEM),
    Move.CANCEL: MoveRule(
        frozenset({S.DRAFT, S.SCHEDULED, S.OPEN, S.PAUSED}), S.CANCELLED, Party.OPERATOR
    ),
}

AUCTION_MOVES: Mapping[AuctionState, frozenset[AuctionState]] = lifecycle(
    name="auctions.auction",
    title=_("Auction"),
    start=AuctionState.DRAFT,
    moves={
        state: frozenset(
            rule.target
            for rule in MOVES.values()
            if rule.target is not None and state in rule.sources
        )
        for state in AuctionState
    },
)

# The name under which each step is known outside: in the log and the outbox.
EVENTS: Mapping[Move, str] = {
    Move.DRAFT: "auctions.auction.drafted",
    Move.SCHEDULE: "auctions.auction.scheduled",
    Move.OPEN: "auctions.auction.opened",
    Move.PAUSE: "auctions.auction.paused",
    Move.RESUME: "auctions.auction.resumed",
    Move.EXTEND: "auctions.auction.extended",
    Move.CLOSE: "auctions.auction.closed",
    Move.REVEAL: "auctions.auction.revealing",
    Move.AWARD: "auctions.auction.awarded",
    Move.FAIL: "auctions.auction.failed",
    Move.CANCEL: "auctions.auction.cancelled",
}
NEED_REASON: frozenset[Move] = frozenset({Move.PAUSE, Move.RESUME, Move.EXTEND, Move.CANCEL})
# Seen by everybody who may bid; a draft is its organiser's alone.
PUBLIC: frozenset[AuctionState] = frozenset(AuctionState) - {AuctionState.DRAFT}
ENDED: frozenset[AuctionState] = frozenset({S.AWARDED, S.FAILED, S.CANCELLED})
# Who bid what is nobody's to know before.
NAMED: frozenset[AuctionState] = frozenset({S.AWARDED, S.FAILED})


def legal_steps() -> list[tuple[Move, str, AuctionState]]:
    """Every (move, from, to) that a step may record; `from` is empty for the first step."""
    steps: list[tuple[Move, str, AuctionState]] = []
    for move, rule in MOVES.items():
        if not rule.sources and rule.target is not None:
            steps.append((move, "", rule.target))
        steps.extend((move, source, rule.target or source) for source in sorted(rule.sources))
    return steps
