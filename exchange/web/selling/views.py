"""A seller's products: the list, a new one, one product with its acts and revisions."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, TypedDict

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.catalog import products, revisions
from exchange.catalog.difference_words import words_of
from exchange.catalog.differences import is_schema_change, revision_difference
from exchange.catalog.disclosure import is_held, order_obstacle
from exchange.catalog.exposures import exposures_of
from exchange.catalog.facts import (
    draft_revision,
    last_published,
    listing_of,
    offers_of,
    proposed_offers,
    tables_of,
)
from exchange.catalog.gates import Step, answers_of_revision
from exchange.catalog.lifecycle import (
    AMENDABLE,
    LISTING,
    ListingState,
    ListingTransition,
    Party,
    ProductKind,
    Turn,
)
from exchange.catalog.listing import Said
from exchange.catalog.models import Offer, Product, Revision
from exchange.catalog.queries import permitted, products_of, seen_by, steps_of
from exchange.core import clock
from exchange.core.refusals import NotFound
from exchange.core.titles import title_of
from exchange.journeys import standing
from exchange.members import policy
from exchange.members.actors import Subject, actor_of
from exchange.members.permissions import Permission
from exchange.orders.queries import NOT_BOUGHT
from exchange.web.pages import KeyPage, key_page, render_page
from exchange.web.panels import Event
from exchange.web.product.offers import access_words
from exchange.web.selling.forms import KindForm
from exchange.web.selling.forms_offers import NoteForm
from exchange.web.selling.pages import (
    TONES,
    GateLine,
    NextAction,
    Wizard,
    acts_of,
    gate_lines,
    is_editable,
    next_action,
    wizard_of,
)
from exchange.web.selling.places import WIZARD, Place
from exchange.web.submissions import Problem, blaming, noting, sent, unprocessable
from exchange.web.usage.rates import rates_of
from exchange.web.views import acting, form_view, get_view, post_view

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    Counted = WithAnnotations[Product, "Counts"]

PRODUCTS_PER_PAGE = 50
REVISIONS_SHOWN = 50
STEP_TONES = {
    ListingTransition.RETURN: "warn",
    ListingTransition.REJECT: "bad",
    ListingTransition.SUSPEND: "bad",
    ListingTransition.PAUSE: "warn",
    ListingTransition.RELIST: "good",
    ListingTransition.LIST: "good",
}


class Counts(TypedDict):
    """How often a product was bought, and by how many it is watched."""

    watcher_count: int
    purchase_count: int


@dataclass(frozen=True)
class ProductLine:
    """A product with its counts of purchases and watchers."""

    product: "Counted"
    title: str
    tone: str
    is_mine_to_do: bool
    next: NextAction


@dataclass(frozen=True)
class ListPage:
    lines: KeyPage[ProductLine]
    may_sell: bool
    obstacle: str
    desk_url: str


@dataclass(frozen=True)
class NewPage:
    layout: str
    label: str
    back_url: str
    form: KindForm


@dataclass(frozen=True)
class OfferLine:
    offer: Offer
    rates: tuple[str, ...]
    access: tuple[str, ...]
    since: datetime | None


@dataclass(frozen=True)
class ProductPage:
    line: ProductLine
    steps: tuple[Event, ...]
    revisions: tuple[tuple[Revision, tuple[str, ...]], ...]
    offers: tuple[OfferLine, ...]
    proposed: tuple[OfferLine, ...]
    acts: tuple[str, ...]
    may_edit: bool
    may_act: bool
    is_standing: bool
    goes_on: tuple[str, ...]
    carries_file: bool
    may_simulate: bool
    may_auction: bool


@get_view
def show_all(request: HttpRequest) -> HttpResponse:
    """The products of the organisation acted for: what is the seller's turn first."""
    actor, mine = acting(request, Permission.PRODUCT_SEE)
    found = key_page(request, _with_counts(products_of(actor)), size=PRODUCTS_PER_PAGE)
    lines = sorted(map(line_of, found.rows), key=lambda line: not line.is_mine_to_do)
    may_sell = policy.allowed(actor, Permission.OFFER_MAKE, Subject(organisation_id=mine))
    page = ListPage(
        lines=replace(found.shown_as(line_of), rows=tuple(lines)),
        may_sell=may_sell.allowed,
        obstacle=may_sell.reason,
        desk_url=reverse("desk:catalog_product_changelist")
        if policy.allowed(actor, Permission.DESK_OPEN)
        else "",
    )
    return render_page(request, "selling/list.html", page)


