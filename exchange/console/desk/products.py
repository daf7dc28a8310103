"""The seller's products: the list with its acts, and one product with what is missing and its history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from accounts.models import Membership
from exchange.audit import queries as log
from exchange.audit.models import Record
from exchange.catalog import products
from exchange.catalog.buyable import open_at
from exchange.catalog.disclosure import is_held
from exchange.catalog.facts import listing_of
from exchange.catalog.gates import Gate, answers, score_of
from exchange.catalog.lifecycle import (
    AMENDABLE,
    LISTING,
    ListingState,
    ListingTransition,
    OfferKind,
    Party,
)
from exchange.catalog.models import ListingStep, Offer, Product
from exchange.catalog.visits import SHOWN_DAYS
from exchange.console.access import actor_of
from exchange.console.bulk import perform_on_chosen
from exchange.console.desk.funnel import funnel_of, with_counts
from exchange.console.desk.site import desk
from exchange.console.desk.tables import DeskTable
from exchange.console.listing_forms import SellersReasonForm, said_of
from exchange.console.marks import Text, column
from exchange.console.tables import state_column
from exchange.core import clock
from exchange.core.formatting import NOTHING, count_shown, moment_shown, money_shown
from exchange.journeys import standing
from exchange.members import policy
from exchange.members.actors import Actor, Subject, organisation_of
from exchange.members.permissions import Permission

STEPS_SHOWN = 50
STATES = {
    ListingState.RETURNED.value: "warning",
    ListingState.SUBMITTED.value: "info",
    ListingState.COMPLIANCE_REVIEW.value: "info",
    ListingState.QUALITY_REVIEW.value: "info",
    ListingState.PRICE_REVIEW.value: "info",
    ListingState.APPROVED.value: "info",
    ListingState.LISTED.value: "success",
    ListingState.PAUSED.value: "warning",
    ListingState.SUSPENDED.value: "danger",
    ListingState.REJECTED.value: "danger",
}
OF_FILES = "desk:sell_dictionary"
AT_AUCTION = "web:sell_auction"
PUBLISH, PERSONAL = "desk:sell_publish", "desk:sell_personal"
OF_STANDING = (PUBLISH, PERSONAL)
# The tabs of the editor, and pages of the site about the product.
PAGES: Sequence[tuple[Text, str]] = (
    (gettext_lazy("Details"), "desk:sell_about"),
    (gettext_lazy("Files"), "desk:sell_data"),
    (gettext_lazy("Dictionary"), OF_FILES),
    (gettext_lazy("Prices"), "desk:sell_offers"),
    (gettext_lazy("Licence and delivery"), "desk:sell_licence"),
    (gettext_lazy("Documents"), "desk:sell_documents"),
    (gettext_lazy("Check and submit"), "desk:sell_check"),
    (gettext_lazy("Publish a revision"), PUBLISH),
    (gettext_lazy("Personal columns"), PERSONAL),
    (gettext_lazy("The product's page for its seller"), "web:sell_product"),
    (gettext_lazy("As buyers see it"), "web:product"),
    (gettext_lazy("Sell it at auction: which kind fits?"), AT_AUCTION),
)


@dataclass(frozen=True)
class Gap:
    """A gate that is shut, and where it is opened."""

    sentence: str
    is_advice: bool
    url: str


@dataclass(frozen=True)
class Readiness:
    """How complete a listing is, and what is missing: what blocks it first."""

    score: int
    missing: tuple[Gap, ...]


@admin.register(Product, site=desk)
class ProductTable(DeskTable):
    """What was touched last stands first. What says something of a product is written in the editor, whose
    tabs its page leads to."""

    when_empty = gettext_lazy("You have no product yet. Begin one with “New product”.")
    list_display = (
        "title_shown", "kind", "state_shown", "price_shown", "views", "samples", "purchases", "turn",
        "due_at", "updated_at",
    )  # fmt: skip
    list_filter = ("state", "kind", "turn", "change_proposed")
    search_fields = ("public_id__exact", "title__icontains", "title_zh__icontains")
    search_help_text = gettext_lazy("A part of the title, or the whole number of a product")
    date_hierarchy = "updated_at"
    ordering = ("-updated_at", "-pk")
    fields = (
        "title_shown", "public_id", "kind", "state", "turn", "due_at", "price_shown", "grade", "delivery",
        "editor_shown", "readiness_shown", "funnel_shown", "created_at", "listed_at", "updated_at",
    )  # fmt: skip
    change_form_outer_after_template = "console/rule_history.html"
    actions = ("submit", "recall", "pause", "relist", "delist", "archive")
    csv = {
        "product_id": lambda row: row.public_id,
        "title": lambda row: row.title,
        "title_zh": lambda row: row.title_zh,
        "kind": lambda row: row.kind,
        "state": lambda row: row.state,
        "turn": lambda row: row.turn,
        "price": lambda row: _asked(row)[0],
        "currency": lambda row: _asked(row)[1],
        "offers": lambda row: len(row.on_offer),
        f"views_{SHOWN_DAYS}_days": lambda row: row.views_lately,
        f"samples_{SHOWN_DAYS}_days": lambda row: row.samples_lately,
        f"purchases_{SHOWN_DAYS}_days": lambda row: row.purchases_lately,
        "listed_at": lambda row: row.listed_at.isoformat() if row.listed_at else "",
        "updated_at": lambda row: row.updated_at.isoformat(),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        offers = Offer.objects.filter(open_at(clock.now()), reserved_for=None)
        rows: QuerySet[Product] = with_counts(super().get_queryset(request), now=clock.now())
        offers = offers.order_by("price_minor", "number")
        return rows.exclude(state=ListingState.ARCHIVED).prefetch_related(
            Prefetch("offers", queryset=offers, to_attr="on_offer")
        )

    def ways(self, request: HttpRequest) -> list[tuple[Text, str]]:
        pages: tuple[Text, str] = (_("Products as pages"), reverse("web:sell"))
        if may_offer(actor_of(request)):
            return [
                (_("New product"), reverse("desk:sell_new")),
                (_("New product, step by step"), reverse("web:sell_new")),
                (_("Begin products from a table"), reverse("desk:import_products")),
                pages,
            ]
        return [pages]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        history = _history(self.row(request, object_id))
        return super().change_view(
            request, object_id, form_url, {"history": history, **(extra_context or {})}
        )

    @column(gettext_lazy("product"))
    def title_shown(self, row: Product) -> str:
        return str(row)

    state_shown = state_column(STATES)

    @column(gettext_lazy("price"))
    def price_shown(self, row: Product) -> str:
        """The least that is asked, and how many further offers there are."""
        offer = _cheapest(row)
        if offer is None:
            return NOTHING
        more = len(row.on_offer) - 1  # type: ignore[attr-defined]  # fetched with the rows
        if not more:
            return _price(offer)
        further = ngettext("%(count)d more offer", "%(count)d more offers", more)
        return f"{_price(offer)} · {further % {'count': more}}"

    @column(gettext_lazy("edit"))
    def editor_shown(self, row: Product) -> SafeString:
        without = () if is_held(row.delivery) else (OF_FILES, *OF_STANDING)
        if row.state not in AMENDABLE:
            without = (*without, *OF_STANDING)
        if row.state != ListingState.LISTED:
            without = (*without, AT_AUCTION)
        links = [
            (label, reverse(name, args=[row.public_id]))
            for label, name in PAGES
            if name not in without
        ]
        return render_to_string("console/desk/editor.html", {"links": links})

    @column(gettext_lazy("readiness"))
    def readiness_shown(self, row: Product) -> SafeString:
        ready = _readiness(row, at=clock.now())
        return render_to_string("console/desk/readiness.html", {"ready": ready})

    @column(gettext_lazy("how it sells"))
    def funnel_shown(self, row: Product) -> SafeString:
        funnel = funnel_of(Product.objects.filter(pk=row.pk), now=clock.now())
        return render_to_string("console/desk/funnel.html", {"funnel": funnel})

    @column(gettext_lazy("views in 30 days"))
    def views(self, row: Product) -> str:
        return count_shown(row.views_lately)  # type: ignore[attr-defined]  # counted with the rows

    @column(gettext_lazy("samples"))
    def samples(self, row: Product) -> str:
        return count_shown(row.samples_lately)  # type: ignore[attr-defined]  # counted with the rows

    @column(gettext_lazy("purchases"))
    def purchases(self, row: Product) -> str:
        return count_shown(row.purchases_lately)  # type: ignore[attr-defined]  # counted with the rows

    def has_submit_permission(self, request: HttpRequest) -> bool:
        return may_offer(actor_of(request))

    @admin.action(description=gettext_lazy("Submit for review"), permissions=["submit"])
    def submit(self, request: HttpRequest, rows: list[Product]) -> HttpResponse:
        return perform_on_chosen(
            request, rows, site=desk, perform=products.hand_in,
            title=_("Submit for review"),
            sentence=_("The exchange reviews each of them. What is missing is said of each that is not ready."),
        )  # fmt: skip

    @admin.action(description=gettext_lazy("Take back from review"), permissions=["act"])
    def recall(self, request: HttpRequest, rows: list[Product]) -> HttpResponse:
        return perform_on_chosen(
            request, rows, site=desk, perform=products.recall,
            title=_("Take back from review"),
            sentence=_("They are drafts again, which you can change and submit anew."),
        )  # fmt: skip

    @admin.action(description=pgettext_lazy("listing", "Pause"), permissions=["act"])
    def pause(self, request: HttpRequest, rows: list[Product]) -> HttpResponse:
        sentence = _(
            "They leave the catalogue and take no new orders, offers or samples until you list them again. What"
            " buyers have begun goes on:"
        )
        return perform_on_chosen(
            request, rows, site=desk, perform=products.pause, title=pgettext("listing", "Pause"),
            sentence="\n".join([sentence, *standing.goes_on_of(rows)]),
        )  # fmt: skip

    @admin.action(description=gettext_lazy("List again"), permissions=["act"])
    def relist(self, request: HttpRequest, rows: list[Product]) -> HttpResponse:
        return perform_on_chosen(
            request, rows, site=desk, perform=products.relist, title=_("List again"),
            sentence=_(
                "Buyers find and buy them as they knew them, without a review. What was changed and is not"
                " accepted is not part of it."
            ),
        )  # fmt: skip

    @admin.action(description=gettext_lazy("Take off the list"), permissions=["act"])
    def delist(self, request: HttpRequest, rows: list[Product]) -> HttpResponse:
        return perform_on_chosen(
            request, rows, site=desk, perform=_delist,
            form=partial(SellersReasonForm, ListingTransition.DELIST),
            title=_("Take off the list"),
            sentence=_("For good. Buyers keep what they bought, until their access ends."),
        )  # fmt: skip

    @admin.action(description=gettext_lazy("Archive"), permissions=["act"])
    def archive(self, request: HttpRequest, rows: list[Product]) -> HttpResponse:
        return perform_on_chosen(
            request, rows, site=desk, perform=products.archive,
            title=_("Archive"),
            sentence=_("They stand in no list any more. What buyers bought stays theirs."),
        )  # fmt: skip


def may_offer(actor: Actor) -> bool:
    """Whether the actor may offer the organisation's data."""
    subject = Subject(organisation_id=organisation_of(actor))
    return policy.allowed(actor, Permission.OFFER_MAKE, subject).allowed


