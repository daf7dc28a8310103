"""Package auctions: who wins which bundle, decided in whole numbers, and what it pays."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from math import lcm
from time import monotonic

from pricing.exact import refuse
from pricing.laws import law
from pricing.mechanisms import winners
from pricing.mechanisms.bids import check_count, check_floor, check_price, check_unique
from pricing.mechanisms.core import Coalition, core_payments, whole_ticks
from pricing.mechanisms.winner_search import Part, Uses

PACKAGE_BIDS_MAX = 100_000
ITEMS_MAX = 100_000
ITEM_NAME_MAX = 200
TIME_LIMIT_SECONDS = 60.0


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
    `settled` says that ties are decided too, so that every machine gives the same winners.
    """

    won: tuple[int, ...]
    welfare: int
    bound: int
    settled: bool = True

    def __post_init__(self) -> None:
        law(0 <= self.welfare <= self.bound, "No allocation exceeds its bound.")

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
    def rows(self) -> tuple[list[Uses], list[int]]:
        """What each bid takes, and of how much: units of each item, then one win of an XOR bidder."""
        row_of = {item: row for row, item in enumerate(self.supply)}
        limits = list(self.supply.values())
        uses = [tuple((row_of[item], count) for item, count in bid.items) for bid in self.bids]
        if self.language is Language.XOR:
            for indices in self.bids_of.values():
                if len(indices) > 1:
                    for index in indices:
                        uses[index] = (*uses[index], (len(limits), 1))
                    limits.append(1)
        return uses, limits

    @cached_property
    def decided(self) -> dict[Part, winners.Chosen]:
        """Parts of the auction whose best choice is proven."""
        return {}

    def award(self) -> Allocation:
        """The best allocation; of equally good ones that of the earliest bids.

        Bid by bid in order of (time, seq): one wins if it does in any best allocation that keeps the
        winners so far.
        """
        return self._solved(self.margins, order=self.earliest_first, seconds=self.time_limit)

    def best(
        self,
        *,
        without: str | None = None,
        start: Iterable[int] = (),
        seconds: float | None = None,
    ) -> Allocation:
        """An allocation of the greatest welfare, without one bidder. `start` are bids that fit."""
        worth = list(self.margins)
        left_out = self.bids_of.get(without, ()) if without is not None else ()
        for index in left_out:
            worth[index] = -1
        start = set(start).difference(left_out)
        return self._solved(worth, start=start, seconds=seconds)

    def most_offered(
        self, surplus: Mapping[str, Fraction], *, start: Iterable[int] = (), seconds: float
    ) -> Allocation:
        """The allocation that offers the seller most when bidders keep their surplus.

        Its welfare counts what they offer before; the bound is proven where it is settled.
        """
        scale = lcm(*(kept.denominator for kept in surplus.values()))
        worth = [margin * scale for margin in self.margins]
        fees = []
        for bidder, kept in surplus.items():
            indices, lost = self.bids_of[bidder], int(kept * scale)
            if self.language is Language.OR and len(indices) > 1:
                fees.append(winners.Fee(indices, lost))
            else:
                for index in indices:
                    worth[index] -= lost
        found = self._solved(worth, start=start, seconds=seconds, fees=fees)
        welfare = sum(self.margins[index] for index in found.won)
        return Allocation(found.won, welfare, welfare, found.settled)

    def _solved(
        self,
        worth: Sequence[int],
        *,
        order: Sequence[int] | None = None,
        start: Iterable[int] = (),
        seconds: float | None = None,
        fees: Sequence[winners.Fee] = (),
    ) -> Allocation:
        uses, limits = self.rows
        chosen = winners.choose(
            winners.Problem(worth, uses, limits, fees),
            seconds=self.time_limit if seconds is None else seconds,
            order=order,
            start=frozenset(start),
            decided=self.decided,
        )
        won = tuple(sorted(chosen.bids))
        return Allocation(won, chosen.worth, chosen.bound, chosen.settled)

    def value_of(self, allocation: Allocation) -> dict[str, int]:
        """What each winner's bids offer above the reserves."""
        values: dict[str, int] = {}
        for index in allocation.won:
            bidder = self.bids[index].bidder
            values[bidder] = values.get(bidder, 0) + self.margins[index]
        return values


def _check(
    bids: Sequence[PackageBid], supply: Mapping[str, int], reserves: Mapping[str, int]
) -> None:
    if len(bids) > PACKAGE_BIDS_MAX:
        refuse("bids", f"{len(bids)} entries", f"at most {PACKAGE_BIDS_MAX} entries")
    if not 0 < len(supply) <= ITEMS_MAX:
        refuse("supply", f"{len(supply)} items", f"1 to {ITEMS_MAX} items")
    for item, count in supply.items():
        _check_name(item)
        check_count(count, f"supply.{item}")
    for item, price in reserves.items():
        _check_item(item, supply, "reserves")
        check_floor(price, f"reserves.{item}")
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


def _check_name(item: object) -> None:
    if not isinstance(item, str) or not 0 < len(item) <= ITEM_NAME_MAX:
        refuse("supply", ascii(item), f"items with names of 1 to {ITEM_NAME_MAX} characters")
    if not _encodes(item):
        refuse("supply", ascii(item), "items with names without lone surrogates")


