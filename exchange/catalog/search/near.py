"""What has some of the words: a rare word counts more than a frequent one, a title more than a text."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from exchange.catalog.search import synonyms, words

FREQUENT = 1_000  # no listing is counted beyond it
LOOKED_AT_MAX = 300  # of each word
LEAST_OF_BEST = 0.4
TEXT_WEIGHT = 0.5

HOW_FREQUENT = """
SELECT (SELECT count(*)
          FROM (SELECT FROM catalog_searchentry WHERE text_terms @@ asked.term LIMIT %(ceiling)s) AS hits)
  FROM unnest(%(terms)s::text[]::tsquery[]) WITH ORDINALITY AS asked(term, number)
 ORDER BY asked.number
"""
# `{hits}` are HITS of each word, `{where}` the conditions of the search but its words. What is sold or
# delivered here counts a little more.
NEAREST = """
WITH hits AS (
    {hits}
), scored AS (
    SELECT entry.product_id, card, is_local, listed_at, (
        SELECT sum(weight * CASE WHEN title_terms @@ term THEN 1
                                 WHEN text_terms @@ term THEN %(text_weight)s ELSE 0 END)
          FROM unnest(%(terms)s::text[]::tsquery[], %(weights)s::float8[]) AS asked(term, weight)
    ) AS score
      FROM catalog_searchentry AS entry JOIN hits USING (product_id)
), best AS (
    SELECT max(score) AS score FROM scored
)
SELECT product_id, card FROM scored CROSS JOIN best
 WHERE scored.score >= %(least)s * best.score AND product_id <> ALL(%(but)s)
 ORDER BY scored.score * CASE WHEN is_local THEN 1.2 ELSE 1 END DESC, listed_at DESC, product_id DESC
 LIMIT %(limit)s
"""
HITS = """(SELECT product_id FROM catalog_searchentry
      WHERE {where} AND {kind} @@ %({term})s::tsquery LIMIT %(looked_at)s)"""


@dataclass(frozen=True)
class Nearest:
    """Listings by key and the card of each, the nearest first."""

    keys: Sequence[int] = ()
    cards: Sequence[str] = ()


def nearest(
    text: str, *, where: str, facts: Mapping[str, Any], but: Collection[int] = (), limit: int
) -> Nearest:
    """What has most of what the words of `text` say, `where` the fixed conditions hold; nothing where there
    is but one thing to look for."""
    typed = words.said(text)
    asked = [part for term in synonyms.terms(typed) for part in term.parts]
    terms = list(dict.fromkeys(asked))[: words.TERMS_MAX]
    if len(terms) < 2:  # noqa: PLR2004 - most of one word is that word
        return Nearest()
    weights = {term: weight for term, weight in zip(terms, _weights(terms), strict=True) if weight}
    if not weights:
        return Nearest()
    unwanted = "".join(
        f" AND NOT text_terms @@ %(unwanted{number})s::tsquery"
        for number, _one in enumerate(typed.unwanted)
    )
    hits = [
        HITS.format(where=where + unwanted, kind=kind, term=f"term{number}")
        for number in range(len(weights))
        for kind in ("title_terms", "text_terms")
    ]
    more: dict[str, Any] = {
        **{f"term{number}": term for number, term in enumerate(weights)},
        **{f"unwanted{number}": words.phrase(one) for number, one in enumerate(typed.unwanted)},
        "terms": list(weights),
        "weights": list(weights.values()),
        "text_weight": TEXT_WEIGHT,
        "least": LEAST_OF_BEST,
        "looked_at": LOOKED_AT_MAX,
        "but": list(but),
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(NEAREST.format(hits="\n    UNION\n    ".join(hits)), {**facts, **more})
        rows = cursor.fetchall()
    return Nearest([key for key, _card in rows], [card for _key, card in rows])


def _weights(terms: Sequence[str]) -> list[float]:
    """How much each term tells: nothing where no listing has it, else the more the fewer have it."""
    with connection.cursor() as cursor:
        cursor.execute(HOW_FREQUENT, {"terms": list(terms), "ceiling": FREQUENT + 1})
        counts = [count for (count,) in cursor.fetchall()]
    return [math.log(1 + (FREQUENT + 1) / count) if count else 0.0 for count in counts]