@form_view
def begin(request: HttpRequest, place: Place = WIZARD) -> HttpResponse:
    """Choose what to sell; the draft is there at once."""
    actor, _mine = acting(request, Permission.OFFER_MAKE)
    form = KindForm(sent(request))
    if form.is_valid():
        with blaming(form):
            product = products.draft_product(
                actor=actor,
                kind=ProductKind(form.cleaned_data["kind"]),
                values={"title": form.cleaned_data["title"]},
                now=clock.now(),
            )
            return redirect(place.url(place.begins_at, product.public_id))
    page = NewPage(place.aside, _("New product"), reverse(place.home), form)
    return place.draw(request, "selling/new.html", page, status=unprocessable(form))


@get_view
def show(request: HttpRequest, product_id: str) -> HttpResponse:
    """One product as its seller sees it: state, next action, revisions, offers, history."""
    actor = actor_of(request)
    seen_by(actor, product_id)
    product = _with_counts(Product.objects.select_related("seller")).get(public_id=product_id)
    subject = Subject(organisation_id=product.seller_id)
    revisions = product.revisions.select_related("file").order_by("-number")[:REVISIONS_SHOWN]
    may_offer = policy.allowed(actor, Permission.OFFER_MAKE, subject).allowed
    may_act = policy.allowed(actor, Permission.LISTING_END, subject).allowed
    acts = acts_of(product)
    page = ProductPage(
        line=line_of(product),
        steps=_steps(product),
        revisions=tuple((one, words_of(one.difference)) for one in revisions),
        offers=tuple(offer_line(one) for one in offers_of(product)),
        proposed=tuple(offer_line(one) for one in proposed_offers(product)),
        acts=acts,
        may_edit=is_editable(product) and may_offer,
        may_act=may_act,
        is_standing=product.state in AMENDABLE,
        goes_on=tuple(standing.goes_on_of([product])) if may_act and "pause" in acts else (),
        carries_file=is_held(product.delivery),
        may_simulate=may_offer,
        may_auction=product.state == ListingState.LISTED
        and order_obstacle(product.delivery) is None
        and policy.allowed(actor, Permission.AUCTION_SCHEDULE, subject).allowed,
    )
    return render_page(request, "selling/product.html", page)


def line_of(product: "Counted") -> ProductLine:
    return ProductLine(
        product=product,
        title=title_of(product) or _("Untitled"),
        tone=TONES.get(ListingState(product.state), "info"),
        is_mine_to_do=product.turn == Turn.SELLER,
        next=next_action(product),
    )


def offer_line(offer: Offer) -> OfferLine:
    since = offer.valid_from if offer.valid_from > clock.now() else None
    return OfferLine(offer, rates_of(offer), access_words(offer), since)


def _with_counts(products: QuerySet[Product]) -> "QuerySet[Counted]":
    return products.annotate(
        watcher_count=Count("watches", distinct=True),
        purchase_count=Count("orders", distinct=True, filter=~Q(orders__state__in=NOT_BOUGHT)),
    )


def _steps(product: Product) -> tuple[Event, ...]:
    return tuple(
        Event(
            title=step.get_transition_display(),
            at=step.at,
            by=_("The exchange")
            if LISTING.transitions[step.transition].by == Party.OPERATOR
            else str(step.by or step.actor),
            reason=step.reason,
            tone=STEP_TONES.get(ListingTransition(step.transition), "neutral"),
        )
        for step in steps_of(product)
    )


@post_view
def act(request: HttpRequest, product_id: str, name: str) -> HttpResponse:
    """An act of the seller that needs at most a reason."""
    perform = ACTS.get(name)
    if perform is None:
        raise NotFound(_("There is no such act."))
    more = {}
    if name == "delist":
        code = request.POST.get("reason_code", "")
        more = {"said": Said(reason_code=code, reason=request.POST.get("reason", ""))}
    product = perform(product_id, actor=actor_of(request), now=clock.now(), **more)
    if name in DONE:
        messages.success(request, str(DONE[name]))
    if product.state == ListingState.ARCHIVED:
        messages.success(request, _("“%(title)s” was archived.") % {"title": product.title})
        return redirect("web:sell")
    return redirect("web:sell_product", product.public_id)


