"""The exclusivity auction: how many licences of one good to sell, to whom, and for what.

Data can be sold to many; what a licence is worth falls with the number of licences. Bidders say what
one is worth if k exist; the auction chooses k.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pricing.exact import refuse
from pricing.laws import law
from pricing.mechanisms.bids import PRICE_MAX, Ints, check_count, check_floor, check_unique
from pricing.mechanisms.core import Coalition, core_payments, whole_ticks
from pricing.mechanisms.packages import Payment

LICENCES_MAX = 1000  # so that a thousand values of 2^53 sum to less than 2^63
VALUES_MAX = 4_000_000  # bidders times values
INT64_MAX = 2**63 - 1
COALITIONS = 10  # are reported at a time
NO_USE = -1  # stands for a value that is zero or below the reserve


@dataclass(frozen=True, slots=True)
class LicenceBid:
    """`values[k − 1]` ticks for a licence if k exist; later ones than given are worth nothing."""

    bidder: str
    values: tuple[int, ...]
    time: int = 0
    seq: int = 0

    def value(self, licences: int) -> int:
        return self.values[licences - 1] if licences <= len(self.values) else 0


@dataclass(frozen=True, slots=True)
class Licensed:
    """`licences` is the number that the winners' values are for; payments in ticks."""

    licences: int
    welfare: int
    values: Mapping[str, int]
    payments: Mapping[str, Fraction]
    vcg: Mapping[str, int]

    def __post_init__(self) -> None:
        law(len(self.values) <= self.licences, "No more is sold than there are licences.")
        law(self.payments.keys() == self.values.keys(), "Winners pay, and nobody else.")
        within = all(0 <= paid <= self.values[who] for who, paid in self.payments.items())
        law(within, "A payment is not negative and not above the value.")
        least = all(paid <= self.payments[who] for who, paid in self.vcg.items())
        law(least, "A payment is at least Vickrey's.")

    @property
    def revenue(self) -> Fraction:
        return sum(self.payments.values(), Fraction(0))


def licence_auction(
    bids: Sequence[LicenceBid],
    *,
    most: int = LICENCES_MAX,
    reserve: int = 0,
    payment: Payment = Payment.CORE,
    ticks: bool = True,
) -> Licensed:
    """Sell k licences to those who value one most if k exist, for the k of the greatest sum.

    The reserve is for each licence. Of numbers with equal sums the smallest is chosen, of equal
    values the earlier bid. Payments as in a package auction. Raises BadValue, DuplicateBid.
    """
    _check(bids, most, reserve)
    table = _Table(sorted(bids, key=lambda bid: (bid.time, bid.seq)), most, reserve)
    count, winners = table.best
    values = {table.bids[place].bidder: int(table.net[place, count - 1]) for place in winners}
    welfare = sum(values.values())
    if payment is Payment.FIRST_PRICE:
        return Licensed(count, welfare, _add(values, reserve), _exact(values, reserve), {})
    vcg = table.vcg(values, welfare)
    paid: Mapping[str, int] | Mapping[str, Fraction] = vcg
    if payment is not Payment.VCG:
        exact = core_payments(
            values,
            vcg,
            table.blocking,
            reference=values if payment is Payment.CORE_NEAR_BIDS else None,
        )
        paid = whole_ticks(exact) if ticks else exact
    return Licensed(
        count, welfare, _add(values, reserve), _exact(paid, reserve), _add(vcg, reserve)
    )


