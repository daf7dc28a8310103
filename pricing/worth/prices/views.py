"""Prices of views: a query costs the cheapest set of priced views that contains it.

The seller prices a few views; every other query follows. The price is the one arbitrage-free function
that gives no discount the list does not give: a view that others undercut is sold at the cheaper price,
and `arbitrage` shows by which of them. Choosing the views is weighted set cover, solved to optimality by
HiGHS over whole numbers and checked exactly; the time may grow exponentially with the list.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from pricing.charges.exact import refuse, whole
from pricing.refusals import PricingRefusal
from pricing.worth.prices.coverage import Cells, raise_not_for_sale

VIEWS_MAX = 10_000
PRICE_MAX = 2**53 - 1  # above, the solver's floats could not tell two prices apart


class NotSolved(PricingRefusal):
    """The cheapest combination was not found within the time given."""

    code = "not_solved"


@dataclass(frozen=True)
class View:
    """A view of the data that is for sale as a whole."""

    name: str
    cells: Cells
    price: int


@dataclass(frozen=True)
class Combination:
    """Views that contain what is wanted, and what they cost together."""

    views: tuple[str, ...]
    price: int


@dataclass(frozen=True)
class Arbitrage:
    """A view or version, its price, and a cheaper combination that gives as much."""

    name: str
    price: int
    cheaper: Combination

    @property
    def sentence(self) -> str:
        parts = " + ".join(self.cheaper.views)
        return f"{self.name} costs {self.price}; {parts} gives as much for {self.cheaper.price}."


class ViewPrices:
    """The price of every query under a list of priced views."""

    def __init__(self, views: Sequence[View], *, seconds: float = 10.0) -> None:
        if len({view.name for view in views}) != len(views) or len(views) > VIEWS_MAX:
            refuse("views", len(views), f"at most {VIEWS_MAX} views, each name once")
        for view in views:
            whole(view.price, f"views.{view.name}.price", least=0, most=PRICE_MAX // VIEWS_MAX)
        self.views = tuple(views)
        self.seconds = seconds

    def price(self, wanted: Cells) -> int:
        """The least total price of views that contain the cells. Raises NotForSale, NotSolved."""
        return self.cheapest(wanted).price

    def cheapest(self, wanted: Cells) -> Combination:
        """The views of least total price that contain the cells. Raises NotForSale, NotSolved."""
        holders: dict[object, list[int]] = {cell: [] for cell in wanted}
        for index, view in enumerate(self.views):
            for cell in view.cells & wanted:
                holders[cell].append(index)
        alone = [cell for cell, found in holders.items() if not found]
        if alone:
            raise_not_for_sale(alone)
        # Cells that the same views hold need one constraint between them.
        chosen = self._cover(sorted({tuple(found) for found in holders.values()}))
        bought = [self.views[index] for index in chosen]
        if not wanted <= frozenset().union(*(view.cells for view in bought)):
            raise AssertionError("the solver left a wanted cell out")
        return Combination(tuple(view.name for view in bought), sum(view.price for view in bought))

    def _cover(self, rows: list[tuple[int, ...]]) -> list[int]:
        if not rows:
            return []
        columns = sorted({index for row in rows for index in row})
        place = {index: position for position, index in enumerate(columns)}
        starts = np.cumsum([0, *(len(row) for row in rows)])
        held = np.array([place[index] for row in rows for index in row])
        matrix = csr_array((np.ones(len(held)), held, starts), shape=(len(rows), len(columns)))
        # Among combinations of one price the solver may pick any; a free view is never left over
        # because what nobody needs is dropped below.
        solved = milp(
            np.array([self.views[index].price for index in columns], dtype=np.float64),
            constraints=LinearConstraint(matrix, lb=1),
            integrality=np.ones(len(columns)),
            bounds=Bounds(0, 1),
            options={"mip_rel_gap": 0.0, "time_limit": self.seconds},
        )
        if solved.status != 0:
            raise NotSolved(
                f"The cheapest of {len(columns)} views was not found within {self.seconds} seconds.",
                field="views",
                value=len(columns),
                accepted="fewer views, or more seconds",
            )
        return _needed([columns[i] for i in np.flatnonzero(solved.x > 0.5)], rows)  # noqa: PLR2004 - 0 or 1

    def arbitrage(self) -> list[Arbitrage]:
        """Every view that others undercut, with the cheapest combination that contains it."""
        found = []
        for view in self.views:
            cheapest = self.cheapest(view.cells)
            if cheapest.price < view.price:
                found.append(Arbitrage(view.name, view.price, cheapest))
        return found


def _needed(chosen: list[int], rows: list[tuple[int, ...]]) -> list[int]:
    """The chosen views without those whose cells the others hold as well."""
    kept = set(chosen)
    for index in chosen:
        rest = kept - {index}
        if all(rest.intersection(row) for row in rows):
            kept = rest
    return sorted(kept)
