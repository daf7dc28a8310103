"""The search: a bounded page of listings, how many there are, and the facets to go on with."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.core import signing
from django.db import connection

from exchange.catalog.models import Product, SearchEntry
from exchange.catalog.search import spelling, synonyms, words
from exchange.catalog.search.near import nearest
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
# What a title may have, the best first: the very words, words that mean the same, some of them.
TITLES = {name: f"title_terms @@ %({name})s::tsquery" for name in ("exact", "terms", "some")}
ONLY = "product_id = ANY(%(only)s)"
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

# What is sold or delivered here before open data elsewhere, titles before texts (`named` as TITLES has them),
# then how much of the text the words make up, the very words counted twice, then the newest. Of each kind
# no more than `ranked` are looked at: whoever has so many hits wants another word or another order.
BY_RELEVANCE = """
WITH hits AS (
    {hits}
), ranked AS (
    SELECT product_id, card, listed_at, is_local, CASE {named} ELSE 0 END AS named,
           round((ts_rank_cd(text_terms, %(terms)s::tsquery, 17)
                  + ts_rank_cd(text_terms, %(exact)s::tsquery, 17))::numeric, 6) AS rank
      FROM hits JOIN catalog_searchentry USING (product_id)
)
SELECT product_id, card, is_local, named, rank, listed_at FROM ranked {after}
 ORDER BY is_local DESC, named DESC, rank DESC, listed_at DESC, product_id DESC
 LIMIT %(limit)s
"""
HITS = """(SELECT product_id FROM catalog_searchentry
      WHERE {where} AND {kind} LIMIT %(ranked)s)"""
AFTER_RELEVANCE = """
 WHERE (is_local, named, rank, listed_at, product_id)
     < (%(local)s::boolean, %(named)s::integer, %(rank)s::numeric, %(at)s::timestamptz, %(id)s)"""

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

    `is_loose` when no listing has all words, so that those with some of them are shown. Where fewer have
    all words than a page holds, `near` are listings with most of them. Where nothing here fits, the command
    asks for what lies elsewhere too; where nothing fits at all, it has the nearest word in place of one that
    no listing has, and `mistyped` is the text that was asked for.
    """

    cards: tuple[Mapping[str, Any], ...]
    following: str
    command: SearchRequest
    keys: tuple[int, ...] = ()
    near: tuple[Mapping[str, Any], ...] = ()
    is_loose: bool = False
    mistyped: str = ""

    @property
    def only(self) -> tuple[int, ...] | None:
        """What is to be counted where the page is loose."""
        return self.keys if self.is_loose else None


def find(command: SearchRequest, *, place: str = "", limit: int) -> Page:
    """One page of what fits. Raises BadPlace for a place of another list."""
    after = _opened(place, command)
    found = _page(command, after, limit)
    if after or len(found.cards) >= limit:
        return found
    commands = _wider(command)
    best = found if found.cards else _first_of(commands[1:], limit)
    if best is not None or not command.text:
        return _filled(best or found, limit)
    mended = spelling.mended(command.text)
    if mended:
        commands = [replace(one, text=mended) for one in commands]
        best = _first_of(commands, limit)
    if best is None:
        loose = (_near(one, limit=limit) for one in commands)
        best = next((page for page in loose if page.cards), None)
    if best is None:
        return found
    best = best if best.is_loose else _filled(best, limit)
    return replace(best, mistyped=command.text if mended else "")


def _wider(command: SearchRequest) -> list[SearchRequest]:
    """The command, and what lies elsewhere besides where it was left out."""
    everywhere = replace(command, has_elsewhere=True)
    return [command] if command.has_elsewhere else [command, everywhere]


def _first_of(commands: Sequence[SearchRequest], limit: int) -> Page | None:
    pages = (_page(command, [], limit) for command in commands)
    return next((page for page in pages if page.cards), None)


