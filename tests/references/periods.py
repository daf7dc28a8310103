"""Parts of periods, commitments, credits, invoices and numbers from their definitions."""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from pricing.charges.commitments import Terms, apply_credits, commit
from pricing.charges.curves import Curve
from pricing.charges.plans import read_plan
from pricing.charges.proration import Span, UnitEvent, overlap, prorated_graduated
from pricing.charges.quotes import invoice_since, make_quote
from pricing.charges.requests import read_request
from pricing.charges.tiers import read_tiers
from pricing.exact import number
from tests.references.charges import (
    Bill,
    Fields,
    Priced,
    bill,
    charge_price,
    draw_bill,
    draw_priced,
    figure,
)
from tests.references.comparing import Comparison, Draw

ZERO = Fraction(0)
ISSUED = "2026-01-31T00:00:00Z"


# Days


def _draw_spans(draw: Draw) -> tuple[Span, Span]:
    def span() -> Span:
        start = date(2024, 2, 1) + timedelta(days=draw.random.randint(0, 60))
        return Span(start, start + timedelta(days=draw.random.randint(1, 60)))

    return span(), span()


def _overlap(given: tuple[Span, Span]) -> object:
    """Day by day: how many days of the period are days of the service."""
    service, period = given
    days = range(period.start.toordinal(), period.until.toordinal())
    served = [day for day in days if service.start.toordinal() <= day < service.until.toordinal()]
    return Fraction(len(served), len(days))


# Units that come and go


@dataclass(frozen=True)
class Units:
    """Tiers, and how many whole units come or go with the sevenths of the period that they count."""

    tiers: list[Fields]
    events: list[tuple[int, int]]


def _draw_units(draw: Draw) -> Units:
    ends = sorted({draw.random.randint(1, 12) for _ in range(draw.count(most=3))})
    tiers = [
        {"up_to": end, "unit": figure(draw), "flat": draw.random.choice(["0", figure(draw)])}
        for end in [*map(str, ends), None]
    ]
    steps = [step for step in range(-9, 10) if step]
    events = [(draw.random.choice(steps), draw.random.randint(1, 7)) for _ in range(draw.count())]
    return Units(tiers, events)


def _units(given: Units) -> object:
    """Unit by unit, in the tier of its own number; every tier ever reached adds its flat price."""

    def tier_of(count: int) -> int:
        ends = (tier["up_to"] for tier in given.tiers)
        return next(at for at, end in enumerate(ends) if end is None or count <= int(end))

    running, peak, amount = 0, 0, ZERO
    for change, sevenths in given.events:
        sign = 1 if change > 0 else -1
        for moved in range(abs(change)):
            unit = running + moved + 1 if change > 0 else running - moved
            amount += sign * Fraction(sevenths, 7) * Fraction(given.tiers[tier_of(unit)]["unit"])
        running += change
        peak = max(peak, running)
    if running < 0:
        return ZERO
    flats = sum((Fraction(tier["flat"]) for tier in given.tiers[: tier_of(peak) + 1]), ZERO)
    return max(ZERO, amount) + flats


def _our_units(given: Units) -> object:
    events = [
        UnitEvent(Fraction(change), Fraction(change * sevenths, 7))
        for change, sevenths in given.events
    ]
    return prorated_graduated(events, read_tiers(given.tiers))


# Commitments and credits


@dataclass(frozen=True)
class Line:
    """A charge under its terms, after what the period was billed before."""

    charge: Fraction
    terms: Terms
    before: Fraction
    ended: bool


def _draw_line(draw: Draw) -> Line:
    low, high = sorted((Fraction(figure(draw)), Fraction(figure(draw))))
    choice = draw.random.choice
    terms = Terms(choice([ZERO, Fraction(1, 3)]), choice([None, high]), choice([None, low]))
    return Line(Fraction(figure(draw)), terms, choice([ZERO, low, high]), choice([True, False]))


def _line(given: Line) -> object:
    """What the period costs in all after this line stays at or below the maximum (or where it was)
    and reaches the minimum when the period has ended; the line is billed the difference.
    """
    after = given.before + given.charge * (1 - given.terms.discount)
    if given.terms.maximum is not None:
        after = min(after, max(given.terms.maximum, given.before))
    if given.ended and given.terms.minimum is not None:
        after = max(after, given.terms.minimum)
    return after - given.before


def _our_line(given: Line) -> object:
    done = commit(given.charge, given.terms, billed_before=given.before, period_ended=given.ended)
    return done.total


def _draw_credits(draw: Draw) -> tuple[Fraction, list[Fraction]]:
    return Fraction(figure(draw)), [Fraction(figure(draw)) for _ in range(draw.count())]


def _credits(given: tuple[Fraction, list[Fraction]]) -> object:
    """All credits up to one use what is due or all they hold; each uses what the others before leave."""
    due, balances = given
    used = [min(due, sum(balances[:count], ZERO)) for count in range(len(balances) + 1)]
    return [used[at + 1] - used[at] for at in range(len(balances))]


# Invoices within a period


@dataclass(frozen=True)
class Growing:
    """A bill whose meter is read several times."""

    bill: Bill
    readings: list[int]


def _draw_growing(draw: Draw) -> Growing:
    return Growing(
        draw_bill(draw), [draw.random.randint(0, 60) for _ in range(draw.count(least=1))]
    )


def _requests(given: Growing) -> list[Bill]:
    return [
        Bill(given.bill.plan, {**given.bill.request, "usage": {"use": str(units)}})
        for units in given.readings
    ]


def _invoices(given: Growing) -> object:
    """Each is the whole price so far less the whole price before."""
    totals = [0, *(bill(each)[-1] for each in _requests(given))]
    return [totals[at + 1] - totals[at] for at in range(len(given.readings))]


def _our_invoices(given: Growing) -> object:
    plan = read_plan(given.bill.plan)
    quotes = [make_quote(plan, read_request(each.request, plan)) for each in _requests(given)]
    before = [None, *quotes[:-1]]
    return [
        invoice_since(now, earlier).total.minor for now, earlier in zip(quotes, before, strict=True)
    ]


# Curves and numbers


def _curve(given: Priced) -> object:
    """The exact price, whether the books hold it or not."""
    return charge_price(given.plan["charges"][0], given.units)


def _our_curve(given: Priced) -> object:
    return Curve(read_plan(given.plan).charges[0]).price(given.units)


def _draw_number(draw: Draw) -> str:
    sign, end = draw.random.choice(["", "-", "+"]), draw.random.choice(["", "e2", "E-3", "e+0"])
    return f"{sign}{figure(draw)}{end}"


COMPARISONS = (
    Comparison("charges.Curve.price", draw_priced, _our_curve, _curve, quick=60),
    Comparison(
        "commitments.apply_credits",
        _draw_credits,
        lambda given: apply_credits(*given),
        _credits,
    ),
    Comparison("commitments.commit", _draw_line, _our_line, _line),
    Comparison("exact.number", _draw_number, lambda given: number(given, "n"), Fraction),
    Comparison("invoices.invoice_since", _draw_growing, _our_invoices, _invoices, quick=20),
    Comparison("proration.overlap", _draw_spans, lambda given: overlap(*given), _overlap),
    Comparison("proration.prorated_graduated", _draw_units, _our_units, _units),
)
