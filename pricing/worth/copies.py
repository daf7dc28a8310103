"""The cheapest copies that reach an amount, in whole numbers: an unbounded covering knapsack.

Depth first over items by price per amount, bounded by the best price per amount that is left; where
that takes too many steps and the amounts are small, a table over all amounts instead. Both are exact. What
neither decides is said. Of equal cost the fewest copies: a price counts in units of which each copy adds
one. Steps are counted, not timed: the answer is the same on every machine.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import gcd

import numpy as np
from numpy.typing import NDArray

STEPS_EACH = 20_000
STEPS_IN_ALL = 1_000_000
AMOUNT_MAX = 2_000_000  # of a table
CELLS_MAX = 200_000_000  # amounts × items of a table: a second or two
UNREACHED = 2**62
COPY_UNITS = 2**21  # of a minor unit: more than there can be copies


@dataclass(frozen=True)
class Bought:
    """How many copies of which item, and what they cost; `proven` where nothing is cheaper."""

    cost: int
    copies: dict[int, int]
    proven: bool = True


class Unsure(Exception):
    """The steps ran out before a purchase below the price was found or ruled out."""


class Copies:
    """Items with whole amounts above zero and whole prices of zero or more."""

    def __init__(self, amounts: Sequence[int], prices: Sequence[int]) -> None:
        common = gcd(*amounts)
        self.common = common
        self.amounts = [amount // common for amount in amounts]
        self.prices = [price * COPY_UNITS + 1 for price in prices]
        self.ranked = self._undominated()
        self.steps_left = STEPS_IN_ALL

    def _undominated(self) -> list[int]:
        """The items of some use, by price per amount, the larger amount first among equals.

        An item is of none where copies of one other item give as much for no more.
        """
        stairs: list[int] = []
        for index in sorted(
            range(len(self.amounts)), key=lambda i: (self.prices[i], -self.amounts[i], i)
        ):
            amount, price = self.amounts[index], self.prices[index]
            if not any(
                self.amounts[other] * (price // self.prices[other]) >= amount for other in stairs
            ):
                stairs.append(index)
        rate = {i: Fraction(self.prices[i], self.amounts[i]) for i in stairs}
        return sorted(stairs, key=lambda i: (rate[i], -self.amounts[i]))

    def cheapest(self, wanted: int, below: int) -> Bought | None:
        """The cheapest copies with at least `wanted` for less than `below`; None where there are none.

        Raises Unsure where neither is known.
        """
        needed, limit = -(-wanted // self.common), below * COPY_UNITS
        items = [index for index in self.ranked if self.prices[index] < limit]
        if not items:
            return None
        found, decided = self._search(items, needed, limit)
        if decided:
            return found
        if self._tabled:
            return self._from_table(needed, limit)
        if found is None:
            raise Unsure
        return Bought(found.cost, found.copies, proven=False)

    def _search(self, items: list[int], needed: int, below: int) -> tuple[Bought | None, bool]:
        """Copies found, and whether all were tried: item by item, from the most copies to none."""
        best, copies = below, None
        steps = min(STEPS_EACH, self.steps_left)
        self.steps_left -= steps
        # A node: the place of the next item, what is still needed, the cost, the copies chosen.
        waiting: list[tuple[int, int, int, tuple[tuple[int, int], ...]]] = [(0, needed, 0, ())]
        while waiting:
            place, rest, cost, chosen = waiting.pop()
            amount, price = self.amounts[items[place]], self.prices[items[place]]
            if cost + -(-rest * price // amount) >= best:
                continue
            most = -(-rest // amount)
            if cost + most * price < best:
                best, copies = cost + most * price, (*chosen, (items[place], most))
            if place + 1 == len(items):
                continue
            following = items[place + 1]
            later_amount, later_price = self.amounts[following], self.prices[following]
            branches = []
            for count in range(most - 1, -1, -1):
                steps -= 1
                if steps < 0:
                    return self._bought(best, copies), False
                left, spent = rest - count * amount, cost + count * price
                if spent + -(-left * later_price // later_amount) >= best:
                    break  # fewer copies only leave more to the dearer items
                picked = (*chosen, (items[place], count)) if count else chosen
                branches.append((place + 1, left, spent, picked))
            waiting += reversed(branches)
        self.steps_left += steps
        return self._bought(best, copies), True

    @staticmethod
    def _bought(cost: int, copies: tuple[tuple[int, int], ...] | None) -> Bought | None:
        return None if copies is None else Bought(cost // COPY_UNITS, dict(copies))

    @property
    def _tabled(self) -> bool:
        """Whether a table over all amounts up to twice the largest is small enough, within 64 bits."""
        largest = max(self.amounts)
        costs = max(self.prices[i] * (2 * largest // self.amounts[i] + 1) for i in self.ranked)
        small = largest <= AMOUNT_MAX and largest * len(self.ranked) <= CELLS_MAX
        return small and costs < UNREACHED // 2

    @cached_property
    def _table(self) -> NDArray[np.int64]:
        """The least cost of each exact amount. An item's copies are a running least along its steps."""
        size = 2 * max(self.amounts)
        least = np.full(size, UNREACHED, dtype=np.int64)
        least[0] = 0
        for index in self.ranked:
            amount, price = self.amounts[index], self.prices[index]
            rows = -(-size // amount)
            steps = np.full(rows * amount, UNREACHED, dtype=np.int64)
            steps[:size] = least
            copies = np.arange(rows, dtype=np.int64)[:, None] * price
            ladder = np.minimum.accumulate(steps.reshape(rows, amount) - copies, axis=0) + copies
            least = np.minimum(least, ladder.reshape(-1)[:size])
        return least

    def _from_table(self, needed: int, below: int) -> Bought | None:
        reached = self._table[needed:]
        place = needed + int(reached.argmin())
        cost = int(self._table[place])
        if cost >= below:
            return None
        copies: dict[int, int] = {}
        while place:
            index = next(
                i
                for i in self.ranked
                if self.amounts[i] <= place
                and self._table[place - self.amounts[i]] + self.prices[i] == self._table[place]
            )
            copies[index] = copies.get(index, 0) + 1
            place -= self.amounts[index]
        return Bought(cost // COPY_UNITS, copies)