def _filled(page: Page, limit: int) -> Page:
    """The page with what has most of the words after what has all."""
    others = _near(page.command, but=page.keys, limit=limit - len(page.cards))
    return replace(page, near=others.cards)


def _near(command: SearchRequest, *, but: Sequence[int] = (), limit: int) -> Page:
    """Listings with most of the words. They are one page: a hint at what is near, not the answer."""
    if limit < 1 or not command.text:
        return Page((), "", command)
    where, facts = _where(replace(command, text=""))
    found = nearest(command.text, where=where, facts=facts, but=but, limit=limit)
    cards = tuple(map(json.loads, found.cards))
    return Page(cards, "", command, keys=tuple(found.keys), is_loose=True)


def find_any(command: SearchRequest, *, limit: int) -> tuple[Mapping[str, Any], ...]:
    """The best listings that have any of the words."""
    return _page(command, [], limit, every=False).cards if command.text else ()


def count(command: SearchRequest, *, only: Sequence[int] | None = None) -> Counts:
    """How many fit, and the facets. A facet with a choice counts as if it had none.

    `only` are the keys of a page that is loose: they are what is counted.
    """
    total, elsewhere, facets = _counted(command, only)
    for name in command.chosen:
        others = {facet: values for facet, values in command.chosen.items() if facet != name}
        _total, _elsewhere, wider = _counted(replace(command, chosen=others), only)
        facets[name] = wider.get(name, {})
    return Counts(min(total, COUNTED_MAX), total > COUNTED_MAX, facets, elsewhere)


def _counted(
    command: SearchRequest, only: Sequence[int] | None
) -> tuple[int, int, dict[str, Mapping[str, int]]]:
    where, facts = _where(command, only=only)
    anywhere, _facts = _where(replace(command, has_elsewhere=True), only=only)
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
    cards = tuple(json.loads(row[1]) for row in shown)
    return Page(cards, following, command, keys=tuple(row[0] for row in shown))


def _by_relevance(
    command: SearchRequest, where: str, facts: Mapping[str, Any], after: list[Any]
) -> tuple[str, dict[str, Any]]:
    more: dict[str, Any] = {"ranked": RANKED_MAX}
    if after:
        more.update(zip(("id", "local", "named", "rank", "at"), after, strict=True))
    names = list({facts[name]: name for name in reversed(TITLES)}.values())[::-1]
    hits = [
        HITS.format(where=where, kind=f"{here} AND {kind}")
        for here in ([HERE, f"NOT {HERE}"] if command.has_elsewhere else [HERE])
        for kind in _kinds(names)
    ]
    statement = BY_RELEVANCE.format(
        hits="\n    UNION\n    ".join(hits),
        named=" ".join(
            f"WHEN {TITLES[name]} THEN {len(names) - at}" for at, name in enumerate(names)
        ),
        after=AFTER_RELEVANCE if after else "",
    )
    return statement, more


def _kinds(names: Sequence[str]) -> Iterator[str]:
    """Conditions of what is looked at: each kind of title, then what has the words in its text alone.

    The very words are among those that mean the same: to look for the others alone would be to read all.
    """
    for at, name in enumerate(names):
        others = [TITLES[before] for before in names[:at] if before != "exact"]
        yield " AND ".join([TITLES[name], *(f"NOT {other}" for other in others)])
    yield f"NOT {TITLES[names[-1]]}"


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


def _where(
    command: SearchRequest, *, every: bool = True, only: Sequence[int] | None = None
) -> tuple[str, dict[str, Any]]:
    """The fixed conditions of this search; all that somebody typed is a parameter."""
    facts: dict[str, Any] = {
        "terms": synonyms.query(command.text, every=every),
        "exact": words.query(command.text, every=every),
        "some": synonyms.query(command.text, every=False),
    }
    conditions = [TEXT] if facts["terms"] else []
    if command.text and not facts["terms"]:
        conditions.append("false")  # signs alone: nothing can fit
    if only is not None:
        conditions, facts["only"] = [ONLY], list(only)
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
