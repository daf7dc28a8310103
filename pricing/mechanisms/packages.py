"""Package auctions: who wins which bundle, by mixed-integer programming with a proven gap, and what it pays."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from math import floor

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from pricing.exact import refuse
from pricing.mechanisms.bids import check_count, check_floor, check_price, check_unique
from pricing.mechanisms.core import Coalition, core_payments, whole_ticks
from pricing.refusals import PricingRefusal

Floats = NDArray[np.float64]
PACKAGE_BIDS_MAX = 100_000
ITEMS_MAX = 100_000
TIME_LIMIT_SECONDS = 60.0
CHOSEN = 0.5
TIES_MAX = 64


class NoAllocation(PricingRefusal):
    """The solver found no allocation within its time."""

    code = "no_allocation"


class Language(StrEnum):
    """XOR: a bidder wins at most one of its bids. OR: any of them that do not share items."""

    XOR = "xor"
    OR = "or"


@dataclass(frozen=True, slots=True)
class PackageBid:
    """`price` ticks for all of `items` together: how many of each item."""

    bidder: str
    items: tuple[tuple[str, int], ...]
    price: int
    time: int = 0
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Allocation:
    """`won` holds indices of bids. `welfare` is the sum of what they offer above the reserves.

    `bound` is what no allocation can exceed: the outcome is proven best where it equals welfare.
    """

    won: tuple[int, ...]
    welfare: int
    bound: int

    @property
    def gap(self) -> Fraction:
        return Fraction(self.bound - self.welfare, max(1, self.bound))


@dataclass(frozen=True)
class Packages:
    """A package auction. `supply` says how many there are of each item, `reserves` the seller's bids.

    A reserve is a bid of the seller for one unit of the item, with the lowest priority.
    """

    bids: tuple[PackageBid, ...]
    supply: Mapping[str, int]
    language: Language = Language.XOR
    reserves: Mapping[str, int] | None = None
    time_limit: float = TIME_LIMIT_SECONDS

    @classmethod
    def of(
        cls,
        bids: Iterable[PackageBid],
        supply: Mapping[str, int],
        *,
        language: Language = Language.XOR,
        reserves: Mapping[str, int] | None = None,
        time_limit: float = TIME_LIMIT_SECONDS,
    ) -> "Packages":
        """A checked auction, bids in their total order. Raises BadValue, DuplicateBid."""
        ranked = tuple(sorted(bids, key=lambda bid: (-bid.price, bid.time, bid.seq)))
        _check(ranked, supply, reserves or {})
        if not 0 < time_limit <= 3600:  # noqa: PLR2004 - an hour
            refuse("time_limit_seconds", time_limit, "a number above 0, at most 3600")
        return cls(ranked, dict(sorted(supply.items())), language, reserves, time_limit)

    def reserve_of(self, bid: PackageBid) -> int:
        """What the seller asks for the bundle."""
        return sum((self.reserves or {}).get(item, 0) * count for item, count in bid.items)

    @cached_property
    def margins(self) -> tuple[int, ...]:
        """What each bid offers above the reserves of its items."""
        return tuple(bid.price - self.reserve_of(bid) for bid in self.bids)

    @cached_property
    def bids_of(self) -> Mapping[str, tuple[int, ...]]:
        """The indices of each bidder's bids."""
        found: dict[str, list[int]] = {}
        for index, bid in enumerate(self.bids):
            found.setdefault(bid.bidder, []).append(index)
        return {bidder: tuple(indices) for bidder, indices in found.items()}

    @cached_property
    def earliest_first(self) -> tuple[int, ...]:
        """The indices of the bids in order of (time, seq): who is preferred where welfare is equal."""
        return tuple(
            sorted(range(len(self.bids)), key=lambda i: (self.bids[i].time, self.bids[i].seq))
        )

    @cached_property
    def switches(self) -> Mapping[str, int]:
        """OR bidders with several bids: the column that says whether the bidder wins at all."""
        if self.language is Language.XOR:
            return {}
        several = [bidder for bidder, indices in self.bids_of.items() if len(indices) > 1]
        return {bidder: len(self.bids) + at for at, bidder in enumerate(several)}

    @cached_property
    def matrix(self) -> tuple[csr_array, Floats]:
        """Rows: units of each item, then one win for each XOR bidder, then the switches."""
        item_row = {item: row for row, item in enumerate(self.supply)}
        limits = [float(count) for count in self.supply.values()]
        entries = [
            (item_row[item], column, float(count))
            for column, bid in enumerate(self.bids)
            for item, count in bid.items
        ]
        for bidder, indices in self.bids_of.items():
            if self.language is Language.XOR and len(indices) > 1:
                entries += [(len(limits), column, 1.0) for column in indices]
                limits.append(1.0)
            elif bidder in self.switches:
                for column in indices:
                    entries += [(len(limits), column, 1.0)]
                    entries += [(len(limits), self.switches[bidder], -1.0)]
                    limits.append(0.0)
        rows, columns, values = zip(*entries, strict=True)
        shape = (len(limits), len(self.bids) + len(self.switches))
        return csr_array((values, (rows, columns)), shape=shape), np.array(limits)

    def best(
        self,
        *,
        without: str | None = None,
        surplus: Mapping[str, Fraction] | None = None,
        keep: frozenset[int] = frozenset(),
    ) -> Allocation:
        """The best allocation, without one bidder, or less what winners keep (`surplus`), or with
        the bids `keep` among the winners.

        Raises NoAllocation where the time ran out before any was found.
        """
        if not self.bids:
            return Allocation((), 0, 0)
        worth = self._worth(surplus or {})
        lower, upper = np.zeros(worth.size), np.ones(worth.size)
        lower[list(keep)] = 1
        upper[: len(self.bids)] = [
            bid.bidder != without and margin >= 0
            for bid, margin in zip(self.bids, self.margins, strict=True)
        ]
        matrix, limits = self.matrix
        # The solver's tolerances are absolute: figures near one suit them whatever a tick is.
        scale = max(1.0, float(np.abs(worth).max()))
        found = milp(
            -worth / scale,
            constraints=LinearConstraint(matrix, ub=limits),
            bounds=Bounds(lower, upper),
            integrality=np.ones(worth.size),
            options={"time_limit": self.time_limit, "mip_rel_gap": 0.0},
        )
        if found.x is None:
            raise NoAllocation(
                f"No allocation was found in {self.time_limit} seconds.",
                field="time_limit_seconds",
                value=self.time_limit,
                accepted="more time",
            )
        won = tuple(int(i) for i in np.flatnonzero(found.x[: len(self.bids)] > CHOSEN))
        welfare = sum(self.margins[i] for i in won)
        if found.status == 0 or surplus:
            return Allocation(won, welfare, welfare)
        return Allocation(won, welfare, max(welfare, floor(-found.mip_dual_bound * scale)))

    def award(self) -> Allocation:
        """The best allocation; of equally good ones, up to 64 bids, that of the earliest bids.

        Bid by bid in order of (time, seq): one wins if it does in any best allocation that keeps
        the winners so far. Larger auctions take what the solver reaches from the one order of bids.
        """
        best = self.best()
        if len(self.bids) > TIES_MAX or best.gap:
            return best
        kept: frozenset[int] = frozenset()
        for index in self.earliest_first:
            if index in best.won:
                kept |= {index}
            elif self._fits(kept | {index}):
                other = self.best(keep=kept | {index})
                if other.welfare == best.welfare:
                    best, kept = other, kept | {index}
        return best

    def _fits(self, chosen: frozenset[int]) -> bool:
        columns = np.zeros(self.matrix[0].shape[1])
        columns[list(chosen)] = 1
        columns[len(self.bids) :] = 1  # switches only loosen rows
        fits = (self.matrix[0] @ columns <= self.matrix[1] + CHOSEN).all()
        return bool(fits) and all(self.margins[i] >= 0 for i in chosen)

    def _worth(self, surplus: Mapping[str, Fraction]) -> Floats:
        """The objective: margins, less the surplus once for each bidder that wins anything."""
        worth = np.zeros(len(self.bids) + len(self.switches))
        worth[: len(self.bids)] = self.margins
        for bidder, kept in surplus.items():
            if bidder in self.switches:
                worth[self.switches[bidder]] = -float(kept)
            else:
                worth[list(self.bids_of[bidder])] -= float(kept)
        return worth

    def value_of(self, allocation: Allocation) -> dict[str, int]:
        """What each winner's bids offer above the reserves."""
        values: dict[str, int] = {}
        for index in allocation.won:
            bidder = self.bids[index].bidder
            values[bidder] = values.get(bidder, 0) + self.margins[index]
        return values


