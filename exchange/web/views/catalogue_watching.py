"""What a person follows: products and searches."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from exchange.catalog.actions import interest
from exchange.catalog.models import SavedSearch
from exchange.catalog.queries import interest as reading
from exchange.catalog.search.wishes import wish_of
from exchange.flows.admission import person_of
from exchange.members.callers import actor_of
from exchange.web.catalogue_cards import Card, card_of
from exchange.web.pages import render_page
from exchange.web.views.catalogue import url_of, wish_from
from exchange.web.views.catalogue_product import product_seen_by


@dataclass(frozen=True)
class Kept:
    public_id: str
    name: str
    url: str
    at: datetime


@dataclass(frozen=True)
class WatchlistPage:
    cards: tuple[Card, ...]
    unlisted: tuple[str, ...]
    searches: tuple[Kept, ...]


@login_required
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    """Watched products and saved searches of the person."""
    mine = person_of(actor_of(request))
    page = WatchlistPage(
        cards=tuple(card_of(card) for card in reading.cards_watched(mine)),
        unlisted=tuple(product.title for product in reading.titles_unlisted(mine)),
        searches=tuple(_kept(saved) for saved in reading.searches_of(mine)),
    )
    return render_page(request, "catalog/watchlist.html", page)


@login_required
@require_POST
def watch(request: HttpRequest, product_id: str) -> HttpResponse:
    """Follow the product, or no longer when `stop` is sent."""
    actor = actor_of(request)
    product = product_seen_by(actor, product_id)
    if "stop" in request.POST:
        interest.unwatch(user_id=person_of(actor), product=product)
    else:
        interest.watch(user_id=person_of(actor), product=product, now=timezone.now())
        messages.success(request, _("You are told when this product changes."))
    return redirect("web:product", product_id=product.public_id)


@login_required
@require_POST
def save_search(request: HttpRequest) -> HttpResponse:
    """Keep the search of the address under a name."""
    interest.save_search(
        user_id=person_of(actor_of(request)),
        name=request.POST.get("name", ""),
        wish=wish_from(request),
        now=timezone.now(),
    )
    messages.success(request, _("The search is saved. You are told of new listings that fit."))
    return redirect("web:watchlist")


@login_required
@require_POST
def delete_search(request: HttpRequest, search_id: str) -> HttpResponse:
    """Forget a saved search."""
    interest.delete_search(user_id=person_of(actor_of(request)), search_id=search_id)
    return redirect("web:watchlist")


def _kept(saved: SavedSearch) -> Kept:
    chosen: dict[str, list[str]] = {}
    for facet in saved.facets:
        name, _colon, value = facet.partition(":")
        chosen.setdefault(name, []).append(value)
    wish = wish_of(text=saved.text, chosen=chosen)
    return Kept(saved.public_id, saved.name, url_of(wish), saved.at)
