"""The wizard's steps about money: offers, metered offers, and the price simulator."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from exchange.catalog.facts import offers_of
from exchange.catalog.gates import Step
from exchange.catalog.lifecycle import OfferKind
from exchange.catalog.models import Offer
from exchange.catalog.offers import add_offer, price_wish, withdraw_offer
from exchange.catalog.plans import priced
from exchange.catalog.queries import permitted
from exchange.core.refusals import Refusal
from exchange.core.titles import title_of
from exchange.members.callers import actor_of
from exchange.members.permissions import Permission
from exchange.web.pages import render_page
from exchange.web.product.offers import OfferView, offer_view
from exchange.web.selling.forms_offers import OfferForm, SimulatorForm, UseOfferForm
from exchange.web.selling.pages import Wizard, blame, wizard_of
from exchange.web.selling.simulator import (
    Comparables,
    Simulation,
    comparables_of,
    findings_of,
    prices_of_comparables,
    simulate,
)
from exchange.web.selling.views import OfferLine, offer_line
from exchange.web.usage.cost import CostLine, cost_lines, cost_picture, main_meter
from exchange.web.usage.rates import meter_name, rates_in_words

TRIAL = "trial"
CURRENCY = "CNY"


@dataclass(frozen=True)
class OfferCard:
    """An offer with its total as a buyer will see it, and what the linter found in its plan."""

    line: OfferLine
    shown: OfferView
    findings: tuple[str, ...]


@dataclass(frozen=True)
class OffersPage:
    wizard: Wizard
    offers: tuple[OfferCard, ...]
    form: OfferForm
    supersedes: str
    is_standing: bool


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, product_id: str) -> HttpResponse:
    """The offers, and one more. `?like=off_…` begins with another one, whose place it takes."""
    actor = actor_of(request)
    product = permitted(actor, Permission.OFFER_MAKE, product_id)
    now = timezone.now()
    wizard, _listing = wizard_of(product, Step.OFFERS, at=now)
    supersedes = request.POST.get("supersedes", request.GET.get("like", ""))
    like = next((one for one in offers_of(product) if one.public_id == supersedes), None)
    form = OfferForm(request.POST or None, initial=_initial(like))
    if request.method == "POST" and form.is_valid():
        try:
            _offer, price = add_offer(
                product_id,
                actor=actor,
                wish=form.wish(supersedes=supersedes if like else ""),
                now=now,
            )
        except Refusal as refusal:
            blame(form, refusal)
        else:
            for finding in price.findings:
                messages.warning(request, finding.sentence)
            return redirect("web:sell_offers", product_id)
    page = OffersPage(
        wizard=wizard,
        offers=tuple(
            OfferCard(
                line=offer_line(one),
                shown=offer_view(one, at=now),
                findings=_findings(one, now),
            )
            for one in offers_of(product)
        ),
        form=form,
        supersedes=like.public_id if like else "",
        is_standing=product.listed_at is not None,
    )
    status = 422 if form.errors else 200
    return render_page(request, "selling/offers.html", page, status=status)


@login_required
@require_POST
def withdraw(request: HttpRequest, product_id: str, offer_id: str) -> HttpResponse:
    """End an offer. What was bought on it stays as agreed."""
    offer = withdraw_offer(offer_id, actor=actor_of(request), now=timezone.now())
    messages.success(request, _("The offer “%(name)s” was withdrawn.") % {"name": offer.name})
    if request.POST.get("back") == "product":
        return redirect("web:sell_product", product_id)
    return redirect("web:sell_offers", product_id)


def _findings(offer: Offer, now: datetime) -> tuple[str, ...]:
    price = priced(offer.plan, at=now, by_use=offer.kind == OfferKind.METERED)
    return tuple(finding.sentence for finding in price.findings)


def _initial(like: Offer | None) -> dict[str, object]:
    if like is None:
        return {}
    return {
        "name": like.name,
        "kind": like.kind,
        "price": like.price.decimal,
        "currency": like.currency,
        "period": like.period,
        "access_days": like.access_days,
        "history": like.history,
        "history_count": like.history_count,
        "future": like.future,
    }


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
def show_metered(request: HttpRequest, product_id: str) -> HttpResponse:
    """Try a price by use as often as wanted; then offer it."""
    actor, now = actor_of(request), timezone.now()
    product = permitted(actor, Permission.OFFER_MAKE, product_id)
    form, trial = UseOfferForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        try:
            if TRIAL not in request.POST:
                _offer, price = add_offer(product_id, actor=actor, wish=form.wish(), now=now)
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
    return render_page(request, "selling/use.html", page, status=status)


@dataclass(frozen=True)
class SimulatorPage:
    product_id: str
    title: str
    form: SimulatorForm
    comparables: Comparables | None
    findings: tuple[str, ...]
    simulation: Simulation | None


@login_required
@require_GET
def show_simulator(request: HttpRequest, product_id: str) -> HttpResponse:
    """Enter expected demand in the address, see what each price would earn. Nothing is kept."""
    now = timezone.now()
    product = permitted(actor_of(request), Permission.OFFER_MAKE, product_id)
    prices = prices_of_comparables(product, currency=CURRENCY)
    usual = comparables_of(prices, currency=CURRENCY)
    form = SimulatorForm(request.GET or None, currency=CURRENCY, comparables=prices)
    simulation = None
    if request.GET and form.is_valid():
        simulation = simulate(form.demand, currency=CURRENCY, usual=usual, at=now)
    page = SimulatorPage(
        product_id=product_id,
        title=title_of(product),
        form=form,
        comparables=usual,
        findings=findings_of(product, at=now),
        simulation=simulation,
    )
    status = 422 if form.errors else 200
    return render_page(request, "selling/simulate.html", page, status=status)