def vcg_margins(auction: Packages, best: Allocation) -> dict[str, int]:
    """What each winner pays above the reserves: what the others would have without it, less what
    they have."""
    return {
        bidder: auction.best(without=bidder).welfare - (best.welfare - value)
        for bidder, value in auction.value_of(best).items()
    }


def _check(
    bids: Sequence[PackageBid], supply: Mapping[str, int], reserves: Mapping[str, int]
) -> None:
    if len(bids) > PACKAGE_BIDS_MAX:
        refuse("bids", f"{len(bids)} entries", f"at most {PACKAGE_BIDS_MAX} entries")
    if not 0 < len(supply) <= ITEMS_MAX:
        refuse("supply", f"{len(supply)} items", f"1 to {ITEMS_MAX} items")
    for item, count in supply.items():
        check_count(count, f"supply.{item}")
    for item, price in reserves.items():
        check_floor(price, f"reserves.{item}")
        _check_item(item, supply, "reserves")
    check_unique([bid.seq for bid in bids], "bids.seq", "a number that no other bid has")
    for index, bid in enumerate(bids):
        _check_bid(bid, supply, f"bids[{index}]")


def _check_bid(bid: PackageBid, supply: Mapping[str, int], where: str) -> None:
    check_price(bid.price, f"{where}.price")
    if not bid.items:
        refuse(f"{where}.items", [], "one item or more")
    for item, count in bid.items:
        _check_item(item, supply, f"{where}.items")
        check_count(count, f"{where}.items.{item}")


