"""Offering a product by use: the form, and what the price comes to before it is offered."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods

from exchange.catalog.actions.offers import price_wish
from exchange.core.refusals import Refusal
from exchange.core.titles import title_of
from exchange.flows import publish_listing as flow
from exchange.members.callers import actor_of
from exchange.members.permissions import Permission
from exchange.web.forms.selling_use import UseOfferForm
from exchange.web.pages import render_page
from exchange.web.rate_words import meter_name, rates_in_words
from exchange.web.use_cost import CostLine, cost_lines, cost_picture, main_meter
from exchange.web.wizard_saving import blame

TRIAL = "trial"


@dataclass(frozen=True)
class Trial:
    """What the price of the form says and comes to."""

    rates: tuple[str, ...]
    meter: str
    lines: tuple[CostLine, ...]
    picture: SafeString
    findings: tuple[str, ...]


@dataclass(frozen=True)
class UseOfferPage:
    product_id: str
    title: str
    form: UseOfferForm
    trial: Trial | None


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, product_id: str) -> HttpResponse:
    """Try a price by use as often as wanted; then offer it."""
    actor, now = actor_of(request), timezone.now()
    product = flow.permitted(actor, Permission.OFFER_MAKE, product_id)
    form, trial = UseOfferForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            if TRIAL not in request.POST:
                _offer, price = flow.add_offer(
                    actor=actor, product_id=product_id, wish=form.wish(), now=now
                )
                for finding in price.findings:
                    messages.warning(request, finding.sentence)
                return redirect("web:sell_offers", product_id)
            price = price_wish(form.wish(), product=product, number=1, at=now)
            trial = Trial(
                rates=rates_in_words(price.plan),
                meter=meter_name(main_meter(price.plan)),
                lines=cost_lines(price.plan, at=now),
                picture=cost_picture(price.plan, {}, at=now),
                findings=tuple(finding.sentence for finding in price.findings),
            )
        except Refusal as refusal:
            blame(form, refusal)
    page = UseOfferPage(product_id, title_of(product), form, trial)
    status = 422 if form.errors else 200
    return render_page(request, "catalog/sell_use.html", page, status=status)
