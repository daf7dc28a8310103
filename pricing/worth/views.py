"""Prices of queries: by the cells that they read, or by the cheapest priced views that hold them."""

import time
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from pricing.exact import SHOWN_MAX, mapping, name_of, refuse, sequence, whole
from pricing.laws import BrokenLawError
from pricing.money import MINOR_MAX
from pricing.refusals import PricingRefusal
from pricing.worth.covers import Cover

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
PRICE_MAX = 2**53 - 1  # of all views or copies together
SHARE_BITS = 20  # a price below 2⁴⁰ in such parts stays within 63 bits
NO_SHARE = 2**62


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
    """A view or version, its price, and a cheaper combination that gives as much.

    `proven` where no combination is cheaper still.
    """

    name: str
    price: int
    cheaper: Combination
    proven: bool = True

    @property
    def sentence(self) -> str:
        parts = " + ".join(self.cheaper.views)
        said = f"{self.name} costs {self.price}; {parts} gives as much for {self.cheaper.price}"
        return f"{said}." if self.proven else f"{said}, and perhaps others for less."


@dataclass(frozen=True)
class Checked:
    """What a search for arbitrage found. `unsure` names what it could not decide within its limits."""

    undercut: tuple[Arbitrage, ...]
    unsure: tuple[str, ...]

    @property
    def doubt(self) -> str:
        """A sentence on what is not decided; nothing where all is."""
        shown = ", ".join(self.unsure[:5]) + (", …" if len(self.unsure) > 5 else "")  # noqa: PLR2004
        return f"Not decided within the limits of the search: {shown}." if self.unsure else ""


def decided(checked: Checked) -> list[Arbitrage]:
    """What was found. Raises NotSolved where anything could not be decided."""
    if checked.unsure:
        raise NotSolved(
            f"{checked.doubt} Accepted are fewer entries, or prices and amounts of fewer digits.",
            field=checked.unsure[0][:SHOWN_MAX],
            value=len(checked.unsure),
            accepted="fewer entries, or prices and amounts of fewer digits",
        )
    return list(checked.undercut)


class ViewPrices:
    """The price of every query under a list of priced views.

    `seconds` is the most time that one query, or one search for arbitrage, may take.
    """

    def __init__(self, views: Sequence[View], *, seconds: float = 8.0) -> None:
        if len({view.name for view in views}) != len(views) or len(views) > VIEWS_MAX:
            refuse("views", len(views), f"at most {VIEWS_MAX} views, each name once")
        for view in views:
            name = f"views.{view.name}.price"[:SHOWN_MAX]
            whole(view.price, name, least=0, most=PRICE_MAX // VIEWS_MAX)
        self.views = tuple(views)
        self.seconds = seconds

    @cached_property
    def _holders(self) -> dict[Cell, NDArray[np.int64]]:
        """The views that hold each cell, by their places in rising order."""
        holders: dict[Cell, list[int]] = {}
        for index, view in enumerate(self.views):
            for cell in view.cells:
                holders.setdefault(cell, []).append(index)
        return {cell: np.array(found, dtype=np.int64) for cell, found in holders.items()}

    @cached_property
    def _prices(self) -> NDArray[np.int64]:
        return np.array([view.price for view in self.views], dtype=np.int64)

    @cached_property
    def _listed(self) -> list[int]:
        return [view.price for view in self.views]

    def price(self, wanted: Cells) -> int:
        """The least total price of views that contain the cells. Raises NotForSale, NotSolved."""
        return self.cheapest(wanted).price

    def cheapest(self, wanted: Cells) -> Combination:
        """The views of least total price that contain the cells, exactly.

        A view whose cells the others hold as well is not among them. Raises NotForSale, NotSolved.
        """
        alone = [cell for cell in wanted if cell not in self._holders]
        if alone:
            raise_not_for_sale(alone)
        everything = sum(view.price for view in self.views)
        found, settled = self._cover(wanted, everything + 1, time.monotonic() + self.seconds)
        if found is None or not settled:
            raise NotSolved(
                f"The cheapest of {len(self.views)} views was not found within"
                f" {self.seconds} seconds.",
                field="views",
                value=len(self.views),
                accepted="fewer views, or more seconds",
            )
        return found

    def _cover(self, wanted: Cells, below: int, ends: float) -> tuple[Combination | None, bool]:
        """The cheapest views for less than `below`, if any, and whether that is certain."""
        if time.monotonic() > ends:
            return None, False
        # Cells that the same views hold need one constraint between them; dear views cannot be part.
        held = {self._holders[cell].tobytes(): self._holders[cell] for cell in wanted}
        cheap = [found[self._prices[found] < below].tolist() for found in held.values()]
        rows = sorted({tuple(found) for found in cheap})
        if rows and not rows[0]:
            return None, True
        cover = Cover(rows, self._listed, below)
        settled = cover.solve(ends - time.monotonic())
        if cover.chosen is None:
            return None, settled
        bought = [self.views[index] for index in cover.chosen]
        price = sum(view.price for view in bought)
        if price >= below or not wanted <= frozenset().union(*(view.cells for view in bought)):
            raise BrokenLawError("the cheapest views leave a wanted cell out, or are not cheaper")
        return Combination(tuple(view.name for view in bought), price), settled

    def arbitrage(self) -> list[Arbitrage]:
        """Every view that others undercut, with the cheapest combination that contains it.

        Raises NotSolved where a view could not be decided.
        """
        return decided(self.check())

    def check(self) -> Checked:
        """As `arbitrage`, with the names of the views that could not be decided."""
        ends = time.monotonic() + self.seconds
        found, unsure = [], []
        for view in [view for view in self.views if not self._cannot_be_undercut(view)]:
            cheapest, settled = self._cover(view.cells, view.price, ends)
            if cheapest is not None:
                found.append(Arbitrage(view.name, view.price, cheapest, settled))
            elif not settled:
                unsure.append(view.name)
        return Checked(tuple(found), tuple(unsure))

    def _cannot_be_undercut(self, view: View) -> bool:
        """Whether a bound rules it out: each cell costs its least share of a cheaper view that has it.

        A share is the price over how many of the view's cells the cheaper one holds, in 2⁻²⁰ units
        rounded down, so that the sum is never above what any combination costs.
        """
        if not view.cells:
            return view.price == 0
        held = [self._holders[cell] for cell in view.cells]
        lengths = np.array([len(found) for found in held])
        every = np.concatenate(held)
        cheaper = self._prices[every] < view.price
        shares = (self._prices[every] << SHARE_BITS) // np.bincount(every)[every]
        shares[~cheaper] = NO_SHARE
        starts = np.concatenate(([0], np.cumsum(lengths)[:-1]))
        least = np.minimum.reduceat(shares, starts)
        if int(least.max()) == NO_SHARE:
            return True  # nothing cheaper holds one of its cells
        units, parts = least >> SHARE_BITS, least & (2**SHARE_BITS - 1)
        bound = (int(units.sum()) << SHARE_BITS) + int(parts.sum())
        return bound > (view.price - 1) << SHARE_BITS


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