DONE = {
    "duplicate": gettext_lazy("The copy is a new draft. Upload its data next."),
    "pause": gettext_lazy("Paused. Nobody new can order it until you list it again."),
    "relist": gettext_lazy("Listed again. Buyers can find and buy it."),
}
ACTS: dict[str, Callable[..., Product]] = {
    "duplicate": products.duplicate,
    "recall": products.recall,
    "archive": products.archive,
    "pause": products.pause,
    "relist": products.relist,
    "delist": products.delist,
    "take_change_back": products.take_change_back,
    "discard_change": products.discard_change,
}


@dataclass(frozen=True)
class PublishPage:
    wizard: Wizard
    label: str
    data_url: str
    number: int | None
    file: str
    changes: tuple[str, ...]
    is_schema_change: bool
    gates: tuple[GateLine, ...]
    may_publish: bool
    exposures: tuple[str, ...]
    waits: bool
    offers: tuple[OfferLine, ...]
    form: NoteForm
    problem: str


@form_view
def publish(request: HttpRequest, product_id: str, place: Place = WIZARD) -> HttpResponse:
    """What is new against the last revision, who gets it, and the button."""
    actor = actor_of(request)
    product = permitted(actor, Permission.OFFER_MAKE, product_id)
    form, problem = NoteForm(sent(request)), Problem()
    if form.is_valid():
        with noting(problem):
            revision = revisions.publish_revision(
                product_id,
                actor=actor,
                note=form.cleaned_data["note"],
                now=clock.now(),
            )
            messages.success(request, _told(revision))
            return redirect(place.page, product_id)
    page = _page(product, form, problem.sentence, place)
    return place.draw(request, "selling/publish.html", page, status=problem.status)


def _told(revision: Revision) -> str:
    number = {"number": revision.number}
    if revision.submitted_at is not None and revision.published_at is None:
        return (
            _("Revision %(number)d is with the exchange. Buyers get it once it is accepted.")
            % number
        )
    return _("Revision %(number)d is published.") % number


@post_view
def revoke(request: HttpRequest, product_id: str, revision_id: str) -> HttpResponse:
    """Stop delivering a revision, with a reason."""
    revision = revisions.revoke_revision(
        revision_id,
        actor=actor_of(request),
        reason=request.POST.get("reason", ""),
        now=clock.now(),
    )
    messages.success(request, _("Revision %(number)d is revoked.") % {"number": revision.number})
    return redirect("web:sell_product", product_id)


def _page(product: Product, form: NoteForm, problem: str, place: Place) -> PublishPage:
    draft = draft_revision(product)
    waits = draft is not None and draft.submitted_at is not None
    now = clock.now()
    wizard, _wanted = wizard_of(product, Step.DATA, at=now, place=place)
    listing = listing_of(product, at=now)
    given = answers_of_revision(listing)
    difference = revision_difference(
        [row.document for row in tables_of(last_published(product))],
        [table.document for table in listing.tables] if draft is not None else [],
    )
    return PublishPage(
        wizard=wizard,
        label=_("Publish a revision")
        if draft is None
        else _("Publish revision %(number)s") % {"number": draft.number},
        data_url=place.url(Step.DATA, product.public_id),
        number=None if draft is None else draft.number,
        file=draft.file.name if draft is not None and draft.file is not None else "",
        changes=words_of(difference) if draft is not None else (),
        is_schema_change=is_schema_change(difference),
        gates=gate_lines(product, given, place=place),
        may_publish=draft is not None and not waits and all(one.is_open for one in given),
        exposures=() if draft is None else _exposures(product, draft),
        waits=waits,
        offers=tuple(offer_line(one) for one in offers_of(product)),
        form=form,
        problem=problem,
    )


def _exposures(product: Product, draft: Revision) -> tuple[str, ...]:
    return tuple(one.sentence for one in exposures_of(product, draft))
