"""Auctions and their rules in words."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from exchange.auctions.lifecycle import ENDED, SINGLE, AuctionState, Kind
from exchange.auctions.models import Auction
from exchange.auctions.requests import Access
from exchange.auctions.standing import BidderStatus
from exchange.catalog.models import Offer
from exchange.web.panels import Fact
from exchange.web.product.offers import access_words
from exchange.web.templatetags.assay import count, money, when
from pricing.money import Money

KINDS: dict[Kind, "str | Promise"] = {
    Kind.ENGLISH: gettext_lazy(
        "Everybody sees the price rise. A bidder names its highest bid and the exchange bids for it,"
        " no more than needed; the last one standing pays just above the second."
    ),
    Kind.DUTCH: gettext_lazy(
        "The price falls by the clock. Whoever accepts first has a licence at the price of that moment."
    ),
    Kind.FIRST_PRICE: gettext_lazy(
        "Everybody seals one bid. The highest wins and pays what it bid."
    ),
    Kind.SECOND_PRICE: gettext_lazy(
        "Everybody seals one bid. The highest wins and pays the second highest, so it is safe to bid"
        " what the data is worth."
    ),
    Kind.UNIFORM_PRICE: gettext_lazy(
        "Several licences; sealed bids. The highest bids win and all pay the same price."
    ),
    Kind.DISCRIMINATORY: gettext_lazy(
        "Several licences; sealed bids. The highest bids win and each pays what it bid."
    ),
    Kind.MULTIUNIT_VICKREY: gettext_lazy(
        "Several licences; sealed bids. Each winner pays what its licences would have been worth to"
        " the others."
    ),
    Kind.CLINCHING: gettext_lazy(
        "Several licences; a clock rises over sealed bids, and a bidder gets each licence once the"
        " others no longer want it, at the price of that moment."
    ),
    Kind.BOOK_BUILDING: gettext_lazy(
        "Bidders say how many they want at which price. One price is set; who bid exactly that price"
        " shares what is left."
    ),
    Kind.BUDGET_UNIFORM_PRICE: gettext_lazy(
        "Bidders say how much they want and the most they spend. One price per unit clears the market."
    ),
    Kind.LICENCES: gettext_lazy(
        "Bidders say what an exclusive licence is worth, and one shared with others. The bids decide"
        " how many licences there are."
    ),
    Kind.PACKAGES: gettext_lazy(
        "Several products; bidders bid on bundles of them, and the bundles that bring the most win."
    ),
    Kind.OPTIMAL_SINGLE_PRICE: gettext_lazy(
        "Sealed bids; the one price that earns the most is asked of everybody who bid at least that."
    ),
    Kind.DETERMINISTIC_OPTIMAL_PRICE: gettext_lazy(
        "Sealed bids; each bidder is offered the best price computed from the bids of the others."
    ),
    Kind.RANDOM_SAMPLING: gettext_lazy(
        "Sealed bids in two halves, drawn by lot; each half is offered the best price of the other."
    ),
    Kind.PROCUREMENT: gettext_lazy(
        "You buy: sellers seal their offers, and the lowest offer wins."
    ),
}
TONES = {
    AuctionState.SCHEDULED: "info",
    AuctionState.OPEN: "good",
    AuctionState.PAUSED: "warn",
    AuctionState.CLOSED: "info",
    AuctionState.REVEALING: "info",
    AuctionState.AWARDED: "good",
    AuctionState.FAILED: "neutral",
    AuctionState.CANCELLED: "bad",
}
MINUTE = 60


@dataclass(frozen=True)
class StatusView:
    """How the reader stands: a tone, a sign, a word, and a sentence on what follows from it."""

    tone: str
    sign: str
    word: str
    sentence: str


def status_view(status: BidderStatus, *, is_over: bool) -> StatusView:
    tone, sign = {
        BidderStatus.LEADING: ("good", "▲"),
        BidderStatus.OUTBID: ("warn", "▼"),
        BidderStatus.SEALED: ("good", "✉"),
        BidderStatus.TO_REVEAL: ("warn", "✉"),
        BidderStatus.TAKEN: ("good", "✓"),
        BidderStatus.WON: ("good", "★"),
        BidderStatus.REGISTERED: ("info", "○"),
    }.get(status, ("neutral", "○"))
    sentence = (
        ""
        if is_over and status not in (BidderStatus.WON, BidderStatus.LOST)
        else {
            BidderStatus.OUTSIDE: _("Your organisation has not bid."),
            BidderStatus.REGISTERED: _("Your deposit is placed. You can bid."),
            BidderStatus.LEADING: _("Nobody has bid more than your maximum."),
            BidderStatus.OUTBID: _("Somebody has a higher maximum. Bid again to lead."),
            BidderStatus.SEALED: _("Your bid stays sealed until the close."),
            BidderStatus.TO_REVEAL: _("Reveal your bid over the API before the time is over."),
            BidderStatus.TAKEN: _("Your acceptance counts."),
            BidderStatus.WON: _("Your organisation won. The order has been placed."),
            BidderStatus.LOST: _("Your organisation did not win. Its deposit is given back."),
        }[status]
    )
    return StatusView(tone=tone, sign=sign, word=str(status.label), sentence=sentence)


def left_words(seconds: int) -> str:
    """Time left, as the page shows it without a script."""
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, rest = divmod(rest, 60)
    if days:
        return days_pattern().replace("{d}", str(days)).replace("{h}", str(hours))
    clock = f"{minutes:02d}:{rest:02d}"
    return f"{hours}:{clock}" if hours else clock


def days_pattern() -> str:
    """Days and hours; the script of the page fills the same pattern."""
    return _("{d} d {h} h")


def access_of(auction: Auction) -> tuple[str, ...]:
    """Which revisions the winner gets and for how long, and whether it is alone."""
    access = Access.of(auction.access)
    words = access_words(
        Offer(
            history=access.history,
            history_count=access.history_count,
            future=access.future,
            access_days=access.access_days,
        )
    )
    if auction.exclusive:
        return (_("Exclusive: nobody else has a licence at the same time"), *words)
    return words


def rules_of(auction: Auction) -> tuple[Fact, ...]:
    """The rules one by one, as far as they are no secret."""
    rows = (
        (_("Opens"), when(auction.opens_at)),
        (
            pgettext("auction moment", "Closed") if auction.state in ENDED else _("Closes"),
            when(auction.ended_at),
        ),
        *_prices(auction),
        (_("Licences"), "" if auction.kind in SINGLE else count(auction.quantity)),
        (_("Soft close"), _soft(auction)),
        (_("Deposit"), money(auction.deposit) if auction.deposit_minor else ""),
        (_("Currency"), auction.currency),
    )
    return tuple(Fact(label, value) for label, value in rows if value)


def _prices(auction: Auction) -> tuple[tuple[str, str], ...]:
    def amount(minor: int) -> str:
        return money(Money(minor, auction.currency)) if minor else ""

    if auction.kind == Kind.DUTCH:
        fall = _("%(step)s every %(every)s") % {
            "step": amount(auction.options["step_minor"]),
            "every": _seconds(auction.options["every_seconds"]),
        }
        return (
            (_("Starts at"), amount(auction.opening_minor)),
            (_("Falls by"), fall),
            (_("Floor"), amount(auction.reserve_minor)),
        )
    reserve = amount(auction.reserve_minor)
    if reserve and not auction.reserve_shown:
        reserve = _("There is one; it is secret until the close.")
    if auction.kind == Kind.PROCUREMENT:
        return ((_("Pays at most"), reserve),)
    step = auction.increments[0][1] if auction.increments else 0
    return (
        (_("Opening price"), amount(auction.opening_minor)),
        (_("Increment"), amount(step)),
        (_("Reserve"), reserve),
    )


def _soft(auction: Auction) -> str:
    if not auction.soft_extension_seconds:
        return ""
    return _("A bid in the last %(window)s moves the end: %(extension)s are left after it.") % {
        "window": _seconds(auction.soft_window_seconds),
        "extension": _seconds(auction.soft_extension_seconds),
    }


def _seconds(seconds: int) -> str:
    if seconds % MINUTE:
        return ngettext("%(count)d second", "%(count)d seconds", seconds) % {"count": seconds}
    minutes = seconds // MINUTE
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
