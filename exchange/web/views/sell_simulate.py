"""The price simulator of a seller: demand, revenue, fee and tax, comparables, the linter."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from exchange.core.titles import title_of
from exchange.flows import publish_listing as flow
from exchange.members.callers import actor_of
from exchange.members.permissions import Permission
from exchange.web.forms.simulator import SimulatorForm
from exchange.web.pages import render_page
from exchange.web.price_simulator import (
    Comparables,
    Simulation,
    comparables_of,
    findings_of,
    prices_of_comparables,
    simulate,
)

CURRENCY = "CNY"


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
def show(request: HttpRequest, product_id: str) -> HttpResponse:
    """Suppose a demand in the address, see what each price would earn. Nothing is kept."""
    now = timezone.now()
    product = flow.permitted(actor_of(request), Permission.OFFER_MAKE, product_id)
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
    return render_page(request, "catalog/sell_simulate.html", page, status=status)
