"""Publishing the next revision of a listed product, and revoking one."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from exchange.catalog.difference_words import words_of
from exchange.catalog.differences import is_schema_change, revision_difference
from exchange.catalog.gates import GATES, Answer
from exchange.catalog.models import Product
from exchange.catalog.queries.listings import (
    draft_revision,
    last_published,
    listing_of,
    offers_of,
    tables_of,
)
from exchange.core.refusals import Refusal
from exchange.flows import publish_listing
from exchange.flows import publish_revision as flow
from exchange.members.callers import actor_of
from exchange.members.permissions import Permission
from exchange.web.forms.selling_offers import NoteForm
from exchange.web.pages import render_page
from exchange.web.selling import GateLine, gate_lines
from exchange.web.views.sell import OfferLine, offer_line


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
    product = publish_listing.permitted(actor, Permission.OFFER_MAKE, product_id)
    form = NoteForm(request.POST or None)
    problem, status = "", 200
    if request.method == "POST" and form.is_valid():
        try:
            revision = flow.publish_revision(
                actor=actor,
                product_id=product_id,
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
    return render_page(request, "catalog/sell_publish.html", page, status=status)


@login_required
@require_POST
def revoke(request: HttpRequest, product_id: str, revision_id: str) -> HttpResponse:
    """Stop delivering a revision, with a reason."""
    revision = flow.revoke_revision(
        actor=actor_of(request),
        revision_id=revision_id,
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
