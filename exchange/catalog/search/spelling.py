"""Slips of the pen: a word that no listing has, and the nearest that titles, keywords and summaries have.

Words are compared by their runs of three letters, then by how many letters differ. Words of a listing stay
when it goes: a word is only proposed where a search for it finds something.
"""

import json
import re
from typing import Any

from django.db import connection

from exchange.catalog.models.search import WORD_CHARS_MAX
from exchange.catalog.search import synonyms, words

CHARS_MIN = 4
LONG = 8  # from here two letters may differ, below one
ASKED_MAX = 6  # words of one search
CANDIDATES_MAX = 30
ALIKE_MIN = 0.2
_LEXEME = re.compile(r"'([^']+)':([0-9A-D,]+)")

# One transaction at a time adds words: nobody waits for another, and who comes second leaves it to what is
# indexed next.
LEARN = """
WITH turn AS MATERIALIZED (
    SELECT pg_try_advisory_xact_lock(hashtext('catalog.search.words')) AS is_ours
)
INSERT INTO catalog_searchword (word, grams)
SELECT said.word, said.grams
  FROM turn, jsonb_to_recordset(%(words)s::jsonb) AS said(word text, grams varchar[])
 WHERE is_ours
ON CONFLICT DO NOTHING
"""
# `shared` of `many` and of the asked word's own runs of letters. The commoner word comes before the rarer.
LIKE = """
SELECT asked.word, near.word
  FROM jsonb_to_recordset(%(asked)s::jsonb) AS asked(word text, grams varchar[])
 CROSS JOIN LATERAL (
    SELECT word, shared / (many + cardinality(asked.grams) - shared) AS alike
      FROM (SELECT word, cardinality(grams) AS many, (
                SELECT count(*) FROM unnest(grams) AS gram WHERE gram = ANY(asked.grams)
            )::float AS shared
              FROM catalog_searchword
             WHERE grams && asked.grams
               AND length(word) BETWEEN length(asked.word) - 2 AND length(asked.word) + 2) AS kept
     ORDER BY alike DESC, word LIMIT %(limit)s
 ) AS near
 WHERE near.alike >= %(alike)s
   AND NOT EXISTS (
        SELECT FROM catalog_searchentry WHERE text_terms @@ quote_literal(asked.word)::tsquery
   )
 ORDER BY asked.word, (
    SELECT count(*) FROM (
        SELECT FROM catalog_searchentry WHERE text_terms @@ quote_literal(near.word)::tsquery LIMIT 100
    ) AS hits
 ) DESC, near.word
"""


def learn(terms: str) -> None:
    """Keep the words of a vector's titles, keywords and summaries, to propose them later."""
    found = sorted(
        word
        for word, places in _LEXEME.findall(terms)
        if _is_word(word) and set(places) & set("ABC")
    )
    _ran(LEARN, words=json.dumps([{"word": word, "grams": _grams(word)} for word in found]))


def mended(text: str) -> str:
    """The text with the nearest word in place of each that no listing has; empty where there is none."""
    asked = [
        {"word": piece.text, "grams": _grams(piece.text)}
        for piece in words.said(text).plain
        if _is_word(piece.text) and (piece,) not in synonyms.groups()
    ]
    if not asked:
        return ""
    best: dict[str, tuple[int, str]] = {}
    bounds = {"alike": ALIKE_MIN, "limit": CANDIDATES_MAX}
    for word, other in _ran(LIKE, asked=json.dumps(asked[:ASKED_MAX]), **bounds):
        apart = distance(word, other)
        if apart <= (1 if len(word) < LONG else 2) and apart < best.get(word, (LONG,))[0]:
            best[word] = (apart, other)
    return (
        words.replaced(text, {word: other for word, (_apart, other) in best.items()})
        if best
        else ""
    )


def distance(one: str, other: str) -> int:
    """How many letters are left out, added, changed or swapped with their neighbour."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, 1):
        following = [number]
        for at, wanted in enumerate(other, 1):
            least = min(row[at] + 1, following[-1] + 1, row[at - 1] + (letter != wanted))
            if number > 1 and at > 1 and one[number - 2] == wanted and letter == other[at - 2]:
                least = min(least, before[at - 2] + 1)
            following.append(least)
        before, row = row, following
    return row[-1]


def _is_word(text: str) -> bool:
    return CHARS_MIN <= len(text) <= WORD_CHARS_MAX and text.isalpha() and not words.is_run(text)


def _grams(word: str) -> list[str]:
    """Its runs of three letters; two blanks stand before it and one behind."""
    padded = f"  {word} "
    return sorted({padded[at : at + 3] for at in range(len(padded) - 2)})


def _ran(statement: str, **facts: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, facts)
        return cursor.fetchall() if cursor.description else []
