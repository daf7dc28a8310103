"""Laws that outcomes of auctions and markets keep, whatever the rule: used by all comparisons.

A law raises AssertionError with a sentence. It asks the library again with other inputs (another order
of the bids, a lie), and knows nothing of how an answer is found.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, Protocol

from pricing.mechanisms.bids import PRICE_MAX, Bid, Rationing


def best_served(bids: Sequence[Bid], units: int, rationing: Rationing) -> list[int]:
    """Units of each bid where the best bids get `units`, by definition, one price after the other.

    At the price where they run out: the earliest first, or each its exact share rounded down and
    what is left to the largest remainders, of equal ones to the earlier bid.
    """
    got = [0] * len(bids)
    for price in sorted({bid.price for bid in bids}, reverse=True):
        level = sorted(
            (i for i, bid in enumerate(bids) if bid.price == price),
            key=lambda i: (bids[i].time, bids[i].seq),
        )
        asked = sum(bids[i].quantity for i in level)
        left = min(units, asked)
        units -= left
        if rationing is Rationing.PRO_RATA and left < asked:
            shares = [Fraction(left * bids[i].quantity, asked) for i in level]
            whole = [share.numerator // share.denominator for share in shares]
            rest = left - sum(whole)
            by_remainder = sorted(range(len(level)), key=lambda k: (whole[k] - shares[k], k))
            for k in by_remainder[:rest]:
                whole[k] += 1
            for k, i in enumerate(level):
                got[i] = whole[k]
            continue
        for i in level:
            got[i] = min(left, bids[i].quantity)
            left -= got[i]
    return got


def order_is_nothing(rule: Callable[[list[Bid]], object], bids: Sequence[Bid]) -> None:
    """The order in which bids are listed changes nothing."""
    assert rule(list(bids)) == rule(list(reversed(bids))), (
        "the order of the list changes the answer"
    )


Utility = Callable[[list[Bid], str], Fraction | int]  # what a bidder gains at its true values


def nobody_gains_by_lying(
    bids: Sequence[Bid], lies: Iterable[int], utility: Callable[[list[Bid]], Fraction | int]
) -> None:
    """`utility` of the first bid's bidder is never larger where that bid says something else."""
    told = utility(list(bids))
    for lie in lies:
        lied = [replace(bids[0], price=lie), *bids[1:]]
        assert utility(lied) <= told, f"bidding {lie} instead of {bids[0].price} gains"


def lies_about(bids: Sequence[Bid], *, least: int = 1) -> list[int]:
    """The prices at which an outcome can change: those of the bids and the ticks beside them."""
    return sorted(
        {
            p
            for bid in bids
            for p in (bid.price - 1, bid.price, bid.price + 1)
            if least <= p <= PRICE_MAX
        }
    )


class Traded(Protocol):
    """Who trades one unit each, and at which prices."""

    @property
    def buyers(self) -> tuple[str, ...]: ...
    @property
    def sellers(self) -> tuple[str, ...]: ...
    @property
    def buyer_price(self) -> Fraction | None: ...
    @property
    def seller_price(self) -> Fraction | None: ...


def truthful_pairs(rule: Callable[..., Traded], bids: Sequence[Bid], offers: Sequence[Bid]) -> None:
    """As many buy as sell, nobody beyond its own price, no deficit, and no lie gains."""
    _pairs_hold(rule(bids, offers), bids, offers)
    order_is_nothing(lambda turned: rule(turned, offers[::-1]), bids)
    lies = lies_about([*bids, *offers])
    if bids:
        value, name = bids[0].price, bids[0].bidder

        def as_buyer(lied: list[Bid]) -> Fraction:
            traded = (
                rule(lied, offers, whole_ticks=False) if _has_ticks(rule) else rule(lied, offers)
            )
            paid = traded.buyer_price or Fraction(0)
            return value - paid if name in traded.buyers else Fraction(0)

        nobody_gains_by_lying(bids, lies, as_buyer)
    if offers:
        cost, seller = offers[0].price, offers[0].bidder

        def as_seller(lied: list[Bid]) -> Fraction:
            traded = rule(bids, lied, whole_ticks=False) if _has_ticks(rule) else rule(bids, lied)
            got = traded.seller_price or Fraction(0)
            return got - cost if seller in traded.sellers else Fraction(0)

        nobody_gains_by_lying(offers, lies, as_seller)


def _has_ticks(rule: Callable[..., Any]) -> bool:
    return rule.__name__ == "mcafee"


def _pairs_hold(traded: Traded, bids: Sequence[Bid], offers: Sequence[Bid]) -> None:
    assert len(traded.buyers) == len(traded.sellers), "as many buy as sell"
    if traded.buyer_price is None or traded.seller_price is None:
        assert not traded.buyers, "no trade without a price"
        return
    assert traded.buyer_price >= traded.seller_price, "a deficit"
    says, asks = ({order.bidder: order.price for order in side} for side in (bids, offers))
    assert all(says[name] >= traded.buyer_price for name in traded.buyers), "a buyer pays more"
    assert all(asks[name] <= traded.seller_price for name in traded.sellers), "a seller gets less"


def payments_hold(
    bids: Sequence[Bid], awards: Mapping[str, tuple[int, int]], *, supply: int, reserve: int
) -> None:
    """`awards` are units and payment by bidder: within supply, reserve and what was bid.

    Each bidder's units are worth to it what its best bids for so many say.
    """
    assert sum(units for units, _ in awards.values()) <= supply, "more is sold than there is"
    for bidder, (units, payment) in awards.items():
        own = sorted(
            (bid.price for bid in bids if bid.bidder == bidder for _ in range(bid.quantity)),
            reverse=True,
        )
        assert 0 < units <= len(own), f"{bidder} gets units that it did not ask for"
        assert reserve * units <= payment <= sum(own[:units]), f"{bidder} pays outside its bids"
