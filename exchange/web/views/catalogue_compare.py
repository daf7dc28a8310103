"""Up to four listings beside each other."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from exchange.catalog.queries.similar import cards_named
from exchange.web.catalogue_cards import Card, card_of
from exchange.web.pages import render_page
from exchange.web.templatetags.assay import count, money

COMPARED_MAX = 4


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
def show(request: HttpRequest) -> HttpResponse:
    """The listings that the address names by `id`; those that are not listed are left out."""
    asked = list(dict.fromkeys(request.GET.getlist("id")[:50]))
    cards = [card_of(stored) for stored in cards_named(asked[:COMPARED_MAX])]
    ids = [card.public_id for card in cards]
    page = ComparePage(
        columns=tuple(
            Column(card, _url([one for one in ids if one != card.public_id])) for card in cards
        ),
        lines=_lines(cards),
        is_cut=len(asked) > COMPARED_MAX,
        compared_max=COMPARED_MAX,
    )
    return render_page(request, "catalog/compare.html", page)


def _url(ids: list[str]) -> str:
    return f"{reverse('web:compare')}?{urlencode({'id': ids}, doseq=True)}"


def _lines(cards: list[Card]) -> tuple[Line, ...]:
    rows = [
        (_("Price"), [_price(card) for card in cards]),
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
