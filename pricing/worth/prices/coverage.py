"""Query prices by weighted coverage: a query costs the weight of the cells that it reads.

Cells are whatever the seller prices, most simply a partition of the rows by a column. The price is
monotone and subadditive in the cells by construction, with or without a cap for everything, so no set
of queries that determines another is cheaper than it.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pricing.charges.exact import SHOWN_MAX, refuse
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
