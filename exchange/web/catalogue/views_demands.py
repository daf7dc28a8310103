"""Requests for data that nobody sells yet, and the answers of sellers."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from exchange.catalog import demands
from exchange.catalog.demands import Wanted
from exchange.catalog.lifecycle import DemandState, ListingState
from exchange.catalog.models import Demand, Product
from exchange.core.refusals import Invalid
from exchange.core.titles import title_of
from exchange.members import policy
from exchange.members.actors import Actor, Subject
from exchange.members.callers import actor_of
from exchange.members.permissions import Permission
from exchange.web.catalogue.forms import AnswerForm, DemandForm
from exchange.web.pages import key_from, render_page
from pricing.money import Money

DEMANDS_PER_PAGE = 20
CHOICES_MAX = 200


@dataclass(frozen=True)
class DemandLine:
    url: str
    title: str
    description: str
    organisation: str
    budget: Money | None
    needed_by: date | None
    posted_at: datetime
    answer_count: int


@dataclass(frozen=True)
class BoardPage:
    lines: tuple[DemandLine, ...]
    newer_url: str
    older_url: str


@dataclass(frozen=True)
class AnswerView:
    title: str
    url: str
    seller: str
    note: str
    at: datetime
    is_listed: bool


@dataclass(frozen=True)
class DemandPage:
    public_id: str
    line: DemandLine
    state: str
    is_open: bool
    answers: tuple[AnswerView, ...]
    may_close: bool
    form: AnswerForm | None


@dataclass(frozen=True)
class PostPage:
    form: DemandForm
    obstacle: str


@require_GET
def show_all(request: HttpRequest) -> HttpResponse:
    """Open requests, newest first, below `?before=`."""
    before = key_from(request.GET.get("before", ""))
    found = demands.open_demands(before=before, limit=DEMANDS_PER_PAGE + 1)
    shown = found[:DEMANDS_PER_PAGE]
    here = reverse("web:demands")
    page = BoardPage(
        lines=tuple(_line(one, getattr(one, "answer_count", 0)) for one in shown),
        newer_url=here if before is not None else "",
        older_url=f"{here}?before={shown[-1].pk}" if len(found) > DEMANDS_PER_PAGE else "",
    )
    return render_page(request, "catalogue/demands.html", page)


@require_GET
def show(request: HttpRequest, demand_id: str) -> HttpResponse:
    """One request with its answers."""
    demand = demands.demand_named(demand_id)
    actor = actor_of(request)
    answers = list(demand.answers.select_related("product__seller").order_by("id"))
    is_open = demand.state == DemandState.OPEN
    subject = Subject(organisation_id=demand.organisation_id)
    page = DemandPage(
        public_id=demand.public_id,
        line=_line(demand, len(answers)),
        state=demand.get_state_display(),
        is_open=is_open,
        answers=tuple(
            AnswerView(
                title=title_of(one.product),
                url=reverse("web:product", args=[one.product.public_id]),
                seller=one.product.seller.name,
                note=one.note,
                at=one.at,
                is_listed=one.product.state == ListingState.LISTED,
            )
            for one in answers
        ),
        may_close=is_open and policy.allowed(actor, Permission.DEMAND_POST, subject).allowed,
        form=_answer_form(actor) if is_open else None,
    )
    return render_page(request, "catalogue/demand.html", page)


@login_required
@require_http_methods(["GET", "POST"])
def post(request: HttpRequest) -> HttpResponse:
    """Write a request; the words of an empty search come along as `?q=`."""
    actor = actor_of(request)
    given = {"title": request.GET.get("q", "")[:120]}
    form = DemandForm(request.POST) if request.method == "POST" else DemandForm(initial=given)
    if form.is_bound and form.is_valid():
        demand = demands.post_demand(
            actor=actor,
            wanted=Wanted(
                title=form.cleaned_data["title"],
                description=form.cleaned_data["description"],
                budget_minor=_minor(form.cleaned_data["budget"]),
                needed_by=form.cleaned_data["needed_by"],
            ),
            now=timezone.now(),
        )
        messages.success(request, _("Your request stands on the board. Sellers can answer it."))
        return redirect("web:demand", demand_id=demand.public_id)
    mine = Subject(organisation_id=actor.organisation_id)
    page = PostPage(form=form, obstacle=policy.allowed(actor, Permission.DEMAND_POST, mine).reason)
    return render_page(
        request, "catalogue/demand_new.html", page, status=422 if form.is_bound else 200
    )


@login_required
@require_POST
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
        now=timezone.now(),
    )
    return redirect("web:demand", demand_id=demand.public_id)


@login_required
@require_POST
def close(request: HttpRequest, demand_id: str) -> HttpResponse:
    """Take one's own request off the board: `met` when it was answered."""
    closed = demands.close_demand(
        demand_id,
        actor=actor_of(request),
        is_met="met" in request.POST,
        now=timezone.now(),
    )
    return redirect("web:demand", demand_id=closed.public_id)


def _line(demand: Demand, answer_count: int) -> DemandLine:
    return DemandLine(
        url=reverse("web:demand", args=[demand.public_id]),
        title=demand.title,
        description=demand.description,
        organisation=demand.organisation.name,
        budget=None if demand.budget_minor is None else demand.budget,
        needed_by=demand.needed_by,
        posted_at=demand.posted_at,
        answer_count=answer_count,
    )


def _products(actor: Actor) -> list[tuple[str, str]]:
    if actor.organisation_id is None:
        return []
    rows = Product.objects.filter(seller_id=actor.organisation_id, state=ListingState.LISTED)
    return list(rows.order_by("title").values_list("public_id", "title")[:CHOICES_MAX])


def _answer_form(actor: Actor) -> AnswerForm | None:
    """The form, for sellers who have something to answer with."""
    mine = Subject(organisation_id=actor.organisation_id)
    if not policy.allowed(actor, Permission.DEMAND_ANSWER, mine).allowed:
        return None
    products = _products(actor)
    return AnswerForm(products=products) if products else None


def _minor(amount: Decimal | None) -> int | None:
    return None if amount is None else int(amount * 100)
