"""Discounts for chosen buyers, each with its reason."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from exchange.core.refusals import NotFound, Refusal
from exchange.members import policy
from exchange.members.actors import Subject, organisation_of
from exchange.members.callers import actor_of
from exchange.members.permissions import Permission
from exchange.orders import discount_tiers as flow
from exchange.orders.lifecycle import PriceGround
from exchange.orders.queries import tiers_of
from exchange.web.orders.forms import DiscountTierForm
from exchange.web.pages import key_page, render_page
from exchange.web.selling.pages import blame

ROWS_PER_PAGE = 30


@dataclass(frozen=True)
class TierRow:
    tier_id: str
    buyer: str
    name: str
    percent: Decimal
    ground: str
    words: str
    granted_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class DiscountTiersPage:
    rows: tuple[TierRow, ...]
    newest_url: str
    older_url: str
    form: DiscountTierForm


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def show_all(request: HttpRequest) -> HttpResponse:
    """The discount tiers, newest first, and granting one more."""
    actor = actor_of(request)
    mine = organisation_of(actor)
    policy.require(actor, Permission.OFFER_MAKE, Subject(organisation_id=mine))
    form = DiscountTierForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            flow.grant(
                actor=actor,
                buyer_id=said["buyer"].strip(),
                name=said["name"],
                percent=said["percent"],
                ground=PriceGround(said["ground"]),
                words=said["words"],
                now=timezone.now(),
            )
        except NotFound as refusal:
            form.add_error("buyer", refusal.message)
        except Refusal as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("The discount holds from now on."))
            return redirect("web:discount_tiers")
    found = key_page(request, tiers_of(mine), size=ROWS_PER_PAGE)
    page = DiscountTiersPage(
        rows=tuple(
            TierRow(
                tier_id=one.public_id,
                buyer=one.buyer.name,
                name=one.name,
                percent=one.percent.normalize(),
                ground=one.get_ground_display(),
                words=one.words,
                granted_at=one.granted_at,
                ended_at=one.ended_at,
            )
            for one in found.rows
        ),
        newest_url=found.newest_url,
        older_url=found.older_url,
        form=form,
    )
    status = 422 if form.errors else 200
    return render_page(request, "orders/discount_tiers.html", page, status=status)


@login_required
@require_POST
def end(request: HttpRequest, tier_id: str) -> HttpResponse:
    """End a discount for what is bought from now on."""
    flow.end(actor=actor_of(request), tier_id=tier_id, now=timezone.now())
    messages.success(request, _("The discount has ended. What was ordered keeps its price."))
    return redirect("web:discount_tiers")
