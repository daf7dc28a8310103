"""What metered usage would cost, before it is bought."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from exchange.catalog.buyable import buyable_offer
from exchange.catalog.lifecycle import OfferKind
from exchange.catalog.models import Offer
from exchange.core import clock
from exchange.core.refusals import NotFound
from exchange.core.rules import rule
from exchange.core.titles import title_of
from exchange.delivery.fetching import Lately, used_lately
from exchange.members.actors import actor_of
from exchange.metering.billing import Span, price
from exchange.orders.terms import plan_with_tax
from exchange.web.charts.money import cost_by_quantity
from exchange.web.pages import render_page
from exchange.web.product.offers import OfferView, offer_view
from exchange.web.throttles import throttled
from exchange.web.usage.forms import QuantitiesForm
from exchange.web.usage.rates import charge_name, meter_name
from exchange.web.usage.steps import adjustment_step, charge_steps
from pricing.charges.models import LineKind
from pricing.charges.plans import Plan
from pricing.charges.quotes import Quote
from pricing.money import Money
from pricing.refusals import PricingRefusal

VAT = "fee.vat_rate"
STEPS = 48
USUAL = 10_000
DECADES = (0, 100, 1_000, 10_000, 100_000, 1_000_000)


@dataclass(frozen=True)
class ChargeLine:
    """A charge, or what is added to all of them or taken off, with its explanation."""

    name: str
    lines: tuple[str, ...]
    amount: Money


@dataclass(frozen=True)
class Cost:
    """What the quantities come to."""

    charges: tuple[ChargeLine, ...]
    net: Money
    tax: Money
    total: Money
    picture: SafeString


@dataclass(frozen=True)
class CostPage:
    title: str
    product_url: str
    offer: OfferView
    form: QuantitiesForm
    is_lately: bool
    was_metered: bool
    lately: tuple[tuple[str, int], ...]
    cost: Cost | None


@login_required
@require_GET
@throttled("costly")
def show(request: HttpRequest, offer_id: str) -> HttpResponse:
    """The quantities stand in the address; without any, what the reader's organisation used lately."""
    actor, now = actor_of(request), clock.now()
    buyer_id = actor.organisation_id
    offer = buyable_offer(offer_id, at=now, buyer_id=buyer_id)
    if offer.kind != OfferKind.METERED:
        raise NotFound(_("This offer is not paid by use."))
    plan = plan_with_tax(offer, rule(key=VAT, at=now))
    lately = _lately(offer, buyer_id, now)
    known = {meter: lately.used.get(meter, 0) for meter in sorted(plan.meters)}
    form = QuantitiesForm(request.GET or known, meters=sorted(plan.meters))
    cost = _cost(form, plan, now) if form.is_valid() else None
    page = CostPage(
        title=title_of(offer.product),
        product_url=reverse("web:product", args=[offer.product.public_id]),
        offer=offer_view(offer, at=now),
        form=form,
        is_lately=not request.GET and any(known.values()),
        was_metered=lately.was_metered,
        lately=tuple((meter_name(meter), known[meter]) for meter in known if known[meter]),
        cost=cost,
    )
    return render_page(request, "usage/cost.html", page, status=422 if form.errors else 200)


def _lately(offer: Offer, buyer_id: int | None, now: datetime) -> Lately:
    if buyer_id is None:
        return Lately({}, was_metered=False)
    return used_lately(buyer_id=buyer_id, product_id=offer.product_id, now=now)


def _cost(form: QuantitiesForm, plan: Plan, now: datetime) -> Cost | None:
    try:
        quote = quote_of(plan, form.quantities, at=now)
    except PricingRefusal as refusal:
        form.add_error(None, refusal.message)
        return None
    return Cost(
        charges=charge_lines(quote),
        net=quote.net,
        tax=quote.tax,
        total=quote.total,
        picture=cost_picture(plan, form.quantities, at=now),
    )


@dataclass(frozen=True)
class CostLine:
    quantity: int
    amount: Money


def charge_lines(quote: Quote) -> tuple[ChargeLine, ...]:
    """How a price is made up: the lines add up to its net amount."""
    charges = [
        ChargeLine(charge_name(one.name), charge_steps(quote, number), one.amount)
        for number, one in enumerate(quote.charges)
    ]
    below = [
        ChargeLine(_named(one.kind), (adjustment_step(quote, number),), one.amount)
        for number, one in enumerate(quote.adjustments)
    ]
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
