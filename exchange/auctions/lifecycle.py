"""What an auction can be and the road it takes: kinds, states, and the table of its transitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exchange.core.lifecycle import NEW, Lifecycle, Transition

if TYPE_CHECKING:
    from exchange.auctions.models import Auction


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


class AuctionTransition(TextChoices):
    """What can happen to an auction. Each is one row of AUCTION and, when done, one step."""

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


# Who makes a transition; what is due by the clock, the exchange makes by itself.
ORGANISER, OPERATOR, SYSTEM = "organiser", "operator", "system"

S, X = AuctionState, AuctionTransition
AUCTION: Lifecycle[Auction] = Lifecycle(
    "auctions.auction",
    AuctionState,
    title=_("Auction"),
    start=S.DRAFT,
    transitions=(
        Transition(X.DRAFT, NEW, S.DRAFT, by=ORGANISER, event="auctions.auction.drafted"),
        Transition(X.SCHEDULE, S.DRAFT, S.SCHEDULED, by=ORGANISER, event="auctions.auction.scheduled"),
        Transition(X.OPEN, S.SCHEDULED, S.OPEN, by=SYSTEM, event="auctions.auction.opened"),
        Transition(
            X.PAUSE, S.OPEN, S.PAUSED, by=OPERATOR, event="auctions.auction.paused",
            needs_reason=True,
        ),
        Transition(
            X.RESUME, S.PAUSED, S.OPEN, by=OPERATOR, event="auctions.auction.resumed",
            needs_reason=True,
        ),
        Transition(
            X.EXTEND, (S.OPEN, S.PAUSED), None, by=OPERATOR, event="auctions.auction.extended",
            needs_reason=True,
        ),
        Transition(X.CLOSE, S.OPEN, S.CLOSED, by=SYSTEM, event="auctions.auction.closed"),
        Transition(X.REVEAL, S.CLOSED, S.REVEALING, by=SYSTEM, event="auctions.auction.revealing"),
        Transition(
            X.AWARD, (S.CLOSED, S.REVEALING), S.AWARDED, by=SYSTEM, event="auctions.auction.awarded"
        ),
        Transition(
            X.FAIL, (S.CLOSED, S.REVEALING), S.FAILED, by=SYSTEM, event="auctions.auction.failed"
        ),
        Transition(
            X.CANCEL, (S.DRAFT, S.SCHEDULED, S.OPEN, S.PAUSED), S.CANCELLED, by=OPERATOR,
            event="auctions.auction.cancelled", needs_reason=True,
        ),
    ),
)  # fmt: skip

# Seen by everybody who may bid; a draft is its organiser's alone.
PUBLIC: frozenset[AuctionState] = frozenset(AuctionState) - {AuctionState.DRAFT}
ENDED: frozenset[AuctionState] = frozenset({S.AWARDED, S.FAILED, S.CANCELLED})
# Who bid what is nobody's to know before.
NAMED: frozenset[AuctionState] = frozenset({S.AWARDED, S.FAILED})
# No bid is taken any more.
OVER: frozenset[AuctionState] = frozenset({S.CLOSED, S.REVEALING, S.AWARDED, S.FAILED})
