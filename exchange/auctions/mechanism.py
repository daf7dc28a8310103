"""An auction as the pricing library knows it: its terms, its clock, its standing, and what a bid in the
open changes in that."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from exchange.auctions.errors import BidTooLow, PriceMoved, SoldOut
from exchange.auctions.lifecycle import LIVE, Kind
from exchange.auctions.models import Auction, Bid
from pricing.exact import micros, moment_of
from pricing.mechanisms.bids import Bid as PricedBid
from pricing.mechanisms.english import EnglishTerms, SoftClose, Standing, least_bid, place, replay
from pricing.mechanisms.single import DutchClock
from pricing.money import Money, exponent

SECOND = 1_000_000
CENTS = ((0, 1),)
# Which options a mechanism takes beside the columns of an auction, and how it calls the quantity.
OPTIONS: Mapping[Kind, tuple[str, ...]] = {
    Kind.DUTCH: ("price",),
    Kind.PROCUREMENT: ("minimum", "second_price"),
    Kind.LICENCES: ("payment",),
    Kind.PACKAGES: ("language", "payment"),
    Kind.BUDGET_UNIFORM_PRICE: ("least_raised",),
    Kind.UNIFORM_PRICE: ("price", "rationing"),
    Kind.DISCRIMINATORY: ("rationing",),
    Kind.RANDOM_SAMPLING: ("commitment",),
    Kind.OPTIMAL_SINGLE_PRICE: ("least",),
}
# The falling clock has two options that are read by our own clock too.
CLOCK_OPTIONS = ("step_minor", "every_seconds")
SUPPLY_TERMS: Mapping[Kind, str] = {
    Kind.LICENCES: "licences",
    **dict.fromkeys(
        (
            Kind.DUTCH,
            Kind.BOOK_BUILDING,
            Kind.BUDGET_UNIFORM_PRICE,
            Kind.UNIFORM_PRICE,
            Kind.DISCRIMINATORY,
            Kind.MULTIUNIT_VICKREY,
            Kind.CLINCHING,
        ),
        "supply",
    ),
}


def is_live(auction: Auction) -> bool:
    """Whether everybody sees the price move."""
    return Kind(auction.kind) in LIVE


def english_terms(auction: Auction) -> EnglishTerms:
    """The rules of an English auction; times in microseconds since 1970, the end as it stands."""
    soft = None
    if auction.soft_extension_seconds:
        soft = SoftClose(
            window=auction.soft_window_seconds * SECOND,
            extension=auction.soft_extension_seconds * SECOND,
            cap=micros(auction.closes_by) if auction.closes_by else None,
        )
    return EnglishTerms(
        opening=auction.opening_minor,
        closes_at=micros(auction.closes_at),
        increments=tuple((start, step) for start, step in auction.increments) or CENTS,
        reserve=auction.reserve_minor,
        opens_at=micros(auction.opens_at),
        soft_close=soft,
        seller=str(auction.organiser_id),
    )


def standing_of(auction: Auction) -> Standing:
    """How an English auction stands. Bidders are known by their primary key here."""
    return Standing(
        ends_at=micros(auction.closes_at),
        leader=None if auction.leader_id is None else str(auction.leader_id),
        top=auction.top_minor,
        second=auction.second_minor,
        price=auction.price_minor,
        bids=auction.bids_count,
        last_at=micros(auction.last_bid_at) if auction.last_bid_at else None,
        seen=auction.bids_count,
    )


def micros_of(auction: Auction, at: datetime) -> int:
    """The mechanism's time: microseconds since 1970; a falling clock stands still in pauses."""
    return micros(at) - auction.paused_micros * (auction.kind == Kind.DUTCH)


def dutch_clock(auction: Auction) -> DutchClock:
    """The falling clock; pauses are taken out of its time."""
    return DutchClock(
        start=auction.opening_minor,
        step=auction.options["step_minor"],
        every=auction.options["every_seconds"] * SECOND,
        floor=auction.reserve_minor,
        opens_at=micros(auction.opens_at),
    )


def take_live(auction: Auction, bid: Bid) -> None:
    """Let a bid in the open change how its locked auction stands. Raises BidTooLow, PriceMoved, SoldOut."""
    if auction.kind == Kind.ENGLISH:
        _stand(auction, bid)
    else:
        _accept(auction, bid)


def _stand(auction: Auction, bid: Bid) -> None:
    """Let the bid change how an English auction stands."""
    terms, standing = english_terms(auction), standing_of(auction)
    name, amount = str(bid.bidder_id), bid.amount_minor or 0
    least = least_bid(terms, standing, name)
    if amount < least:
        raise BidTooLow(
            _("Bid at least %(least)s.") % {"least": _money(least, auction)},
            least_minor=least,
            price_minor=auction.price_minor,
            currency=auction.currency,
        )
    after = place(terms, standing, PricedBid(name, amount, time=bid.clock_micros, seq=bid.seq))
    auction.leader_id = None if after.leader is None else int(after.leader)
    auction.top_minor, auction.second_minor = after.top, after.second
    auction.price_minor = after.price
    auction.closes_at = moment_of(after.ends_at)
    bid.price_after_minor = after.price


