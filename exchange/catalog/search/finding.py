"""The search: a bounded page of listings, how many there are, and the facets to go on with."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core import signing
from django.db import connection

from exchange.catalog.models import Product, SearchEntry
from exchange.catalog.search import words
from exchange.catalog.search.requests import FACETS, SearchRequest, Sort, command_of

COUNTED_MAX = 1_000
RANKED_MAX = 300
PAGE_MAX = 100
_SIGNER = signing.Signer(salt="catalogue.page")
CURSOR_CHARS_MAX = 300
SIMILAR_MAX = 4
WORDS_ASKED = 6

# `{where}` and `{after}` are built of the fixed pieces below.
TEXT = "text_terms @@ %(terms)s::tsquery"
TITLE = "title_terms @@ %(terms)s::tsquery"
FACET = "facets && %({name})s::varchar[]"

# How many there are, and how many of each facet, no further than `ceiling`. The first row is all.
COUNTS = """
WITH hits AS MATERIALIZED (
    SELECT facets FROM catalog_searchentry WHERE {where} LIMIT %(ceiling)s
)
SELECT '' AS facet, count(*) FROM hits
UNION ALL
SELECT facet, count(*) FROM hits CROSS JOIN LATERAL unnest(facets) AS facet GROUP BY facet
"""

# Titles before texts, then how much of the text the words make up, then the newest. Of each kind no
# more than `ranked` are looked at: whoever has so many hits wants another word or another order.
BY_RELEVANCE = """
WITH hits AS (
    (SELECT *, true AS named FROM catalog_searchentry
      WHERE {title} AND {where} LIMIT %(ranked)s)
    UNION ALL
    (SELECT *, false AS named FROM catalog_searchentry
      WHERE {where} AND NOT {title} LIMIT %(ranked)s)
), ranked AS (
    SELECT product_id, card, listed_at, named,
           round(ts_rank(text_terms, %(terms)s::tsquery, 1)::numeric, 6) AS rank
      FROM hits
)
SELECT product_id, card, named, rank, listed_at FROM ranked {after}
 ORDER BY named DESC, rank DESC, listed_at DESC, product_id DESC LIMIT %(limit)s
"""
AFTER_RELEVANCE = """
 WHERE (named, rank, listed_at, product_id)
     < (%(named)s::boolean, %(rank)s::numeric, %(at)s::timestamptz, %(id)s)"""

BY_ORDER = """
SELECT product_id, card, {key} FROM catalog_searchentry
 WHERE {where} {after} ORDER BY {key} {direction}, product_id {direction} LIMIT %(limit)s
"""
AFTER_ORDER = " AND ({key}, product_id) {beyond} (%(key)s::{kind}, %(id)s)"

# The saved searches whose words a product's entry has; their facets are compared by the caller.
SEARCHES_FITTING = """
SELECT saved.id, saved.facets
  FROM catalog_savedsearch saved, catalog_searchentry entry
 WHERE entry.product_id = %(product)s AND saved.id > %(after)s
   AND (saved.terms = '' OR entry.text_terms @@ saved.terms::tsquery)
 ORDER BY saved.id LIMIT %(limit)s
