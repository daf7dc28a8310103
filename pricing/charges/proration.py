"""Parts of a period: by calendar days or seconds; plan changes; prorated tiers; credit notes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from pricing.charges.tiers import Tiers
from pricing.exact import refuse, text
from pricing.money import half_away

ZERO = Fraction(0)
ONE = Fraction(1)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Span:
    """A half-open stretch of time between two days, or between two instants with a zone."""

    start: date | datetime
    until: date | datetime

    @property
    def length(self) -> Fraction:
        """Days between dates, seconds between instants."""
        if isinstance(self.start, datetime) and isinstance(self.until, datetime):
            return Fraction((self.until - self.start) // MICROSECOND, 1_000_000)
        return Fraction(self.until.toordinal() - self.start.toordinal())


def read_span(start: object, until: object, field: str) -> Span:
    """A span from ISO text: two days, or two instants with their zone. Raises BadValue."""
    first, last = _instant(start, f"{field}.from"), _instant(until, f"{field}.until")
    if isinstance(first, datetime) != isinstance(last, datetime):
        refuse(f"{field}.until", until, "a day where the period begins with a day, else an instant")
    if last <= first:
        refuse(f"{field}.until", until, f"something later than {first.isoformat()}")
    return Span(first, last)


def _instant(value: object, field: str) -> date | datetime:
    if not isinstance(value, str):
        refuse(field, value, 'text such as "2026-01-31" or "2026-01-31T00:00:00Z"')
    try:
        if "T" not in value:
            return date.fromisoformat(value)
        instant = datetime.fromisoformat(value)
    except ValueError:
        refuse(field, value, 'text such as "2026-01-31" or "2026-01-31T00:00:00Z"')
    if instant.tzinfo is None:
        refuse(field, value, 'an instant with its zone, such as "2026-01-31T00:00:00Z"')
    return instant


def coefficient(used: Fraction, period: Fraction) -> Fraction:
    """Which part of a period was used. Longer than the period, or empty, is the whole of it."""
    return ONE if used <= 0 or used >= period else used / period


def overlap(service: Span, period: Span) -> Fraction:
    """The part of the period that the service covers, by days or by seconds. May be zero."""
    if isinstance(service.start, datetime) != isinstance(period.start, datetime):
        refuse("service", service.start.isoformat(), "days or instants, as the period has them")
    start, until = max(service.start, period.start), min(service.until, period.until)
    return Span(start, until).length / period.length if start < until else ZERO


@dataclass(frozen=True)
class PlanChange:
    """Credit for the unused rest of the old price, debit for the same rest of the new one."""

    credit: Fraction
    debit: Fraction

    @property
    def net(self) -> Fraction:
        return self.credit + self.debit


def change_plan(old: Fraction, new: Fraction, fraction_left: Fraction) -> PlanChange:
    """What a change costs when `fraction_left` (0 to 1) of the paid period is still to come."""
    if not 0 <= fraction_left <= 1:
        refuse("fraction_left", fraction_left, "a part of the period from 0 to 1")
    return PlanChange(-old * fraction_left, new * fraction_left)


@dataclass(frozen=True)
class CreditNote:
    """Whole minor units. The tax is of the precise amount, so no rounding is taxed."""

    sub_total: int
    tax: int

    @property
    def total(self) -> int:
        return self.sub_total + self.tax


def credit_note(precise_minor: Fraction, tax_rate: Fraction) -> CreditNote:
    """Give back a precise amount (in minor units) with its tax (rate of one)."""
    return CreditNote(half_away(precise_minor), half_away(precise_minor * tax_rate))


@dataclass(frozen=True)
class UnitEvent:
    """Units added or removed, and how much of them counts for the rest of the period."""

    units: Fraction
    prorated: Fraction


def prorated_graduated(events: Sequence[UnitEvent], tiers: Tiers) -> Fraction:
    """Recurring units under graduated tiers: the running full units choose the tier, the prorated
    units are billed in it, and each tier ever reached adds its flat price.

    An addition that counts for nothing in this period moves no tier, nor does the removal that
    belongs to it. Usage that was removed below zero costs nothing at all.
    """
    running = peak = amount = ZERO
    for event in events:
        if event.prorated == 0 and (event.units >= 0 or running + event.units < 0):
            continue
        if event.units == 0:
            refuse("events", 0, "units added or removed, other than 0")
        weight = event.prorated / event.units
        amount += weight * _between(running, running + event.units, tiers)
        running += event.units
        peak = max(peak, running)
    if running < 0:
        return ZERO
    reached = tiers.index(peak)
    return max(ZERO, amount) + sum((tier.flat for tier in tiers.rows[: reached + 1]), ZERO)


def _between(start: Fraction, end: Fraction, tiers: Tiers) -> Fraction:
    """Signed unit prices of the units from start to end; below zero the first tier's price."""
    low, high = min(start, end), max(start, end)
    tiers.index(high)  # refuses what no tier holds
    amount, below = min(ZERO, high) * tiers.rows[0].unit - min(ZERO, low) * tiers.rows[0].unit, ZERO
    for tier in tiers.rows:
        top = high if tier.up_to is None else min(high, tier.up_to)
        inside = top - max(below, low)
        if inside > 0:
            amount += inside * tier.unit
        if tier.up_to is None or tier.up_to >= high:
            break
        below = tier.up_to
    return amount if end >= start else -amount


def describe(part: Fraction) -> str:
    """`24/31 of the period`, or `the whole period`."""
    return "the whole period" if part == 1 else f"{part} of the period ({text(part)[:8]})"
