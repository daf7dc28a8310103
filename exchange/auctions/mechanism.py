"""An auction as the pricing library knows it: its terms, its clock, its standing."""

from collections.abc import Mapping
from typing import Any

from exchange.auctions.models import Auction
from exchange.auctions.states import LIVE, Kind
from exchange.ledger.entries import micros
from pricing.mechanisms.english import EnglishTerms, SoftClose, Standing
from pricing.mechanisms.single import DutchClock

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


def dutch_clock(auction: Auction) -> DutchClock:
    """The falling clock; pauses are taken out of its time."""
    return DutchClock(
        start=auction.opening_minor,
        step=auction.options["step_minor"],
        every=auction.options["every_seconds"] * SECOND,
        floor=auction.reserve_minor,
        opens_at=micros(auction.opens_at),
    )


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
