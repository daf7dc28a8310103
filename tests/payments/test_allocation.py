"""Who gives how much of a refund, against a slow twin: no part gives more than it has, nothing is lost."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.payments.allocation import (
    Parts,
    RefundAllocation,
    allocate_refund,
    net_shown,
    split,
)
from exchange.payments.lifecycle import Bearer
from pricing.money import Money
from pricing.worth.proceeds import Fee, Terms

CNY = "CNY"
PERCENTS = ("0", "1", "3", "6", "9", "13", "19", "100")


def money(minor: int) -> Money:
    return Money(minor, CNY)


def half_up(exact: Fraction) -> int:
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


def sale(
    net: int, percent: str, fee_rate: str, weights: list[int], fee_percent: str = "0"
) -> Parts:
    rate = Fraction(Decimal(percent)) / 100
    tax = half_up(net * rate)
    shares = {str(number): Fraction(weight) for number, weight in enumerate(weights)}
    fee_tax_rate = Fraction(Decimal(fee_percent)) / 100
    waterfall = Terms(shares=shares, fee=Fee(Fraction(fee_rate), tax_rate=fee_tax_rate))
    parts = split(net=money(net), tax=money(tax), terms=waterfall)
    assert half_up((parts.fee - parts.fee_tax).minor * fee_tax_rate) == parts.fee_tax.minor
    assert parts.fee.minor <= net
    return Parts(parts.tax, parts.fee, parts.fee_tax, parts.shares, rate, fee_tax_rate)


def twin_tax(amount: int, rate: Fraction, most: Money, net: Money) -> int:
    """Every tax is tried: the one that is that of the rest, else the nearest exact one."""
    exact = amount * rate / (1 + rate)
    taxes = range(amount + 1)
    fits = [tax for tax in taxes if half_up((amount - tax) * rate) == tax]
    wanted = fits[0] if fits else half_up(exact)
    allowed = [tax for tax in taxes if tax <= most.minor and amount - tax <= net.minor]
    return min(allowed, key=lambda tax: abs(tax - wanted))


def twin_parts(amount: int, held: list[int]) -> list[int]:
    """Unit by unit: whole parts first, then to the largest remainders, the earlier first."""
    whole = sum(held)
    if not whole:
        return [0] * len(held)
    parts = [amount * one // whole for one in held]
    rest = sorted(range(len(held)), key=lambda at: (-(amount * held[at] % whole), at))
    for at in rest[: amount - sum(parts)]:
        parts[at] += 1
    return parts


@given(
    net=st.integers(1, 400),
    percent=st.sampled_from(PERCENTS),
    fee_rate=st.sampled_from(["0", "0.02", "0.333", "1"]),
    weights=st.lists(st.integers(0, 9), min_size=1, max_size=4).filter(any),
    fee_percent=st.sampled_from(PERCENTS),
    cuts=st.lists(st.tuples(st.integers(1, 100), st.sampled_from(Bearer)), max_size=8),
)
def test_refunds_one_after_the_other_keep_every_law(
    net: int,
    percent: str,
    fee_rate: str,
    weights: list[int],
    fee_percent: str,
    cuts: list[tuple[int, Bearer]],
) -> None:
    left = sale(net, percent, fee_rate, weights, fee_percent)
    captured, refunded = left.total.minor, 0
    for share_of, bearer in [*cuts, (100, Bearer.SELLER)]:
        refundable = captured - refunded
        amount = max(1, refundable * share_of // 100)
        if not refundable:
            break
        given_ = allocate_refund(money(amount), left=left, bearer=bearer)
        _is_lawful(given_, amount, left, bearer)
        left = left.less(given_)
        refunded += amount
        assert left.total.minor >= captured - refunded >= 0
    goodwill = left.total.minor - (captured - refunded)
    assert goodwill >= 0
    if all(bearer is Bearer.SELLER for _share, bearer in cuts):
        assert left.total.minor == left.tax.minor == left.fee.minor == left.fee_tax.minor == 0


def _is_lawful(given_: RefundAllocation, amount: int, left: Parts, bearer: Bearer) -> None:
    exchange = {Bearer.SELLER: 0, Bearer.SHARED: amount - amount // 2, Bearer.EXCHANGE: amount}
    of_sale = amount - exchange[bearer]
    assert given_.exchange.minor == exchange[bearer]
    assert given_.of_sale.minor == of_sale
    parts = [given_.tax, given_.fee, *given_.shares]
    held = [left.tax, left.fee, *left.shares]
    assert all(0 <= part.minor <= there.minor for part, there in zip(parts, held, strict=True))
    assert given_.tax.minor == twin_tax(of_sale, left.tax_rate, left.tax, left.net)
    fee_net = left.fee - left.fee_tax
    assert given_.fee_tax.minor == twin_tax(
        given_.fee.minor, left.fee_tax_rate, left.fee_tax, fee_net
    )
    rest = [part.minor for part in parts[1:]]
    assert rest == twin_parts(of_sale - given_.tax.minor, [there.minor for there in held[1:]])
    shown = net_shown(given_.of_sale, tax=given_.tax, tax_rate=left.tax_rate)
    assert half_up(shown.minor * left.tax_rate) == given_.tax.minor


@given(
    net=st.integers(1, 400),
    fee_percent=st.sampled_from(PERCENTS),
    cuts=st.lists(st.integers(1, 100), min_size=2, max_size=6),
)
def test_what_is_taken_and_won_back_leaves_nothing_behind(
    net: int, fee_percent: str, cuts: list[int]
) -> None:
    """A chargeback that is won gives back what was taken before other refunds were."""
    left = sale(net, "6", "0.333", [1, 2], fee_percent)
    taken = []
    for share_of in cuts:
        if left.total.minor:
            amount = max(1, left.total.minor * share_of // 100)
            taken.append(allocate_refund(money(amount), left=left))
            left = left.less(taken[-1])
    won = taken[0]
    left = left.less(
        RefundAllocation(
            -won.exchange, -won.tax, -won.fee, -won.fee_tax, tuple(-part for part in won.shares)
        )
    )
    assert 0 <= left.fee_tax.minor <= left.fee.minor
    left = left.less(allocate_refund(left.total, left=left))
    assert left.total.minor == left.fee.minor == left.fee_tax.minor == 0


@pytest.mark.parametrize(
    ("amount", "tax", "shown"),
    [(10600, 600, 10000), (5000, 283, 4717), (9, 1, 9), (8, 0, 8)],
)
def test_the_tax_of_a_credit_note_is_that_of_the_net_that_it_shows(
    amount: int, tax: int, shown: int
) -> None:
    left = sale(10_000, "6", "0.02", [1])
    given_ = allocate_refund(money(amount), left=left)
    net = net_shown(money(amount), tax=given_.tax, tax_rate=left.tax_rate)
    assert (given_.tax.minor, net.minor) == (tax, shown)