def _delist(product: Product, *, actor: Actor, now: datetime, **given: Any) -> Product:
    return products.delist(product, actor=actor, said=said_of(given), now=now)


def _cheapest(row: Any) -> Offer | None:
    """The offer that asks the least; those by use ask nothing at once and come last."""
    offers: list[Offer] = row.on_offer
    return next((one for one in offers if one.kind != OfferKind.METERED), next(iter(offers), None))


def _asked(row: Any) -> tuple[object, str]:
    """The least that is asked, and its currency; nothing where nothing is on offer."""
    offer = _cheapest(row)
    return ("", "") if offer is None else (offer.price.decimal, offer.currency)


def _price(offer: Offer) -> str:
    if offer.kind in (OfferKind.FREE, OfferKind.METERED):
        return offer.get_kind_display()
    amount = money_shown(offer.price)
    return f"{amount} {offer.get_period_display()}" if offer.period else amount


def _readiness(product: Product, *, at: datetime) -> Readiness:
    given = answers(listing_of(product, at=at, with_changes=True))
    shut = sorted((one for one in given if not one.is_open), key=lambda one: not one.gate.blocks)
    return Readiness(
        score=score_of(given),
        missing=tuple(
            Gap(str(one.gate.sentence), not one.gate.blocks, _opened_at(product, one.gate))
            for one in shut
        ),
    )


