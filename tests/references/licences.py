"""Licences by trying every number and every set of buyers."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import ceil

from pricing.mechanisms.licences import LicenceBid, licence_auction
from pricing.mechanisms.packages import Payment
from tests.references.comparing import Comparison, Draw
from tests.references.core import WINNERS_MAX, coalition_rows, nearest_core


@dataclass(frozen=True)
class Sale:
    """Bids for licences and the terms."""

    bids: list[LicenceBid]
    most: int
    reserve: int
    payment: Payment
    ticks: bool


def _draw(draw: Draw) -> Sale:
    random = draw.random
    bids = []
    for seq in range(draw.count(least=1, most=5)):
        values = sorted(draw.amounts(random.randint(1, 4)), reverse=True)
        if random.random() < 0.2:
            values.append(0)
        bids.append(LicenceBid(f"b{seq}", tuple(values), random.randint(0, 2), seq))
    return Sale(
        bids, random.choice([1, 2, 1000]), random.choice([0, 0, draw.amount()]),
        random.choice(list(Payment)), random.random() < 0.5,
    )  # fmt: skip


Best = tuple[int, tuple[LicenceBid, ...], int]  # how many, to whom, the sum above the reserve


def _best(sale: Sale, bids: Iterable[LicenceBid]) -> Best:
    """The greatest sum; of equal ones the smallest number, then the first by (time, seq)."""
    earliest = sorted(bids, key=lambda bid: (bid.time, bid.seq))
    sales: list[Best] = []
    for count in range(1, min(sale.most, len(earliest)) + 1):
        able = [bid for bid in earliest if bid.value(count) >= max(1, sale.reserve)]
        for size in range(1, count + 1):
            for chosen in combinations(able, size):
                total = sum(bid.value(count) - sale.reserve for bid in chosen)
                sales.append((count, chosen, total))
    return max(
        sales,
        key=lambda best: (best[2], -best[0], [bid in best[1] for bid in earliest]),
        default=(0, (), 0),
    )


def _twin(sale: Sale) -> object:
    count, won, welfare = _best(sale, sale.bids)
    values = {bid.bidder: bid.value(count) - sale.reserve for bid in won}

    def worth(inside: frozenset[str]) -> int:
        """What these winners could offer with all losers."""
        return _best(
            sale, [bid for bid in sale.bids if bid.bidder in inside or bid.bidder not in values]
        )[2]

    if sale.payment is Payment.FIRST_PRICE:
        paid = {w: Fraction(value + sale.reserve) for w, value in values.items()}
        return count, welfare, {}, paid
    everyone = frozenset(values)
    vcg = {w: worth(everyone - {w}) - (welfare - values[w]) for w in values}
    shown = {w: paid + sale.reserve for w, paid in vcg.items()}
    if sale.payment is Payment.VCG:
        return count, welfare, shown, {w: Fraction(paid) for w, paid in shown.items()}
    if len(values) > WINNERS_MAX:
        return count, welfare, shown, None  # the laws of the core are checked instead
    near = values if sale.payment is Payment.CORE_NEAR_BIDS else vcg
    core = nearest_core(values, worth, near)
    rounded = {w: Fraction(ceil(paid)) if sale.ticks else paid for w, paid in core.items()}
    return count, welfare, shown, {w: paid + sale.reserve for w, paid in rounded.items()}


def _ours(sale: Sale) -> object:
    sold = licence_auction(
        sale.bids, most=sale.most, reserve=sale.reserve, payment=sale.payment, ticks=sale.ticks
    )
    core = sale.payment in {Payment.CORE, Payment.CORE_NEAR_BIDS}
    paid = None if core and len(sold.payments) > WINNERS_MAX else sold.payments
    return sold.licences, sold.welfare, sold.vcg, paid


def _check(sale: Sale, answer: object) -> None:
    """No coalition objects, and nobody pays less than Vickrey or more than the bid."""
    if sale.payment not in {Payment.CORE, Payment.CORE_NEAR_BIDS}:
        return
    sold = licence_auction(
        sale.bids, most=sale.most, reserve=sale.reserve, payment=sale.payment, ticks=sale.ticks
    )
    values = {w: value - sale.reserve for w, value in sold.values.items()}
    paid = {w: payment - sale.reserve for w, payment in sold.payments.items()}
    assert all(sold.vcg[w] - sale.reserve <= paid[w] <= values[w] for w in values)

    def worth(inside: frozenset[str]) -> int:
        others = [bid for bid in sale.bids if bid.bidder in inside or bid.bidder not in values]
        return _best(sale, others)[2]

    for signs, bound in coalition_rows(values, worth):
        assert sum(s * paid[w] for s, w in zip(signs, sorted(values), strict=True)) >= bound


COMPARISONS = (Comparison("licences.licence_auction", _draw, _ours, _twin, check=_check, quick=60),)
