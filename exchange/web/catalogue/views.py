"""Finding listings, comparing them, and being notified of new ones."""

from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from exchange.catalog import interest
from exchange.catalog.models import SavedSearch
from exchange.catalog.search import finding
from exchange.catalog.search.finding import BadPlace, Counts, cards_named
from exchange.catalog.search.requests import (
    FACETS,
    PriceRange,
    SearchRequest,
    Sort,
    command_kept,
    command_of,
)
from exchange.core import clock
from exchange.core.formatting import money_shown
from exchange.members.actors import actor_of, person_of
from exchange.web.catalogue.cards import Card, card_of
from exchange.web.catalogue.forms import PriceForm
from exchange.web.pages import render_page
from exchange.web.product.views import product_seen_by
from exchange.web.submissions import status_of
from exchange.web.templatetags.assay import count, money
from exchange.web.throttles import throttled
from exchange.web.views import get_view, post_view
from pricing.money import Money

CARDS_PER_PAGE = 20
VALUES_SHOWN = 8
COMPARED_MAX = 4


@dataclass(frozen=True)
class Value:
    """One value of a facet. `count` is text, since a capped figure is a lower bound."""

    label: str
    value: str
    count: str
    url: str
    is_chosen: bool


@dataclass(frozen=True)
class FacetList:
    name: str
    label: str
    first: tuple[Value, ...]
    more: tuple[Value, ...]
    is_open: bool


@dataclass(frozen=True)
class Order:
    label: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class Elsewhere:
    """Free open data that lies elsewhere: how much of it was left out, and the way to see it or to leave
    it out again. `is_all` where nothing else fits."""

    left_out: int
    is_capped: bool
    show_url: str
    hide_url: str
    is_all: bool


@dataclass(frozen=True)
class CataloguePage:
    text: str
    hidden: tuple[tuple[str, str], ...]
    price: PriceForm
    price_hidden: tuple[tuple[str, str], ...]
    elsewhere: Elsewhere
    cards: tuple[Card, ...]
    near: tuple[Card, ...]
    total: int
    is_capped: bool
    is_loose: bool
    mistyped: str
    is_searching: bool
    chosen: tuple[Value, ...]
    facets: tuple[FacetList, ...]
    orders: tuple[Order, ...]
    next_url: str
    first_url: str
    clear_url: str
    demand_url: str
    all_newest_url: str
    query: str


@require_GET
@throttled("search")
def show(request: HttpRequest) -> HttpResponse:
    """What is listed, as far as the address narrows it."""
    price = PriceForm(request.GET)
    wanted = _command(request, price.range)
    place = request.GET.get("place", "")
    try:
        found = finding.find(wanted, place=place, limit=CARDS_PER_PAGE)
    except BadPlace:  # an old or a foreign link begins at the beginning
        place = ""
        found = finding.find(wanted, limit=CARDS_PER_PAGE)
    command = found.command  # all links go on from what is shown
    counts = finding.count(command, only=found.only)
    is_ranked = command.sort is Sort.RELEVANCE
    page = CataloguePage(
        text=command.text,
        hidden=tuple(wanted.pairs()),
        price=price,
        price_hidden=_but_price(wanted),
        elsewhere=_elsewhere(wanted, found.command, counts),
        cards=tuple(card_of(stored) for stored in found.cards),
        near=tuple(card_of(stored) for stored in found.near),
        total=counts.total,
        is_capped=counts.is_capped,
        is_loose=found.is_loose,
        mistyped=found.mistyped,
        is_searching=not command.is_empty,
        chosen=_chosen(command),
        facets=tuple(_facet(name, command, counts) for name in FACETS if _is_shown(name, counts)),
        orders=tuple(
            _order(sort, command) for sort in Sort if sort is not Sort.RELEVANCE or command.text
        ),
        next_url=f"{_url()}?{command.query(place=found.following)}" if found.following else "",
        first_url=url_of(command) if place else "",
        clear_url=_url(),
        demand_url=_demand_url(command),
        all_newest_url=url_of(replace(command, sort=Sort.NEWEST))
        if is_ranked and not found.following and counts.total > finding.RANKED_MAX
        else "",
        query=command.query(),
    )
    return render_page(request, "catalogue/catalogue.html", page, status=status_of(price))


