"""A seller's products: the list, a new one, one product with its acts and revisions."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from exchange.catalog.difference_words import words_of
from exchange.catalog.differences import is_schema_change, revision_difference
from exchange.catalog.disclosure import is_held, order_obstacle
from exchange.catalog.facts import draft_revision, last_published, listing_of, offers_of, tables_of
from exchange.catalog.gates import GATES, Answer
from exchange.catalog.lifecycle import (
    LISTING,
    ListingState,
    ListingTransition,
    Party,
    ProductKind,
    RevisionState,
    Turn,
)
from exchange.catalog.listing import Said
from exchange.catalog.models import Offer, Product, Revision
from exchange.catalog.products import (
    archive,
    delist,
    discard_change,
    draft_product,
    duplicate,
    recall,
    take_change_back,
)
from exchange.catalog.queries import permitted, products_of, seen_by, steps_of
from exchange.catalog.revisions import publish_revision, revoke_revision
from exchange.core.refusals import NotFound, Refusal
from exchange.core.titles import title_of
from exchange.members import policy
from exchange.members.actors import Actor, Subject, organisation_of
from exchange.members.callers import actor_of
from exchange.members.permissions import Permission
from exchange.orders.lifecycle import OrderState
from exchange.web.pages import key_from, render_page
from exchange.web.product.offers import access_words
from exchange.web.selling.forms import KindForm
from exchange.web.selling.forms_offers import NoteForm
from exchange.web.selling.pages import (
    TONES,
    GateLine,
    NextAction,
    acts_of,
    gate_lines,
    is_editable,
    next_action,
)
from exchange.web.usage.rates import rates_of
from pricing.money import Money

PRODUCTS_PER_PAGE = 50
REVISIONS_SHOWN = 50
NOT_BOUGHT = (OrderState.CREATED, OrderState.CONFIRMED, OrderState.CANCELLED, OrderState.REFUNDED)


@dataclass(frozen=True)
class ProductLine:
    public_id: str
    title: str
    kind: str
    state: str
    tone: str
    is_mine_to_do: bool
    due_at: datetime | None
    next: NextAction
    watchers: int
    purchases: int


@dataclass(frozen=True)
class ListPage:
    lines: tuple[ProductLine, ...]
    may_sell: bool
    obstacle: str
    newer_url: str
    older_url: str


@dataclass(frozen=True)
class NewPage:
    form: KindForm


@dataclass(frozen=True)
class StepLine:
    title: str
    at: datetime
    by: str
    reason: str
    tone: str


@dataclass(frozen=True)
class RevisionLine:
    public_id: str
    number: int
    state: str
    is_draft: bool
    is_published: bool
    at: datetime
    note: str
    file: str
    changes: tuple[str, ...]
    revoked: str


@dataclass(frozen=True)
class OfferLine:
    public_id: str
    name: str
    kind: str
    price: Money
    rates: tuple[str, ...]
    period: str
    access: tuple[str, ...]
    until: datetime | None


@dataclass(frozen=True)
class ProductPage:
    line: ProductLine
    steps: tuple[StepLine, ...]
    revisions: tuple[RevisionLine, ...]
    offers: tuple[OfferLine, ...]
    acts: tuple[str, ...]
    may_edit: bool
    may_act: bool
    is_standing: bool
    carries_file: bool
    may_simulate: bool
    may_auction: bool


@login_required
@require_GET
def show_all(request: HttpRequest) -> HttpResponse:
    """The products of the organisation acted for: what is the seller's turn first."""
    actor = actor_of(request)
    mine = Subject(organisation_id=organisation_of(actor))
    policy.require(actor, Permission.PRODUCT_SEE, mine)
    before = key_from(request.GET.get("before", ""))
    rows = _with_counts(products_of(actor))
    found = list((rows if before is None else rows.filter(pk__lt=before))[: PRODUCTS_PER_PAGE + 1])
    shown = found[:PRODUCTS_PER_PAGE]
    may_sell = policy.allowed(actor, Permission.OFFER_MAKE, mine)
    page = ListPage(
        lines=tuple(
            sorted((line_of(one) for one in shown), key=lambda line: not line.is_mine_to_do)
        ),
        may_sell=may_sell.allowed,
        obstacle=may_sell.reason,
        newer_url=request.path if before is not None else "",
        older_url=f"?before={shown[-1].pk}" if len(found) > PRODUCTS_PER_PAGE else "",
    )
    return render_page(request, "selling/list.html", page)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """Choose what to sell; the draft is there at once."""
    actor = actor_of(request)
    policy.require(actor, Permission.OFFER_MAKE, Subject(organisation_id=organisation_of(actor)))
    form = KindForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            product = draft_product(
                actor=actor,
                kind=ProductKind(form.cleaned_data["kind"]),
                values={"title": form.cleaned_data["title"]},
                now=timezone.now(),
            )
        except Refusal as refusal:
            form.add_error(None, refusal.message)
        else:
            return redirect("web:sell_data", product.public_id)
    status = 422 if form.errors else 200
    return render_page(request, "selling/new.html", NewPage(form), status=status)


