"""Cases of goods without scarcity and of reserves."""

from collections.abc import Mapping

from pricing.case import Case, Evaluator
from pricing.mechanisms import digital
from pricing.mechanisms.case_values import unit_bids
from pricing.mechanisms.case_values import units as units_of
from pricing.mechanisms.reserves import ONE, uniform_reserve, uniform_revenue

Result = dict[str, object]


def _single_price(case: Case) -> Result:
    bids, ticks, reserve = unit_bids(case)
    best = digital.optimal_price(bids, reserve=reserve)
    second = digital.optimal_price(bids, least=2, reserve=reserve)
    return {
        "F": ticks.back(best.revenue),
        "price": ticks.back(best.price),
        "winners": best.winners,
        "F2": ticks.back(second.revenue),
    }


def _dop(case: Case) -> Result:
    bids, ticks, reserve = unit_bids(case)
    paid = digital.deterministic_optimal_price(bids, reserve=reserve)
    return {
        "F": ticks.back(digital.optimal_price(bids, reserve=reserve).revenue),
        "revenue": ticks.back(sum(paid.values())),
        "winners": len(paid),
    }


def _rsop_mean(case: Case) -> Result:
    bids, ticks, _ = unit_bids(case)
    mean = digital.random_sampling_mean([bid.price for bid in bids])
    return {"expected_revenue": str(mean / ticks.scale)}


def _rsop(case: Case) -> Result:
    bids, ticks, reserve = unit_bids(case)
    sampled = digital.random_sampling(bids, seed=case.given("seed"), reserve=reserve)
    paid: Mapping[str, int] = sampled.paid
    return {
        "revenue": ticks.back(sampled.revenue),
        "pay": {bidder: ticks.back(amount) for bidder, amount in paid.items()},
    }


def _myerson(case: Case) -> Result:
    bidders = units_of(case, "bidders")
    reserve = uniform_reserve(ONE * 0, ONE)
    return {
        "reserve": str(reserve),
        "revenue_no_reserve": str(uniform_revenue(bidders, ONE * 0)),
        "revenue_with_reserve": str(uniform_revenue(bidders, reserve)),
    }


EVALUATORS: dict[str, Evaluator] = {
    "optimal_single_price": _single_price,
    "deterministic_optimal_price": _dop,
    "rsop_expected_revenue": _rsop_mean,
    "rsop": _rsop,
    "myerson_uniform01": _myerson,
}
