"""The search: a bounded page of listings, how many there are, and the facets to go on with."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.core import signing
from django.db import connection

from exchange.catalog.models import Product, SearchEntry
from exchange.catalog.search import synonyms, words
from exchange.catalog.search.requests import FACETS, SearchRequest, Sort, command_of

COUNTED_MAX = 1_000
RANKED_MAX = 300
PAGE_MAX = 100
_SIGNER = signing.Signer(salt="catalogue.page")
CURSOR_CHARS_MAX = 300
SIMILAR_MAX = 4
WORDS_ASKED = 6

# `{where}`, `{kind}` and `{after}` are built of the fixed pieces below.
TEXT = "text_terms @@ %(terms)s::tsquery"
TITLE = "title_terms @@ %(terms)s::tsquery"
EXACT = "text_terms @@ %(exact)s::tsquery"
HERE = "is_local"
FACET = "facets && %({name})s::varchar[]"
PRICED = """price_order BETWEEN %(lowest)s AND %(highest)s
   AND (price_order = 0 OR facets && %(currency)s::varchar[])"""

# How many there are, and how many of each facet, no further than `ceiling`. The first rows are all, and
# all that would fit of what lies elsewhere.
COUNTS = """
WITH hits AS MATERIALIZED (
    SELECT facets FROM catalog_searchentry WHERE {where} LIMIT %(ceiling)s
), elsewhere AS MATERIALIZED (
    SELECT 1 FROM catalog_searchentry WHERE {elsewhere} LIMIT %(ceiling)s
)
SELECT '' AS facet, count(*) FROM hits
UNION ALL
SELECT 'elsewhere', count(*) FROM elsewhere
UNION ALL
SELECT facet, count(*) FROM hits CROSS JOIN LATERAL unnest(facets) AS facet GROUP BY facet
"""
ELSEWHERE = "elsewhere"

# What is sold or delivered here before open data elsewhere, the very words before words of the same
# meaning, titles before texts, then how much of the text the words make up, then the newest. Of each
# kind no more than `ranked` are looked at: whoever has so many hits wants another word or another order.
BY_RELEVANCE = """
WITH hits AS (
    {hits}
), ranked AS (
    SELECT product_id, card, listed_at, is_local, exact, named,
           round(ts_rank(text_terms, %(terms)s::tsquery, 1)::numeric, 6) AS rank
      FROM hits
)
SELECT product_id, card, is_local, exact, named, rank, listed_at FROM ranked {after}
 ORDER BY is_local DESC, exact DESC, named DESC, rank DESC, listed_at DESC, product_id DESC
 LIMIT %(limit)s
"""
HITS = """(SELECT *, {exact} AS exact, {named} AS named FROM catalog_searchentry
      WHERE {where} AND {kind} LIMIT %(ranked)s)"""
AFTER_RELEVANCE = """
 WHERE (is_local, exact, named, rank, listed_at, product_id)
     < (%(local)s::boolean, %(is_exact)s::boolean, %(named)s::boolean, %(rank)s::numeric,
        %(at)s::timestamptz, %(id)s)"""

BY_ORDER = """
SELECT product_id, card, {keys} FROM catalog_searchentry
 WHERE {where} {after} ORDER BY {order}, product_id {direction} LIMIT %(limit)s
"""
AFTER_ORDER = " AND ({keys}, product_id) {beyond} ({values}, %(id)s)"

# The saved searches whose words a product's entry has; their facets are compared by the caller.
SEARCHES_FITTING = """
SELECT saved.id, saved.facets
  FROM catalog_savedsearch saved, catalog_searchentry entry
 WHERE entry.product_id = %(product)s AND saved.id > %(after)s
   AND (saved.terms = '' OR entry.text_terms @@ saved.terms::tsquery)
 ORDER BY saved.id LIMIT %(limit)s
