"""The catalogue: search, facets, order, pages. The address holds all of it."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from exchange.catalog.search import finding
from exchange.catalog.search.facets import FACETS
from exchange.catalog.search.finding import BadPlace, Counts
from exchange.catalog.search.wishes import Sort, Wish, wish_of
from exchange.web.catalogue_cards import Card, card_of
from exchange.web.pages import render_page

CARDS_PER_PAGE = 20
VALUES_SHOWN = 8


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
class CataloguePage:
    text: str
    hidden: tuple[tuple[str, str], ...]
    cards: tuple[Card, ...]
    total: int
    is_capped: bool
    is_loose: bool
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
def show(request: HttpRequest) -> HttpResponse:
    """What is listed, as far as the address narrows it."""
    wish = wish_from(request)
    place = request.GET.get("place", "")
    try:
        found = finding.find(wish, place=place, limit=CARDS_PER_PAGE)
    except BadPlace:  # an old or a foreign link begins at the beginning
        place = ""
        found = finding.find(wish, limit=CARDS_PER_PAGE)
    counts = finding.count(wish, is_loose=found.is_loose)
    is_ranked = wish.sort is Sort.RELEVANCE
    page = CataloguePage(
        text=wish.text,
        hidden=_hidden(wish),
        cards=tuple(card_of(stored) for stored in found.cards),
        total=counts.total,
        is_capped=counts.is_capped,
        is_loose=found.is_loose,
        is_searching=not wish.is_empty,
        chosen=_chosen(wish),
        facets=tuple(_facet(name, wish, counts) for name in FACETS if _has_values(name, counts)),
        orders=tuple(
            _order(sort, wish) for sort in Sort if sort is not Sort.RELEVANCE or wish.text
        ),
        next_url=f"{_url()}?{wish.query(place=found.following)}" if found.following else "",
        first_url=url_of(wish) if place else "",
        clear_url=_url(),
        demand_url=_demand_url(wish),
        all_newest_url=url_of(Wish(wish.text, wish.chosen, Sort.NEWEST))
        if is_ranked and not found.following and counts.total > finding.RANKED_MAX
        else "",
        query=wish.query(),
    )
    return render_page(request, "catalog/catalogue.html", page)


def wish_from(request: HttpRequest) -> Wish:
    """The search that the address names."""
    return wish_of(
        text=request.GET.get("q", ""),
        chosen={name: request.GET.getlist(name) for name in FACETS},
        sort=request.GET.get("sort", ""),
    )


def url_of(wish: Wish) -> str:
    """The address of a search."""
    query = wish.query()
    return f"{_url()}?{query}" if query else _url()


def _demand_url(wish: Wish) -> str:
    words = f"?{urlencode({'q': wish.text})}" if wish.text else ""
    return reverse("web:demand_new") + words


def _url() -> str:
    return reverse("web:catalogue")


def _hidden(wish: Wish) -> tuple[tuple[str, str], ...]:
    """What a new search for words keeps: the chosen facets and the order."""
    pairs = [(name, value) for name, values in wish.chosen.items() for value in values]
    if wish.sort is not wish.usual_sort:
        pairs.append(("sort", str(wish.sort)))
    return tuple(pairs)


def _has_values(name: str, counts: Counts) -> bool:
    return bool(counts.facets.get(name))


def _facet(name: str, wish: Wish, counts: Counts) -> FacetList:
    figures = counts.facets[name]
    chosen = wish.chosen.get(name, ())
    values = sorted(
        {**dict.fromkeys(chosen, 0), **figures}.items(),
        key=lambda pair: (pair[0] not in chosen, -pair[1], pair[0]),
    )
    shown = [_value(name, value, wish, number, counts) for value, number in values]
    return FacetList(
        name=name,
        label=str(FACETS[name].label),
        first=tuple(shown[:VALUES_SHOWN]),
        more=tuple(shown[VALUES_SHOWN:]),
        is_open=bool(chosen),
    )


def _value(name: str, value: str, wish: Wish, number: int, counts: Counts) -> Value:
    return Value(
        label=FACETS[name].say(value),
        value=value,
        count=f"{number}+" if counts.is_capped and number else str(number),
        url=url_of(wish.toggled(name, value)),
        is_chosen=value in wish.chosen.get(name, ()),
    )


def _chosen(wish: Wish) -> tuple[Value, ...]:
    return tuple(
        Value(
            label=f"{FACETS[name].label}: {FACETS[name].say(value)}",
            value=value,
            count="",
            url=url_of(wish.toggled(name, value)),
            is_chosen=True,
        )
        for name, values in wish.chosen.items()
        for value in values
    )


def _order(sort: Sort, wish: Wish) -> Order:
    labels = {
        Sort.RELEVANCE: pgettext("order of a list", "Best match"),
        Sort.NEWEST: pgettext("order of a list", "Newest"),
        Sort.PRICE: pgettext("order of a list", "Lowest price"),
        Sort.QUALITY: pgettext("order of a list", "Best quality"),
    }
    return Order(labels[sort], url_of(Wish(wish.text, wish.chosen, sort)), sort is wish.sort)
