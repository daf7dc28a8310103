"""Prices of queries: by the cells that they read, or by the cheapest priced views that hold them."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from pricing.exact import SHOWN_MAX, mapping, name_of, refuse, sequence, whole
from pricing.money import MINOR_MAX
from pricing.refusals import PricingRefusal

Cell = Hashable
Cells = frozenset[Cell]
NOTHING: Cells = frozenset()


class NotForSale(PricingRefusal):
    """A query reads something that has no price."""

    code = "not_for_sale"


class SetPricing(Protocol):
    """A price in minor units for every set of cells, monotone and subadditive."""

    def price(self, wanted: Cells) -> int:
        """The price for a buyer who owns nothing. Raises NotForSale."""


@dataclass(frozen=True)
class Coverage:
    """A weight in minor units for each cell, and where wanted the price of everything."""

    weights: Mapping[Any, int]
    cap: int | None = None

    def __post_init__(self) -> None:
        named = [*self.weights.items()] + ([("cap", self.cap)] if self.cap is not None else [])
        for name, minor in named:
            if type(minor) is not int or not 0 <= minor <= MINOR_MAX:
                refuse(f"weights.{name}"[:SHOWN_MAX], minor, "whole minor units, zero or more")

    def price(self, wanted: Cells) -> int:
        """The summed weight of the cells, at most the cap. Raises NotForSale."""
        unknown = [cell for cell in wanted if cell not in self.weights]
        if unknown:
            raise_not_for_sale(unknown)
        total = sum(self.weights[cell] for cell in wanted)
        return total if self.cap is None else min(total, self.cap)


def raise_not_for_sale(cells: Iterable[Cell]) -> None:
    """Raise NotForSale for the first of the cells."""
    first = min(str(cell) for cell in cells)[:SHOWN_MAX]
    raise NotForSale(
        f"The cell {first} has no price; accepted are cells of the price list.",
        field="wanted",
        value=first,
        accepted="cells of the price list",
    )


def grid(partitions: Iterable[str], columns: Iterable[str]) -> Cells:
    """The cells of a query over some partitions (provinces, months …) and some columns."""
    wanted = tuple(columns)
    return frozenset((partition, column) for partition in partitions for column in wanted)


def due(pricing: SetPricing, wanted: Cells, owned: Cells = NOTHING) -> int:
    """What a buyer who owns some cells pays for a query: the price of both less that of the owned.

    Nobody pays twice: what is owned is free, and a session of queries, in whatever order, costs what
    its union costs at once. Never more than a newcomer pays. Raises NotForSale.
    """
    return pricing.price(owned | wanted) - pricing.price(owned)


VIEWS_MAX = 10_000
CELLS_MAX = 1_000_000
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


def read_views(given: object) -> list[View]:
    """Views from JSON: [{"name", "cells": […], "price"}]. Raises BadValue."""
    views = []
    for index, row in enumerate(sequence(given, "views", most=VIEWS_MAX)):
        name = f"views[{index}]"
        fields = mapping(row, name)
        cells = sequence(fields.get("cells"), f"{name}.cells", most=CELLS_MAX)
        price = whole(fields.get("price"), f"{name}.price", least=0, most=PRICE_MAX)
        held = frozenset(name_of(cell, f"{name}.cells") for cell in cells)
        views.append(View(name_of(fields.get("name", index), f"{name}.name"), held, price))
    return views