"""

# Columns with their SQL types, and whether the largest comes first. The newest of what is here come
# before open data elsewhere.
_ORDERS: Mapping[Sort, tuple[Mapping[str, str], bool]] = {
    Sort.NEWEST: ({"is_local": "boolean", "listed_at": "timestamptz"}, True),
    Sort.PRICE: ({"price_order": "bigint"}, False),
    Sort.QUALITY: ({"quality_score": "numeric"}, True),
}


class BadPlace(ValueError):
    """The place in a list is none that this list gave out."""


@dataclass(frozen=True)
class Counts:
    """How many listings fit, and how many of them have each facet value, both up to COUNTED_MAX.

    Where `is_capped`, every figure is a lower bound. `elsewhere` counts the open data that fits and was
    left out; one more than COUNTED_MAX where there is more.
    """

    total: int
    is_capped: bool
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    elsewhere: int = 0


@dataclass(frozen=True)
class Page:
    """Cards of one page of the `command` that was answered. `following` is the place of the next, empty
    at the end.

    `is_loose` when no listing has all words, so that those with any of them are shown. Where nothing here
    fits, the command asks for what lies elsewhere too.
    """

    cards: tuple[Mapping[str, Any], ...]
    following: str
    command: SearchRequest
    is_loose: bool = False


def find(command: SearchRequest, *, place: str = "", limit: int) -> Page:
    """One page of what fits. Raises BadPlace for a place of another list."""
    after = _opened(place, command)
    found = _page(command, after, limit)
    if found.cards or after:
        return found
    for wider, every in _wider(command):
        near = _page(wider, [], limit, every=every)
        if near.cards:
            # A loose page is the only one: it is a hint at what is near, not the answer.
            return near if every else replace(near, following="", is_loose=True)
    return found


def _wider(command: SearchRequest) -> Iterator[tuple[SearchRequest, bool]]:
    """What to look for instead, the nearest first, and whether all words must be there."""
    everywhere = replace(command, has_elsewhere=True)
    commands = (command,) if command.has_elsewhere else (command, everywhere)
    if not command.has_elsewhere:
        yield everywhere, True
    if words.query(command.text, every=False) != words.query(command.text):
        yield from ((wider, False) for wider in commands)


def find_any(command: SearchRequest, *, limit: int) -> tuple[Mapping[str, Any], ...]:
    """The best listings that have any of the words."""
    return _page(command, [], limit, every=False).cards if command.text else ()


def count(command: SearchRequest, *, is_loose: bool = False) -> Counts:
    """How many fit, and the facets. A facet with a choice counts as if it had none."""
    total, elsewhere, facets = _counted(command, every=not is_loose)
    for name in command.chosen:
        others = {facet: values for facet, values in command.chosen.items() if facet != name}
        _total, _elsewhere, wider = _counted(replace(command, chosen=others), every=not is_loose)
        facets[name] = wider.get(name, {})
    return Counts(min(total, COUNTED_MAX), total > COUNTED_MAX, facets, elsewhere)


def _counted(
    command: SearchRequest, *, every: bool
) -> tuple[int, int, dict[str, Mapping[str, int]]]:
    where, facts = _where(command, every=every)
    anywhere, _facts = _where(replace(command, has_elsewhere=True), every=every)
    elsewhere = "false" if command.has_elsewhere else f"{anywhere} AND NOT {HERE}"
    facets: dict[str, dict[str, int]] = {name: {} for name in FACETS}
    totals = {"": 0, ELSEWHERE: 0}
    with connection.cursor() as cursor:
        cursor.execute(
            COUNTS.format(where=where, elsewhere=elsewhere), {**facts, "ceiling": COUNTED_MAX + 1}
        )
        for facet, number in cursor.fetchall():
            name, _colon, value = facet.partition(":")
            if facet in totals:
                totals[facet] = number
            elif name in facets:
                facets[name][value] = min(number, COUNTED_MAX)
    return totals[""], totals[ELSEWHERE], dict(facets)


def _page(command: SearchRequest, after: list[Any], limit: int, *, every: bool = True) -> Page:
    where, facts = _where(command, every=every)
    facts["limit"] = min(limit, PAGE_MAX) + 1
    if command.sort is Sort.RELEVANCE and facts["terms"]:
        statement, more = _by_relevance(command, where, facts, after)
    else:
        statement, more = _by_order(command, where, after)
    with connection.cursor() as cursor:
        cursor.execute(statement, {**facts, **more})
        rows = cursor.fetchall()
    shown = rows[: facts["limit"] - 1]
    following = ""
    if len(rows) > len(shown):
        following = _place(command, [shown[-1][0], *shown[-1][2:]])
    return Page(
        cards=tuple(json.loads(row[1]) for row in shown), following=following, command=command
    )


def _by_relevance(
    command: SearchRequest, where: str, facts: Mapping[str, Any], after: list[Any]
) -> tuple[str, dict[str, Any]]:
    more: dict[str, Any] = {"ranked": RANKED_MAX}
    if after:
        names = ("id", "local", "is_exact", "named", "rank", "at")
        more.update(zip(names, after, strict=True))
    hits = [
        HITS.format(
            where=where, kind=f"{here} AND {exact} AND {title}", exact=is_exact, named=named
        )
        for here in ([HERE, f"NOT {HERE}"] if command.has_elsewhere else [HERE])
        for exact, is_exact in _told_apart(EXACT, has_both=facts["terms"] != facts["exact"])
        for title, named in _told_apart(TITLE, has_both=True)
    ]
    statement = BY_RELEVANCE.format(
        hits="\n    UNION ALL\n    ".join(hits), after=AFTER_RELEVANCE if after else ""
    )
    return statement, more


def _told_apart(condition: str, *, has_both: bool) -> list[tuple[str, str]]:
    """The condition, then its opposite, each with what it says of the condition."""
    return [(condition, "true"), (f"NOT {condition}", "false")] if has_both else [("true", "true")]


def _by_order(command: SearchRequest, where: str, after: list[Any]) -> tuple[str, dict[str, Any]]:
    kinds, is_falling = _ORDERS.get(command.sort, _ORDERS[Sort.NEWEST])
    direction = "DESC" if is_falling else "ASC"
    keys = ", ".join(kinds)
    facts: dict[str, Any] = {}
    beyond = ""
    if after:
        values = ", ".join(f"%({name})s::{kind}" for name, kind in kinds.items())
        beyond = AFTER_ORDER.format(keys=keys, values=values, beyond="<" if is_falling else ">")
        facts = dict(zip(("id", *kinds), after, strict=True))
    statement = BY_ORDER.format(
        keys=keys,
        where=where,
        after=beyond,
        order=", ".join(f"{key} {direction}" for key in kinds),
        direction=direction,
    )
    return statement, facts


def _where(command: SearchRequest, *, every: bool) -> tuple[str, dict[str, Any]]:
    """The fixed conditions of this search; all that somebody typed is a parameter."""
    terms = synonyms.query(command.text, every=every)
    conditions = [TEXT] if terms else []
    facts: dict[str, Any] = {"terms": terms, "exact": words.query(command.text, every=every)}
    if command.text and not terms:
        conditions.append("false")  # signs alone: nothing can fit
    if not command.has_elsewhere:
        conditions.append(HERE)
    if command.price is not None:
        conditions.append(PRICED)
        facts["lowest"], facts["highest"] = command.price.ends
        facts["currency"] = [command.price.currency_facet]
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
