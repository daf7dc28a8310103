"""Text in files that people open in a spreadsheet: what would run there as a formula is made text.

Asked by every file of lines that pages, statements and samples give. Files that are bought leave as
the seller delivered them, byte for byte: their hash is part of the contract.
"""

import unicodedata

FORMULA_STARTS = ("=", "+", "-", "@")
CONTROL_STARTS = ("\t", "\r", "\n")
# What a reader of a spreadsheet does not see before the first sign: spaces, controls, formats.
UNSEEN_CATEGORIES = frozenset("ZC")


def inert(text: str) -> str:
    """The text, behind an apostrophe where a spreadsheet would run it: it is judged behind white
    space and what is not seen, and full-width signs count as the signs that they stand for. Numbers
    must not travel as text: `-5` as text gets an apostrophe too."""
    return f"'{text}" if _is_formula(text) else text


def _is_formula(text: str) -> bool:
    if text.startswith(CONTROL_STARTS):
        return True
    for sign in text:
        if unicodedata.category(sign)[0] not in UNSEEN_CATEGORIES:
            return unicodedata.normalize("NFKC", sign).startswith(FORMULA_STARTS)
    return False
