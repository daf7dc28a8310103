"""What a percentage gives away: free events and free amounts are free once per account.

Two equal accounts are set against one with the use of both: events of one value that use up what is
free, exactly or nearly, alone or among many. Without anything free an event costs the same in any
account, so nothing is gained.
"""

from collections.abc import Iterator
from fractions import Fraction
from math import floor

from pricing.charges.findings import ANY_CURRENCY, Finding
from pricing.charges.models import Percentage, Usage
from pricing.charges.plans import Charge
from pricing.charges.quotes import price_charge
from pricing.charges.requests import EVENTS_MAX
from pricing.exact import exact_text
from pricing.refusals import NotAnAmount

ZERO = Fraction(0)
SMALL, LARGE = Fraction(100), Fraction(10**12)
COUNTS = (1, 2, 10, 100, 1000)
PLACES = 12  # decimals of an event that is tried
ONE_ACCOUNT = EVENTS_MAX // 2


def lint_events(charge: Charge, pricing: Percentage) -> Iterator[Finding]:
    """The two accounts that save most, among those that are tried; unsure where none of them does."""
    if not pricing.free_events and not pricing.free_amount:
        return
    for sample in (SMALL, LARGE):
        uses = _uses(pricing, sample)
        saved, value, fewer = max((_saved(charge, *use), use[0], -use[1]) for use in uses)
        if saved > 0:
            yield _finding(charge, value, -fewer)
            return
    if (pricing.free_events or 0) < EVENTS_MAX and _costs_more_than_the_minimum(charge):
        yield Finding(
            "unsure",
            charge.name,
            "Whether two accounts ever pay less than one is not decided: some use is free in each, and"
            " no events were found that cost less in two.",
            {"events": str(2 * ONE_ACCOUNT)},
        )


def _uses(pricing: Percentage, sample: Fraction) -> Iterator[tuple[Fraction, int]]:
    """Events of one value, and how many: enough to use up what is free, and a sample more."""
    amount, events = pricing.free_amount, pricing.free_events
    values = {sample}
    counts = set(COUNTS)
    if amount:
        values |= {amount, _cut(amount / 2), amount + sample}
    if events:
        counts.add(min(events, ONE_ACCOUNT))
    if amount and events:
        values.add(_cut(amount / (events + 1)))
    for value in sorted(values - {ZERO}):
        for count in sorted(counts):
            yield value, count


def _cut(value: Fraction) -> Fraction:
    """As much of it as decimals can write."""
    return Fraction(floor(value * 10**PLACES), 10**PLACES)


def _price(charge: Charge, value: Fraction, count: int) -> Fraction | None:
    """The exact price, or None where the books do not hold it."""
    usage = Usage(value * count, (value,) * count)
    try:
        return price_charge(charge, usage, currency=ANY_CURRENCY).exact
    except NotAnAmount:
        return None


def _saved(charge: Charge, value: Fraction, count: int) -> Fraction:
    once, twice = _price(charge, value, count), _price(charge, value, 2 * count)
    return ZERO if once is None or twice is None else twice - 2 * once


def _costs_more_than_the_minimum(charge: Charge) -> bool:
    price = _price(charge, LARGE, 2 * ONE_ACCOUNT)
    return price is None or price > 2 * (charge.terms.minimum or ZERO)


def _finding(charge: Charge, value: Fraction, count: int) -> Finding:
    once, saved = _price(charge, value, count) or ZERO, _saved(charge, value, count)
    twice = 2 * once + saved
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
            "saved": exact_text(saved),
        },
    )
