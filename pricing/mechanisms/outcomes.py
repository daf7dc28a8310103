"""Every mechanism by name: what its documents hold, and its outcome in JSON values."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from pricing.exact import mapping, refuse, sequence
from pricing.mechanisms import markets, single, units
from pricing.mechanisms.auctions import BUDGETS, LICENCES, PACKAGES, UNITS, Auction, Shape
from pricing.mechanisms.bids import Bid, Book, Ints, Rationing, whole_or_text
from pricing.mechanisms.digital import deterministic_optimal_price, optimal_price, random_sampling
from pricing.mechanisms.english import EnglishTerms, SoftClose, english
from pricing.mechanisms.licences import licence_auction
from pricing.mechanisms.markets import PricePolicy, call_market
from pricing.mechanisms.packages import Language, Packages, Payment, package_auction
from pricing.mechanisms.units import budget_auction

Outcome = dict[str, Any]
Row = tuple[str, int, int]  # bidder, quantity, payment


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


def outcome(rows: Iterable[Row], **more: object) -> Outcome:
    given = awards(rows)
    return {"awards": given, "revenue": sum(row["payment"] for row in given), **more}


def at_one_price(bids: list[Bid], fills: Ints, price: int) -> list[Row]:
    return [
        (bid.bidder, units, units * price) for bid, units in zip(bids, fills.tolist(), strict=True)
    ]


def _sale(sale: single.Sale) -> Outcome:
    rows = [(sale.winner, 1, sale.price)] if sale.winner is not None else []
    return outcome(rows, winner=sale.winner, price=sale.price)


def first_price_outcome(auction: Auction) -> Outcome:
    return _sale(single.first_price(auction.bids(), reserve=auction.count("reserve", 0)))


def second_price_outcome(auction: Auction) -> Outcome:
    return _sale(single.second_price(auction.bids(), reserve=auction.count("reserve", 0)))


def dutch_outcome(auction: Auction) -> Outcome:
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
    return outcome((fill.bidder, fill.quantity, fill.payment) for fill in fills)


def procurement_outcome(auction: Auction) -> Outcome:
    award = single.procurement(
        auction.bids(),
        reserve=auction.count("reserve", least=1),
        minimum=auction.count("minimum", 0),
        second=auction.flag("second_price"),
    )
    reason = award.reason.value if award.reason else None
    tied = list(award.tied)
    return {"winner": award.winner, "price": award.price, "tied": tied, "reason": reason}


def english_outcome(auction: Auction) -> Outcome:
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
    return outcome(rows, winner=winner, price=end.price, ended_at=end.ends_at, bids=end.bids)


def single_price_outcome(auction: Auction) -> Outcome:
    bids, reserve = auction.bids(), auction.count("reserve", 0)
    best = optimal_price(bids, least=auction.count("least", 1, least=1), reserve=reserve)
    buyers = [bid for bid in bids if 0 < best.price <= bid.price]
    return outcome(((bid.bidder, 1, best.price) for bid in buyers), price=best.price)


def dop_outcome(auction: Auction) -> Outcome:
    paid = deterministic_optimal_price(auction.bids(), reserve=auction.count("reserve", 0))
    return outcome((bidder, 1, payment) for bidder, payment in paid.items())


def rsop_outcome(auction: Auction) -> Outcome:
    sampled = random_sampling(
        auction.bids(),
        seed=auction.terms.get("seed", ""),
        committed=auction.terms.get("commitment"),
        reserve=auction.count("reserve", 0),
    )
    rows = ((bidder, 1, payment) for bidder, payment in sampled.paid.items())
    return outcome(rows, prices=list(sampled.prices))


ONE = Fraction(1)


def uniform_outcome(auction: Auction) -> Outcome:
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
    rows = at_one_price(bids, cleared.fills, cleared.price)
    return outcome(rows, price=cleared.price, sold=cleared.sold, covered=cleared.covered)


def discriminatory_outcome(auction: Auction) -> Outcome:
    bids = auction.bids()
    fills = units.discriminatory(
        Book.of(bids),
        supply=auction.count("supply", least=1),
        reserve=auction.count("reserve", 0),
        rationing=auction.choice("rationing", Rationing.TIME),
    ).tolist()
    return outcome(
        (bid.bidder, filled, filled * bid.price) for bid, filled in zip(bids, fills, strict=True)
    )


def book_building_outcome(auction: Auction) -> Outcome:
    bids = auction.bids()
    supply, floor = auction.count("supply", least=1), auction.count("floor", 0)
    return _cleared(bids, units.book_building(Book.of(bids), supply=supply, floor=floor))


def vickrey_outcome(auction: Auction) -> Outcome:
    return _won(auction, units.multi_unit_vickrey)


def clinching_outcome(auction: Auction) -> Outcome:
    return _won(auction, units.clinching)


def _won(auction: Auction, rule: Callable[..., Mapping[str, units.Won]]) -> Outcome:
    supply, reserve = auction.count("supply", least=1), auction.count("reserve", 0)
    won = rule(auction.bids(), supply=supply, reserve=reserve)
    rows = [(bidder, got.units, got.payment) for bidder, got in won.items()]
    return outcome(rows, prices={bidder: list(won[bidder].prices) for bidder in sorted(won)})


def call_outcome(auction: Auction) -> Outcome:
    bids, offers = auction.bids(), auction.offers()
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
        "bought": awards(at_one_price(bids, called.bids, price)),
        "sold": awards(at_one_price(offers, called.offers, price)),
    }


def mcafee_outcome(auction: Auction) -> Outcome:
    return _traded(markets.mcafee(auction.bids(), auction.offers()))


def reduction_outcome(auction: Auction) -> Outcome:
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


def budget_outcome(auction: Auction) -> Outcome:
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


def packages_outcome(auction: Auction) -> Outcome:
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


def licences_outcome(auction: Auction) -> Outcome:
    licensed = licence_auction(
        auction.licence_bids(),
        most=auction.count("licences", 1000, least=1),
        reserve=auction.count("reserve", 0),
        payment=auction.choice("payment", Payment.CORE),
    )
    rows = ((bidder, 1, int(paid)) for bidder, paid in licensed.payments.items())
    return outcome(rows, licences=licensed.licences, vcg=dict(licensed.vcg))


@dataclass(frozen=True, slots=True)
class Mechanism:
    """`terms` are the names that the terms of an auction may use beside the common ones."""

    summary: str
    clear: Callable[[Auction], Outcome]
    terms: frozenset[str] = frozenset()
    shape: Shape = field(default=UNITS)
    two_sided: bool = False


def _of(*terms: str) -> frozenset[str]:
    return frozenset(terms)


MECHANISMS: dict[str, Mechanism] = {
    "first_price": Mechanism("sealed bids, pay your bid", first_price_outcome, _of("reserve")),
    "second_price": Mechanism("sealed bids, pay the second", second_price_outcome, _of("reserve")),
    "dutch": Mechanism(
        "a falling clock",
        dutch_outcome,
        _of("start", "step", "every", "floor", "supply", "price"),
    ),
    "procurement": Mechanism(
        "the lowest eligible offer",
        procurement_outcome,
        _of("reserve", "minimum", "second_price"),
    ),
    "english": Mechanism(
        "proxy bids, soft close",
        english_outcome,
        _of("opening", "increments", "reserve", "soft_close"),
    ),
    "uniform_price": Mechanism(
        "units at one price",
        uniform_outcome,
        _of("supply", "reserve", "price", "rationing"),
    ),
    "discriminatory": Mechanism(
        "units, pay your bid",
        discriminatory_outcome,
        _of("supply", "reserve", "rationing"),
    ),
    "multiunit_vickrey": Mechanism("units, Vickrey", vickrey_outcome, _of("supply", "reserve")),
    "clinching": Mechanism("units, Ausubel's clock", clinching_outcome, _of("supply", "reserve")),
    "book_building": Mechanism(
        "one price, pro rata", book_building_outcome, _of("supply", "floor")
    ),
    "call_market": Mechanism(
        "bids and offers at one price",
        call_outcome,
        _of("price", "rationing"),
        two_sided=True,
    ),
    "mcafee": Mechanism("truthful market", mcafee_outcome, two_sided=True),
    "trade_reduction": Mechanism("truthful market, one less", reduction_outcome, two_sided=True),
    "budget_uniform_price": Mechanism(
        "budgets at one price",
        budget_outcome,
        _of("supply", "reserve_price", "least_raised"),
        BUDGETS,
    ),
    "optimal_single_price": Mechanism(
        "F, a yardstick", single_price_outcome, _of("least", "reserve")
    ),
    "deterministic_optimal_price": Mechanism("DOP", dop_outcome, _of("reserve")),
    "random_sampling": Mechanism("RSOP", rsop_outcome, _of("seed", "commitment", "reserve")),
    "packages": Mechanism(
        "bundles of items",
        packages_outcome,
        _of("supply", "language", "reserves", "payment", "time_limit_seconds"),
        PACKAGES,
    ),
    "licences": Mechanism(
        "how many licences",
        licences_outcome,
        _of("licences", "reserve", "payment"),
        LICENCES,
    ),
}