@login_required
@require_GET
def show(request: HttpRequest, product_id: str) -> HttpResponse:
    """One product as its seller sees it: state, next action, revisions, offers, history."""
    actor = actor_of(request)
    seen_by(actor, product_id)
    product = _with_counts(Product.objects.select_related("seller")).get(public_id=product_id)
    subject = Subject(organisation_id=product.seller_id)
    revisions = product.revisions.select_related("file").order_by("-number")[:REVISIONS_SHOWN]
    may_offer = policy.allowed(actor, Permission.OFFER_MAKE, subject).allowed
    page = ProductPage(
        line=line_of(product),
        steps=_steps(product),
        revisions=tuple(_revision(one) for one in revisions),
        offers=tuple(offer_line(one) for one in offers_of(product)),
        acts=acts_of(product),
        may_edit=is_editable(product) and may_offer,
        may_act=policy.allowed(actor, Permission.LISTING_END, subject).allowed,
        is_standing=product.state in {ListingState.LISTED, ListingState.SUSPENDED},
        carries_file=is_held(product.delivery),
        may_simulate=may_offer,
        may_auction=product.state == ListingState.LISTED
        and order_obstacle(product.delivery) is None
        and policy.allowed(actor, Permission.AUCTION_SCHEDULE, subject).allowed,
    )
    return render_page(request, "selling/product.html", page)


def line_of(product: Product) -> ProductLine:
    return ProductLine(
        public_id=product.public_id,
        title=title_of(product) or _("Untitled"),
        kind=product.get_kind_display(),
        state=product.get_state_display(),
        tone=TONES.get(ListingState(product.state), "info"),
        is_mine_to_do=product.turn == Turn.SELLER,
        due_at=product.due_at,
        next=next_action(product),
        watchers=getattr(product, "watcher_count", 0),
        purchases=getattr(product, "purchase_count", 0),
    )


def offer_line(offer: Offer) -> OfferLine:
    return OfferLine(
        public_id=offer.public_id,
        name=offer.name,
        kind=offer.get_kind_display(),
        price=offer.price,
        rates=rates_of(offer),
        period=offer.get_period_display() if offer.period else "",
        access=access_words(offer),
        until=offer.valid_until,
    )


def _with_counts(products: QuerySet[Product]) -> QuerySet[Product]:
    return products.annotate(
        watcher_count=Count("watches", distinct=True),
        purchase_count=Count("orders", distinct=True, filter=~Q(orders__state__in=NOT_BOUGHT)),
    )


def _steps(product: Product) -> tuple[StepLine, ...]:
    tones = {
        ListingTransition.RETURN: "warn",
        ListingTransition.REJECT: "bad",
        ListingTransition.SUSPEND: "bad",
        ListingTransition.LIST: "good",
    }
    return tuple(
        StepLine(
            title=step.get_transition_display(),
            at=step.at,
            by=_("The exchange")
            if LISTING.transitions[step.transition].by == Party.OPERATOR
            else str(step.by or step.actor),
            reason=step.reason,
            tone=tones.get(ListingTransition(step.transition), "neutral"),
        )
        for step in steps_of(product)
    )


def _revision(revision: Revision) -> RevisionLine:
    return RevisionLine(
        public_id=revision.public_id,
        number=revision.number,
        state=revision.get_state_display(),
        is_draft=revision.state == RevisionState.DRAFT,
        is_published=revision.state == RevisionState.PUBLISHED,
        at=revision.published_at or revision.created_at,
        note=revision.note,
        file=revision.file.name if revision.file else "",
        changes=words_of(revision.difference),
        revoked=revision.revoked_reason,
    )


