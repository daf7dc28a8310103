"""What an offer by use would cost a buyer: at quantities of their own, and for what they used lately."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from exchange.catalog.models import Offer
from exchange.catalog.queries.products import buyable_offer
from exchange.catalog.states import OfferKind
from exchange.core.queries.rules import rule
from exchange.core.refusals import NotFound
from exchange.core.titles import title_of
from exchange.flows.usage_lately import Lately, used_lately
from exchange.members.callers import actor_of
from exchange.orders.terms import plan_with_tax
from exchange.web.forms.usage import QuantitiesForm
from exchange.web.pages import render_page
from exchange.web.product.offers import OfferView, offer_view
from exchange.web.rate_words import meter_name
from exchange.web.use_cost import ChargeLine, charge_lines, cost_picture, quote_of
from pricing.charges.plans import Plan
from pricing.money import Money
from pricing.refusals import PricingRefusal

VAT = "fee.vat_rate"


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
def show(request: HttpRequest, offer_id: str) -> HttpResponse:
    """The quantities stand in the address; without any, what the reader's organisation used lately."""
    actor, now = actor_of(request), timezone.now()
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
    return render_page(request, "metering/cost.html", page, status=422 if form.errors else 200)


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
