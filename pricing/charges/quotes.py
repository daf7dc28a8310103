"""Quotes: a plan and a request priced, every line explained, every charge rounded once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from pricing.charges.commitments import Committed, Terms, apply_credits, commit
from pricing.charges.models import HUNDRED, Flat, Line, LineKind, Usage, total
from pricing.charges.plans import Charge, Plan, read_plan
from pricing.charges.proration import ONE, describe
from pricing.charges.requests import Request, read_request
from pricing.charges.tiers import billable
from pricing.documents import canonical
from pricing.exact import BadValue, exact_text, mapping, refuse, text
from pricing.laws import law
from pricing.money import Money, exponent, round_to_minor
from pricing.refusals import PricingRefusal

ZERO = Fraction(0)
NOTHING_USED = Usage(ZERO)


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
    """What a request costs under a plan. A function of the two: see `replay`.

    Its laws are checked where it is made: the net is the charges with what is taken off or added and
    never below zero; tax is of the net, none of a net of zero, and never more than a price that
    includes it. Raises BrokenLawError.
    """

    plan: Plan
    request: Request
    charges: tuple[PricedCharge, ...]
    adjustments: tuple[Adjustment, ...]
    subtotal: Money
    net: Money
    tax: Money
    total: Money
    valid_until: datetime

    def __post_init__(self) -> None:
        adjusted = self.subtotal.minor + sum(line.amount.minor for line in self.adjustments)
        included = self.plan.tax.included
        charged = sum(charge.amount.minor for charge in self.charges)
        law(self.subtotal.minor == charged, "the subtotal is the sum of the charges")
        law(self.net.minor == adjusted >= 0, "the net is the sum of the lines, never below zero")
        law(0 <= self.tax.minor <= self.net.minor, "no more tax than there is to be taxed")
        due = self.net.minor + (0 if included else self.tax.minor)
        law(self.total.minor == due, "the total is the net, with the tax where it comes on top")


def make_quote(plan: Plan, request: Request) -> Quote:
    """Price a request. Order: convert, round, free units, price, percentage discount, maximum,
    minimum, coupon, credits, tax. The tax is of the net that is shown, rounded once (EN 16931,
    BR-CO-17). A period of grace takes off all.
    """
    charges = tuple(_priced(charge, plan, request) for charge in plan.charges)
    subtotal = Money(sum(charge.amount.minor for charge in charges), plan.currency)
    adjust = _all_of_it if _is_grace(plan, request) else _adjust
    adjustments = adjust(plan, request, subtotal)
    net = Money(subtotal.minor + sum(line.amount.minor for line in adjustments), plan.currency)
    tax = _money(plan.tax.of(Fraction(net.decimal)), plan.currency)
    return Quote(
        plan=plan,
        request=request,
        charges=charges,
        adjustments=adjustments,
        subtotal=subtotal,
        net=net,
        tax=tax,
        total=net if plan.tax.included else net + tax,
        valid_until=_valid_until(plan, request),
    )


def _priced(charge: Charge, plan: Plan, request: Request) -> PricedCharge:
    """A charge of the plan for the request's use. A refusal of the use names its meter."""
    try:
        return price_charge(
            charge,
            NOTHING_USED if charge.meter is None else request.usage[charge.meter],
            currency=plan.currency,
            part=request.part,
            period_ended=request.period_ended,
            is_first=request.period_number == 1,
        )
    except BadValue as refusal:
        field = f"usage.{charge.meter}.{refusal.facts.get('field', '')}"
        message = f"In usage.{charge.meter}: {refusal.message}"
        raise BadValue(message, **{**refusal.facts, "field": field}) from None


def _valid_until(plan: Plan, request: Request) -> datetime:
    try:
        return request.issued_at + timedelta(days=plan.valid_days)
    except OverflowError:
        accepted = f"an instant {plan.valid_days} days or more before the end of the year 9999"
        return refuse("issued_at", request.issued_at.isoformat(), accepted)


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
    made += _credited(request.credits, due(), plan.currency)
    return tuple(made)


def _credited(balances: Sequence[Fraction], due: Fraction, currency: str) -> Iterator[Adjustment]:
    """Credits add up exactly and are rounded once: each line is what the rounded sum grows by. So
    they take off no more than is due, which is a whole number of minor units.
    """
    exact, billed = ZERO, Money(0, currency)
    for given, used in zip(balances, apply_credits(due, balances), strict=True):
        exact += used
        amount = _money(exact, currency) - billed
        billed += amount
        if amount.minor:
            sentence = f"credit of {text(given)}, of which {text(used)} is used"
            yield Adjustment(LineKind.CREDIT, sentence, -amount)


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


FORMAT = "assay.quote/1"


class QuoteDiffers(PricingRefusal):
    """A quote is not what its own plan and request give: it was changed."""

    code = "quote_differs"