def command_from(request: HttpRequest) -> SearchRequest:
    """The search that the address names. A price that cannot be read is left out."""
    return _command(request, PriceForm(request.GET).range)


def _command(request: HttpRequest, price: PriceRange | None) -> SearchRequest:
    return command_of(
        text=request.GET.get("q", ""),
        chosen={name: request.GET.getlist(name) for name in FACETS},
        sort=request.GET.get("sort", ""),
        price=price,
        has_elsewhere=request.GET.get("elsewhere") == "show",
    )


def url_of(command: SearchRequest) -> str:
    """The address of a search."""
    query = command.query()
    return f"{_url()}?{query}" if query else _url()


def _demand_url(command: SearchRequest) -> str:
    words = f"?{urlencode({'q': command.text})}" if command.text else ""
    return reverse("web:demand_new") + words


def _url() -> str:
    return reverse("web:catalogue")


def _but_price(command: SearchRequest) -> tuple[tuple[str, str], ...]:
    """What another range of prices keeps: the words and all that is chosen."""
    words = [("q", command.text)] if command.text else []
    return (*words, *replace(command, price=None).pairs())


def _elsewhere(wanted: SearchRequest, shown: SearchRequest, counts: Counts) -> Elsewhere:
    return Elsewhere(
        left_out=min(counts.elsewhere, finding.COUNTED_MAX),
        is_capped=counts.elsewhere > finding.COUNTED_MAX,
        show_url=url_of(replace(shown, has_elsewhere=True)),
        hide_url=url_of(replace(wanted, has_elsewhere=False)) if wanted.has_elsewhere else "",
        is_all=shown.has_elsewhere and not wanted.has_elsewhere,
    )


def _is_shown(name: str, counts: Counts) -> bool:
    return FACETS[name].is_offered and bool(counts.facets.get(name))


def _facet(name: str, command: SearchRequest, counts: Counts) -> FacetList:
    figures = counts.facets[name]
    chosen = command.chosen.get(name, ())
    values = sorted(
        {**dict.fromkeys(chosen, 0), **figures}.items(),
        key=lambda pair: (pair[0] not in chosen, -pair[1], pair[0]),
    )
    shown = [_value(name, value, command, number, counts) for value, number in values]
    return FacetList(
        name=name,
        label=str(FACETS[name].label),
        first=tuple(shown[:VALUES_SHOWN]),
        more=tuple(shown[VALUES_SHOWN:]),
        is_open=bool(chosen),
    )


def _value(name: str, value: str, command: SearchRequest, number: int, counts: Counts) -> Value:
    return Value(
        label=FACETS[name].say(value),
        value=value,
        count=f"{number}+" if counts.is_capped and number else str(number),
        url=url_of(command.toggled(name, value)),
        is_chosen=value in command.chosen.get(name, ()),
    )


def _chosen(command: SearchRequest) -> tuple[Value, ...]:
    chosen = tuple(
        Value(
            label=f"{FACETS[name].label}: {FACETS[name].say(value)}",
            value=value,
            count="",
            url=url_of(command.toggled(name, value)),
            is_chosen=True,
        )
        for name, values in command.chosen.items()
        for value in values
    )
    if command.price is None:
        return chosen
    cheaper = Value(
        label=_range_shown(command.price),
        value=command.price.facet,
        count="",
        url=url_of(replace(command, price=None)),
        is_chosen=True,
    )
    return (*chosen, cheaper)


def _range_shown(price: PriceRange) -> str:
    ends = (("lowest", price.lowest_minor), ("highest", price.highest_minor))
    shown = {name: money_shown(Money(end, price.currency)) for name, end in ends if end is not None}
    if len(shown) == len(ends):
        return _("Price from %(lowest)s to %(highest)s") % shown
    if price.highest_minor is None:
        return _("Price from %(lowest)s") % shown
    return _("Price up to %(highest)s") % shown


def _order(sort: Sort, command: SearchRequest) -> Order:
    labels = {
        Sort.RELEVANCE: pgettext("order of a list", "Best match"),
        Sort.NEWEST: pgettext("order of a list", "Newest"),
        Sort.PRICE: pgettext("order of a list", "Lowest price"),
        Sort.QUALITY: pgettext("order of a list", "Best quality"),
    }
    return Order(
        labels[sort],
        url_of(replace(command, sort=sort)),
        sort is command.sort,
    )


