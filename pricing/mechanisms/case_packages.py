"""Package bids from files in the format of the Combinatorial Auction Test Suite."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

from pricing.documents import Case, Evaluator, NotJson
from pricing.exact import mapping, refuse, sequence
from pricing.mechanisms.bids import BIDS_MAX, Book, check_count
from pricing.mechanisms.cases import Ticks, named, orders, positive, rows
from pricing.mechanisms.licences import LicenceBid, licence_auction
from pricing.mechanisms.markets import PricePolicy, call_market
from pricing.mechanisms.packages import (
    Language,
    PackageBid,
    PackageOutcome,
    Packages,
    Payment,
    package_auction,
)

FILE_BYTES_MAX = 64_000_000


def read_cats(path: Path) -> tuple[int, list[tuple[int, Fraction, tuple[int, ...]]]]:
    """The number of true goods, and (number, price, goods) of each bid.

    Goods from the number of true goods on are dummies: bids that share one exclude each other.
    """
    if path.stat().st_size > FILE_BYTES_MAX:
        raise NotJson(f"The file {path} is too large.", field="file", accepted=FILE_BYTES_MAX)
    goods: int | None = None
    bids = []
    for line in path.read_text().splitlines():
        words = line.split("%")[0].split()
        if words[:1] == ["goods"]:
            goods = int(words[1])
        elif words and words[0].isdigit():
            bids.append(_bid(words))
    if goods is None:
        refuse("file", path.name, "a file with a line `goods N`")
    return goods, bids


def _bid(words: list[str]) -> tuple[int, Fraction, tuple[int, ...]]:
    listed = words[2:-1] if words[-1] == "#" else words[2:]
    try:
        price = Fraction(Decimal(words[1]))
        return int(words[0]), price, tuple(int(good) for good in listed)
    except (IndexError, ValueError, InvalidOperation):
        refuse("bid", " ".join(words), "a number, a price, goods and #")


Result = dict[str, object]
CASE_SECONDS = 900.0  # published hard instances take tens of seconds
Row = tuple[str, dict[str, int], Fraction]  # bidder, items, price


def _items(given: object, field: str) -> dict[str, int]:
    """A list of items, each repeated as often as it is wanted, or an object of counts."""
    if isinstance(given, dict):
        return {str(item): check_count(count, field) for item, count in given.items()}
    counts: dict[str, int] = {}
    for item in sequence(given, field, most=10_000):
        counts[str(item)] = counts.get(str(item), 0) + 1
    return counts


def _listed(case: Case) -> list[Row]:
    return [
        (str(row[0]), _items(row[1], f"bids.{row[0]}"), positive(row[2], f"bids.{row[0]}"))
        for row in rows(case, "bids")
    ]


def _exclusive(case: Case) -> list[Row]:
    """`xor_bids`: each bidder's list of [items, price]."""
    return [
        (str(bidder), _items(items, f"xor_bids.{bidder}"), positive(price, f"xor_bids.{bidder}"))
        for bidder, offers in named(case, "xor_bids").items()
        for items, price in sequence(offers, f"xor_bids.{bidder}", most=BIDS_MAX)
    ]


def _from_file(case: Case, *, exclusive: bool) -> list[Row]:
    """A bid without a dummy good is a bidder of its own; with `exclusive`, those that share a dummy
    are one bidder, otherwise the dummy is a good like any other."""
    goods, bids = read_cats(case.file(case.given("file")))
    made: list[Row] = []
    for number, price, listed in bids:
        dummies = [good for good in listed if good >= goods]
        if exclusive and len(dummies) > 1:
            refuse("file", f"bid {number}", "at most one dummy good in each bid")
        name = f"DB{dummies[0]}" if exclusive and dummies else f"bid{number}"
        wanted = [good for good in listed if good < goods or not exclusive]
        made.append((name, {str(good): 1 for good in wanted}, price))
    return made


def _rows_of(case: Case, *, exclusive: bool) -> list[Row]:
    if "file" in case.input:
        return _from_file(case, exclusive=exclusive)
    if "xor_bids" in case.input:
        return _exclusive(case)
    if isinstance(case.input.get("supply"), int):
        return [
            (str(name), {"unit": check_count(count, "bids")}, positive(price, "bids"))
            for name, count, price, *_ in rows(case, "bids")
        ]
    return _listed(case)


def _auction(case: Case, *, exclusive: bool = True) -> tuple[Packages, Ticks]:
    made = _rows_of(case, exclusive=exclusive)
    ticks = Ticks(price for _, _, price in made)
    bids = [
        PackageBid(name, tuple(sorted(items.items())), ticks.of(price), seq=seq)
        for seq, (name, items, price) in enumerate(made)
    ]
    given = case.input.get("supply", {})
    supply: dict[str, Any] = {item: 1 for _, items, _ in made for item in items}
    supply |= {"unit": given} if isinstance(given, int) else mapping(given, "supply")
    language = case.params.get("language", Language.XOR.value)
    language = Language(language)
    return Packages.of(bids, supply, language=language, time_limit=CASE_SECONDS), ticks