class _Table:
    """Row: a bidder, earliest first; column k − 1: what it offers above the reserve if k exist."""

    def __init__(self, bids: Sequence[LicenceBid], most: int, reserve: int) -> None:
        self.bids = bids
        longest = max((len(bid.values) for bid in bids), default=0)
        columns = min(most, len(bids), longest)
        if len(bids) * columns > VALUES_MAX:
            refuse(
                "bids", f"{len(bids)} bidders of {columns} values", f"{VALUES_MAX} values in all"
            )
        values = np.zeros((len(bids), columns), dtype=np.int64)
        for place, bid in enumerate(bids):
            given = bid.values[:columns]
            values[place, : len(given)] = given
        self.net = np.where((values > 0) & (values >= reserve), values - reserve, NO_USE)

    @cached_property
    def sums(self) -> tuple[Ints, Ints]:
        """For each number k: the k greatest offers together, and the greatest that is left out."""
        ranked = np.maximum(-np.sort(-self.net, axis=0), 0)
        rows, columns = ranked.shape
        counted = np.arange(rows)[:, None] <= np.arange(columns)[None, :]
        left_out = np.zeros(columns, dtype=np.int64)
        inside = min(columns, rows - 1)
        left_out[:inside] = ranked[np.arange(1, inside + 1), np.arange(inside)]
        return (ranked * counted).sum(axis=0), left_out

    @cached_property
    def best(self) -> tuple[int, list[int]]:
        """The number of licences and the rows of those who get one; 0 where nobody does."""
        sums, _ = self.sums
        useful = np.flatnonzero((self.net >= 0).any(axis=0))
        if not useful.size:
            return 0, []
        column = int(useful[np.argmax(sums[useful])])
        return column + 1, self._first(self.net[:, column], column + 1)

    def vcg(self, values: Mapping[str, int], welfare: int) -> dict[str, int]:
        """What the others would have without a winner, less what they have with it.

        Where k exist and it is among the k best, the best that is left out takes its place.
        """
        sums, left_out = self.sums
        rows = self.best[1]
        lost = np.maximum(self.net[rows] - left_out, 0)
        without = (sums - lost).max(axis=1, initial=0)
        return {
            self.bids[row].bidder: int(others) - (welfare - values[self.bids[row].bidder])
            for row, others in zip(rows, without, strict=True)
        }

    def blocking(self, surplus: Mapping[str, Fraction]) -> Coalition:
        """The coalition that could offer the seller most, its members keeping their surplus, and the
        best ones of some other numbers of licences."""
        scale = lcm(*(kept.denominator for kept in surplus.values()))
        kept = [int(surplus.get(bid.bidder, 0) * scale) for bid in self.bids]
        sums, _ = self.sums
        # With a number whose best sum is no more than what is paid nobody objects.
        paid = int(sums.max()) - sum(kept) // scale
        columns = np.flatnonzero(sums >= paid)
        net: NDArray[Any] = self.net[:, columns]
        if (int(self.net.max()) + 1) * scale * LICENCES_MAX > INT64_MAX:
            net = net.astype(object)  # whole numbers of any size
        offers = np.where(net > 0, net * scale - np.array(kept, dtype=net.dtype)[:, None], 0)
        ranked = np.maximum(-np.sort(-offers, axis=0), 0)
        counted = np.arange(ranked.shape[0])[:, None] <= columns[None, :]
        order = np.argsort(-(ranked * counted).sum(axis=0), kind="stable")[:COALITIONS]
        found = [self._coalition(offers[:, at], int(columns[at])) for at in order]
        return Coalition(found[0].members, found[0].worth, tuple(found[1:]))

    def _coalition(self, offers: NDArray[Any], column: int) -> Coalition:
        members = [row for row in self._first(offers, column + 1) if offers[row] > 0]
        worth = sum(int(self.net[row, column]) for row in members)
        return Coalition(frozenset(self.bids[row].bidder for row in members), worth)

    def _first(self, offers: NDArray[Any], count: int) -> list[int]:
        """The rows of the `count` greatest offers, of equal ones the earlier."""
        order = np.argsort(-offers, kind="stable")[:count]
        return [int(place) for place in order if offers[place] >= 0]


def _add(margins: Mapping[str, int], reserve: int) -> dict[str, int]:
    return {bidder: margin + reserve for bidder, margin in margins.items()}


def _exact(
    margins: Mapping[str, int] | Mapping[str, Fraction], reserve: int
) -> dict[str, Fraction]:
    return {bidder: Fraction(margin) + reserve for bidder, margin in margins.items()}


def _check(bids: Sequence[LicenceBid], most: int, reserve: int) -> None:
    check_count(most, "licences", most=LICENCES_MAX)
    check_floor(reserve, "reserve")
    check_unique([bid.bidder for bid in bids], "bids.bidder", "one bid for each bidder")
    check_unique([bid.seq for bid in bids], "bids.seq", "a number that no other bid has")
    for index, bid in enumerate(bids):
        where = f"bids[{index}].values"
        if not bid.values or len(bid.values) > LICENCES_MAX:
            refuse(where, list(bid.values[:3]), f"1 to {LICENCES_MAX} values")
        for value in bid.values:
            check_count(value, where, least=0, most=PRICE_MAX)
        if list(bid.values) != sorted(bid.values, reverse=True) or bid.values[0] == 0:
            refuse(where, list(bid.values[:10]), "values that never rise, the first above zero")