"""

# Column, its SQL type, whether the largest comes first.
_ORDERS: Mapping[Sort, tuple[str, str, bool]] = {
    Sort.NEWEST: ("listed_at", "timestamptz", True),
    Sort.PRICE: ("price_order", "bigint", False),
    Sort.QUALITY: ("quality_score", "numeric", True),
}


class BadPlace(ValueError):
    """The place in a list is none that this list gave out."""


@dataclass(frozen=True)
class Counts:
    """How many listings fit, and how many of them have each facet value, both up to COUNTED_MAX.

    Where `is_capped`, every figure is a lower bound.
    """

    total: int
    is_capped: bool
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """Cards of one page. `following` is the place of the next, empty at the end.

    `is_loose` when no listing has all words, so that those with any of them are shown.
    """

    cards: tuple[Mapping[str, Any], ...]
    following: str
    is_loose: bool = False


def find(command: SearchRequest, *, place: str = "", limit: int) -> Page:
    """One page of what fits. Raises BadPlace for a place of another list."""
    terms = words.query(command.text)
    after = _opened(place, command)
    found = _page(command, terms, after, limit)
    if found.cards or after or not terms:
        return found
    loose = words.query(command.text, every=False)
    if loose == terms:
        return found
    # A loose page is the only one: it is a hint at what is near, not the answer.
    near = _page(command, loose, [], limit)
    return Page(cards=near.cards, following="", is_loose=bool(near.cards))


def find_any(command: SearchRequest, *, limit: int) -> tuple[Mapping[str, Any], ...]:
    """The best listings that have any of the words."""
    terms = words.query(command.text, every=False)
    return _page(command, terms, [], limit).cards if terms else ()


def count(command: SearchRequest, *, is_loose: bool = False) -> Counts:
    """How many fit, and the facets. A facet with a choice counts as if it had none."""
    terms = words.query(command.text, every=not is_loose)
    total, facets = _counted(command, terms)
    for name in command.chosen:
        others = {facet: values for facet, values in command.chosen.items() if facet != name}
        _total, wider = _counted(SearchRequest(command.text, others), terms)
        facets[name] = wider.get(name, {})
    return Counts(min(total, COUNTED_MAX), total > COUNTED_MAX, facets)


def _counted(command: SearchRequest, terms: str) -> tuple[int, dict[str, Mapping[str, int]]]:
    where, facts = _where(command, terms)
    facets: dict[str, dict[str, int]] = {name: {} for name in FACETS}
    total = 0
    with connection.cursor() as cursor:
        cursor.execute(COUNTS.format(where=where), {**facts, "ceiling": COUNTED_MAX + 1})
        for facet, number in cursor.fetchall():
            name, _colon, value = facet.partition(":")
            if not facet:
                total = number
            elif name in facets:
                facets[name][value] = min(number, COUNTED_MAX)
    return total, dict(facets)


def _page(command: SearchRequest, terms: str, after: list[Any], limit: int) -> Page:
    where, facts = _where(command, terms)
    facts["limit"] = min(limit, PAGE_MAX) + 1
    if command.sort is Sort.RELEVANCE and terms:
        statement, more = _by_relevance(where, after)
    else:
        statement, more = _by_order(command, where, after)
    with connection.cursor() as cursor:
        cursor.execute(statement, {**facts, **more})
        rows = cursor.fetchall()
    shown = rows[: facts["limit"] - 1]
    following = ""
    if len(rows) > len(shown):
        following = _place(command, [shown[-1][0], *shown[-1][2:]])
    return Page(cards=tuple(json.loads(row[1]) for row in shown), following=following)


def _by_relevance(where: str, after: list[Any]) -> tuple[str, dict[str, Any]]:
    facts: dict[str, Any] = {"ranked": RANKED_MAX}
    if after:
        facts.update(zip(("id", "named", "rank", "at"), after, strict=True))
    statement = BY_RELEVANCE.format(
        title=TITLE, where=where, after=AFTER_RELEVANCE if after else ""
    )
    return statement, facts


def _by_order(command: SearchRequest, where: str, after: list[Any]) -> tuple[str, dict[str, Any]]:
    key, kind, is_falling = _ORDERS.get(command.sort, _ORDERS[Sort.NEWEST])
    facts: dict[str, Any] = {}
    beyond = ""
    if after:
        beyond = AFTER_ORDER.format(key=key, kind=kind, beyond="<" if is_falling else ">")
        facts = dict(zip(("id", "key"), after, strict=True))
    direction = "DESC" if is_falling else "ASC"
    return BY_ORDER.format(key=key, where=where, after=beyond, direction=direction), facts


def _where(command: SearchRequest, terms: str) -> tuple[str, dict[str, Any]]:
    """The fixed conditions of this search; all that somebody typed is a parameter."""
    conditions = [TEXT] if terms else []
    facts: dict[str, Any] = {"terms": terms}
    if command.text and not terms:
        conditions.append("false")  # signs alone: nothing can fit
    for number, (name, values) in enumerate(command.chosen.items()):
        conditions.append(FACET.format(name=f"facet{number}"))
        facts[f"facet{number}"] = [f"{name}:{value}" for value in values]
    return " AND ".join(conditions) or "true", facts


def _place(command: SearchRequest, key: list[Any]) -> str:
    """Where the next page begins, good for this search alone."""
    texts = [part.isoformat() if isinstance(part, datetime) else part for part in key]
    plain = [part if isinstance(part, int | str | bool) else str(part) for part in texts]
    return _SIGNER.sign_object([_mark(command), plain])


def _mark(command: SearchRequest) -> str:
    return hashlib.sha256(command.query().encode()).hexdigest()[:16]


def _opened(place: str, command: SearchRequest) -> list[Any]:
    if not place:
        return []
    try:
        mark, key = _SIGNER.unsign_object(place[:CURSOR_CHARS_MAX])
    except (signing.BadSignature, ValueError) as error:
        raise BadPlace("The place is not signed.") from error
    if mark != _mark(command) or not isinstance(key, list):
        raise BadPlace("The place is of another list.")
    return key


def similar_cards(product: Product) -> list[Mapping[str, Any]]:
    """Listed products that share words of its title, those of its industry first."""
    asked = [piece.text for piece in words.pieces(f"{product.title} {product.title_zh}")]
    longest = sorted(dict.fromkeys(asked), key=len, reverse=True)[:WORDS_ASKED]
    found: dict[str, Mapping[str, Any]] = {}
    for chosen in ({"industry": [product.industry]}, {}):
        if len(found) > SIMILAR_MAX or (chosen and not product.industry):
            continue
        command = command_of(text=" ".join(longest), chosen=chosen, sort=Sort.RELEVANCE)
        for card in find_any(command, limit=SIMILAR_MAX + 1):
            found.setdefault(card["id"], card)
    found.pop(product.public_id, None)
    return list(found.values())[:SIMILAR_MAX]


def cards_named(public_ids: list[str]) -> list[Mapping[str, Any]]:
    """The cards of listed products by id, in the order asked for."""
    rows = SearchEntry.objects.filter(product__public_id__in=public_ids)
    cards = {card["id"]: card for card in rows.values_list("card", flat=True)}
    return [cards[one] for one in public_ids if one in cards]