def _accept(auction: Auction, bid: Bid) -> None:
    """Accept what the falling clock shows."""
    shown = dutch_clock(auction).price_at(bid.clock_micros)
    if bid.amount_minor != shown:
        raise PriceMoved(
            _("The price is %(price)s now.") % {"price": _money(shown, auction)},
            price_minor=shown,
            server_time=bid.received_at.isoformat(),
        )
    left = auction.quantity - auction.taken
    if bid.quantity > left:
        raise SoldOut(_("Only %(left)d are left.") % {"left": left}, left=left)
    auction.taken += bid.quantity
    auction.price_minor = shown
    bid.price_after_minor = shown


def stand_anew(auction: Auction) -> None:
    """Let a locked auction stand as its bids that were not withdrawn lead to, in their order.

    A bid that was in time and high enough beside those that went is so without them; the end stays.
    """
    left = Bid.objects.filter(auction=auction, withdrawn_at=None).order_by("seq")
    if auction.kind == Kind.DUTCH:
        auction.taken = sum(left.values_list("quantity", flat=True))
    if auction.kind != Kind.ENGLISH:
        return
    terms = replace(english_terms(auction), soft_close=None)
    made = [
        PricedBid(str(bid.bidder_id), bid.amount_minor or 0, time=bid.clock_micros, seq=bid.seq)
        for bid in left
    ]
    after = replay(terms, made)[-1]
    auction.leader_id = None if after.leader is None else int(after.leader)
    auction.top_minor, auction.second_minor = after.top, after.second
    auction.price_minor = after.price


def shown_at_once(auction: Auction) -> dict[str, str | int]:
    """What every page of a rising auction shows at once; of other kinds, nothing."""
    if auction.kind != Kind.ENGLISH:
        return {}
    currency = auction.currency
    return {
        "price_minor": auction.price_minor,
        "currency": currency,
        "digits": exponent(currency),
    }


def pricing_terms(auction: Auction, *, seed: str = "") -> dict[str, Any]:
    """The terms of the auction's evidence."""
    common = {
        "auction": auction.public_id,
        "seller": auction.organiser.public_id,
        "currency": auction.currency,
        "opens_at": micros(auction.opens_at),
        "closes_at": micros(auction.closes_at),
    }
    return common | _own_terms(auction, seed)


def _own_terms(auction: Auction, seed: str) -> dict[str, Any]:
    """What the mechanism needs beside the common terms; the options that were chosen, by name."""
    kind, reserve = Kind(auction.kind), auction.reserve_minor
    if kind is Kind.ENGLISH:
        return _english(auction)
    if kind is Kind.PACKAGES:
        return _packages(auction)
    if kind is Kind.DUTCH:
        clock = dutch_clock(auction)
        found: dict[str, Any] = {
            "start": clock.start, "step": clock.step, "every": clock.every, "floor": clock.floor,
        }  # fmt: skip
    elif kind is Kind.BUDGET_UNIFORM_PRICE:
        found = {"reserve_price": str(reserve)}
    elif kind is Kind.BOOK_BUILDING:
        found = {"floor": reserve}
    else:
        found = {"reserve": reserve}
    if kind is Kind.RANDOM_SAMPLING:
        found["seed"] = seed
    if kind in SUPPLY_TERMS:
        supply = auction.quantity
        exact = kind is Kind.BUDGET_UNIFORM_PRICE
        found[SUPPLY_TERMS[kind]] = str(supply) if exact else supply
    return found | _chosen(auction.options, *OPTIONS.get(kind, ()))


def _english(auction: Auction) -> dict[str, Any]:
    """With the soft close, unless a hand has moved the end: then every bid before the end counts."""
    terms = english_terms(auction)
    found: dict[str, Any] = {
        "opening": terms.opening,
        "increments": [list(row) for row in terms.increments],
        "reserve": terms.reserve,
    }
    if terms.soft_close is not None and not auction.moved_by_hand:
        soft = {"window": terms.soft_close.window, "extension": terms.soft_close.extension}
        cap = {} if terms.soft_close.cap is None else {"cap": terms.soft_close.cap}
        found |= {"soft_close": soft | cap, "closes_at": micros(auction.first_closes_at)}
    return found


def _packages(auction: Auction) -> dict[str, Any]:
    items = list(auction.items.select_related("product"))
    return {
        "supply": {item.product.public_id: item.count for item in items},
        "reserves": {
            item.product.public_id: item.reserve_minor for item in items if item.reserve_minor
        },
        **_chosen(auction.options, *OPTIONS[Kind.PACKAGES]),
    }


def _chosen(options: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: options[name] for name in names if name in options}


def _money(minor: int, auction: Auction) -> str:
    return str(Money(minor, auction.currency))
