"""One kind of bid with one total order, and a book of many of them in columns."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pricing.charges.exact import refuse
from pricing.refusals import PricingRefusal

PRICE_MAX = 2**53
QUANTITY_MAX = 2**53
BIDS_MAX = 10_000_000
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


class DuplicateBid(PricingRefusal):
    """Two bids carry one sequence number, or one bidder bids twice where one bid is allowed."""

    code = "duplicate_bid"


class EmptyBook(PricingRefusal):
    """A mechanism cannot clear without a bid."""

    code = "empty_book"


@dataclass(frozen=True, slots=True)
class Bid:
    """`quantity` units at `price` ticks each. `time` and `seq` rank bids of one price."""

    bidder: str
    price: int
    quantity: int = 1
    time: int = 0
    seq: int = 0


def check_price(price: object, field: str = "price") -> int:
    """A price in ticks. Raises BadValue for zero, fractions, and more than 2^53."""
    if isinstance(price, bool) or not isinstance(price, int) or not 1 <= price <= PRICE_MAX:
        refuse(field, price, f"a whole number of ticks from 1 to {PRICE_MAX}")
    return price


def check_floor(price: object, field: str) -> int:
    """A reserve or a floor in ticks: as a price, or zero for none."""
    return 0 if price == 0 and price is not False else check_price(price, field)


def check_count(count: object, field: str, *, least: int = 1, most: int = QUANTITY_MAX) -> int:
    """A whole number of units, bidders or seconds."""
    if isinstance(count, bool) or not isinstance(count, int) or not least <= count <= most:
        refuse(field, count, f"a whole number from {least} to {most}")
    return count


def best_first(bids: Iterable[Bid]) -> list[Bid]:
    """Highest price first, then earliest, then lowest sequence number."""
    return sorted(bids, key=lambda bid: (-bid.price, bid.time, bid.seq))


def lowest_first(bids: Iterable[Bid]) -> list[Bid]:
    """Lowest price first, then earliest, then lowest sequence number: the order of offers."""
    return sorted(bids, key=lambda bid: (bid.price, bid.time, bid.seq))


def check_bids(bids: Sequence[Bid], *, one_each: bool = False, field: str = "bids") -> None:
    """Prices, quantities and sequence numbers. Raises BadValue, DuplicateBid."""
    if len(bids) > BIDS_MAX:
        refuse(field, f"{len(bids)} entries", f"at most {BIDS_MAX} entries")
    for index, bid in enumerate(bids):
        check_price(bid.price, f"{field}[{index}].price")
        check_count(bid.quantity, f"{field}[{index}].quantity")
    check_unique([bid.seq for bid in bids], f"{field}.seq", "a number that no other bid has")
    if one_each:
        check_unique([bid.bidder for bid in bids], f"{field}.bidder", "one bid for each bidder")


def check_unique(values: Sequence[object], field: str, accepted: str) -> None:
    """Raises DuplicateBid with the first value that is there twice."""
    if len(set(values)) == len(values):
        return
    seen: set[object] = set()
    for value in values:
        if value in seen:
            raise DuplicateBid(
                f"The field {field} is {value!r} twice; accepted is {accepted}.",
                field=field,
                value=value,
                accepted=accepted,
            )
        seen.add(value)


@dataclass(frozen=True, eq=False)
class Book:
    """Many bids as columns. Index i of every column is one bid."""

    prices: Ints
    quantities: Ints
    times: Ints
    seqs: Ints

    @classmethod
    def of(cls, bids: Sequence[Bid]) -> "Book":
        """The columns of checked bids. Raises BadValue where the quantities sum beyond 2^53."""
        quantities = [bid.quantity for bid in bids]
        if sum(quantities) > QUANTITY_MAX:
            refuse("quantity", sum(quantities), f"quantities that sum to at most {QUANTITY_MAX}")
        return cls(
            np.array([bid.price for bid in bids], dtype=np.int64),
            np.array(quantities, dtype=np.int64),
            np.array([bid.time for bid in bids], dtype=np.int64),
            np.array([bid.seq for bid in bids], dtype=np.int64),
        )

    @cached_property
    def weights(self) -> Ints | None:
        """The quantities; None where all are one unit, as counting is twice as fast as weighing."""
        units = self.quantities
        return None if not units.size or units.max() == 1 else units

    def select(self, kept: Mask) -> "Book":
        """The bids where the mask is true."""
        columns = (self.prices, self.quantities, self.times, self.seqs)
        return Book(*(column[kept] for column in columns))

    def units(self, where: Mask) -> Ints:
        """Units of each bid where the mask is true, zero elsewhere."""
        kept = where.astype(np.int64)
        if self.weights is not None:
            kept *= self.weights
        return kept

    def units_at(self, where: Mask) -> int:
        """How many units the bids have where the mask is true."""
        if self.weights is None:
            return int(np.count_nonzero(where))
        return int(self.weights[where].sum())


def whole_or_text(value: Fraction | int) -> int | str:
    """A figure of an outcome: a whole number of ticks, or the exact fraction as text."""
    exact = Fraction(value)
    return int(exact) if exact.denominator == 1 else str(exact)
