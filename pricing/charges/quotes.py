"""Quotes: a plan and a request priced, every line explained, every charge rounded once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from pricing.charges.commitments import Committed, Terms, apply_credits, commit
from pricing.charges.exact import exact_text, text
from pricing.charges.lines import Line, LineKind, total
from pricing.charges.models import HUNDRED, Flat, Usage
from pricing.charges.plans import Charge, Plan
from pricing.charges.proration import ONE, describe
from pricing.charges.quantities import billable
from pricing.charges.requests import Request
from pricing.money import Money, exponent, round_to_minor
from pricing.refusals import PricingRefusal

ZERO = Fraction(0)
NOTHING_USED = Usage(ZERO)


class QuoteExpired(PricingRefusal):
    """The quote's validity has ended; a new one costs nothing."""

    code = "quote_expired"


@dataclass(frozen=True)
class PricedCharge:
    """A charge with its lines. `exact` is their sum; it is rounded once, into `amount`."""

    name: str
    model: str
    lines: tuple[Line, ...]
    exact: Fraction
    amount: Money


@dataclass(frozen=True)
class Adjustment:
    """A line below the charges, in whole minor units, negative where it is taken off."""

    kind: LineKind
    text: str
    amount: Money


@dataclass(frozen=True)
class Quote:
    """What a request costs under a plan. A function of the two: see `quote_documents.replay`."""

    plan: Plan
    request: Request
    charges: tuple[PricedCharge, ...]
    adjustments: tuple[Adjustment, ...]
    subtotal: Money
    net: Money
    tax: Money
    total: Money
    valid_until: datetime

    def check_valid(self, *, now: datetime) -> None:
        """Refuse a quote whose validity has ended: QuoteExpired."""
        if now >= self.valid_until:
            raise QuoteExpired(
                f"The quote was valid until {self.valid_until.isoformat()}; ask for a new one.",
                field="valid_until",
                value=self.valid_until.isoformat(),
                accepted=f"a moment before it, not {now.isoformat()}",
            )


def make_quote(plan: Plan, request: Request) -> Quote:
    """Price a request. Order: convert, round, free units, price, percentage discount, maximum,
    minimum, coupon, credits, tax. The tax is of the precise amount. A period of grace takes off all.
    """
    charges = tuple(
        price_charge(
            charge,
            NOTHING_USED if charge.meter is None else request.usage[charge.meter],
            currency=plan.currency,
            part=request.part,
            period_ended=request.period_ended,
            is_first=request.period_number == 1,
        )
        for charge in plan.charges
    )
    subtotal = Money(sum(charge.amount.minor for charge in charges), plan.currency)
    adjust = _all_of_it if _is_grace(plan, request) else _adjust
    adjustments = adjust(plan, request, subtotal)
    net = Money(subtotal.minor + sum(line.amount.minor for line in adjustments), plan.currency)
    precise = sum((charge.exact for charge in charges), ZERO)
    taxable = (
        ZERO
        if _is_grace(plan, request)
        else precise + sum((Fraction(line.amount.decimal) for line in adjustments), ZERO)
    )
    tax = _money(max(ZERO, plan.tax.of(taxable)), plan.currency)
    return Quote(
        plan=plan,
        request=request,
        charges=charges,
        adjustments=adjustments,
        subtotal=subtotal,
        net=net,
        tax=tax,
        total=net if plan.tax.included else net + tax,
        valid_until=request.issued_at + timedelta(days=plan.valid_days),
    )


def price_charge(
    charge: Charge,
    usage: Usage,
    *,
    currency: str,
    part: Fraction = ONE,
    period_ended: bool = True,
    is_first: bool = False,
) -> PricedCharge:
    """One charge of a plan for a whole period so far, explained. The first has the sample."""
    lines: list[Line] = []
    usage = _billed_usage(charge, usage, lines, is_first=is_first)
    priced = charge.pricing.lines(usage)
    if isinstance(charge.pricing, Flat) and charge.pricing.prorate and part != 1:
        amount = charge.pricing.amount * part
        sentence = f"{describe(part)} of a fixed fee of {text(charge.pricing.amount)}"
        priced = [Line(LineKind.FIXED, sentence, amount, part, charge.pricing.amount)]
    lines += priced
    terms = charge.terms
    if terms.minimum is not None and part != 1:
        terms = Terms(terms.discount, terms.maximum, terms.minimum * part)
    done = commit(total(priced), terms, period_ended=period_ended)
    lines += _term_lines(terms, done)
    return PricedCharge(
        charge.name, charge.model, tuple(lines), done.total, _money(done.total, currency)
    )


