"""Text for which no font has a glyph becomes a box, so that nobody's words stop a document.

PDF/A refuses a document with a character that cannot be drawn. Such characters are found by setting
them apart, half by half; the fonts of the machine count, so a rare name is printed where it can be.
"""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import Any

BOX = "□"
# A document made of unknown signs may not hold the compiler for minutes: after so many looks, rare
# characters that were not looked at become boxes.
LOOKS_MAX = 200
# The shipped font has all of it, of Latin-1 and these signs: they need no look.
SHIPPED = "gb2312"
SHIPPED_SIGNS = "–€✓"
_JOINER = "\N{ZERO WIDTH JOINER}"
_MARKS = frozenset({"Mn", "Mc", "Me"})

Prints = Callable[[Sequence[str]], bool]


def with_boxes(facts: Any, *, prints: Prints) -> Any:
    """A copy of `facts` with a box in place of each character that does not print.

    `prints` says whether all of the given pieces of text can be set in one document.
    """
    bad = _unprintable(sorted(_rare(facts)), prints=prints)
    return _replaced(facts, {piece: _in_place_of(piece) for piece in bad})


def shipped_only(facts: Any) -> Any:
    """A copy of `facts` with a box in place of each character that is not in the shipped font.

    For characters that print apart and fail together: a font is chosen for a whole run of text.
    """
    return _replaced(facts, {piece: _in_place_of(piece) for piece in _rare(facts)})


def pieces(text: str) -> list[str]:
    """What a reader sees as one character each: a letter with its marks, an emoji with its parts."""
    found: list[str] = []
    for character in text:
        if found and _joins(found[-1], character):
            found[-1] += character
        else:
            found.append(character)
    return found


def _rare(facts: Any) -> set[str]:
    return {piece for text in _texts(facts) for piece in pieces(text) if not _is_shipped(piece)}


def _joins(piece: str, character: str) -> bool:
    if _is_flag_letter(character):
        return len(piece) == 1 and _is_flag_letter(piece)
    return (
        piece.endswith(_JOINER)
        or character == _JOINER
        or unicodedata.category(character) in _MARKS
        or "\U0001f3fb" <= character <= "\U0001f3ff"  # skin tones
        or "\U000e0020" <= character <= "\U000e007f"  # letters of a region's flag
    )


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _is_shipped(piece: str) -> bool:
    if len(piece) > 1 or not piece.isprintable():
        return False
    return piece <= "\xff" or piece in SHIPPED_SIGNS or bool(piece.encode(SHIPPED, "ignore"))


def _in_place_of(piece: str) -> str:
    if piece.isspace():
        return " "
    return "" if unicodedata.category(piece[0]) == "Cf" else BOX


def _unprintable(rare: list[str], *, prints: Prints) -> list[str]:
    bad: list[str] = []
    suspects, looks = [rare] if rare else [], 0
    while suspects:
        some = suspects.pop()
        looks += 1
        if looks > LOOKS_MAX:
            bad += some
        elif not prints([f"a{piece}中{piece}" for piece in some]):
            if len(some) == 1:
                bad += some
            else:
                half = len(some) // 2
                suspects += [some[half:], some[:half]]
    return bad


def _texts(facts: Any) -> Iterator[str]:
    if isinstance(facts, str):
        yield facts
    elif isinstance(facts, dict | list | tuple):
        for one in facts.values() if isinstance(facts, dict) else facts:
            yield from _texts(one)


def _replaced(facts: Any, shown: dict[str, str]) -> Any:
    if isinstance(facts, str):
        return "".join(shown.get(piece, piece) for piece in pieces(facts))
    if isinstance(facts, dict):
        return {name: _replaced(one, shown) for name, one in facts.items()}
    if isinstance(facts, list | tuple):
        return [_replaced(one, shown) for one in facts]
    return facts
