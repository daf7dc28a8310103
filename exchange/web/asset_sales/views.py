"""A seller's sales of state assets."""

from dataclasses import dataclass
from datetime import date

from django import forms
from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from exchange.asset_sales import limits, preparing
from exchange.asset_sales.models import AssetSale
from exchange.asset_sales.models.evidence import storage_name
from exchange.asset_sales.queries import asset_sale_seen_by, asset_sales_of
from exchange.catalog.lifecycle import DealNature, ListingState
from exchange.catalog.models import Product
from exchange.core import clock
from exchange.core.refusals import NotAllowed, NotFound
from exchange.core.titles import title_of
from exchange.members import policy
from exchange.members.actors import Subject, actor_of
from exchange.members.permissions import Permission
from exchange.web.asset_sales import acts
from exchange.web.asset_sales.forms import ConflictForm, PlanForm
from exchange.web.asset_sales.pages import asset_sale_page
from exchange.web.pages import KeyPage, key_page, render_page
from exchange.web.submissions import blaming, sent, unprocessable
from exchange.web.views import acting, form_view, get_view, post_view

ROWS_PER_PAGE = 30
PRODUCTS_MAX = 100


@dataclass(frozen=True)
class AssetSaleRow:
    asset_sale: AssetSale
    title: str
    due_on: date | None


@dataclass(frozen=True)
class AssetSalesPage:
    asset_sales: KeyPage[AssetSaleRow]
    form: forms.Form | None


@form_view
def show_all(request: HttpRequest) -> HttpResponse:
    """What the organisation disposes of; a POST plans one more."""
    actor, mine = acting(request, Permission.ASSET_SALE_SEE)
    form = _plan_form(request, mine)
    if form.is_bound:
        policy.require(actor, Permission.ASSET_SALE_PREPARE, Subject(organisation_id=mine))
    if form.is_valid():
        with blaming(form):
            planned = preparing.plan(
                form.cleaned_data["product"],
                actor=actor,
                nature=DealNature(form.cleaned_data["nature"]),
                now=clock.now(),
            )
            messages.success(request, _("Planned. Your committee decides next."))
            return redirect("web:asset_sale", planned.public_id)
    may_plan = policy.allowed(
        actor, Permission.ASSET_SALE_PREPARE, Subject(organisation_id=mine)
    ).allowed
    found = key_page(request, asset_sales_of(mine), size=ROWS_PER_PAGE)
    page = AssetSalesPage(
        asset_sales=found.shown_as(_row),
        form=form if may_plan and form.fields["product"].choices else None,  # type: ignore[attr-defined]
    )
    return render_page(request, "asset_sales/asset_sales.html", page, status=unprocessable(form))


def _row(asset_sale: AssetSale) -> AssetSaleRow:
    due_on = limits.last_day_of(asset_sale.due_at) if asset_sale.due_at else None
    return AssetSaleRow(asset_sale, title_of(asset_sale.product), due_on)


@get_view
def show(request: HttpRequest, asset_sale_id: str) -> HttpResponse:
    """One sale, with the steps that can be taken now."""
    actor = actor_of(request)
    asset_sale = asset_sale_seen_by(actor, asset_sale_id)
    page = asset_sale_page(asset_sale, actor, now=clock.now())
    return render_page(request, "asset_sales/asset_sale.html", page)


@post_view
def act(request: HttpRequest, asset_sale_id: str, name: str) -> HttpResponse:
    """Take one step."""
    actor = actor_of(request)
    asset_sale = asset_sale_seen_by(actor, asset_sale_id)
    step = acts.STEPS.get(name)
    if step is None:
        raise NotFound(_("There is no such step."))
    form = acts.form_of(step, asset_sale, request)
    if form.is_valid():
        with blaming(form, raising=(NotAllowed, NotFound)):
            acts.take(step, form, actor=actor, asset_sale_id=asset_sale_id, now=clock.now())
            messages.success(request, _("Done and recorded."))
            return redirect("web:asset_sale", asset_sale_id)
    page = asset_sale_page(asset_sale, actor, now=clock.now(), sent=(name, form))
    return render_page(request, "asset_sales/asset_sale.html", page, status=unprocessable(form))


@post_view
def declare_conflict(request: HttpRequest, asset_sale_id: str) -> HttpResponse:
    """Declare one's own conflict of interest."""
    actor = actor_of(request)
    asset_sale_seen_by(actor, asset_sale_id)
    form = ConflictForm(request.POST)
    if form.is_valid():
        preparing.declare_conflict(
            asset_sale_id,
            actor=actor,
            words=form.cleaned_data["words"],
            now=clock.now(),
        )
        messages.success(request, _("Noted: you decide on nothing of this sale."))
    else:
        messages.error(request, _("Please say what the conflict is."))
    return redirect("web:asset_sale", asset_sale_id)


@get_view
def download(request: HttpRequest, asset_sale_id: str, document_id: str) -> HttpResponseBase:
    """A document that was handed in, for the seller and who oversees."""
    asset_sale = asset_sale_seen_by(actor_of(request), asset_sale_id)
    found = asset_sale.documents.filter(public_id=document_id).first()
    if found is None:
        raise NotFound(_("There is no such document."))
    content = default_storage.open(storage_name(found.sha256))
    return FileResponse(
        content, as_attachment=True, filename=found.name, content_type=found.media_type
    )


def _plan_form(request: HttpRequest, mine: int) -> PlanForm:
    listed = Product.objects.filter(seller_id=mine, state=ListingState.LISTED).order_by("-pk")
    products = [(one.public_id, title_of(one)) for one in listed[:PRODUCTS_MAX]]
    return PlanForm(sent(request), products=products)