def _billed_usage(charge: Charge, usage: Usage, lines: list[Line], *, is_first: bool) -> Usage:
    """Converted, rounded, without sample and free units; each step a line that costs nothing."""
    units = usage.units
    if charge.conversion is not None:
        converted = charge.conversion.apply(units)
        sentence = f"{text(units)} metered units count as {text(converted)}"
        lines.append(Line(LineKind.CONVERTED, sentence, ZERO, converted, ZERO))
        units = converted
    gifts = [(LineKind.SAMPLE, charge.sample_units)] if is_first else []
    for kind, given in [*gifts, (LineKind.FREE, charge.free_units)]:
        if given:
            left = billable(units, given)
            sentence = f"{text(units - left)} of {text(given)} {kind.value} units used"
            lines.append(Line(kind, sentence, ZERO, units - left, ZERO))
            units = left
    if units == usage.units:
        return usage
    return Usage(units, usage.events, usage.amounts, usage.selector)


def _term_lines(terms: Terms, done: Committed) -> list[Line]:
    made: list[Line] = []
    if done.by_percentage:
        sentence = f"{text(terms.discount * HUNDRED)} % off {text(done.charge)}"
        made.append(Line(LineKind.DISCOUNT, sentence, -done.by_percentage))
    if done.by_maximum and terms.maximum is not None:
        sentence = f"the maximum of {text(terms.maximum)} is reached"
        made.append(Line(LineKind.MAXIMUM, sentence, -done.by_maximum))
    if done.topup and terms.minimum is not None:
        sentence = f"up to the minimum of {text(terms.minimum)}"
        made.append(Line(LineKind.MINIMUM, sentence, done.topup))
    return made


def _adjust(plan: Plan, request: Request, subtotal: Money) -> tuple[Adjustment, ...]:
    made: list[Adjustment] = []

    def add(kind: LineKind, sentence: str, amount: Fraction) -> None:
        money = _money(amount, plan.currency)
        if money.minor:
            made.append(Adjustment(kind, sentence, money))

    def due() -> Fraction:
        minor = subtotal.minor + sum(line.amount.minor for line in made)
        return Fraction(Money(minor, plan.currency).decimal)

    terms = plan.terms
    if terms.minimum is not None:
        terms = Terms(terms.discount, terms.maximum, terms.minimum * request.part)
    done = commit(due(), terms, period_ended=request.period_ended, places=plan.places)
    for line in _term_lines(terms, done):
        add(line.kind, line.text, line.amount)
    if request.coupon is not None:
        credit = request.coupon.credit(due())
        add(LineKind.COUPON, f"coupon takes {exact_text(credit)} off {text(due())}", -credit)
    for given, used in zip(request.credits, apply_credits(due(), request.credits), strict=True):
        add(LineKind.CREDIT, f"credit of {text(given)}, of which {text(used)} is used", -used)
    return tuple(made)


def _is_grace(plan: Plan, request: Request) -> bool:
    return request.period_number is not None and request.period_number <= plan.grace_periods


def _all_of_it(plan: Plan, request: Request, subtotal: Money) -> tuple[Adjustment, ...]:
    """What a period of grace takes off; no coupon and no credit is used up for it."""
    if not subtotal.minor:
        return ()
    sentence = f"period {request.period_number} of {plan.grace_periods} that cost nothing"
    return (Adjustment(LineKind.GRACE, sentence, Money(-subtotal.minor, plan.currency)),)


def _money(exact: Fraction, currency: str) -> Money:
    return Money(round_to_minor(exact * 10 ** exponent(currency), currency), currency)