@login_required
@require_POST
def act(request: HttpRequest, product_id: str, name: str) -> HttpResponse:
    """An act of the seller that needs at most a reason."""
    perform = ACTS.get(name)
    if perform is None:
        raise NotFound(_("There is no such act."))
    product = perform(request, actor_of(request), product_id)
    if product.state == ListingState.ARCHIVED:
        return redirect("web:sell")
    return redirect("web:sell_product", product.public_id)


def _duplicate(request: HttpRequest, actor: Actor, product_id: str) -> Product:
    copied = duplicate(product_id, actor=actor, now=timezone.now())
    messages.success(request, _("The copy is a new draft. Upload its data next."))
    return copied


def _recall(_request: HttpRequest, actor: Actor, product_id: str) -> Product:
    return recall(product_id, actor=actor, now=timezone.now())


def _archive(request: HttpRequest, actor: Actor, product_id: str) -> Product:
    archived = archive(product_id, actor=actor, now=timezone.now())
    messages.success(request, _("“%(title)s” was archived.") % {"title": archived.title})
    return archived


def _delist(request: HttpRequest, actor: Actor, product_id: str) -> Product:
    said = Said(
        reason_code=request.POST.get("reason_code", ""), reason=request.POST.get("reason", "")
    )
    return delist(product_id, actor=actor, said=said, now=timezone.now())


def _take_change_back(_request: HttpRequest, actor: Actor, product_id: str) -> Product:
    return take_change_back(product_id, actor=actor, now=timezone.now())


def _discard_change(_request: HttpRequest, actor: Actor, product_id: str) -> Product:
    return discard_change(product_id, actor=actor, now=timezone.now())


ACTS: dict[str, Callable[[HttpRequest, Actor, str], Product]] = {
    "duplicate": _duplicate,
    "recall": _recall,
    "archive": _archive,
    "delist": _delist,
    "take_change_back": _take_change_back,
    "discard_change": _discard_change,
}


@dataclass(frozen=True)
class PublishPage:
    product_id: str
    title: str
    number: int | None
    file: str
    changes: tuple[str, ...]
    is_schema_change: bool
    gates: tuple[GateLine, ...]
    may_publish: bool
    offers: tuple[OfferLine, ...]
    form: NoteForm
    problem: str


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: HttpRequest, product_id: str) -> HttpResponse:
    """What is new against the last revision, who gets it, and the button."""
    actor = actor_of(request)
    product = permitted(actor, Permission.OFFER_MAKE, product_id)
    form = NoteForm(request.POST or None)
    problem, status = "", 200
    if request.method == "POST" and form.is_valid():
        try:
            revision = publish_revision(
                product_id,
                actor=actor,
                note=form.cleaned_data["note"],
                now=timezone.now(),
            )
        except Refusal as refusal:
            problem, status = refusal.message, int(refusal.http_status)
        else:
            messages.success(
                request, _("Revision %(number)d is published.") % {"number": revision.number}
            )
            return redirect("web:sell_product", product_id)
    page = _page(product, form, problem)
    return render_page(request, "selling/publish.html", page, status=status)


@login_required
@require_POST
def revoke(request: HttpRequest, product_id: str, revision_id: str) -> HttpResponse:
    """Stop delivering a revision, with a reason."""
    revision = revoke_revision(
        revision_id,
        actor=actor_of(request),
        reason=request.POST.get("reason", ""),
        now=timezone.now(),
    )
    messages.success(request, _("Revision %(number)d is revoked.") % {"number": revision.number})
    return redirect("web:sell_product", product_id)


def _page(product: Product, form: NoteForm, problem: str) -> PublishPage:
    draft = draft_revision(product)
    listing = listing_of(product, at=timezone.now())
    given = [Answer(gate, bool(gate.check(listing))) for gate in GATES if gate.of_revision]
    difference = revision_difference(
        [row.document for row in tables_of(last_published(product))],
        [table.document for table in listing.tables] if draft is not None else [],
    )
    return PublishPage(
        product_id=product.public_id,
        title=str(product),
        number=None if draft is None else draft.number,
        file=draft.file.name if draft is not None and draft.file is not None else "",
        changes=words_of(difference) if draft is not None else (),
        is_schema_change=is_schema_change(difference),
        gates=gate_lines(product, given),
        may_publish=draft is not None and all(one.is_open for one in given),
        offers=tuple(offer_line(one) for one in offers_of(product)),
        form=form,
        problem=problem,
    )