@dataclass(frozen=True)
class Column:
    card: Card
    without_url: str


@dataclass(frozen=True)
class Line:
    """One property of all; `differs` when they do not agree."""

    label: str
    values: tuple[str, ...]
    differs: bool


@dataclass(frozen=True)
class ComparePage:
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    is_cut: bool
    compared_max: int


@require_GET
@throttled("search")
def compare(request: HttpRequest) -> HttpResponse:
    """The listings that the address names by `id`; those that are not listed are left out."""
    asked = list(dict.fromkeys(request.GET.getlist("id")[:50]))
    cards = [card_of(stored) for stored in cards_named(asked[:COMPARED_MAX])]
    ids = [card.public_id for card in cards]
    page = ComparePage(
        columns=tuple(
            Column(card, _without([one for one in ids if one != card.public_id])) for card in cards
        ),
        lines=_lines(cards),
        is_cut=len(asked) > COMPARED_MAX,
        compared_max=COMPARED_MAX,
    )
    return render_page(request, "catalogue/compare.html", page)


def _without(ids: list[str]) -> str:
    return f"{reverse('web:compare')}?{urlencode({'id': ids}, doseq=True)}"


def _lines(cards: list[Card]) -> tuple[Line, ...]:
    rows = [
        (_("Price, without tax"), [_price(card) for card in cards]),
        (_("Kind"), [card.kind for card in cards]),
        (_("Industry"), [card.industry for card in cards]),
        (_("Quality"), [f"{card.grade} · {card.score}" if card.grade else "" for card in cards]),
        (_("Rows"), [count(card.rows) if card.rows else "" for card in cards]),
        (_("Updated"), [card.rhythm for card in cards]),
        (_("Region"), [card.region for card in cards]),
        (_("Formats"), [card.formats for card in cards]),
        (_("Delivery"), [card.delivery for card in cards]),
        (_("Licence allows"), [", ".join(card.allowed) for card in cards]),
        (_("Free sample"), [_("Yes") if card.has_sample else _("No") for card in cards]),
        (_("Seller"), [card.seller for card in cards]),
    ]
    return tuple(
        Line(label, tuple(value or "–" for value in values), len(set(values)) > 1)
        for label, values in rows
        if any(values)
    )


def _price(card: Card) -> str:
    if card.is_free:
        return _("Free")
    if card.is_by_use:
        return _("By use")
    return f"{money(card.price)} {card.period}".strip() if card.price else ""


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


@get_view
def show_watchlist(request: HttpRequest) -> HttpResponse:
    """Watched products and saved searches of the person."""
    mine = person_of(actor_of(request))
    page = WatchlistPage(
        cards=tuple(card_of(card) for card in interest.cards_watched(mine)),
        unlisted=tuple(product.title for product in interest.titles_unlisted(mine)),
        searches=tuple(_kept(saved) for saved in interest.searches_of(mine)),
    )
    return render_page(request, "catalogue/watchlist.html", page)


@post_view
def watch(request: HttpRequest, product_id: str) -> HttpResponse:
    """Follow the product, or no longer when `stop` is sent."""
    actor = actor_of(request)
    product = product_seen_by(actor, product_id)
    if "stop" in request.POST:
        interest.unwatch(user_id=person_of(actor), product=product)
    else:
        interest.watch(user_id=person_of(actor), product=product, now=clock.now())
        messages.success(request, _("You are told when this product changes."))
    return redirect("web:product", product_id=product.public_id)


@post_view
def save_search(request: HttpRequest) -> HttpResponse:
    """Keep the search of the address under a name."""
    interest.save_search(
        user_id=person_of(actor_of(request)),
        name=request.POST.get("name", ""),
        command=command_from(request),
        now=clock.now(),
    )
    messages.success(request, _("The search is saved. You are told of new listings that fit."))
    return redirect("web:watchlist")


@post_view
def delete_search(request: HttpRequest, search_id: str) -> HttpResponse:
    """Forget a saved search."""
    interest.delete_search(user_id=person_of(actor_of(request)), search_id=search_id)
    return redirect("web:watchlist")


def _kept(saved: SavedSearch) -> Kept:
    command = command_kept(text=saved.text, facets=saved.facets)
    return Kept(saved.public_id, saved.name, url_of(command), saved.at)
