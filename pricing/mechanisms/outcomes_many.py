"""Outcomes of auctions of many units, of markets, and of bundles."""

from collections.abc import Callable, Mapping
from fractions import Fraction

from pricing.charges.exact import mapping
from pricing.mechanisms import double, units
from pricing.mechanisms.auctions import Auction
from pricing.mechanisms.bids import Bid, Book, whole_or_text
from pricing.mechanisms.budget import budget_auction
from pricing.mechanisms.call_market import PricePolicy, call_market
from pricing.mechanisms.clearing import Rationing
from pricing.mechanisms.licences import licence_auction
from pricing.mechanisms.outcome_rows import Outcome, at_one_price, awards, outcome
from pricing.mechanisms.package_outcome import Payment, package_auction
from pricing.mechanisms.packages import Language, Packages

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
    return _traded(double.mcafee(auction.bids(), auction.offers()))


def reduction_outcome(auction: Auction) -> Outcome:
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