def quote_document(quote: Quote) -> dict[str, Any]:
    """A quote in JSON values: amounts in whole minor units, exact figures as text."""
    return {
        "format": FORMAT,
        "plan": quote.plan.document,
        "plan_digest": quote.plan.digest,
        "request": quote.request.document,
        "currency": quote.plan.currency,
        "charges": [_charge_document(charge) for charge in quote.charges],
        "adjustments": [
            {"kind": line.kind.value, "text": line.text, "amount_minor": line.amount.minor}
            for line in quote.adjustments
        ],
        "subtotal_minor": quote.subtotal.minor,
        "net_minor": quote.net.minor,
        "tax_minor": quote.tax.minor,
        "tax_included": quote.plan.tax.included,
        "total_minor": quote.total.minor,
        "issued_at": quote.request.issued_at.isoformat(),
        "valid_until": quote.valid_until.isoformat(),
    }


def replay(document: object) -> Quote:
    """Price the plan and the request of a quote again. Raises QuoteDiffers where it differs."""
    fields = mapping(document, "quote")
    if fields.get("format") != FORMAT:
        refuse("format", fields.get("format"), FORMAT)
    plan = read_plan(fields.get("plan"))
    quote = make_quote(plan, read_request(fields.get("request"), plan))
    again = quote_document(quote)
    for name in sorted(set(again) | set(fields)):
        if name not in fields or canonical_or_none(again.get(name)) != canonical_or_none(
            fields.get(name)
        ):
            raise QuoteDiffers(
                f"The field {name} of the quote is not what its plan and request give.",
                field=name,
                value=str(fields.get(name))[:80],
                accepted=str(again.get(name))[:80],
            )
    return quote


def canonical_or_none(value: object) -> bytes | None:
    """Canonical bytes, or None for what no quote can hold (NaN, a Decimal)."""
    try:
        return canonical(value)
    except (TypeError, ValueError):
        return None


def explain(quote: Quote) -> str:
    """The steps as a person would write them."""
    plan = quote.plan
    parts = [f"Plan {plan.name}, version {plan.version}, in {plan.currency}."]
    for charge in quote.charges:
        parts.append(f"{charge.name} ({charge.model.replace('_', ' ')})")
        parts += [f"  {index}. {line.text}" for index, line in enumerate(charge.lines, 1)]
        parts.append(f"  Together {exact_text(charge.exact)}, billed as {charge.amount}.")
    parts.append(f"All charges: {quote.subtotal}.")
    parts += [f"  {line.text}: {line.amount}" for line in quote.adjustments]
    if quote.plan.tax.rate:
        word = "included in it" if quote.plan.tax.included else "on top"
        parts.append(f"Net {quote.net}; tax {quote.tax}, {word}.")
    parts.append(f"To pay: {quote.total}, if accepted before {quote.valid_until.isoformat()}.")
    return "\n".join(parts)


def _charge_document(charge: PricedCharge) -> Mapping[str, object]:
    return {
        "name": charge.name,
        "model": charge.model,
        "lines": [_line_document(line) for line in charge.lines],
        "exact": exact_text(charge.exact),
        "amount_minor": charge.amount.minor,
    }


def _line_document(line: Line) -> Mapping[str, object]:
    written: dict[str, object] = {
        "kind": line.kind.value,
        "text": line.text,
        "amount": exact_text(line.amount),
    }
    if line.quantity is not None:
        written["quantity"] = exact_text(line.quantity)
    if line.price is not None:
        written["price"] = exact_text(line.price)
    return written


@dataclass(frozen=True)
class Invoice:
    """What a period is billed now: the rounded total so far less what was billed already.

    Slices are never rounded by themselves, so the invoices of a period sum to its price. A correction
    of the use downwards makes negative lines: a credit.
    """

    charges: Mapping[str, Money]
    adjustments: Money
    tax: Money
    total: Money


def invoice_since(now: Quote, before: Quote | None = None) -> Invoice:
    """The invoice between two cumulative quotes of one period under one version of a plan."""
    if before is not None and before.plan.digest != now.plan.digest:
        refuse("plan", before.plan.digest, f"the plan of the later quote, {now.plan.digest}")
    nothing = Money(0, now.plan.currency)
    billed = {charge.name: charge.amount for charge in before.charges} if before else {}
    charges = {
        charge.name: charge.amount - billed.get(charge.name, nothing) for charge in now.charges
    }
    return Invoice(
        charges=charges,
        adjustments=(now.net - now.subtotal)
        - ((before.net - before.subtotal) if before else nothing),
        tax=now.tax - (before.tax if before else nothing),
        total=now.total - (before.total if before else nothing),
    )


@dataclass(frozen=True)
class Preview:
    """What a period of known use costs under a plan."""

    period: str
    quote: Quote

    @property
    def sentence(self) -> str:
        return f"{self.period} would have cost {self.quote.total} under {self.quote.plan.name}."


def preview(plan: Plan, periods: Mapping[str, object]) -> list[Preview]:
    """Price past use, period by period, before a buyer signs: `{"2026-01": request, …}`."""
    return [
        Preview(period, make_quote(plan, read_request(mapping(request, period), plan)))
        for period, request in periods.items()
    ]
