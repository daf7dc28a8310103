"""Announcements that everybody reads, and bidding on them."""

from dataclasses import dataclass
from datetime import date, datetime

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from exchange.asset_sales import bidders, limits
from exchange.asset_sales.lifecycle import AssetSaleState
from exchange.asset_sales.models import Announcement
from exchange.asset_sales.queries import (
    announced,
    announcement_named,
    asset_sale_seen_by,
)
from exchange.core import clock
from exchange.core.refusals import NotAllowed, NotFound
from exchange.core.titles import title_of
from exchange.members.actors import actor_of
from exchange.web.asset_sales.announcement import announcement_page
from exchange.web.asset_sales.forms import RegistrationForm, RoundBidForm
from exchange.web.documents import asset_sale as documents
from exchange.web.documents.views import NoSuchDocument, answer
from exchange.web.pages import key_page, render_page
from exchange.web.review import is_to_be_reviewed, review
from exchange.web.submissions import blaming, unprocessable
from exchange.web.views import post_view
from pricing.money import Money

ROWS_PER_PAGE = 25


@dataclass(frozen=True)
class AnnouncementRow:
    announcement: Announcement
    title: str
    state: str
    is_running: bool
    floor: Money
    ends_on: date
    days_left: int


@require_GET
def show_all(request: HttpRequest) -> HttpResponse:
    """Every announcement, newest first, with the working days that are left."""
    now = clock.now()
    found = key_page(request, announced(), size=ROWS_PER_PAGE)
    page = found.shown_as(lambda announcement: _row(announcement, now))
    return render_page(request, "asset_sales/announcements.html", page)


@require_GET
def show(request: HttpRequest, announcement_id: str) -> HttpResponse:
    """One announcement."""
    found = announcement_named(announcement_id)
    page = announcement_page(found, actor_of(request), now=clock.now())
    return render_page(request, "asset_sales/announcement.html", page)


@post_view
def register(request: HttpRequest, announcement_id: str) -> HttpResponse:
    """Register with a binding price."""
    found = announcement_named(announcement_id)
    form = RegistrationForm(request.POST, currency=found.asset_sale.currency)
    if form.is_valid():
        if is_to_be_reviewed(request, form):
            return _review(request, found, form, _("Register with a binding price"))
        with blaming(form, "offer_minor", raising=(NotAllowed, NotFound)):
            bidders.register(
                announcement_id,
                actor=actor_of(request),
                now=clock.now(),
                **form.minor_units(),
            )
            messages.success(request, _("You are registered. The exchange examines it next."))
            return redirect("web:announcement", announcement_id)
    return _refused(request, found, form)


@post_view
def bid(request: HttpRequest, announcement_id: str) -> HttpResponse:
    """Give a maximum in the bidding."""
    found = announcement_named(announcement_id)
    form = RoundBidForm(request.POST, currency=found.asset_sale.currency)
    if form.is_valid():
        if is_to_be_reviewed(request, form):
            return _review(request, found, form, _("Place the bid"))
        with blaming(form, "amount_minor", raising=(NotAllowed, NotFound)):
            bidders.bid(
                announcement_id,
                actor=actor_of(request),
                amount_minor=form.cleaned_data["amount_minor"].minor,
                now=clock.now(),
            )
            messages.success(request, _("Your maximum counts from now on."))
            return redirect("web:announcement", announcement_id)
    return _refused(request, found, form)


@require_GET
def document(request: HttpRequest, announcement_id: str, kind: str, form: str) -> HttpResponse:
    """A document of the sale. The list of bidders is for the seller and who oversees, the others are
    public once they exist."""
    found = announcement_named(announcement_id)
    if kind == documents.BIDDERS:
        asset_sale_seen_by(actor_of(request), found.asset_sale.public_id)
    made = documents.document_of(found, kind)
    if made is None:
        raise NoSuchDocument(_("The sale has no such document, or does not have it yet."))

    def address(wanted: str) -> str:
        return reverse("web:announcement_document", args=[announcement_id, kind, wanted])

    back = (reverse("web:announcement", args=[announcement_id]), _("Announcement"))
    return answer(request, made, form, address, back=back)


def _row(one: Announcement, now: datetime) -> AnnouncementRow:
    asset_sale = one.asset_sale
    is_last = one.number == asset_sale.round
    is_running = is_last and asset_sale.state == AssetSaleState.ANNOUNCED
    return AnnouncementRow(
        announcement=one,
        title=title_of(asset_sale.product),
        state=asset_sale.get_state_display() if is_last else _("Followed by another round"),
        is_running=is_running,
        floor=Money(one.floor_minor, asset_sale.currency),
        ends_on=limits.last_day_of(one.ends_at),
        days_left=limits.days_left(one.ends_at, now=now) if is_running else 0,
    )


def _review(
    request: HttpRequest, found: Announcement, form: forms.Form, button: str
) -> HttpResponse:
    back_url = reverse("web:announcement", args=[found.public_id])
    title = title_of(found.asset_sale.product)
    return review(request, form, title=title, button=button, back_url=back_url)


def _refused(request: HttpRequest, found: Announcement, form: forms.Form) -> HttpResponse:
    page = announcement_page(found, actor_of(request), now=clock.now(), sent=form)
    return render_page(request, "asset_sales/announcement.html", page, status=unprocessable(form))