def _check_item(item: str, supply: Mapping[str, int], field: str) -> None:
    if item not in supply:
        refuse(field, item, f"items of the supply: {', '.join(sorted(supply)[:20])}")


class Payment(StrEnum):
    """What winners pay: their bids, VCG prices, or core prices nearest to VCG or to their bids."""

    FIRST_PRICE = "first_price"
    VCG = "vcg"
    CORE = "core"
    CORE_NEAR_BIDS = "core_near_bids"


@dataclass(frozen=True, slots=True)
class PackageOutcome:
    """Payments in ticks for each winner. `vcg` is empty under first price, which does not need it."""

    allocation: Allocation
    payments: Mapping[str, Fraction]
    vcg: Mapping[str, int]

    @property
    def revenue(self) -> Fraction:
        return sum(self.payments.values(), Fraction(0))


def package_auction(
    auction: Packages, *, payment: Payment = Payment.CORE, ticks: bool = True
) -> PackageOutcome:
    """Allocate for the greatest welfare and let winners pay by the rule.

    VCG is truthful but may earn little where bids complement each other; core payments leave no
    group of bidders a reason to object. Core payments are rounded up to the tick unless asked.
    """
    best = auction.award()
    values = auction.value_of(best)
    floors = dict.fromkeys(values, 0)
    for index in best.won:
        bid = auction.bids[index]
        floors[bid.bidder] += auction.reserve_of(bid)
    if payment is Payment.FIRST_PRICE:
        return PackageOutcome(best, _above(floors, values), {})
    vcg = vcg_margins(auction, best)
    paid: Mapping[str, int | Fraction] = vcg
    if payment is not Payment.VCG:
        reference = values if payment is Payment.CORE_NEAR_BIDS else None
        exact = core_payments(
            values, vcg, lambda surplus: blocking(auction, surplus), reference=reference
        )
        paid = whole_ticks(exact) if ticks else exact
    shown = {bidder: vcg[bidder] + floors[bidder] for bidder in vcg}
    return PackageOutcome(best, _above(floors, paid), shown)


def _above(
    floors: Mapping[str, int], margins: Mapping[str, int] | Mapping[str, int | Fraction]
) -> dict[str, Fraction]:
    return {bidder: Fraction(floors[bidder] + margin) for bidder, margin in margins.items()}


def blocking(auction: Packages, surplus: Mapping[str, Fraction]) -> Coalition:
    """The coalition that could offer the seller most, its members keeping their surplus."""
    found = auction.best(surplus=surplus)
    values = auction.value_of(found)
    return Coalition(frozenset(values), sum(values.values()))
