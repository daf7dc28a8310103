"""Scheduling an auction of one's product, or a procurement."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from exchange.auctions import scheduling
from exchange.auctions.lifecycle import LIVE, Kind
from exchange.catalog.lifecycle import ListingState
from exchange.catalog.models import Product
from exchange.catalog.queries import permitted
from exchange.core import clock
from exchange.core.refusals import NotFound, Refusal
from exchange.core.titles import title_of
from exchange.members import policy
from exchange.members.actors import Actor, Subject, actor_of, organisation_of
from exchange.members.permissions import Permission
from exchange.web.auctions.advice import Advice, AdviceForm, asked
from exchange.web.auctions.forms import ScheduleForm, begin_with
from exchange.web.auctions.labels import KINDS
from exchange.web.auctions.pages import AuctionPage, auction_page
from exchange.web.pages import render_page
from exchange.web.submissions import blame, sent, unprocessable
from exchange.web.views import form_view, get_view

PRODUCTS_MAX = 50


@dataclass(frozen=True)
class KindsPage:
    """Kinds of auction in groups, each with what it is in a sentence. `advice` answers the questions of
    `form`."""

    product_id: str
    title: str
    form: AdviceForm
    advice: Advice | None
    groups: tuple[tuple[str, tuple[tuple[Kind, str], ...]], ...]


@dataclass(frozen=True)
class SchedulePage:
    """`preview` is the page that bidders will see, drawn from an auction that was never kept."""

    kind: str
    sentence: str
    subject: str
    back_url: str
    form: ScheduleForm
    preview: AuctionPage | None


@get_view
def choose(request: HttpRequest, product_id: str) -> HttpResponse:
    """What kinds of auction there are, each in one sentence, and which one fits."""
    form = asked(request.GET)
    product = _listed(actor_of(request), product_id)
    sealed_one = (Kind.FIRST_PRICE, Kind.SECOND_PRICE)
    others = [kind for kind in Kind if kind not in LIVE | {*sealed_one, Kind.PROCUREMENT}]
    page = KindsPage(
        product_id=product_id,
        title=title_of(product),
        form=form,
        advice=form.advice(),
        groups=(
            _group(_("In the open"), sorted(LIVE, reverse=True)),
            _group(_("Sealed bids for one licence"), sealed_one),
            _group(_("Several licences, budgets and bundles"), others),
        ),
    )
    return render_page(request, "auctions/kinds.html", page)


@form_view
def schedule(request: HttpRequest, product_id: str, kind: str) -> HttpResponse:
    """Draw up an auction of a product, look at it, announce it."""
    if kind not in Kind.values or kind == Kind.PROCUREMENT:
        raise NotFound(_("There is no such kind of auction."))
    actor = actor_of(request)
    product = _listed(actor, product_id)
    form = ScheduleForm(
        sent(request),
        kind=Kind(kind),
        product_id=product_id,
        products=_own_products(product),
        initial=begin_with(title=title_of(product), now=clock.now()),
    )
    back = reverse("web:sell_auction", args=[product_id])
    return _draw_up(request, actor, form, subject=title_of(product), back_url=back)


@form_view
def procure(request: HttpRequest) -> HttpResponse:
    """Draw up an auction in which sellers underbid each other."""
    actor = actor_of(request)
    mine = frozenset({organisation_of(actor)})
    policy.require(actor, Permission.QUOTE_ASK, Subject(organisation_id=None, engaged=mine))
    form = ScheduleForm(
        sent(request),
        kind=Kind.PROCUREMENT,
        initial=begin_with(title="", now=clock.now()),
    )
    back = reverse("web:auctions")
    return _draw_up(request, actor, form, subject=_("Data that you need"), back_url=back)


def _draw_up(
    request: HttpRequest, actor: Actor, form: ScheduleForm, *, subject: str, back_url: str
) -> HttpResponse:
    preview = None
    if form.is_valid():
        try:
            if "announce" in request.POST:
                auction = scheduling.schedule(form.command(), actor=actor, now=clock.now())
                messages.success(request, _("The auction is announced. Its rules are fixed now."))
                return redirect("web:auction", auction.public_id)
            preview = _previewed(actor, form)
        except Refusal as refusal:
            blame_minor(form, refusal)
    page = SchedulePage(
        kind=str(form.kind.label),
        sentence=str(KINDS[form.kind]),
        subject=subject,
        back_url=back_url,
        form=form,
        preview=preview,
    )
    return render_page(request, "auctions/schedule.html", page, status=unprocessable(form))


def _previewed(actor: Actor, form: ScheduleForm) -> AuctionPage:
    """The auction as bidders would see it; all its rules have been tried, and nothing is kept."""
    with transaction.atomic():
        auction = scheduling.draft(form.command(), actor=actor, now=clock.now())
        page = auction_page(auction, actor, is_preview=True)
        transaction.set_rollback(True)
    return page


def blame_minor(form: ScheduleForm, refusal: Refusal) -> None:
    """Show the refusal at the field that it speaks of; amounts are called otherwise on the form."""
    field = str(refusal.facts.get("field", "")).removesuffix("_minor")
    refusal.facts["field"] = {"soft_window_seconds": "soft_minutes", "options": "step"}.get(
        field, field
    )
    blame(form, refusal)


def _listed(actor: Actor, product_id: str) -> Product:
    product = permitted(actor, Permission.OFFER_MAKE, product_id)
    policy.require(actor, Permission.AUCTION_SCHEDULE, Subject(organisation_id=product.seller_id))
    if product.state != ListingState.LISTED:
        raise NotFound(_("Only a listed product can be sold in an auction."))
    return product


def _own_products(product: Product) -> list[tuple[str, str]]:
    rows = Product.objects.filter(seller=product.seller_id, state=ListingState.LISTED)
    return [(one.public_id, title_of(one)) for one in rows.order_by("pk")[:PRODUCTS_MAX]]


def _group(title: str, kinds: Iterable[Kind]) -> tuple[str, tuple[tuple[Kind, str], ...]]:
    return title, tuple((kind, str(KINDS[kind])) for kind in kinds)