def _opened_at(product: Product, gate: Gate) -> str:
    """The tab of the editor where the gate is opened, and the field on it."""
    tab = reverse(f"desk:sell_{gate.tab.value}", args=[product.public_id])
    return f"{tab}#id_{gate.field}" if gate.field else tab


def _history(product: Product) -> dict[str, object]:
    """What the log says of the listing, the newest first."""
    steps = product.steps.select_related("by").order_by("-number")[:STEPS_SHOWN]
    by_subject = {f"listing_step:{step.public_id}": step for step in steps}
    records = log.about(by_subject.keys()).select_related("leaf")
    members = Membership.objects.filter(organisation_id=product.seller_id)
    own = frozenset(members.values_list("user_id", flat=True))
    rows = [
        [
            moment_shown(record.at),
            step.get_transition_display(),
            _who(step, own),
            step.reason or NOTHING,
            _place(record),
        ]
        for record in records
        for step in [by_subject[record.subject]]
    ]
    headers = [_("when"), _("what"), _("who"), _("reason"), _("entry in the log")]
    return {"headers": headers, "rows": rows}


def _who(step: ListingStep, own: frozenset[int]) -> str:
    """Who made the step; of those who work for the exchange nobody is named."""
    party = LISTING.transitions[step.transition].by
    if step.by is None or (party != Party.SELLER and step.by_id not in own):
        return _("The exchange")
    return str(step.by)


def _place(record: Record) -> str | SafeString:
    if not hasattr(record, "leaf"):
        return _("waiting")
    address = reverse("web:log_entry", args=[record.leaf.index])
    return format_html('<a class="underline" href="{}">{}</a>', address, record.leaf.index)
