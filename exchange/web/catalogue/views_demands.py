"""Requests for data that nobody sells yet, and the answers of sellers."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from exchange.catalog import demands
from exchange.catalog.demands import Wanted
from exchange.catalog.lifecycle import DemandState, ListingState
from exchange.catalog.models import Demand, DemandAnswer, Product
from exchange.core import clock, currencies
from exchange.core.refusals import Invalid
from exchange.core.titles import title_of
from exchange.members import policy
from exchange.members.actors import Actor, Subject, actor_of
from exchange.members.permissions import Permission
from exchange.web.catalogue.forms import AnswerForm, DemandForm
from exchange.web.pages import key_page_of, render_page
from exchange.web.submissions import sent, status_of
from exchange.web.views import form_view, post_view

DEMANDS_PER_PAGE = 20
CHOICES_MAX = 200


@dataclass(frozen=True)
class DemandPage:
    """A request and its answers, each with the title of its product."""

    demand: Demand
    is_open: bool
    answers: tuple[tuple[DemandAnswer, str], ...]
    may_close: bool
    form: AnswerForm | None


@dataclass(frozen=True)
class PostPage:
    form: DemandForm
    obstacle: str


@require_GET
def show_all(request: HttpRequest) -> HttpResponse:
    """Open requests, newest first, below `?before=`."""
    page = key_page_of(request, demands.open_demands, size=DEMANDS_PER_PAGE)
    return render_page(request, "catalogue/demands.html", page)


@require_GET
def show(request: HttpRequest, demand_id: str) -> HttpResponse:
    """One request with its answers."""
    demand = demands.demand_named(demand_id)
    actor = actor_of(request)
    answers = demand.answers.select_related("product__seller").order_by("id")
    is_open = demand.state == DemandState.OPEN
    subject = Subject(organisation_id=demand.organisation_id)
    page = DemandPage(
        demand=demand,
        is_open=is_open,
        answers=tuple((one, title_of(one.product)) for one in answers),
        may_close=is_open and policy.allowed(actor, Permission.DEMAND_POST, subject).allowed,
        form=_answer_form(actor) if is_open else None,
    )
    return render_page(request, "catalogue/demand.html", page)


@form_view
def post(request: HttpRequest) -> HttpResponse:
    """Write a request; the words of an empty search come along as `?q=`."""
    actor = actor_of(request)
    form = DemandForm(
        sent(request), currency=currencies.home(), initial={"title": request.GET.get("q", "")[:120]}
    )
    if form.is_valid():
        wanted = dict(form.cleaned_data)
        budget = wanted.pop("budget")
        demand = demands.post_demand(
            actor=actor,
            wanted=Wanted(budget_minor=budget.minor if budget else None, **wanted),
            now=clock.now(),
        )
        messages.success(request, _("Your request stands on the board. Sellers can answer it."))
        return redirect("web:demand", demand_id=demand.public_id)
    mine = Subject(organisation_id=actor.organisation_id)
    page = PostPage(form=form, obstacle=policy.allowed(actor, Permission.DEMAND_POST, mine).reason)
    return render_page(request, "catalogue/demand_new.html", page, status=status_of(form))


@post_view
def answer(request: HttpRequest, demand_id: str) -> HttpResponse:
    """Name a product of one's own for a request."""
    demand = demands.demand_named(demand_id)
    actor = actor_of(request)
    form = AnswerForm(request.POST, products=_products(actor))
    if not form.is_valid():
        raise Invalid(_("Choose one of your listed products."))
    if "offer" in request.POST:
        offering = reverse("web:sell_private_offer", args=[form.cleaned_data["product"]])
        return redirect(f"{offering}?demand={demand.public_id}")
    demands.answer_demand(
        actor=actor,
        demand_id=demand.public_id,
        product_id=form.cleaned_data["product"],
        note=form.cleaned_data["note"],
        now=clock.now(),
    )
    return redirect("web:demand", demand_id=demand.public_id)


@post_view
def close(request: HttpRequest, demand_id: str) -> HttpResponse:
    """Take one's own request off the board: `met` when it was answered."""
    closed = demands.close_demand(
        demand_id,
        actor=actor_of(request),
        is_met="met" in request.POST,
        now=clock.now(),
    )
    return redirect("web:demand", demand_id=closed.public_id)


def _products(actor: Actor) -> list[tuple[str, str]]:
    if actor.organisation_id is None:
        return []
    rows = Product.objects.filter(seller_id=actor.organisation_id, state=ListingState.LISTED)
    return [(one.public_id, title_of(one)) for one in rows.order_by("title")[:CHOICES_MAX]]


def _answer_form(actor: Actor) -> AnswerForm | None:
    """The form, for sellers who have something to answer with."""
    mine = Subject(organisation_id=actor.organisation_id)
    if not policy.allowed(actor, Permission.DEMAND_ANSWER, mine).allowed:
        return None
    products = _products(actor)
    return AnswerForm(products=products) if products else None
