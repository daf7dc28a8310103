"""What a percentage gives away: free events and free amounts are free once per account.

Two equal accounts are set against one with the use of both: events of one value that use up what is
free, exactly or nearly, alone or among many. Without anything free an event costs the same in any
account, so nothing is gained.
"""

from collections.abc import Collection, Iterator
from fractions import Fraction
from math import ceil, floor

from pricing.charges.commitments import commit
from pricing.charges.grids import PRICE_END
from pricing.charges.models import Percentage, Usage, total
from pricing.charges.plans import ANY_CURRENCY, Charge, Finding
from pricing.charges.quotes import price_charge
from pricing.charges.requests import EVENTS_MAX
from pricing.exact import exact_text

ZERO = Fraction(0)
SMALL, LARGE = Fraction(100), Fraction(10**12)
FEW, MANY = (1, 2, 10, 100), (1, 1000)
PLACES = 12  # decimals of an event that is tried
ONE_ACCOUNT = EVENTS_MAX // 2


def lint_events(charge: Charge, pricing: Percentage) -> Iterator[Finding]:
    """The two accounts that save most, among those that are tried; unsure where none of them does."""
    if not pricing.free_events and not pricing.free_amount:
        return
    for sample, counts in ((SMALL, FEW), (LARGE, MANY)):
        uses = [*_uses(pricing, sample, counts), *_reaching_the_minimum(charge, pricing)]
        saved, value, fewer = max((_saved(charge, pricing, *use), use[0], -use[1]) for use in uses)
        if saved > 0:
            yield _finding(charge, value, -fewer)
            return
    if (pricing.free_events or 0) < EVENTS_MAX and _costs_more_than_the_minimum(charge, pricing):
        yield Finding(
            "unsure",
            charge.name,
            "Whether two accounts ever pay less than one is not decided: some use is free in each, and"
            " no events were found that cost less in two.",
            {"events": str(2 * ONE_ACCOUNT)},
        )


def _uses(
    pricing: Percentage, sample: Fraction, usual: Collection[int]
) -> Iterator[tuple[Fraction, int]]:
    """Events of one value, and how many: enough to use up what is free, and a sample more."""
    amount, events = pricing.free_amount, pricing.free_events
    values = {sample}
    counts = set(usual)
    if amount:
        values |= {amount, _cut(amount / 2), amount + sample}
    if events:
        counts.add(min(events, ONE_ACCOUNT))
    if amount and events:
        values.add(_cut(amount / (events + 1)))
    for value in sorted(values - {ZERO}):
        for count in sorted(counts):
            yield value, count


def _reaching_the_minimum(charge: Charge, pricing: Percentage) -> Iterator[tuple[Fraction, int]]:
    """Events that cost as much as the charge bills at least: one large one, or enough at the most."""
    minimum, kept = charge.terms.minimum, 1 - charge.terms.discount
    if not minimum or not kept:
        return
    free = pricing.free_amount or ZERO
    events = pricing.free_events or 0
    if pricing.rate:
        paid = max(ZERO, minimum / kept - pricing.fixed) / pricing.rate
        for count in (1, events + 1):
            yield _cut(free + paid) + 1, min(count, ONE_ACCOUNT)
    for each in (pricing.most, pricing.fixed, pricing.least):
        if each:
            count = ceil(minimum / kept / each) + events + 1
            yield free + LARGE, min(count, ONE_ACCOUNT)
            yield free + 1, min(count, ONE_ACCOUNT)


def _cut(value: Fraction) -> Fraction:
    """As much of it as decimals can write."""
    return Fraction(floor(value * 10**PLACES), 10**PLACES)


def _price(charge: Charge, pricing: Percentage, value: Fraction, count: int) -> Fraction | None:
    """The exact price, or None where the books do not hold it."""
    events = (value,) * count
    if pricing.is_priced_by_event:
        exact = pricing.events_total(events)
    else:
        exact = total(pricing.lines(Usage(value * count, events)))
    price = commit(exact, charge.terms).total
    return price if price < PRICE_END else None


def _saved(charge: Charge, pricing: Percentage, value: Fraction, count: int) -> Fraction:
    once, twice = (_price(charge, pricing, value, count * times) for times in (1, 2))
    return ZERO if once is None or twice is None else twice - 2 * once


def _costs_more_than_the_minimum(charge: Charge, pricing: Percentage) -> bool:
    price = _price(charge, pricing, LARGE, 2 * ONE_ACCOUNT)
    return price is None or price > 2 * (charge.terms.minimum or ZERO)


def _finding(charge: Charge, value: Fraction, count: int) -> Finding:
    """The two accounts, as quotes of the charge price them."""
    once, twice = (
        price_charge(charge, Usage(value * each, (value,) * each), currency=ANY_CURRENCY).exact
        for each in (count, 2 * count)
    )
    return Finding(
        "free_units_invite_splitting",
        charge.name,
        f"One account with {2 * count} events of {exact_text(value)} pays {exact_text(twice)}; two"
        f" accounts with {count} each pay {exact_text(2 * once)} together.",
        {
            "events": str(2 * count),
            "event": exact_text(value),
            "price": exact_text(twice),
            "price_apart": exact_text(2 * once),
            "saved": exact_text(twice - 2 * once),
        },
    )
