"""The exclusivity auction: how many licences of one good to sell, to whom, and for what.

Data can be sold to many; what a licence is worth falls with the number of licences. Bidders say what
one is worth if k exist; the auction chooses k.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from pricing.exact import refuse
from pricing.mechanisms.bids import PRICE_MAX, check_count, check_floor, check_unique
from pricing.mechanisms.core import Coalition, core_payments, whole_ticks
from pricing.mechanisms.packages import Payment

LICENCES_MAX = 1000


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
    ranked = sorted(bids, key=lambda bid: (bid.time, bid.seq))
    count, winners = _best(ranked, most, reserve, {})
    values = {bid.bidder: bid.value(count) - reserve for bid in winners}
    welfare = sum(values.values())
    if payment is Payment.FIRST_PRICE:
        return Licensed(count, welfare, _add(values, reserve), _exact(values, reserve), {})
    vcg = {
        bidder: _worth([bid for bid in ranked if bid.bidder != bidder], most, reserve)
        - (welfare - value)
        for bidder, value in values.items()
    }
    paid: Mapping[str, int] | Mapping[str, Fraction] = vcg
    if payment is not Payment.VCG:
        exact = core_payments(
            values,
            vcg,
            lambda surplus: _blocking(ranked, most, reserve, surplus),
            reference=values if payment is Payment.CORE_NEAR_BIDS else None,
        )
        paid = whole_ticks(exact) if ticks else exact
    return Licensed(
        count, welfare, _add(values, reserve), _exact(paid, reserve), _add(vcg, reserve)
    )


def _best(
    bids: Sequence[LicenceBid], most: int, reserve: int, surplus: Mapping[str, Fraction]
) -> tuple[int, list[LicenceBid]]:
    """The number of licences and who gets one, each counted less its surplus."""
    best_sum: Fraction | int = 0
    best_count, best = 0, list[LicenceBid]()
    for count in range(1, min(most, len(bids)) + 1):
        net = [(bid.value(count) - reserve - surplus.get(bid.bidder, 0), bid) for bid in bids]
        net.sort(key=lambda pair: -pair[0])  # stable: ties stay in order of time
        chosen = [pair for pair in net[:count] if pair[0] > 0 or (pair[0] == 0 and not surplus)]
        chosen = [pair for pair in chosen if pair[1].value(count) > 0]
        total = sum((worth for worth, _ in chosen), Fraction(0))
        if chosen and (total > best_sum or (total == best_sum and not best)):
            best_sum, best_count, best = total, count, [bid for _, bid in chosen]
    return best_count, best


def _worth(bids: Sequence[LicenceBid], most: int, reserve: int) -> int:
    count, winners = _best(bids, most, reserve, {})
    return sum(bid.value(count) - reserve for bid in winners)


def _blocking(
    bids: Sequence[LicenceBid], most: int, reserve: int, surplus: Mapping[str, Fraction]
) -> Coalition:
    count, members = _best(bids, most, reserve, surplus)
    worth = sum(bid.value(count) - reserve for bid in members)
    return Coalition(frozenset(bid.bidder for bid in members), worth)


def _add(margins: Mapping[str, int], reserve: int) -> dict[str, int]:
    return {bidder: margin + reserve for bidder, margin in margins.items()}


def _exact(
    margins: Mapping[str, int] | Mapping[str, Fraction], reserve: int
) -> dict[str, Fraction]:
    return {bidder: Fraction(margin) + reserve for bidder, margin in margins.items()}


def _check(bids: Iterable[LicenceBid], most: int, reserve: int) -> None:
    check_count(most, "licences", most=LICENCES_MAX)
    check_floor(reserve, "reserve")
    bids = list(bids)
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
