"""Outcomes of auctions of one item, and of goods without scarcity."""

from pricing.charges.exact import mapping, refuse, sequence
from pricing.mechanisms import single
from pricing.mechanisms.auctions import Auction
from pricing.mechanisms.digital import (
    deterministic_optimal_price,
    optimal_price,
    random_sampling,
)
from pricing.mechanisms.english import EnglishTerms, SoftClose, english
from pricing.mechanisms.outcome_rows import Outcome, outcome


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
