"""Budget bids at one price: who offers to spend an amount for at least so many units."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from pricing.charges.exact import refuse
from pricing.mechanisms.bids import check_unique


@dataclass(frozen=True, slots=True)
class BudgetBid:
    """Spends up to `spend` for at least `quantity` units: a limit price of spend ÷ quantity."""

    bidder: str
    spend: Fraction
    quantity: Fraction
    time: int = 0
    seq: int = 0

    @property
    def limit(self) -> Fraction:
        return self.spend / self.quantity


@dataclass(frozen=True, slots=True)
class Funded:
    """One price for all. `spent[i]` and `units[i]` belong to bid i of the input.

    `partial`: the marginal bid is filled in part. `cancelled`: less was raised than the threshold.
    """

    price: Fraction
    spent: tuple[Fraction, ...]
    units: tuple[Fraction, ...]
    partial: bool
    cancelled: bool = False

    @property
    def sold(self) -> Fraction:
        return sum(self.units, Fraction(0))

    @property
    def raised(self) -> Fraction:
        return sum(self.spent, Fraction(0))


def budget_auction(
    bids: Sequence[BudgetBid],
    *,
    supply: Fraction,
    reserve_price: Fraction,
    least_raised: Fraction = Fraction(0),
) -> Funded:
    """Sell at the highest price at which the budgets of those who accept it take the supply.

    Limits fall until the budgets so far would buy the supply at the limit reached. Either that
    limit is the price and its bid is filled in part, or the budgets before it alone are worth more
    than the supply at that limit, and the price is their sum ÷ supply. Short of that, all accepted
    budgets ÷ supply, but not below the reserve, where a rest stays unsold. Bids under the reserve
    lose. Ties go to the earlier bid.
    """
    _check(bids, supply, reserve_price)
    accepted = [index for index, bid in enumerate(bids) if bid.limit >= reserve_price]
    ranked = sorted(accepted, key=lambda i: (-bids[i].limit, bids[i].time, bids[i].seq))
    spent = [Fraction(0)] * len(bids)
    price, partial = _price(bids, ranked, spent, supply, reserve_price)
    if sum(spent) < least_raised:
        nothing = (Fraction(0),) * len(bids)
        return Funded(price, nothing, nothing, partial=False, cancelled=True)
    return Funded(price, tuple(spent), tuple(paid / price for paid in spent), partial)


def _price(
    bids: Sequence[BudgetBid],
    ranked: Sequence[int],
    spent: list[Fraction],
    supply: Fraction,
    reserve_price: Fraction,
) -> tuple[Fraction, bool]:
    """The price, and whether its bid is filled in part. Fills `spent`."""
    before = Fraction(0)
    for index in ranked:
        bid = bids[index]
        worth = supply * bid.limit
        if before + bid.spend < worth:
            spent[index] = bid.spend
            before += bid.spend
            continue
        if before > worth:  # the budgets before it bought everything at a higher price
            return before / supply, False
        spent[index] = worth - before
        return bid.limit, 0 < spent[index] < bid.spend
    return max(before / supply, reserve_price), False


def _check(bids: Sequence[BudgetBid], supply: Fraction, reserve_price: Fraction) -> None:
    for field, value in (("supply", supply), ("reserve_price", reserve_price)):
        if value <= 0:
            refuse(field, value, "a number above zero")
    for index, bid in enumerate(bids):
        if bid.spend <= 0 or bid.quantity <= 0:
            refuse(f"bids[{index}]", (bid.spend, bid.quantity), "a spend and a quantity above zero")
    check_unique([bid.seq for bid in bids], "bids.seq", "a number that no other bid has")
