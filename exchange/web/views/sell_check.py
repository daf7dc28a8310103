"""The last step of the publish wizard: the checklist with its score, a preview, and submitting."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from exchange.catalog.change_words import Change, changes_in_words
from exchange.catalog.differences import document_difference
from exchange.catalog.disclosure import disclosed, leaving, order_obstacle
from exchange.catalog.gates import Step, answers
from exchange.catalog.models import Product
from exchange.catalog.queries.listings import (
    approved_snapshot,
    details_of,
    offers_of,
    snapshot_of,
)
from exchange.catalog.states import AMENDABLE, EDITABLE, Move
from exchange.core.refusals import Refusal
from exchange.core.titles import title_of
from exchange.flows import publish_listing as flow
from exchange.members.callers import actor_of
from exchange.members.permissions import Permission
from exchange.web.pages import render_page
from exchange.web.product_evidence import Table, table_of, withheld_of
from exchange.web.product_offers import Box, OfferView, box_of, offer_view
from exchange.web.selling import GateLine, Wizard, gate_lines, wizard_of


@dataclass(frozen=True)
class CheckPage:
    wizard: Wizard
    gates: tuple[GateLine, ...]
    missing: int
    may_submit: bool
    is_change: bool
    waits: bool
    returned_for: str
    changes: tuple[Change, ...]
    title: str
    summary: str
    description: str
    scenarios: tuple[str, ...]
    is_synthetic: bool
    box: Box
    offers: tuple[OfferView, ...]
    tables: tuple[Table, ...]
    order_obstacle: str
    withheld: str
    problem: str


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, product_id: str) -> HttpResponse:
    """Everything at a glance; posting hands it to the exchange."""
    actor = actor_of(request)
    product = flow.permitted(actor, Permission.OFFER_MAKE, product_id)
    problem, status = "", 200
    if request.method == "POST":
        hand_in = flow.propose_change if product.state in AMENDABLE else flow.submit
        try:
            hand_in(actor=actor, product_id=product_id, now=timezone.now())
        except Refusal as refusal:
            problem, status = refusal.message, int(refusal.http_status)
        else:
            messages.success(request, _("The exchange has it now. You are told what comes of it."))
            return redirect("web:sell_product", product_id)
    return render_page(request, "catalog/sell_check.html", _page(product, problem), status=status)


def _page(product: Product, problem: str) -> CheckPage:
    now = timezone.now()
    wizard, listing = wizard_of(product, Step.CHECK, at=now)
    given = answers(listing)
    missing = sum(1 for one in given if not one.is_open and one.gate.blocks)
    standing = product.state in AMENDABLE
    something = bool(product.amendment) and not product.change_proposed
    wanted = listing.product
    seen = leaving(wanted)
    tables = tuple(
        table_of(disclosed(table.document, seen), public_id="", sample_url="", today=now)
        for table in listing.tables
    )
    return CheckPage(
        wizard=wizard,
        gates=gate_lines(product, given),
        missing=missing,
        may_submit=not missing and (something if standing else product.state in EDITABLE),
        is_change=standing,
        waits=product.state not in AMENDABLE | EDITABLE or product.change_proposed,
        returned_for=_returned_for(product),
        changes=_changes(product, wanted)
        if standing
        else _since_approval(product, listing_snapshot=snapshot_of(listing)),
        title=title_of(wanted) or _("Untitled"),
        summary=wanted.summary,
        description=wanted.description,
        scenarios=tuple(map(str, wanted.scenarios)),
        is_synthetic=wanted.synthetic,
        box=box_of(wanted),
        offers=tuple(offer_view(one, at=now) for one in offers_of(product)),
        tables=tables,
        withheld=withheld_of(wanted, tables),
        order_obstacle=str(order_obstacle(wanted.delivery) or ""),
        problem=problem,
    )


def _returned_for(product: Product) -> str:
    """What the exchange asked for last, while it is the seller's turn."""
    if product.state not in EDITABLE | AMENDABLE:
        return ""
    last = product.steps.order_by("-number").first()
    asked = {Move.RETURN, Move.DECLINE_CHANGE, Move.SUSPEND}
    return last.reason if last is not None and last.move in asked else ""


def _changes(product: Product, wanted: Product) -> tuple[Change, ...]:
    return changes_in_words(document_difference(details_of(product), details_of(wanted)))


def _since_approval(product: Product, *, listing_snapshot: dict[str, object]) -> tuple[Change, ...]:
    """What differs from the listing as it was approved last; nothing where it never was."""
    approved = approved_snapshot(product)
    if approved is None:
        return ()
    return changes_in_words(document_difference(approved, listing_snapshot))
