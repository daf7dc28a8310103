"""Every mechanism by name: what its documents hold, and the outcome in JSON values."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from pricing.charges.exact import mapping, refuse, sequence
from pricing.mechanisms import double, single, units
from pricing.mechanisms.auctions import (
    BUDGETS,
    LICENCES,
    PACKAGES,
    UNITS,
    Auction,
    Shape,
)
from pricing.mechanisms.bids import Bid, Book, Ints, check_bids, whole_or_text
from pricing.mechanisms.budget import budget_auction
from pricing.mechanisms.call_market import PricePolicy, call_market
from pricing.mechanisms.clearing import Rationing
from pricing.mechanisms.digital import (
    deterministic_optimal_price,
    optimal_price,
    random_sampling,
)
from pricing.mechanisms.english import EnglishTerms, SoftClose, english
from pricing.mechanisms.licences import licence_auction
from pricing.mechanisms.package_outcome import Payment, package_auction
from pricing.mechanisms.packages import Language, Packages

Outcome = dict[str, Any]
ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Mechanism:
    """`terms` are the names that the terms of an auction may use beside the common ones."""

    summary: str
    clear: Callable[[Auction], Outcome]
    terms: frozenset[str] = frozenset()
    shape: Shape = field(default=UNITS)
    two_sided: bool = False


def _awards(rows: Iterable[tuple[str, int, int]]) -> list[Outcome]:
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


def _outcome(rows: Iterable[tuple[str, int, int]], **more: object) -> Outcome:
    awards = _awards(rows)
    return {"awards": awards, "revenue": sum(row["payment"] for row in awards), **more}


def _sale(sale: single.Sale) -> Outcome:
    rows = [(sale.winner, 1, sale.price)] if sale.winner is not None else []
    return _outcome(rows, winner=sale.winner, price=sale.price)


def _first_price(auction: Auction) -> Outcome:
    return _sale(single.first_price(auction.bids(), reserve=auction.count("reserve", 0)))


def _second_price(auction: Auction) -> Outcome:
    return _sale(single.second_price(auction.bids(), reserve=auction.count("reserve", 0)))


def _dutch(auction: Auction) -> Outcome:
    clock = single.DutchClock(
        start=auction.count("start", least=1),
        step=auction.count("step", least=1),
        every=auction.count("every", least=1),
        floor=auction.count("floor", least=1),
        opens_at=auction.count("opens_at", 0),
    )
    fills = single.dutch(
        clock,
        auction.bids(),
        supply=auction.count("supply", 1, least=1),
        price=auction.choice("price", single.DutchPrice.OWN),
    )
    return _outcome((fill.bidder, fill.quantity, fill.payment) for fill in fills)


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


def _english(auction: Auction) -> Outcome:
    terms = auction.terms
    soft = terms.get("soft_close")
    increments = [
        tuple(row) for row in sequence(terms.get("increments", [[0, 1]]), "increments", most=100)
    ]
    if any(len(row) != 2 for row in increments):  # noqa: PLR2004 - from, step
        refuse("terms.increments", increments, "rows of two: from price, step")
    rules = EnglishTerms(
        opening=auction.count("opening", least=1),
        closes_at=auction.count("closes_at", least=1),
        increments=tuple(increments),
        reserve=auction.count("reserve", 0),
        opens_at=auction.count("opens_at", 0),
        soft_close=SoftClose(**mapping(soft, "terms.soft_close")) if soft else None,
        seller=terms.get("seller"),
    )
    end = english(rules, auction.bids())
    winner = end.leader if end.reserve_met(rules) else None
    rows = [(winner, 1, end.price)] if winner is not None else []
    return _outcome(rows, winner=winner, price=end.price, ended_at=end.ends_at, bids=end.bids)


def _uniform(auction: Auction) -> Outcome:
    bids = auction.bids()
    cleared = units.uniform_price(
        Book.of(bids),
        supply=auction.count("supply", least=1),
        reserve=auction.count("reserve", 0),
        price=auction.choice("price", units.UniformPrice.HIGHEST_LOSING),
        rationing=auction.choice("rationing", Rationing.TIME),
    )
    return _cleared(bids, cleared)


def _cleared(bids: list[Bid], cleared: units.Cleared) -> Outcome:
    rows = _at_one_price(bids, cleared.fills, cleared.price)
    return _outcome(rows, price=cleared.price, sold=cleared.sold, covered=cleared.covered)


def _at_one_price(bids: list[Bid], fills: Ints, price: int) -> list[tuple[str, int, int]]:
    return [
        (bid.bidder, units, units * price) for bid, units in zip(bids, fills.tolist(), strict=True)
    ]


def _discriminatory(auction: Auction) -> Outcome:
    bids = auction.bids()
    fills = units.discriminatory(
        Book.of(bids),
        supply=auction.count("supply", least=1),
        reserve=auction.count("reserve", 0),
        rationing=auction.choice("rationing", Rationing.TIME),
    ).tolist()
    return _outcome(
        (bid.bidder, filled, filled * bid.price) for bid, filled in zip(bids, fills, strict=True)
    )


def _book_building(auction: Auction) -> Outcome:
    bids = auction.bids()
    supply, floor = auction.count("supply", least=1), auction.count("floor", 0)
    return _cleared(bids, units.book_building(Book.of(bids), supply=supply, floor=floor))


def _vickrey(auction: Auction) -> Outcome:
    return _won(auction, units.multi_unit_vickrey)


def _clinching(auction: Auction) -> Outcome:
    return _won(auction, units.clinching)


def _won(auction: Auction, rule: Callable[..., Mapping[str, units.Won]]) -> Outcome:
    supply, reserve = auction.count("supply", least=1), auction.count("reserve", 0)
    won = rule(auction.bids(), supply=supply, reserve=reserve)
    rows = [(bidder, got.units, got.payment) for bidder, got in won.items()]
    return _outcome(rows, prices={bidder: list(won[bidder].prices) for bidder in sorted(won)})


def _call(auction: Auction) -> Outcome:
    bids, offers = auction.bids(), auction.offers()
    check_bids(bids)
    called = call_market(
        Book.of(bids),
        Book.of(offers),
        policy=auction.choice("price", PricePolicy.PRESSURE),
        rationing=auction.choice("rationing", Rationing.TIME),
    )
    price = int(called.price) if called.price is not None else 0
    return {
        "price": None if called.price is None else price,
        "volume": called.volume,
        "bought": _awards(_at_one_price(bids, called.bids, price)),
        "sold": _awards(_at_one_price(offers, called.offers, price)),
    }


def _mcafee(auction: Auction) -> Outcome:
    return _traded(double.mcafee(auction.bids(), auction.offers()))


def _reduction(auction: Auction) -> Outcome:
    return _traded(double.trade_reduction(auction.bids(), auction.offers()))


def _traded(traded: double.Traded) -> Outcome:
    buyer, seller = traded.buyer_price, traded.seller_price
    return {
        "trades": traded.trades,
        "buyers": list(traded.buyers),
        "sellers": list(traded.sellers),
        "buyer_price": None if buyer is None else whole_or_text(buyer),
        "seller_price": None if seller is None else whole_or_text(seller),
        "surplus": whole_or_text(traded.surplus),
    }


def _budget(auction: Auction) -> Outcome:
    bids = auction.budget_bids()
    funded = budget_auction(
        bids,
        supply=auction.exact("supply"),
        reserve_price=auction.exact("reserve_price"),
        least_raised=auction.exact("least_raised", "1")
        if "least_raised" in auction.terms
        else 0 * ONE,
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


def _single_price(auction: Auction) -> Outcome:
    bids, reserve = auction.bids(), auction.count("reserve", 0)
    best = optimal_price(bids, least=auction.count("least", 1, least=1), reserve=reserve)
    buyers = [bid for bid in bids if 0 < best.price <= bid.price]
    return _outcome(((bid.bidder, 1, best.price) for bid in buyers), price=best.price)


def _dop(auction: Auction) -> Outcome:
    paid = deterministic_optimal_price(auction.bids(), reserve=auction.count("reserve", 0))
    return _outcome((bidder, 1, payment) for bidder, payment in paid.items())


def _rsop(auction: Auction) -> Outcome:
    sampled = random_sampling(
        auction.bids(),
        seed=auction.terms.get("seed", ""),
        committed=auction.terms.get("commitment"),
        reserve=auction.count("reserve", 0),
    )
    rows = ((bidder, 1, payment) for bidder, payment in sampled.paid.items())
    return _outcome(rows, prices=list(sampled.prices))


def _packages(auction: Auction) -> Outcome:
    terms = auction.terms
    bids = auction.package_bids()
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
    ranked = sorted(bids, key=lambda bid: (-bid.price, bid.time, bid.seq))
    won = [ranked[index] for index in outcome.allocation.won]
    return {
        "won": [{"bidder": bid.bidder, "items": dict(bid.items), "seq": bid.seq} for bid in won],
        "payments": {bidder: int(paid) for bidder, paid in outcome.payments.items()},
        "vcg": dict(outcome.vcg),
        "revenue": int(outcome.revenue),
        "welfare": outcome.allocation.welfare,
        "bound": outcome.allocation.bound,
    }


def _licences(auction: Auction) -> Outcome:
    licensed = licence_auction(
        auction.licence_bids(),
        most=auction.count("licences", 1000, least=1),
        reserve=auction.count("reserve", 0),
        payment=auction.choice("payment", Payment.CORE),
    )
    rows = ((bidder, 1, int(paid)) for bidder, paid in licensed.payments.items())
    return _outcome(rows, licences=licensed.licences, vcg=dict(licensed.vcg))


def _of(*terms: str) -> frozenset[str]:
    return frozenset(terms)


MECHANISMS: dict[str, Mechanism] = {
    "first_price": Mechanism("sealed bids, pay your bid", _first_price, _of("reserve")),
    "second_price": Mechanism("sealed bids, pay the second", _second_price, _of("reserve")),
    "dutch": Mechanism(
        "a falling clock", _dutch, _of("start", "step", "every", "floor", "supply", "price")
    ),
    "procurement": Mechanism(
        "the lowest eligible offer", _procurement, _of("reserve", "minimum", "second_price")
    ),
    "english": Mechanism(
        "proxy bids, soft close", _english, _of("opening", "increments", "reserve", "soft_close")
    ),
    "uniform_price": Mechanism(
        "units at one price", _uniform, _of("supply", "reserve", "price", "rationing")
    ),
    "discriminatory": Mechanism(
        "units, pay your bid", _discriminatory, _of("supply", "reserve", "rationing")
    ),
    "multiunit_vickrey": Mechanism("units, Vickrey", _vickrey, _of("supply", "reserve")),
    "clinching": Mechanism("units, Ausubel's clock", _clinching, _of("supply", "reserve")),
    "book_building": Mechanism("one price, pro rata", _book_building, _of("supply", "floor")),
    "call_market": Mechanism(
        "bids and offers at one price", _call, _of("price", "rationing"), two_sided=True
    ),
    "mcafee": Mechanism("truthful market", _mcafee, two_sided=True),
    "trade_reduction": Mechanism("truthful market, one less", _reduction, two_sided=True),
    "budget_uniform_price": Mechanism(
        "budgets at one price", _budget, _of("supply", "reserve_price", "least_raised"), BUDGETS
    ),
    "optimal_single_price": Mechanism("F, a yardstick", _single_price, _of("least", "reserve")),
    "deterministic_optimal_price": Mechanism("DOP", _dop, _of("reserve")),
    "random_sampling": Mechanism("RSOP", _rsop, _of("seed", "commitment", "reserve")),
    "packages": Mechanism(
        "bundles of items",
        _packages,
        _of("supply", "language", "reserves", "payment", "time_limit_seconds"),
        PACKAGES,
    ),
    "licences": Mechanism(
        "how many licences", _licences, _of("licences", "reserve", "payment"), LICENCES
    ),
}
