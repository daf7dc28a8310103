"""Listings like one that is looked at."""

from collections.abc import Mapping
from typing import Any

from exchange.catalog.models import Product, SearchEntry
from exchange.catalog.search import finding, words
from exchange.catalog.search.wishes import Sort, wish_of

SIMILAR_MAX = 4
WORDS_ASKED = 6


def similar_cards(product: Product) -> list[Mapping[str, Any]]:
    """Listed products that share words of its title, those of its industry first."""
    asked = [piece.text for piece in words.pieces(f"{product.title} {product.title_zh}")]
    longest = sorted(dict.fromkeys(asked), key=len, reverse=True)[:WORDS_ASKED]
    found: dict[str, Mapping[str, Any]] = {}
    for chosen in ({"industry": [product.industry]}, {}):
        if len(found) > SIMILAR_MAX or (chosen and not product.industry):
            continue
        wish = wish_of(text=" ".join(longest), chosen=chosen, sort=Sort.RELEVANCE)
        for card in finding.find_any(wish, limit=SIMILAR_MAX + 1):
            found.setdefault(card["id"], card)
    found.pop(product.public_id, None)
    return list(found.values())[:SIMILAR_MAX]


def cards_named(public_ids: list[str]) -> list[Mapping[str, Any]]:
    """The cards of listed products by id, in the order asked for."""
    rows = SearchEntry.objects.filter(product__public_id__in=public_ids)
    cards = {card["id"]: card for card in rows.values_list("card", flat=True)}
    return [cards[one] for one in public_ids if one in cards]
