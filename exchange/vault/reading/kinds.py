"""What form the cells of a column have, judged from a sample; the conversion then holds every cell to it.

A form is claimed only where reading it loses nothing: codes with leading zeros, numbers of more
digits than a number holds, and dates whose day and month cannot be told apart stay text.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

TYPED_SHARE = 0.8
MARKERS = frozenset(
    {
        "",
        "na",
        "n/a",
        "nan",
        "null",
        "none",
        "nil",
        "-",
        "--",
        "#n/a",
        "missing",
        "无",
        "空",
        "缺失",
    }
)
_DAY, _MONTH = r"(0?[1-9]|[12]\d|3[01])", r"(0?[1-9]|1[0-2])"
_CLOCK = r"\d{1,2}:\d{2}(:\d{2}(\.\d{1,6})?)?"
_ISO = r"\d{4}([-/])\d{1,2}\1\d{1,2}"
_WHOLE = r"(0|[1-9]\d{0,15})"


class Form(StrEnum):
    """How values of a column are written. The order settles ties."""

    INTEGER = "integer"
    BOOLEAN = "boolean"
    DECIMAL = "decimal"
    DECIMAL_GROUPED = "decimal_grouped"
    DECIMAL_COMMA = "decimal_comma"
    DATE = "date"
    DATETIME = "datetime"
    INSTANT = "instant"
    DATE_CHINESE = "date_chinese"
    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"
    DAY_FIRST_TIME = "day_first_time"
    MONTH_FIRST_TIME = "month_first_time"
    TEXT = "text"
    EMPTY = "empty"


PATTERNS = {
    Form.INTEGER: re.compile(r"-?(0|[1-9]\d{0,17})"),
    Form.BOOLEAN: re.compile(r"true|false", re.IGNORECASE),
    Form.DECIMAL: re.compile(rf"[+-]?({_WHOLE}(\.\d*)?|\.\d+)([eE][+-]?\d{{1,3}})?"),
    Form.DECIMAL_GROUPED: re.compile(r"-?(\d{1,3}(,\d{3})+|(0|[1-9]\d{0,15}))(\.\d+)?"),
    Form.DECIMAL_COMMA: re.compile(r"-?(\d{1,3}(\.\d{3})+|(0|[1-9]\d{0,15}))(,\d+)?"),
    Form.DATE: re.compile(_ISO),
    Form.DATETIME: re.compile(rf"{_ISO}([ T]{_CLOCK})?"),
    Form.INSTANT: re.compile(rf"{_ISO}[ T]{_CLOCK}(Z|[+-]\d{{2}}:?\d{{2}})"),
    Form.DATE_CHINESE: re.compile(r"\d{4}年\d{1,2}月\d{1,2}日"),
    Form.DAY_FIRST: re.compile(rf"{_DAY}[./-]{_MONTH}[./-]\d{{4}}"),
    Form.MONTH_FIRST: re.compile(rf"{_MONTH}[/-]{_DAY}[/-]\d{{4}}"),
    Form.DAY_FIRST_TIME: re.compile(rf"{_DAY}[./-]{_MONTH}[./-]\d{{4}} {_CLOCK}"),
    Form.MONTH_FIRST_TIME: re.compile(rf"{_MONTH}[/-]{_DAY}[/-]\d{{4}} {_CLOCK}"),
}
TYPES = {
    Form.INTEGER: "integer",
    Form.BOOLEAN: "boolean",
    Form.DECIMAL: "decimal",
    Form.DECIMAL_GROUPED: "decimal",
    Form.DECIMAL_COMMA: "decimal",
    Form.DATE: "date",
    Form.DATETIME: "datetime",
    Form.INSTANT: "datetime",
    Form.DATE_CHINESE: "date",
    Form.DAY_FIRST: "date",
    Form.MONTH_FIRST: "date",
    Form.DAY_FIRST_TIME: "datetime",
    Form.MONTH_FIRST_TIME: "datetime",
    Form.TEXT: "text",
    Form.EMPTY: "empty",
}
RIVALS = (
    (Form.DAY_FIRST, Form.MONTH_FIRST),
    (Form.DAY_FIRST_TIME, Form.MONTH_FIRST_TIME),
    (Form.DECIMAL_GROUPED, Form.DECIMAL_COMMA),
)
NUMBERS = frozenset({"integer", "decimal"})
TIMES = frozenset({"date", "datetime"})


@dataclass(frozen=True)
class Guess:
    """The form of a column; whether some cells of the sample have another; whether two forms fit."""

    form: Form
    has_misfits: bool = False
    is_unclear: bool = False


def guess(cells: Iterable[str | None]) -> Guess:
    """The form that most cells have, when at least four of five do; otherwise text."""
    counted = Counter(cell.strip() for cell in cells if cell is not None and cell.strip())
    filled = {cell: count for cell, count in counted.items() if cell.lower() not in MARKERS}
    total = sum(filled.values())
    if not total:
        return Guess(Form.TEXT if counted else Form.EMPTY)
    shares = {
        form: sum(count for cell, count in filled.items() if pattern.fullmatch(cell))
        for form, pattern in PATTERNS.items()
    }
    best = max(shares, key=lambda form: shares[form])
    if shares[best] < total * TYPED_SHARE:
        return Guess(Form.TEXT, has_misfits=_has_numbers(shares, total))
    if any(best in pair and shares[pair[0]] == shares[pair[1]] for pair in RIVALS):
        return Guess(Form.TEXT, is_unclear=True)
    return Guess(best, has_misfits=shares[best] < counted.total())


def is_value(cell: str) -> bool:
    """Whether a cell is a number, a date or a marker of absence, and so hardly a column's name."""
    text = cell.strip()
    return text.lower() in MARKERS or any(p.fullmatch(text) for p in PATTERNS.values())


def _has_numbers(shares: dict[Form, int], total: int) -> bool:
    """Whether enough numbers stand among the text that somebody should look."""
    return shares[Form.DECIMAL] > total * (1 - TYPED_SHARE)
