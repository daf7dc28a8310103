"""Words of English, Chinese and mixed text, folded alike for what is stored and what is asked."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
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
_VOICED = "\u3099\u309a"  # what makes ガ of カ: another letter, not an accent
_SIMPLIFIED = Path(__file__).with_name("simplified.txt")
_ASKED = re.compile(r'(?P<minus>-)?(?:"(?P<quoted>[^"]*)"|(?P<plain>[^\s"]+))')


@dataclass(frozen=True)
class Piece:
    """A word, or a run of characters that no space divides."""

    text: str
    is_run: bool


@dataclass(frozen=True)
class Said:
    """What somebody typed: words in any place, "quoted words" that stand together, and what must be absent
    because a minus stands before it."""

    plain: tuple[Piece, ...]
    quoted: tuple[tuple[Piece, ...], ...]
    unwanted: tuple[tuple[Piece, ...], ...]


def fold(text: str) -> str:
    """Lower case, wide letters narrow, accents gone; voiced kana stay voiced."""
    apart = unicodedata.normalize("NFKD", text[:TEXT_CHARS_MAX]).casefold()
    bare = "".join(char for char in apart if char in _VOICED or not unicodedata.combining(char))
    return unicodedata.normalize("NFC", bare)


def pieces(text: str) -> Iterator[Piece]:
    """The words and runs of `text`, folded, plural words as their singular."""
    for found in _PIECE.finditer(fold(text)):
        run = found.group("run")
        yield Piece(run, True) if run else Piece(_singular(found.group("word")), False)


def simplified(piece: Piece) -> Piece:
    """The piece with Simplified characters in place of Traditional ones."""
    text = piece.text.translate(_characters()) if piece.is_run else piece.text
    return piece if text == piece.text else Piece(text, True)


def vector(*fields: tuple[Weight, str]) -> str:
    """A tsvector in PostgreSQL's own notation, each field under its weight.

    No phrase reaches from one field into the next. Traditional characters stand as they were written and
    at the same place as Simplified ones.
    """
    places: dict[str, list[str]] = defaultdict(list)
    at = 1
    for weight, text in fields:
        for piece in pieces(text):
            for lexeme, place in dict.fromkeys(_lexemes(piece, at)):
                if place <= POSITION_MAX and len(places[lexeme]) < PLACES_MAX:
                    places[lexeme].append(f"{place}{weight}")
            at += len(piece.text) if piece.is_run else 1
        at += 1
    return " ".join(f"'{lexeme}':{','.join(found)}" for lexeme, found in places.items() if found)


def said(text: str) -> Said:
    """What somebody typed, read."""
    plain: list[Piece] = []
    quoted: list[tuple[Piece, ...]] = []
    unwanted: list[tuple[Piece, ...]] = []
    for one in _ASKED.finditer(text[:QUERY_CHARS_MAX]):
        within, is_unwanted = one.group("quoted"), bool(one.group("minus"))
        found = tuple(pieces(within or one.group("plain") or ""))
        if not found:
            continue
        if within:
            (unwanted if is_unwanted else quoted).append(found)
        elif is_unwanted:
            unwanted.extend((piece,) for piece in found)
        else:
            plain.extend(found)
    return Said(tuple(plain), tuple(quoted), tuple(unwanted))


def query(text: str, *, every: bool = True) -> str:
    """A tsquery for what somebody typed, as it is written; empty when it names nothing to look for.

    All words must be there, or with `every=False` any of them.
    """
    typed = said(text)
    return joined([*map(phrase, typed.quoted), *map(asked, typed.plain)], typed, every=every)


def joined(wanted: Iterable[str], typed: Said, *, every: bool) -> str:
    """A tsquery of these terms, all or any, without what is unwanted."""
    terms = _once(wanted)
    if not terms:
        return ""
    all_of_it = (" & " if every else " | ").join(f"({term})" for term in terms)
    return f"({all_of_it})" + "".join(
        f" & !({term})" for term in _once(map(phrase, typed.unwanted))
    )


def replaced(text: str, others: Mapping[str, str]) -> str:
    """The text as it was typed, with another word in place of each that is folded to a key of `others`."""

    def other(found: re.Match[str]) -> str:
        word = found.group("word")
        return others.get(_singular(fold(word)), word) if word else found.group()

    return _PIECE.sub(other, text)


def is_run(text: str) -> bool:
    """Whether it is written without blanks, as Chinese is."""
    return all(piece.is_run for piece in pieces(text))


def phrase(found: Iterable[Piece]) -> str:
    """A term for pieces that stand one after the other."""
    return " <-> ".join(map(asked, found))


def asked(piece: Piece) -> str:
    """A term for a piece."""
    return " <-> ".join(f"'{pair}'" for pair in pairs(piece))


def pairs(piece: Piece) -> list[str]:
    """The lexemes of a piece: a word, a character, or the pairs of a run."""
    if not piece.is_run or len(piece.text) == 1:
        return [piece.text]
    return [piece.text[number : number + 2] for number in range(len(piece.text) - 1)]


def _once(terms: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(terms))[:TERMS_MAX]


def _lexemes(piece: Piece, at: int) -> Iterator[tuple[str, int]]:
    if not piece.is_run:
        yield piece.text, at
        return
    for text in (piece.text, simplified(piece).text):
        for number, char in enumerate(text):
            yield char, at + number
            if number + 1 < len(text):
                yield text[number : number + 2], at + number


@cache
def _characters() -> dict[int, str]:
    """Simplified characters by Traditional ones. Read once."""
    lines = _SIMPLIFIED.read_text(encoding="utf-8").splitlines()
    listed = " ".join(line for line in lines if not line.startswith("#")).split()
    return {ord(pair[0]): pair[1] for pair in listed}


def _singular(word: str) -> str:
    """English plurals only, and only the regular ones: more folding finds more that is wrong."""
    word = word[:WORD_CHARS_MAX]
    if len(word) <= 3 or not word.endswith("s") or word.endswith(("ss", "us", "is")):  # noqa: PLR2004 - gas, bus
        return word
    if word.endswith("ies") and not word.endswith(("eies", "aies")):
        return f"{word[:-3]}y"
    return word[:-2] if word.endswith(("sses", "xes", "ches", "shes")) else word[:-1]