def _encodes(name: str) -> bool:
    """Whether it is text: a lone surrogate is in no encoding."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


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
    """Payments in ticks for each winner. `vcg` is empty under first price, which does not need it.

    `proven` says that winners, ties and payments are the exact ones. Where the time limit ended
    first, payments still lie between the reserves and the bids.
    """

    allocation: Allocation
    payments: Mapping[str, Fraction]
    vcg: Mapping[str, int]
    proven: bool = True

    @property
    def revenue(self) -> Fraction:
        return sum(self.payments.values(), Fraction(0))


class _BetterAllocation(Exception):
    """What was computed for a payment is a better allocation than the unproven one."""

    def __init__(self, won: tuple[int, ...]) -> None:
        super().__init__()
        self.won = won


def package_auction(
    auction: Packages, *, payment: Payment = Payment.CORE, ticks: bool = True
) -> PackageOutcome:
    """Allocate for the greatest welfare and let winners pay by the rule.

    VCG is truthful but may earn little where bids complement each other; core payments leave no
    group of bidders a reason to object. Core payments are rounded up to the tick unless asked. The
    time limit is for the allocation, and once more for the payments.
    """
    best = auction.award()
    ends = monotonic() + auction.time_limit
    while True:
        try:
            return _paid(auction, best, payment, ends, ticks=ticks)
        except _BetterAllocation as found:
            welfare = sum(auction.margins[index] for index in found.won)
            law(best.welfare < welfare <= best.bound, "Only an unproven allocation is improved.")
            best = Allocation(found.won, welfare, best.bound, settled=False)


def _paid(
    auction: Packages, best: Allocation, payment: Payment, ends: float, *, ticks: bool
) -> PackageOutcome:
    values = auction.value_of(best)
    floors = dict.fromkeys(values, 0)
    for index in best.won:
        bid = auction.bids[index]
        floors[bid.bidder] += auction.reserve_of(bid)
    if payment is Payment.FIRST_PRICE:
        return _checked(auction, PackageOutcome(best, _above(floors, values), {}, best.settled))
    payments = _Payments(auction, best, ends)
    vcg = payments.vcg(values)
    paid: Mapping[str, int | Fraction] = vcg
    if payment is not Payment.VCG:
        reference = values if payment is Payment.CORE_NEAR_BIDS else None
        exact = core_payments(values, vcg, payments.blocking, reference=reference)
        paid = whole_ticks(exact) if ticks else exact
    shown = {bidder: vcg[bidder] + floors[bidder] for bidder in vcg}
    return _checked(
        auction,
        PackageOutcome(best, _above(floors, paid), shown, payments.settled and best.settled),
    )


def _checked(auction: Packages, outcome: PackageOutcome) -> PackageOutcome:
    """The outcome. Raises BrokenLawError where it breaks a law of every package auction."""
    won = [auction.bids[index] for index in outcome.allocation.won]
    sold = dict.fromkeys(auction.supply, 0)
    offered: dict[str, int] = {}
    asked: dict[str, int] = {}
    for bid in won:
        offered[bid.bidder] = offered.get(bid.bidder, 0) + bid.price
        asked[bid.bidder] = asked.get(bid.bidder, 0) + auction.reserve_of(bid)
        for item, count in bid.items:
            sold[item] += count
    law(all(sold[item] <= count for item, count in auction.supply.items()), "Supply is kept.")
    alone = auction.language is Language.OR or len(offered) == len(won)
    law(alone, "An XOR bidder wins one bid.")
    margins = sum(offered.values()) - sum(asked.values())
    law(outcome.allocation.welfare == margins, "Welfare is what the winning bids offer.")
    law(outcome.payments.keys() == offered.keys(), "Winners pay, and nobody else.")
    within = all(asked[who] <= paid <= offered[who] for who, paid in outcome.payments.items())
    law(within, "A payment lies between the reserves and the bids.")
    least = all(outcome.vcg[who] <= outcome.payments[who] for who in outcome.vcg)
    law(least, "A payment is at least Vickrey's.")
    return outcome


def _above(
    floors: Mapping[str, int], margins: Mapping[str, int] | Mapping[str, int | Fraction]
) -> dict[str, Fraction]:
    return {bidder: Fraction(floors[bidder] + margin) for bidder, margin in margins.items()}


class _Payments:
    """What payments ask of the auction, within the time that is left.

    `settled` turns false where an answer is not proven. Raises _BetterAllocation.
    """

    def __init__(self, auction: Packages, best: Allocation, ends: float) -> None:
        self.auction = auction
        self.best = best
        self.ends = ends
        self.settled = True

    def vcg(self, values: Mapping[str, int]) -> dict[str, int]:
        """What each winner pays above the reserves: what the others would have without it, less
        what they have."""
        paid = {}
        for bidder, value in values.items():
            others = self.auction.best(
                without=bidder, start=self.best.won, seconds=self.ends - monotonic()
            )
            self._heard(others)
            paid[bidder] = others.welfare - (self.best.welfare - value)
        return paid

    def blocking(self, surplus: Mapping[str, Fraction]) -> Coalition:
        """The coalition that could offer the seller most, its members keeping their surplus."""
        found = self.auction.most_offered(
            surplus, start=self.best.won, seconds=self.ends - monotonic()
        )
        self._heard(found)
        values = self.auction.value_of(found)
        return Coalition(frozenset(values), sum(values.values()))

    def _heard(self, found: Allocation) -> None:
        self.settled &= found.settled
        if found.welfare > self.best.welfare:
            raise _BetterAllocation(found.won)
