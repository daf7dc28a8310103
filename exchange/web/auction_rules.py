"""The rules of an auction in words, and what its winner gets."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exchange.auctions.models import Auction
from exchange.auctions.states import SINGLE, Kind
from exchange.auctions.wishes import Access
from exchange.catalog.models import Offer
from exchange.web.product.offers import access_words
from exchange.web.templatetags.assay import count, money, when
from pricing.money import Money

MINUTE = 60


@dataclass(frozen=True)
class Rule:
    label: str
    value: str


def access_of(auction: Auction) -> tuple[str, ...]:
    """Which revisions the winner gets and for how long, and whether it is alone."""
    access = Access.of(auction.wish)
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


def rules_of(auction: Auction) -> tuple[Rule, ...]:
    """The rules one by one, as far as they are no secret."""
    rows = (
        (_("Opens"), when(auction.opens_at)),
        (_("Closes"), when(auction.closes_at)),
        *_prices(auction),
        (_("Licences"), "" if auction.kind in SINGLE else count(auction.quantity)),
        (_("Soft close"), _soft(auction)),
        (_("Deposit"), money(auction.deposit) if auction.deposit_minor else ""),
        (_("Currency"), auction.currency),
    )
    return tuple(Rule(label, value) for label, value in rows if value)


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
