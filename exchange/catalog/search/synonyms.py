"""Words that mean the same, as `synonyms.toml` beside this file keeps them, in what somebody asks for.

They are also the words by which a run of Chinese is taken apart: 电表数据 is 电表 and 数据. What is stored
stays as it was written: a change of the file needs no new index.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from exchange.catalog.search import words
from exchange.catalog.search.words import TERMS_MAX, Piece, asked, phrase

FILE = Path(__file__).with_name("synonyms.toml")
WORDS_MAX = 4  # of one phrase

Phrase = tuple[Piece, ...]
Group = tuple[Phrase, ...]


@dataclass(frozen=True)
class Term:
    """One thing that is asked for: what finds it, what finds a part of it, and whether it says little of
    what somebody looks for, as “data” does."""

    text: str
    parts: tuple[str, ...]
    is_filler: bool = False


@cache
def _file() -> Mapping[str, list[list[str]]]:
    with FILE.open("rb") as file:
        return tomllib.load(file)


@cache
def groups() -> Mapping[Phrase, Group]:
    """Each phrase with its group. Read once."""
    read = [tuple(map(_phrase, group)) for group in _file()["groups"]]
    return {phrase: group for group in read for phrase in group}


@cache
def fillers() -> frozenset[Piece]:
    """Words that nearly everything here could be described with. Read once."""
    return frozenset(
        piece for group in _file()["fillers"] for one in group for piece in _phrase(one)
    )


@cache
def _runs() -> tuple[frozenset[str], int]:
    """The known words within runs, and the length of the longest."""
    known = [one for found in groups() if len(found) == 1 for one in found]
    runs = frozenset(piece.text for piece in (*known, *fillers()) if piece.is_run)
    return runs, max(map(len, runs))


def query(text: str, *, every: bool = True) -> str:
    """As `words.query`; a word with others of its meaning is there where one of them is, a run also where
    all words are that it is made of, and what says little is passed over beside what says more."""
    typed = words.said(text)
    return words.joined((term.text for term in terms(typed)), typed, every=every)


def terms(typed: words.Said) -> list[Term]:
    """What is asked for, one term for each word or known phrase."""
    plain = [words.simplified(piece) for piece in typed.plain]
    found: list[Term] = [
        Term(together, (together,))
        for together in (phrase(map(words.simplified, one)) for one in typed.quoted)
    ]
    at = 0
    while at < len(plain):
        known = _longest_known(plain[at : at + WORDS_MAX])
        found.append(_group_of(known) if known else _alone(plain[at]))
        at += len(known) or 1
    return _but_fillers(found)


def _phrase(written: str) -> Phrase:
    return tuple(map(words.simplified, words.pieces(written)))


def _longest_known(found: Sequence[Piece]) -> Phrase:
    lengths = range(len(found), 0, -1)
    return next((tuple(found[:many]) for many in lengths if tuple(found[:many]) in groups()), ())


def _group_of(known: Phrase) -> Term:
    own = " & ".join(map(asked, known))
    either = _either([own, *map(phrase, groups()[known])])
    return Term(either, (f"({either})",))


def _alone(piece: Piece) -> Term:
    """A piece that is no known word: a run is there as a whole or in all its parts."""
    whole = asked(piece)
    if not piece.is_run:
        return Term(whole, (whole,), is_filler=piece in fillers())
    divided = [term for term in _divided(piece.text) if not term.is_filler]
    if not divided or divided[0].text == whole:
        pairs = tuple(f"'{pair}'" for pair in words.pairs(piece))
        return Term(whole, pairs, is_filler=not divided)
    among = " & ".join(f"({term.text})" for term in divided[:TERMS_MAX])
    return Term(_either([whole, among]), tuple(part for term in divided for part in term.parts))


def _divided(text: str) -> Iterator[Term]:
    """The known words of a run, and what stands between them; a single character between says nothing."""
    runs, longest = _runs()
    at = begun = 0
    while at <= len(text):
        lengths = range(min(longest, len(text) - at), 0, -1)
        many = next((many for many in lengths if text[at : at + many] in runs), 0)
        if many or at == len(text):
            yield from _between(text[begun:at], is_all=at - begun == len(text))
            begun = at + many
        if many:
            yield _known(Piece(text[at : at + many], True))
        at += many or 1


def _known(piece: Piece) -> Term:
    return (
        _group_of((piece,)) if (piece,) in groups() else Term(asked(piece), (asked(piece),), True)
    )


def _between(text: str, *, is_all: bool) -> Iterator[Term]:
    piece = Piece(text, True)
    if text and (len(text) > 1 or is_all):
        yield Term(asked(piece), tuple(f"'{pair}'" for pair in words.pairs(piece)))


def _but_fillers(found: Sequence[Term]) -> list[Term]:
    telling = [term for term in found if not term.is_filler]
    return (telling or list(found))[:TERMS_MAX]


def _either(terms: Sequence[str]) -> str:
    return " | ".join(f"({term})" for term in dict.fromkeys(terms))
