"""Every mechanism by name: what its documents hold and how it clears."""

from collections.abc import Callable
from dataclasses import dataclass, field

from pricing.mechanisms import outcomes_many, outcomes_single
from pricing.mechanisms.auctions import BUDGETS, LICENCES, PACKAGES, UNITS, Auction, Shape
from pricing.mechanisms.outcome_rows import Outcome


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
    "first_price": Mechanism(
        "sealed bids, pay your bid", outcomes_single.first_price_outcome, _of("reserve")
    ),
    "second_price": Mechanism(
        "sealed bids, pay the second", outcomes_single.second_price_outcome, _of("reserve")
    ),
    "dutch": Mechanism(
        "a falling clock",
        outcomes_single.dutch_outcome,
        _of("start", "step", "every", "floor", "supply", "price"),
    ),
    "procurement": Mechanism(
        "the lowest eligible offer",
        outcomes_single.procurement_outcome,
        _of("reserve", "minimum", "second_price"),
    ),
    "english": Mechanism(
        "proxy bids, soft close",
        outcomes_single.english_outcome,
        _of("opening", "increments", "reserve", "soft_close"),
    ),
    "uniform_price": Mechanism(
        "units at one price",
        outcomes_many.uniform_outcome,
        _of("supply", "reserve", "price", "rationing"),
    ),
    "discriminatory": Mechanism(
        "units, pay your bid",
        outcomes_many.discriminatory_outcome,
        _of("supply", "reserve", "rationing"),
    ),
    "multiunit_vickrey": Mechanism(
        "units, Vickrey", outcomes_many.vickrey_outcome, _of("supply", "reserve")
    ),
    "clinching": Mechanism(
        "units, Ausubel's clock", outcomes_many.clinching_outcome, _of("supply", "reserve")
    ),
    "book_building": Mechanism(
        "one price, pro rata", outcomes_many.book_building_outcome, _of("supply", "floor")
    ),
    "call_market": Mechanism(
        "bids and offers at one price",
        outcomes_many.call_outcome,
        _of("price", "rationing"),
        two_sided=True,
    ),
    "mcafee": Mechanism("truthful market", outcomes_many.mcafee_outcome, two_sided=True),
    "trade_reduction": Mechanism(
        "truthful market, one less", outcomes_many.reduction_outcome, two_sided=True
    ),
    "budget_uniform_price": Mechanism(
        "budgets at one price",
        outcomes_many.budget_outcome,
        _of("supply", "reserve_price", "least_raised"),
        BUDGETS,
    ),
    "optimal_single_price": Mechanism(
        "F, a yardstick", outcomes_single.single_price_outcome, _of("least", "reserve")
    ),
    "deterministic_optimal_price": Mechanism("DOP", outcomes_single.dop_outcome, _of("reserve")),
    "random_sampling": Mechanism(
        "RSOP", outcomes_single.rsop_outcome, _of("seed", "commitment", "reserve")
    ),
    "packages": Mechanism(
        "bundles of items",
        outcomes_many.packages_outcome,
        _of("supply", "language", "reserves", "payment", "time_limit_seconds"),
        PACKAGES,
    ),
    "licences": Mechanism(
        "how many licences",
        outcomes_many.licences_outcome,
        _of("licences", "reserve", "payment"),
        LICENCES,
    ),
}
