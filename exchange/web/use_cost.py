"""What a price by use comes to at some quantities: for a seller's trial, and for a buyer's preview."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from exchange.metering.billing import Span, price
from exchange.web.charts.use_cost import cost_by_quantity
from exchange.web.rate_words import meter_name
from pricing.charges.models import LineKind
from pricing.charges.plans import Plan
from pricing.charges.quotes import Quote
from pricing.money import Money
from pricing.refusals import PricingRefusal

STEPS = 48
USUAL = 10_000
DECADES = (0, 100, 1_000, 10_000, 100_000, 1_000_000)


@dataclass(frozen=True)
class CostLine:
    quantity: int
    amount: Money


@dataclass(frozen=True)
class ChargeLine:
    """A charge, or what is added to all of them or taken off, with its explanation."""

    name: str
    lines: tuple[str, ...]
    amount: Money


def charge_lines(quote: Quote) -> tuple[ChargeLine, ...]:
    """How a price is made up: the lines add up to its net amount."""
    charges = [
        ChargeLine(meter_name(one.name), tuple(line.text for line in one.lines), one.amount)
        for one in quote.charges
    ]
    below = [ChargeLine(_named(one.kind), (one.text,), one.amount) for one in quote.adjustments]
    return (*charges, *below)


def quote_of(plan: Plan, used: Mapping[str, int], *, at: datetime) -> Quote:
    """One whole period of that use, none of the first. Raises PricingRefusal."""
    return price(plan, used, Span(0, at, at, None))


def main_meter(plan: Plan) -> str:
    """The meter of the plan's first charge that has one."""
    return next(charge.meter for charge in plan.charges if charge.meter)


def cost_picture(plan: Plan, used: Mapping[str, int], *, at: datetime) -> SafeString:
    """The cost over the plan's main meter, the others as they are in `used`."""
    meter = main_meter(plan)
    here = used.get(meter, 0)
    most = max(2 * here, _last_bound(plan)) or USUAL
    points = [
        (quantity, amount)
        for quantity in sorted({most * step // STEPS for step in range(STEPS + 1)} | {here})
        if (amount := _net(plan, {**used, meter: quantity}, at)) is not None
    ]
    marked = next(((one, amount) for one, amount in points if one == here and here), None)
    return cost_by_quantity(points, at=marked, meter=meter_name(meter))


def cost_lines(plan: Plan, *, at: datetime) -> tuple[CostLine, ...]:
    """What round quantities of the main meter cost."""
    meter = main_meter(plan)
    found = ((quantity, _net(plan, {meter: quantity}, at)) for quantity in DECADES)
    return tuple(CostLine(quantity, amount) for quantity, amount in found if amount is not None)


def _named(kind: LineKind) -> str:
    return {
        LineKind.DISCOUNT: _("Discount"),
        LineKind.MAXIMUM: _("The most of a period"),
        LineKind.MINIMUM: _("The least of a period"),
        LineKind.GRACE: _("Free at first"),
    }.get(kind, kind.value)


def _net(plan: Plan, used: Mapping[str, int], at: datetime) -> Money | None:
    try:
        return quote_of(plan, used, at=at).net
    except PricingRefusal:
        return None  # beyond the last tier


def _last_bound(plan: Plan) -> int:
    """Twice as far as where the prices of the plan stop changing; 0 where they never change."""
    tiers = [getattr(charge.pricing, "tiers", None) for charge in plan.charges]
    bounds = [bound for one in tiers if one is not None for bound in one.bounds]
    free = [charge.free_units for charge in plan.charges]
    return int(2 * max([*bounds, *free], default=0))
