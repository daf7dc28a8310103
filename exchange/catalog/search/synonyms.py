"""Words that mean the same, as `synonyms.toml` beside this file keeps them, in what somebody asks for.

What is stored stays as it was written: a change of the file needs no new index.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from exchange.catalog.search import words
from exchange.catalog.search.words import Piece, asked, phrase

FILE = Path(__file__).with_name("synonyms.toml")
WORDS_MAX = 4  # of one phrase

Phrase = tuple[Piece, ...]
Group = tuple[Phrase, ...]


@cache
def groups() -> Mapping[Phrase, Group]:
    """Each phrase with its group. Read once."""
    with FILE.open("rb") as file:
        listed = tomllib.load(file)["groups"]
    read = [tuple(tuple(words.pieces(written)) for written in group) for group in listed]
    return {phrase: group for group in read for phrase in group}


def query(text: str, *, every: bool = True) -> str:
    """As `words.query`; a word with others of its meaning is there where one of them is."""
    return words.query(text, every=every, terms_of=terms_of)


def terms_of(found: Sequence[Piece]) -> list[str]:
    """A term for each word or known phrase, or for what else is called so."""
    wanted, at = [], 0
    while at < len(found):
        known = _longest_known(found[at : at + WORDS_MAX])
        if known:
            own = " & ".join(map(asked, known))
            wanted.append(_either([own, *map(phrase, groups()[known])]))
        else:
            wanted.append(_either([asked(found[at]), *_inside(found[at])]))
        at += len(known) or 1
    return wanted


def _longest_known(found: Sequence[Piece]) -> Phrase:
    lengths = range(len(found), 0, -1)
    return next((tuple(found[:many]) for many in lengths if tuple(found[:many]) in groups()), ())


def _inside(piece: Piece) -> Iterator[str]:
    """The same run with another word of its meaning in place of the longest that is known in it."""
    if not piece.is_run:
        return
    inside = [known for known in groups() if known[0].is_run and known[0].text in piece.text]
    for known in sorted(inside, key=lambda one: -len(one[0].text))[:1]:
        before, _known, after = piece.text.partition(known[0].text)
        for other in groups()[known]:
            if other == known:
                continue
            if other[0].is_run:
                yield asked(Piece(f"{before}{other[0].text}{after}", True))
            else:
                rest = [asked(Piece(part, True)) for part in (before, after) if part]
                yield " & ".join(f"({term})" for term in (phrase(other), *rest))


def _either(terms: Sequence[str]) -> str:
    return " | ".join(f"({term})" for term in dict.fromkeys(terms))