def _allocation(case: Case) -> Result:
    auction, ticks = _auction(case, exclusive=False)
    best = auction.best()
    return {"welfare": ticks.back(best.welfare), "gap": float(best.gap)}


def _shown(ticks: Ticks, payments: dict[str, Any], order: Sequence[str]) -> dict[str, object]:
    return {name: ticks.back(payments[name]) for name in order}


def _in_order(auction: Packages, outcome: PackageOutcome) -> list[str]:
    """Winners in the order of the input."""
    bids = sorted((auction.bids[index] for index in outcome.allocation.won), key=lambda b: b.seq)
    return list(dict.fromkeys(bid.bidder for bid in bids))


def _vcg(case: Case, *, name: str = "payments") -> Result:
    auction, ticks = _auction(case, exclusive=False)
    outcome = package_auction(auction, payment=Payment.VCG)
    offered = sum(auction.bids[index].price for index in outcome.allocation.won)
    return {
        "welfare": ticks.back(outcome.allocation.welfare),
        name: _shown(ticks, dict(outcome.payments), _in_order(auction, outcome)),
        "revenue": ticks.back(outcome.revenue),
        "first_price_revenue": ticks.back(offered),
    }


def _core(case: Case, *, exclusive: bool, payment: Payment = Payment.CORE) -> Result:
    auction, ticks = _auction(case, exclusive=exclusive)
    outcome = package_auction(auction, payment=payment, ticks=False)
    order = _in_order(auction, outcome)
    vcg = _shown(ticks, dict(outcome.vcg), order)
    # Cases that read single-minded bids from a file list their VCG prices without names.
    as_list = "file" in case.input and not exclusive
    return {
        "welfare": ticks.back(outcome.allocation.welfare),
        "vcg": list(vcg.values()) if as_list else vcg,
        "core_payments": _shown(ticks, dict(outcome.payments), order),
        "total_payment": ticks.back(outcome.revenue),
    }


def _licences(case: Case) -> Result:
    """`bids`: each bidder's values of a licence if 1, 2, … exist."""
    values = {
        str(bidder): [positive(value, f"bids.{bidder}") for value in vector]
        for bidder, vector in named(case).items()
    }
    ticks = Ticks(value for vector in values.values() for value in vector)
    bids = [
        LicenceBid(bidder, tuple(ticks.of(value) for value in vector), seq=seq)
        for seq, (bidder, vector) in enumerate(values.items())
    ]
    most = case.params.get("licences", case.input.get("licences", 1000))
    licensed = licence_auction(bids, most=check_count(most, "licences"), ticks=False)
    winners = sorted(licensed.payments)
    return {
        "licences": licensed.licences,
        "welfare": ticks.back(licensed.welfare),
        "vcg": _shown(ticks, dict(licensed.vcg), winners),
        "core_payments": _shown(ticks, dict(licensed.payments), winners),
        "total_payment": ticks.back(licensed.revenue),
    }


def _equilibrium(case: Case) -> Result:
    bids, offers, prices, quantities = orders(case)
    policy = PricePolicy(case.params.get("price", PricePolicy.PRESSURE.value))
    called = call_market(Book.of(bids), Book.of(offers), policy=policy, whole_ticks=False)
    price = None if called.price is None else prices.back(called.price)
    return {"quantity": quantities.back(called.volume), "price": price}


def _pay_as_clear(case: Case) -> Result:
    """The lowest bid price at which offers meet demand; rows of price and quantity."""
    bids, offers, prices, quantities = orders(case, names=("bids", "offers"), price_at=0)
    volume = price = 0
    for price in sorted({bid.price for bid in bids}):
        demand = sum(bid.quantity for bid in bids if bid.price >= price)
        supply = sum(offer.quantity for offer in offers if offer.price <= price)
        volume = min(demand, supply)
        if supply >= demand:
            break
    return {"clearing_price": prices.back(price), "volume": quantities.back(volume)}


EVALUATORS: dict[str, Evaluator] = {
    "wdp_cats": _allocation,
    "wdp_or": partial(_vcg, name="vcg"),
    "vcg_packages": _vcg,
    "core_vcg_nearest": partial(_core, exclusive=False),
    "core_vcg_nearest_xor": partial(_core, exclusive=True),
    "core_vcg_nearest_multiunit": partial(_core, exclusive=False),
    "core_nearest_to_bids": partial(_core, exclusive=False, payment=Payment.CORE_NEAR_BIDS),
    "licences": _licences,
    "k_licences": _licences,
    "call_market_equilibrium": _equilibrium,
    "pay_as_clear": _pay_as_clear,
}
