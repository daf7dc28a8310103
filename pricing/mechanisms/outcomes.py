"""Every mechanism by name: what its documents hold, and its outcome in JSON values."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from pricing.exact import mapping, refuse, sequence
from pricing.mechanisms import digital, markets, single, units
from pricing.mechanisms.auctions import (
    BUDGETS,
    LICENCES,
    ONE,
    ORDERS,
    PACKAGES,
    TIME_MAX,
    UNITS,
    Auction,
    Shape,
)
from pricing.mechanisms.bids import (
    Bid,
    Book,
    Ints,
    Rationing,
    best_first,
    check_count,
    whole_or_text,
)
from pricing.mechanisms.english import EnglishTerms, SoftClose, english
from pricing.mechanisms.licences import LICENCES_MAX, licence_auction
from pricing.mechanisms.packages import Language, Packages, Payment, package_auction

Outcome = dict[str, Any]
Row = tuple[str, int, int]  # bidder, quantity, payment
Clear = Callable[[Auction], Outcome]


@dataclass(frozen=True, slots=True)
class Mechanism:
    """`terms` are the names that the terms of an auction may use beside the common ones."""

    summary: str
    clear: Clear
    terms: frozenset[str]
    shape: Shape
    two_sided: bool


MECHANISMS: dict[str, Mechanism] = {}


def mechanism(
    name: str, summary: str, *terms: str, shape: Shape = UNITS, two_sided: bool = False
) -> Callable[[Clear], Clear]:
    """Register a function as the way in which that mechanism clears."""

    def register(clear: Clear) -> Clear:
        MECHANISMS[name] = Mechanism(summary, clear, frozenset(terms), shape, two_sided)
        return clear

    return register


def awards(rows: Iterable[Row]) -> list[Outcome]:
    """bidder, quantity, payment: one row for each bidder who gets anything, by name."""
    sums: dict[str, tuple[int, int]] = {}
    for bidder, quantity, payment in rows:
        if quantity:
            units_so_far, paid_so_far = sums.get(bidder, (0, 0))
            sums[bidder] = units_so_far + quantity, paid_so_far + payment
    return [
        {"bidder": bidder, "quantity": quantity, "payment": payment}
        for bidder, (quantity, payment) in sorted(sums.items())
    ]


def _outcome(rows: Iterable[Row], **more: object) -> Outcome:
    given = awards(rows)
    return {"awards": given, "revenue": sum(row["payment"] for row in given), **more}


def _at_one_price(bids: list[Bid], fills: Ints, price: int) -> list[Row]:
    return [
        (bid.bidder, filled, filled * price)
        for bid, filled in zip(bids, fills.tolist(), strict=True)
    ]


def _supply(auction: Auction) -> int:
    return auction.count("supply", least=1)


def _reserve(auction: Auction) -> int:
    return auction.count("reserve", 0)


def _sale(sale: single.Sale) -> Outcome:
    rows = [(sale.winner, 1, sale.price)] if sale.winner is not None else []
    return _outcome(rows, winner=sale.winner, price=sale.price)


@mechanism("first_price", "sealed bids, pay your bid", "reserve", shape=ONE)
def _first_price(auction: Auction) -> Outcome:
    return _sale(single.first_price(auction.bids(), reserve=_reserve(auction)))


@mechanism("second_price", "sealed bids, pay the second", "reserve", shape=ONE)
def _second_price(auction: Auction) -> Outcome:
    return _sale(single.second_price(auction.bids(), reserve=_reserve(auction)))


@mechanism("dutch", "a falling clock", "start", "step", "every", "floor", "supply", "price")
def _dutch(auction: Auction) -> Outcome:
    clock = single.DutchClock(
        start=auction.count("start", least=1),
        step=auction.count("step", least=1),
        every=auction.count("every", least=1),
        floor=auction.count("floor", least=1),
        opens_at=auction.time("opens_at", 0),
    )
    fills = single.dutch(
        clock,
        auction.bids(),
        supply=auction.count("supply", 1, least=1),
        price=auction.choice("price", single.DutchPrice.OWN),
    )
    return _outcome((fill.bidder, fill.quantity, fill.payment) for fill in fills)


@mechanism(
    "procurement", "the lowest eligible offer", "reserve", "minimum", "second_price", shape=ONE
)
def _procurement(auction: Auction) -> Outcome:
    award = single.procurement(
        auction.bids(),
        reserve=auction.count("reserve", least=1),
        minimum=auction.count("minimum", 0),
        second=auction.flag("second_price"),
    )
    reason = award.reason.value if award.reason else None
    tied = list(award.tied)
    return {"winner": award.winner, "price": award.price, "tied": tied, "reason": reason}


@mechanism(
    "english", "proxy bids, soft close", "opening", "increments", "reserve", "soft_close",
    shape=ONE,
)  # fmt: skip
def _english(auction: Auction) -> Outcome:
    rules = EnglishTerms(
        opening=auction.count("opening", least=1),
        closes_at=auction.time("closes_at"),
        increments=_increments(auction.terms),
        reserve=_reserve(auction),
        opens_at=auction.time("opens_at", 0),
        soft_close=_soft_close(auction.terms),
        seller=auction.terms.get("seller"),
    )
    end = english(rules, auction.bids())
    winner = end.leader if end.reserve_met(rules) else None
    rows = [(winner, 1, end.price)] if winner is not None else []
    return _outcome(rows, winner=winner, price=end.price, ended_at=end.ends_at, bids=end.bids)


def _increments(terms: Mapping[str, Any]) -> tuple[tuple[int, int], ...]:
    rows = sequence(terms.get("increments", [[0, 1]]), "terms.increments", most=100)
    for index, row in enumerate(rows):
        where = f"terms.increments[{index}]"
        if not isinstance(row, list | tuple) or len(row) != 2:  # noqa: PLR2004 - from, step
            refuse(where, row, "a row of two: from price, step")
        check_count(row[0], f"{where}[0]", least=0)
        check_count(row[1], f"{where}[1]")
    return tuple((row[0], row[1]) for row in rows)


def _soft_close(terms: Mapping[str, Any]) -> SoftClose | None:
    if "soft_close" not in terms:
        return None
    given = mapping(terms["soft_close"], "terms.soft_close")
    for name in given:
        if name not in ("window", "extension", "cap"):
            refuse(f"terms.soft_close.{name}", given[name], "only window, extension, cap")
    window, extension = (
        check_count(given.get(name), f"terms.soft_close.{name}", least=0, most=TIME_MAX)
        for name in ("window", "extension")
    )
    cap = given.get("cap")
    if cap is not None:
        check_count(cap, "terms.soft_close.cap", least=0, most=TIME_MAX)
    return SoftClose(window, extension, cap)


def _cleared(bids: list[Bid], cleared: units.Cleared) -> Outcome:
    rows = _at_one_price(bids, cleared.fills, cleared.price)
    return _outcome(rows, price=cleared.price, sold=cleared.sold, covered=cleared.covered)


@mechanism("uniform_price", "units at one price", "supply", "reserve", "price", "rationing")
def _uniform(auction: Auction) -> Outcome:
    bids = auction.bids()
    cleared = units.uniform_price(
        Book.of(bids),
        supply=_supply(auction),
        reserve=_reserve(auction),
        price=auction.choice("price", units.UniformPrice.HIGHEST_LOSING),
        rationing=auction.choice("rationing", Rationing.TIME),
    )
    return _cleared(bids, cleared)


@mechanism("discriminatory", "units, pay your bid", "supply", "reserve", "rationing")
def _discriminatory(auction: Auction) -> Outcome:
    bids = auction.bids()
    fills = units.discriminatory(
        Book.of(bids),
        supply=_supply(auction),
        reserve=_reserve(auction),
        rationing=auction.choice("rationing", Rationing.TIME),
    )
    filled = zip(bids, fills.tolist(), strict=True)
    return _outcome((bid.bidder, count, count * bid.price) for bid, count in filled)


@mechanism("book_building", "one price, pro rata", "supply", "floor")
def _book_building(auction: Auction) -> Outcome:
    bids = auction.bids()
    floor = auction.count("floor", 0)
    return _cleared(bids, units.book_building(Book.of(bids), supply=_supply(auction), floor=floor))


@mechanism("multiunit_vickrey", "units, Vickrey", "supply", "reserve")
def _vickrey(auction: Auction) -> Outcome:
    return _won(auction, units.multi_unit_vickrey)


@mechanism("clinching", "units, Ausubel's clock", "supply", "reserve")
def _clinching(auction: Auction) -> Outcome:
    return _won(auction, units.clinching)


def _won(auction: Auction, rule: Callable[..., Mapping[str, units.Won]]) -> Outcome:
    won = rule(auction.bids(), supply=_supply(auction), reserve=_reserve(auction))
    rows = [(bidder, got.units, got.payment) for bidder, got in won.items()]
    return _outcome(rows, prices={bidder: list(won[bidder].prices) for bidder in sorted(won)})


@mechanism(
    "call_market", "bids and offers at one price", "price", "rationing",
    shape=ORDERS, two_sided=True,
)  # fmt: skip
def _call_market(auction: Auction) -> Outcome:
    bids, offers = auction.bids(), auction.offers()
    called = markets.call_market(
        Book.of(bids),
        Book.of(offers),
        policy=auction.choice("price", markets.PricePolicy.PRESSURE),
        rationing=auction.choice("rationing", Rationing.TIME),
    )
    price = int(called.price) if called.price is not None else 0
    return {
        "price": None if called.price is None else price,
        "volume": called.volume,
        "bought": awards(_at_one_price(bids, called.bids, price)),
        "sold": awards(_at_one_price(offers, called.offers, price)),
    }


@mechanism("mcafee", "truthful market", shape=ONE, two_sided=True)
def _mcafee(auction: Auction) -> Outcome:
    return _traded(markets.mcafee(auction.bids(), auction.offers()))


@mechanism("trade_reduction", "truthful market, one less", shape=ONE, two_sided=True)
def _trade_reduction(auction: Auction) -> Outcome:
    return _traded(markets.trade_reduction(auction.bids(), auction.offers()))


def _traded(traded: markets.Traded) -> Outcome:
    buyer, seller = traded.buyer_price, traded.seller_price
    return {
        "trades": traded.trades,
        "buyers": list(traded.buyers),
        "sellers": list(traded.sellers),
        "buyer_price": None if buyer is None else whole_or_text(buyer),
        "seller_price": None if seller is None else whole_or_text(seller),
        "surplus": whole_or_text(traded.surplus),
    }


@mechanism(
    "budget_uniform_price", "budgets at one price", "supply", "reserve_price", "least_raised",
    shape=BUDGETS,
)  # fmt: skip
def _budget(auction: Auction) -> Outcome:
    bids = auction.budget_bids()
    funded = units.budget_auction(
        bids,
        supply=auction.exact("supply"),
        reserve_price=auction.exact("reserve_price"),
        least_raised=auction.exact("least_raised")
        if "least_raised" in auction.terms
        else Fraction(0),
    )
    filled = zip(bids, funded.spent, funded.units, strict=True)
    return {
        "price": whole_or_text(funded.price),
        "awards": [
            {"bidder": bid.bidder, "seq": bid.seq, "spent": str(spent), "units": str(got)}
            for bid, spent, got in filled
            if spent
        ],
        "sold": str(funded.sold),
        "raised": str(funded.raised),
        "partial": funded.partial,
        "cancelled": funded.cancelled,
    }


@mechanism("optimal_single_price", "F, a yardstick", "least", "reserve", shape=ONE)
def _single_price(auction: Auction) -> Outcome:
    bids, least = auction.bids(), auction.count("least", 1, least=1)
    best = digital.optimal_price(bids, least=least, reserve=_reserve(auction))
    buyers = [bid for bid in bids if 0 < best.price <= bid.price]
    return _outcome(((bid.bidder, 1, best.price) for bid in buyers), price=best.price)


@mechanism("deterministic_optimal_price", "DOP", "reserve", shape=ONE)
def _optimal_of_others(auction: Auction) -> Outcome:
    paid = digital.deterministic_optimal_price(auction.bids(), reserve=_reserve(auction))
    return _outcome((bidder, 1, payment) for bidder, payment in paid.items())


@mechanism("random_sampling", "RSOP", "seed", "commitment", "reserve", shape=ONE)
def _random_sampling(auction: Auction) -> Outcome:
    sampled = digital.random_sampling(
        auction.bids(),
        seed=auction.terms.get("seed", ""),
        committed=auction.terms.get("commitment"),
        reserve=_reserve(auction),
    )
    rows = ((bidder, 1, payment) for bidder, payment in sampled.paid.items())
    return _outcome(rows, prices=list(sampled.prices))


@mechanism(
    "packages", "bundles of items",
    "supply", "language", "reserves", "payment", "time_limit_seconds", shape=PACKAGES,
)  # fmt: skip
def _packages(auction: Auction) -> Outcome:
    terms, bids = auction.terms, auction.package_bids()
    named = {item: 1 for bid in bids for item, _ in bid.items}
    outcome = package_auction(
        Packages.of(
            bids,
            mapping(terms.get("supply", named), "terms.supply"),
            language=auction.choice("language", Language.XOR),
            reserves=mapping(terms.get("reserves", {}), "terms.reserves"),
            time_limit=float(auction.exact("time_limit_seconds", "60")),
        ),
        payment=auction.choice("payment", Payment.CORE),
    )
    ranked = best_first(bids)
    won = [ranked[index] for index in outcome.allocation.won]
    return {
        "won": [{"bidder": bid.bidder, "items": dict(bid.items), "seq": bid.seq} for bid in won],
        "payments": {bidder: int(paid) for bidder, paid in outcome.payments.items()},
        "vcg": dict(outcome.vcg),
        "revenue": int(outcome.revenue),
        "welfare": outcome.allocation.welfare,
        "bound": outcome.allocation.bound,
        # Only where the time limit ended first: a proven outcome is complete without it.
        **({} if outcome.proven else {"proven": False}),
    }


@mechanism("licences", "how many licences", "licences", "reserve", "payment", shape=LICENCES)
def _licences(auction: Auction) -> Outcome:
    licensed = licence_auction(
        auction.licence_bids(),
        most=auction.count("licences", LICENCES_MAX, least=1),
        reserve=_reserve(auction),
        payment=auction.choice("payment", Payment.CORE),
    )
    rows = ((bidder, 1, int(paid)) for bidder, paid in licensed.payments.items())
    return _outcome(rows, licences=licensed.licences, vcg=dict(licensed.vcg))
