"""What stands below the rows of a table: totals and footnotes. They are no rows, and are left out."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from exchange.vault.reading.dialect import Dialect
from exchange.vault.reading.documents import Note
from exchange.vault.reading.layouts import Row
from exchange.vault.reading.questions import Answers, Asked, Option, Question, ask
from exchange.vault.reading.shapes import VALUES, Shape, shape_of, shapes_of

TAIL_BYTES = 64 * 1024
LINES_MAX = 40
LABEL_CHARS_MAX = 40
TOTALS_MAX = 3
JUDGED_ROWS = 100
TOTAL = re.compile(
    r"[*\s]*((grand|sub|overall)[ -]?)?(totals?|sum|sums|average|mean|summe|gesamt\w*|insgesamt|zwischensumme|"
    r"mittelwert|totale|totaux|somme|moyenne|total general|suma|promedio|totaal|razem|celkem|итого|всего|сумма|"
    r"合计|总计|小计|共计|总和|平均|平均值|合計|總計|小計|総計)([:：.*\s(（].{0,16})?",
    re.IGNORECASE,
)
REMARK = re.compile(
    r"[\"'\s]*(sources?|notes?|remarks?|footnotes?|disclaimer|copyright|©|legend|updated|last updated|generated|"
    r"data as of|as of|n\.?b\.?|quellen?|anmerkung(en)?|hinweis(e)?|stand|fußnoten?|erläuterung(en)?|notas?|"
    r"fuentes?|fontes?|remarques?|source|fonte|bron|источник|примечани[ея]|"
    r"来源|數據來源|数据来源|资料来源|資料來源|注|註|备注|備註|说明|說明|注释|制表|更新|出典|注記)"
    r"\s*(\d|\(|:|：|;|,|\||$)|[\"'\s]*(\*+|\d\)|\(\d\)|\[\d\]|[¹²³†‡])\s*\S+ \S+",
    re.IGNORECASE,
)
KEEP, LEAVE_OUT = "keep", "leave_out"


@dataclass(frozen=True)
class Ending:
    """Where the rows end, in bytes; the rows below, as they are written; and what is said of them."""

    at: int
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[Note, ...]
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class _Line:
    at: int
    row: Row
    kind: str  # blank, total, remark, maybe (a remark below a gap) or row


def ending_of(path: Path, dialect: Dialect, *, place: str, answers: Answers) -> Ending | None:
    """The end of the table at `path`, or None where its last line is a row."""
    if dialect.width < 2:  # noqa: PLR2004 - in one column nothing tells a remark from a row
        return None
    below = _below(list(_last_lines(path, dialect)))
    told = [one for one in below if one.kind != "blank"]
    if not told:
        return None
    totals = [one for one in told if one.kind == "total"]
    questions = []
    if totals:
        question = _question(told, dialect, place, answers)
        questions = [question] if question.is_answered or not _add_up(totals, dialect) else []
        if question.taken == KEEP:
            return Ending(path.stat().st_size, (), (), tuple(questions))
    rows = tuple(tuple(one.row) for one in below)
    return Ending(below[0].at, rows, tuple(_notes(told, totals)), tuple(questions))


def _last_lines(path: Path, dialect: Dialect) -> Iterator[_Line]:
    """The last lines below the names, each judged by itself."""
    shapes = shapes_of(dialect.sample[:JUDGED_ROWS], dialect.width)
    size = path.stat().st_size
    with path.open("rb") as file:
        for _number in range(dialect.skipped + 1):
            file.readline()
        start = max(file.tell(), size - TAIL_BYTES)
        file.seek(start)
        if start == size - TAIL_BYTES:
            file.readline()
        at = file.tell()
        lines = file.read().splitlines(keepends=True)
    for number, line in enumerate(lines):
        if number >= len(lines) - LINES_MAX:
            text = line.decode("utf-8", "replace")
            yield _Line(at, *_judged(text, dialect, shapes))
        at += len(line)


def _judged(text: str, dialect: Dialect, shapes: Sequence[Shape]) -> tuple[Row, str]:
    try:
        row = next((row for _end, row in dialect.layout.rows([text])), [])
    except csv.Error:
        return [], "row"
    filled = [cell.strip() for cell in row if cell.strip()]
    if not filled:
        return row, "blank"
    if text.count('"') % 2:
        return row, "row"
    if _is_total(row, filled, dialect):
        return row, "total"
    if REMARK.match(filled[0]) and len(filled) < dialect.width:
        return row, "remark"
    return row, "maybe" if _may_be_remark(row, filled, dialect, shapes) else "row"


def _may_be_remark(
    row: Row, filled: Sequence[str], dialect: Dialect, shapes: Sequence[Shape]
) -> bool:
    """A text of few cells, none of which has the form of its column."""
    fits = any(
        shape in VALUES and shape_of(cell) is shape
        for cell, shape in zip(row, shapes, strict=False)
        if cell.strip()
    )
    if fits or shape_of(filled[0]) in VALUES:
        return False
    is_typed = any(shape in VALUES for shape in shapes)
    return len(filled) == 1 or (len(row) != dialect.width and is_typed)


def _is_total(row: Row, filled: Sequence[str], dialect: Dialect) -> bool:
    """Whether a row says that it sums up the others. Where many rows say so, it is one of the data."""
    label = filled[0]
    numbers = sum(shape_of(cell) is Shape.NUMBER for cell in filled[1:])
    return (
        len(label) <= LABEL_CHARS_MAX
        and len(row) <= dialect.width
        and numbers > 0
        and bool(TOTAL.fullmatch(label))
        and sum(_is_label(one) for one in dialect.sample) <= TOTALS_MAX
    )


def _below(lines: Sequence[_Line]) -> list[_Line]:
    """The lines after the last row. What only may be a remark is one below a gap, a total or a remark."""
    first = len(lines)
    while first and lines[first - 1].kind != "row":
        first -= 1
    below = list(lines[first:])
    while below and below[0].kind == "maybe":
        below.pop(0)
    return below if first else []


def _add_up(totals: Sequence[_Line], dialect: Dialect) -> bool:
    """Whether the first of them that is no known sum of its rows is the sum of all."""
    unknown = [one.row for one in totals if tuple(one.row) not in dialect.left_out]
    return not unknown or _adds_up(unknown[0], dialect)


def _adds_up(row: Row, dialect: Dialect) -> bool:
    """Whether a row holds the sums of the rows of the sample, which is the whole of a small table."""
    for number, cell in enumerate(row):
        wanted = number_in(cell)
        if wanted:
            rows = [one for one in dialect.sample if one != row and len(one) > number]
            found = sum(number_in(one[number]) or 0.0 for one in rows if not _is_label(one))
            if abs(found - wanted) <= abs(wanted) / 1000:
                return True
    return False


def _is_label(row: Row) -> bool:
    filled = [cell.strip() for cell in row if cell.strip()]
    return bool(filled) and bool(TOTAL.fullmatch(filled[0]))


def number_in(cell: str) -> float | None:
    """The number of a cell, whatever signs it is written with: the last one is that of the decimals."""
    text = re.sub(r"[\s'’]", "", cell)
    points = max(text.rfind(","), text.rfind("."))
    whole, rest = (text[:points], text[points + 1 :]) if points >= 0 else (text, "")
    is_group = points >= 0 and (
        text.count(text[points]) > 1
        or (text[points] == "," and "." not in whole and len(rest) == 3)  # noqa: PLR2004 - digits between commas
    )
    digits = re.sub(r"[.,]", "", text if is_group else whole)
    try:
        return float(digits if is_group or not rest else f"{digits or '0'}.{rest}")
    except ValueError:
        return None


def _question(told: Sequence[_Line], dialect: Dialect, place: str, answers: Answers) -> Question:
    rows = tuple(tuple(one.row) for one in told)
    last = tuple(tuple(row) for row in dialect.sample[-3:] if tuple(row) not in rows)
    return ask(
        Asked.FOOTNOTES,
        place,
        _("The last rows look like totals or remarks. Are they part of the data?"),
        [
            Option(LEAVE_OUT, _("No: leave them out"), dialect.names, last),
            Option(KEEP, _("Yes: keep them as rows"), dialect.names, (*last[-1:], *rows)),
        ],
        likelier=LEAVE_OUT,
        answers=answers,
    )


def _notes(told: Sequence[_Line], totals: Sequence[_Line]) -> Iterator[Note]:
    if totals:
        yield Note(
            "total_rows",
            _("Rows of totals below the table were left out."),
            len(totals),
            _cells(totals),
        )
    remarks = [one for one in told if one.kind != "total"]
    if remarks:
        shown = " / ".join(" ".join(cell for cell in one.row if cell).strip() for one in remarks)
        text = _("Remarks below the table were left out: %(lines)s.") % {"lines": shown[:200]}
        yield Note("footnotes", text, len(remarks), _cells(remarks))


def _cells(told: Sequence[_Line]) -> int:
    return sum(bool(cell.strip()) for one in told for cell in one.row)
