"""What a cell looks like before its column has a form, and whether a first row names the columns.

Looser than `kinds`: here it only matters whether the cells of a column are alike, not what they are worth.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from exchange.vault.reading.kinds import MARKERS
from exchange.vault.reading.units import listed

ALIKE_SHARE = 0.8
MASKED_ROWS_MIN = 3
SEQUENCE_MIN = 3
JUDGED_COLUMNS = 60
YEARS = range(1900, 2101)
_CLOCK = r"\d{1,2}[:h]\d{2}(:\d{2}([.,]\d{1,9})?)?( ?[AaPp]\.?[Mm]\.?)?"
_ZONE = r"( ?(Z|UTC|GMT|[+-]\d{2}:?\d{2}))?"
_DAY = (
    r"(\d{4}[-/.]\d{1,2}([-/.]\d{1,2})?|\d{4}年\d{1,2}月(\d{1,2}日)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}"
    r"|\d{1,2}[-/. ]?[A-Za-z]{3,9}[-/. ,]{0,2}\d{2,4}|[A-Za-z]{3,9}\.? \d{1,2},? \d{4}|\d{4}-?[QW]\d{1,2})"
)
TIME = re.compile(rf"{_DAY}([ T,]{{1,2}}{_CLOCK})?{_ZONE}|{_CLOCK}{_ZONE}")
NUMBER = re.compile(
    r"\(?[+\-−]? ?[$€£¥￥]? ?[+\-−]?(\d[\d.,' \u00a0\u202f]{0,40}|\.\d{1,20})([eE][+-]?\d{1,3})?"
    r" ?[%‰$€£¥]?-?\)?"
)
ABSENT = MARKERS | {"..", "...", "\\n", ":", "(null)", "*", "?", "—", "–", "/", "暂无", "#div/0!"}
NAMING_WORDS = listed(
    "id name date time day month year hour value code type status city region country state unit "
    "address email phone title description category class group number no count total price amount "
    "comment note remark text label key user customer station meter device site location source "
    "zeit datum ort stadt wert nom ville valeur nombre fecha ciudad valor tag node from to start end "
    "latitude longitude lat lon first last gender sex age level model brand serial sensor"
)
NAMING_CHINESE = re.compile(
    r"(名称|编号|编码|日期|时间|类型|地址|城市|地区|区域|状态|备注|说明|数量|单位|序号|代码|姓名|设备|站点)"
)
WORD = re.compile(r"[A-Za-zÀ-ÿ]+|\d+|[^\W\d_]+")
_LETTERS, _DIGITS = re.compile(r"[^\W\d_]+"), re.compile(r"\d+")


class Shape(StrEnum):
    """What a cell looks like."""

    NUMBER = "number"
    TIME = "time"
    TEXT = "text"
    EMPTY = "empty"


VALUES = frozenset({Shape.NUMBER, Shape.TIME})


def shape_of(cell: str) -> Shape:
    text = cell.strip()
    if text.lower() in ABSENT:
        return Shape.EMPTY
    if not any(letter.isdigit() for letter in text[:12]):
        return Shape.TEXT
    if TIME.fullmatch(text):
        return Shape.TIME
    return Shape.NUMBER if NUMBER.fullmatch(text) else Shape.TEXT


def shape_of_column(cells: Sequence[str]) -> Shape:
    """The shape that four of five filled cells have; text where no shape is so common."""
    counts = Counter(shape_of(cell) for cell in cells)
    del counts[Shape.EMPTY]
    total = counts.total()
    if not total:
        return Shape.EMPTY
    shape, count = counts.most_common(1)[0]
    return shape if count >= total * ALIKE_SHARE else Shape.TEXT


def shapes_of(rows: Sequence[Sequence[str]], width: int) -> tuple[Shape, ...]:
    """The shapes of the columns; of a wide table, of columns evenly spread, the others are empty."""
    step = max(1, -(-width // JUDGED_COLUMNS))
    return tuple(
        shape_of_column([row[number] for row in rows if len(row) > number])
        if number % step == 0
        else Shape.EMPTY
        for number in range(width)
    )


@dataclass(frozen=True)
class Judgement:
    """Whether a row names the columns below it, and whether the evidence leaves no doubt."""

    is_header: bool
    is_sure: bool


def judge_first(first: Sequence[str], below: Sequence[Sequence[str]]) -> Judgement:
    """A first row whose cells look like their columns is data; one whose cells do not, names them."""
    below = [row for row in below if list(row) != list(first)]  # names may stand again below
    if not below:
        return Judgement(is_header=not _are_values(first), is_sure=True)
    typed = _of_values(first, below)
    if typed is not None:
        return typed
    return _of_text(first, below)


def _are_values(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell.strip()]
    values = sum(shape_of(cell) is not Shape.TEXT for cell in filled)
    years = sum(_year(cell) for cell in filled)
    return values - years > len(filled) / 2 or values == len(filled)


def _of_values(first: Sequence[str], below: Sequence[Sequence[str]]) -> Judgement | None:
    """By the columns of numbers and times; None where there are none with a cell above them."""
    pairs = [
        (cell.strip(), shape_of(cell), shape)
        for cell, shape in zip(first, shapes_of(below, len(first)), strict=True)
        if shape in VALUES and cell.strip()
    ]
    same = [cell for cell, own, shape in pairs if own is shape]
    other = sum(own not in (shape, Shape.EMPTY) for _cell, own, shape in pairs)
    if not same:
        return Judgement(is_header=True, is_sure=True) if other else None
    known = _known(first, below)
    goes_on = not other and all(_is_sequence_row(row, first) for row in below)
    if _is_sequence(same) and not known and not goes_on:
        return Judgement(is_header=True, is_sure=other > 0 or len(same) >= SEQUENCE_MIN)
    if not other:
        return Judgement(is_header=False, is_sure=True)
    return Judgement(is_header=other >= len(same) and not known, is_sure=False)


def _of_text(first: Sequence[str], below: Sequence[Sequence[str]]) -> Judgement:
    """Tables of text alone: does the first row repeat below, or is it built like the cells below?"""
    filled = [cell.strip() for cell in first if cell.strip()]
    known = _known(first, below)
    if known:
        return Judgement(is_header=False, is_sure=known * 2 >= len(filled))
    named = any(_names(cell) for cell in filled)
    alike, unlike = _masks(first, below)
    if unlike > alike or named:
        return Judgement(is_header=True, is_sure=True)
    if alike:
        return Judgement(is_header=False, is_sure=False)
    return Judgement(
        is_header=len(set(filled)) == len(filled),
        is_sure=not any(_DIGITS.search(c) for c in filled),
    )


def _known(first: Sequence[str], below: Sequence[Sequence[str]]) -> int:
    """Cells of text in the first row that stand in their column again."""
    return sum(
        any(len(row) > number and row[number].strip() == cell.strip() for row in below)
        for number, cell in enumerate(first[:JUDGED_COLUMNS])
        if shape_of(cell) is Shape.TEXT
    )


def _masks(first: Sequence[str], below: Sequence[Sequence[str]]) -> tuple[int, int]:
    """In how many columns of codes the first cell is built like the others, and in how many not."""
    alike = unlike = 0
    for number, cell in enumerate(first[:JUDGED_COLUMNS]):
        masks = Counter(mask(row[number]) for row in below if len(row) > number and row[number])
        if masks.total() < MASKED_ROWS_MIN or not cell.strip():
            continue
        common, count = masks.most_common(1)[0]
        if count >= masks.total() * ALIKE_SHARE and "9" in common:
            alike += mask(cell) == common
            unlike += mask(cell) != common
    return alike, unlike


def mask(cell: str) -> str:
    """How a code is built: letters become a, digits 9."""
    return _DIGITS.sub("9", _LETTERS.sub("a", cell.strip()))


def _names(cell: str) -> bool:
    words = {word.lower() for word in WORD.findall(cell.replace("_", " "))}
    return bool(words & NAMING_WORDS) or bool(NAMING_CHINESE.search(cell))


def _year(cell: str) -> bool:
    text = cell.strip()
    return text.isdecimal() and text.isascii() and len(text) == 4 and int(text) in YEARS  # noqa: PLR2004 - digits


def _is_sequence(cells: Sequence[str]) -> bool:
    """Years, hours, or numbers that count on in equal steps: names that look like values."""
    if all(_year(cell) for cell in cells):
        return len(set(cells)) == len(cells)
    try:
        numbers = [float(cell) for cell in cells]
    except ValueError:
        return False
    if len(numbers) < SEQUENCE_MIN:
        return False
    step = numbers[1] - numbers[0]
    return step > 0 and all(
        abs(later - former - step) < step / 1000 for former, later in pairwise(numbers)
    )


def _is_sequence_row(row: Sequence[str], first: Sequence[str]) -> bool:
    """Whether a row goes on as the first one does: then both are data."""
    numbers = [
        cell.strip()
        for cell, above in zip(row, first, strict=False)
        if shape_of(cell) is Shape.NUMBER and shape_of(above) is Shape.NUMBER
    ]
    return bool(numbers) and _is_sequence(numbers)
