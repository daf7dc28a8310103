"""Package auctions by trying every set of bids (Day and Raghavan 2007, Day and Cramton 2012)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import ceil

from pricing.mechanisms.packages import (
    Language,
    PackageBid,
    PackageOutcome,
    Packages,
    Payment,
    package_auction,
)
from tests.references.comparing import Comparison, Draw, Scale
from tests.references.core import WINNERS_MAX, coalition_rows, nearest_core

UNITS_MAX = 2**40


@dataclass(frozen=True)
class Sale:
    """An auction and how winners pay."""

    bids: list[PackageBid]
    supply: dict[str, int]
    reserves: dict[str, int]
    language: Language
    payment: Payment
    ticks: bool


def _draw(draw: Draw) -> Sale:
    """Bundles cost about as much as their items together, so that many allocations nearly tie."""
    random = draw.random
    many = draw.scale is Scale.LARGEST
    supply = {item: random.randint(1, UNITS_MAX if many else 2) for item in "ABC"}
    bids = []
    for seq in range(draw.count(least=1)):
        items = tuple(
            (item, random.randint(1, supply[item]) if many else random.randint(1, 2))
            for item in sorted(random.sample("ABC", random.choice([1, 1, 2, 3])))
        )
        price = sum(draw.amount(largest=2**53 // 3) for _ in items)
        time = random.randint(0, 2)
        bids.append(PackageBid(f"b{random.randint(0, 4)}", items, price, time, seq))
    reserves = {"A": draw.amount(largest=2**53 // 4)} if random.random() < 0.2 and not many else {}
    return Sale(
        bids, supply, reserves, random.choice(list(Language)), random.choice(list(Payment)),
        random.random() < 0.5,
    )  # fmt: skip


def margin(sale: Sale, bid: PackageBid) -> int:
    """What the bid offers above the seller's."""
    return bid.price - sum(sale.reserves.get(item, 0) * count for item, count in bid.items)


def _fits(sale: Sale, chosen: Iterable[PackageBid]) -> bool:
    chosen = list(chosen)
    names = [bid.bidder for bid in chosen]
    if sale.language is Language.XOR and len(set(names)) < len(names):
        return False
    return all(
        sum(dict(bid.items).get(item, 0) for bid in chosen) <= count
        for item, count in sale.supply.items()
    )


def _best(sale: Sale, bids: Iterable[PackageBid]) -> tuple[PackageBid, ...]:
    """Of all sets that fit the worthiest; of equal ones the first by (time, seq), bid by bid."""
    earliest = sorted(bids, key=lambda bid: (bid.time, bid.seq))
    able = [bid for bid in earliest if margin(sale, bid) >= 0]
    sets = [
        chosen
        for size in range(len(able) + 1)
        for chosen in combinations(able, size)
        if _fits(sale, chosen)
    ]
    return max(sets, key=lambda chosen: (_worth(sale, chosen), [bid in chosen for bid in able]))


def _worth(sale: Sale, chosen: Iterable[PackageBid]) -> int:
    return sum(margin(sale, bid) for bid in chosen)


Worth = Mapping[frozenset[str], int]


def _coalitions(sale: Sale, winners: set[str]) -> Worth:
    """What each set of winners could offer with all losers."""
    losers = {bid.bidder for bid in sale.bids} - winners
    return {
        (inside := frozenset(chosen)): _worth(
            sale, _best(sale, [bid for bid in sale.bids if bid.bidder in inside | losers])
        )
        for size in range(len(winners) + 1)
        for chosen in combinations(sorted(winners), size)
    }


def _twin(sale: Sale) -> object:
    won = _best(sale, sale.bids)
    seqs, welfare = sorted(bid.seq for bid in won), _worth(sale, won)
    values = {
        name: sum(margin(sale, bid) for bid in won if bid.bidder == name)
        for name in sorted({bid.bidder for bid in won})
    }
    floors = {
        name: sum(bid.price - margin(sale, bid) for bid in won if bid.bidder == name)
        for name in values
    }
    if sale.payment is Payment.FIRST_PRICE:
        return seqs, welfare, {}, {w: Fraction(floors[w] + values[w]) for w in values}
    worth = _coalitions(sale, set(values))
    everyone = frozenset(values)
    vcg = {w: worth[everyone - {w}] - (welfare - values[w]) for w in values}
    shown = {w: vcg[w] + floors[w] for w in values}
    if sale.payment is Payment.VCG:
        return seqs, welfare, shown, {w: Fraction(paid) for w, paid in shown.items()}
    if len(values) > WINNERS_MAX:
        return seqs, welfare, shown, None  # the laws of the core are checked instead
    reference = values if sale.payment is Payment.CORE_NEAR_BIDS else vcg
    paid = nearest_core(values, worth.__getitem__, reference)
    rounded = {w: Fraction(ceil(p)) if sale.ticks else p for w, p in paid.items()}
    return seqs, welfare, shown, {w: floors[w] + p for w, p in rounded.items()}


def _outcome(sale: Sale) -> tuple[Packages, PackageOutcome]:
    auction = Packages.of(sale.bids, sale.supply, language=sale.language, reserves=sale.reserves)
    return auction, package_auction(auction, payment=sale.payment, ticks=sale.ticks)


def _ours(sale: Sale) -> object:
    auction, outcome = _outcome(sale)
    assert outcome.proven
    assert outcome.allocation.bound == outcome.allocation.welfare
    won = sorted(auction.bids[index].seq for index in outcome.allocation.won)
    core = sale.payment in {Payment.CORE, Payment.CORE_NEAR_BIDS}
    paid = None if core and len(outcome.payments) > WINNERS_MAX else outcome.payments
    return won, outcome.allocation.welfare, outcome.vcg, paid


def _check(sale: Sale, answer: object) -> None:
    """No coalition objects, and nobody pays less than Vickrey or more than the bid."""
    if sale.payment not in {Payment.CORE, Payment.CORE_NEAR_BIDS}:
        return
    auction, outcome = _outcome(sale)
    values = auction.value_of(outcome.allocation)
    floors = dict.fromkeys(values, 0)
    for index in outcome.allocation.won:
        bid = auction.bids[index]
        floors[bid.bidder] += auction.reserve_of(bid)
    paid = {w: outcome.payments[w] - floors[w] for w in values}
    assert all(outcome.vcg[w] - floors[w] <= paid[w] <= values[w] for w in values)
    worth = _coalitions(sale, set(values))
    for signs, bound in coalition_rows(values, worth.__getitem__):
        assert sum(s * paid[w] for s, w in zip(signs, sorted(values), strict=True)) >= bound


COMPARISONS = (Comparison("packages.package_auction", _draw, _ours, _twin, check=_check, quick=60),)
