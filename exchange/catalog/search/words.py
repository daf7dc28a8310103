"""Words of English, Chinese and mixed text, folded alike for what is stored and what is asked."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Weight = Literal["A", "B", "C", "D"]

TEXT_CHARS_MAX = 40_000
WORD_CHARS_MAX = 60
POSITION_MAX = 16_000  # a tsvector counts no further than 16,383
PLACES_MAX = 200  # of one lexeme; a tsvector keeps 255
QUERY_CHARS_MAX = 200
TERMS_MAX = 12

# Han, kana and Hangul: written without spaces between words, or with ones that mean little.
_RUN = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_PIECE = re.compile(rf"(?P<run>[{_RUN}]+)|(?P<word>(?:(?![{_RUN}])[^\W_])+)")
_ASKED = re.compile(r'(?P<minus>-)?(?:"(?P<quoted>[^"]*)"|(?P<plain>[^\s"]+))')


@dataclass(frozen=True)
class Piece:
    """A word, or a run of characters that no space divides."""

    text: str
    is_run: bool


TermsOf = Callable[[Sequence[Piece]], Iterable[str]]


def fold(text: str) -> str:
    """Lower case, wide letters narrow, accents gone."""
    apart = unicodedata.normalize("NFKD", text[:TEXT_CHARS_MAX]).casefold()
    bare = "".join(char for char in apart if not unicodedata.combining(char))
    return unicodedata.normalize("NFC", bare)


def pieces(text: str) -> Iterator[Piece]:
    """The words and runs of `text`, folded, plural words as their singular."""
    for found in _PIECE.finditer(fold(text)):
        run = found.group("run")
        yield Piece(run, True) if run else Piece(_singular(found.group("word")), False)


def vector(*fields: tuple[Weight, str]) -> str:
    """A tsvector in PostgreSQL's own notation, each field under its weight.

    No phrase reaches from one field into the next.
    """
    places: dict[str, list[str]] = defaultdict(list)
    at = 1
    for weight, text in fields:
        for piece in pieces(text):
            for lexeme, place in _lexemes(piece, at):
                if place <= POSITION_MAX and len(places[lexeme]) < PLACES_MAX:
                    places[lexeme].append(f"{place}{weight}")
            at += len(piece.text) if piece.is_run else 1
        at += 1
    return " ".join(f"'{lexeme}':{','.join(found)}" for lexeme, found in places.items() if found)


def query(text: str, *, every: bool = True, terms_of: TermsOf | None = None) -> str:
    """A tsquery for what somebody typed; empty when it names nothing to look for.

    All words must be there, or with `every=False` any of them. "Quoted words" stand together, and a
    word after a minus must be absent; neither is given to `terms_of`, which may make more of a word.
    """
    plain: list[Piece] = []
    wanted: list[str] = []
    unwanted: list[str] = []
    for said in _ASKED.finditer(text[:QUERY_CHARS_MAX]):
        quoted, is_unwanted = said.group("quoted"), bool(said.group("minus"))
        found = list(pieces(quoted or said.group("plain") or ""))
        if quoted and found:
            (unwanted if is_unwanted else wanted).append(phrase(found))
        elif is_unwanted:
            unwanted.extend(map(asked, found))
        else:
            plain.extend(found)
    wanted.extend(terms_of(plain) if terms_of else map(asked, plain))
    if not wanted:
        return ""
    joined = (" & " if every else " | ").join(f"({term})" for term in _once(wanted))
    return f"({joined})" + "".join(f" & !({term})" for term in _once(unwanted))


def phrase(found: Iterable[Piece]) -> str:
    """A term for pieces that stand one after the other."""
    return " <-> ".join(map(asked, found))


def asked(piece: Piece) -> str:
    """A term for a piece."""
    if not piece.is_run or len(piece.text) == 1:
        return f"'{piece.text}'"
    return " <-> ".join(
        f"'{piece.text[number : number + 2]}'" for number in range(len(piece.text) - 1)
    )


def _once(terms: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(terms))[:TERMS_MAX]


def _lexemes(piece: Piece, at: int) -> Iterator[tuple[str, int]]:
    if not piece.is_run:
        yield piece.text, at
        return
    for number, char in enumerate(piece.text):
        yield char, at + number
        if number + 1 < len(piece.text):
            yield piece.text[number : number + 2], at + number


def _singular(word: str) -> str:
    """English plurals only, and only the regular ones: more folding finds more that is wrong."""
    word = word[:WORD_CHARS_MAX]
    if len(word) <= 3 or not word.endswith("s") or word.endswith(("ss", "us", "is")):  # noqa: PLR2004
        return word
    if word.endswith("ies") and not word.endswith(("eies", "aies")):
        return f"{word[:-3]}y"
    return word[:-2] if word.endswith(("sses", "xes", "ches", "shes")) else word[:-1]
