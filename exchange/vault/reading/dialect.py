"""How a delimited text is written: delimiter, names, where its rows begin; and a sample of it."""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from exchange.vault.reading import errors
from exchange.vault.reading.documents import Note
from exchange.vault.reading.kinds import is_value
from exchange.vault.reading.limits import Limits
from exchange.vault.reading.questions import NO_ANSWERS, ROWS_SHOWN, Answers, Question

DELIMITERS = (",", ";", "\t", "|")
HEAD_BYTES = 1024 * 1024
SPREAD_PIECES = 16
PIECE_BYTES = 128 * 1024
SNIFFED_ROWS = 200
SAMPLE_ROWS = 2_000
YEAR = re.compile(r"^(19|20)\d\d$")

Row = list[str]


@dataclass(frozen=True)
class Dialect:
    """`skipped` lines come before the header (or the first row, when there is no header)."""

    delimiter: str
    width: int
    names: tuple[str, ...]
    has_header: bool
    skipped: int
    sample: tuple[Row, ...]
    notes: tuple[Note, ...] = ()
    questions: tuple[Question, ...] = ()


def dialect_of(
    path: Path,
    *,
    limits: Limits,
    place: str = "",  # noqa: ARG001 - where questions about it are asked
    answers: Answers = NO_ANSWERS,  # noqa: ARG001 - and what was said to them
) -> Dialect:
    """Raises EmptyFile, HeaderOnly, TooManyColumns and LineTooLong."""
    _check_lines(path, limits)
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    whole = len(head) < HEAD_BYTES
    text = _cut(head, whole=whole)
    skipped = _comment_lines(text)
    body = "".join(text.splitlines(keepends=True)[skipped:])
    delimiter, rows = _best(body)
    if not rows:
        raise errors.EmptyFile(_("The file is empty."))
    has_header = _has_header(rows)
    if has_header and len(rows) == 1 and whole:
        raise errors.HeaderOnly(_("The file has names of columns but no row below them."))
    width = _width(rows, has_header=has_header)
    if width > limits.columns:
        raise errors.TooManyColumns(
            _("The table has %(found)d columns; a table may have %(most)d.")
            % {"found": width, "most": limits.columns},
            columns=width,
            columns_max=limits.columns,
        )
    names = rows[0] if has_header else []
    sample = [row for row in rows[has_header:] if len(row) == width]
    sample += [] if whole else _spread(path, delimiter, width)
    return Dialect(
        delimiter=delimiter,
        width=width,
        names=tuple((*names, *[""] * width)[:width]),
        has_header=has_header,
        skipped=skipped,
        sample=tuple(sample[:: max(1, len(sample) // SAMPLE_ROWS)]),
        notes=_notes(skipped=skipped, has_header=has_header),
    )


def _check_lines(path: Path, limits: Limits) -> None:
    """A line is held in memory whole, and what has no end of line is no table."""
    length = 0
    with path.open("rb") as file:
        while step := file.read(HEAD_BYTES):
            first = min(
                (at for at in (step.find(b"\n"), step.find(b"\r")) if at >= 0), default=None
            )
            length += len(step) if first is None else first
            if length > limits.cell_bytes:
                raise errors.LineTooLong(
                    _(
                        "A line of this file is longer than %(most)d MB; a row of a table ends in a line break."
                    )
                    % {"most": limits.cell_bytes // 2**20},
                    line_bytes_max=limits.cell_bytes,
                )
            if first is not None:
                length = len(step) - 1 - max(step.rfind(b"\n"), step.rfind(b"\r"))


def _notes(*, skipped: int, has_header: bool) -> tuple[Note, ...]:
    notes = []
    if skipped:
        notes.append(
            Note("comment_lines", _("Comment lines above the table were left out."), skipped)
        )
    if not has_header:
        notes.append(Note("no_header", _("The file names no columns; they were numbered."), 0))
    return tuple(notes)


def _cut(head: bytes, *, whole: bool) -> str:
    """Whole lines only. A letter cut in the middle goes with the last line."""
    if not whole and b"\n" in head:
        head = head[: head.rindex(b"\n") + 1]
    return head.decode("utf-8", "ignore").removeprefix("\ufeff")


def _comment_lines(text: str) -> int:
    count = 0
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            break
        count += 1
    return count


def _best(text: str) -> tuple[str, list[Row]]:
    """The delimiter that cuts most rows to one width, and the widest of those."""
    best: tuple[float, int] = (-1.0, 0)
    chosen: tuple[str, list[Row]] = (",", [])
    start = "".join(text.splitlines(keepends=True)[: SNIFFED_ROWS * 5])
    for delimiter in DELIMITERS:
        widths = Counter(len(row) for row in parsed(start, delimiter)[:SNIFFED_ROWS])
        if not widths:
            continue
        width, count = widths.most_common(1)[0]
        share = round(count / widths.total(), 1) if width > 1 else 0.0
        if (share, width) > best:
            best, chosen = (share, width), (delimiter, [])
    return chosen[0], parsed(text, chosen[0])


def parsed(text: str, delimiter: str) -> list[Row]:
    """The rows of a text, without empty lines; cut off where the quotes stop making sense."""
    rows: list[Row] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        rows.extend(row for row in reader if row)
    except csv.Error:
        return rows
    return rows


def previewed(text: str) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Names and first rows of a text as it would be read, for the preview of an option."""
    _delimiter, rows = _best(text)
    if not rows:
        return (), ()
    has_header = _has_header(rows)
    names = tuple(rows[0]) if has_header else ()
    return names, tuple(tuple(row) for row in rows[has_header : ROWS_SHOWN + has_header])


def _has_header(rows: Sequence[Row]) -> bool:
    """The first row names the columns when at least half of its filled cells cannot be values."""
    filled = [cell for cell in rows[0] if cell.strip()]
    words = sum(not is_value(cell) for cell in filled)
    years = sum(bool(YEAR.match(cell.strip())) for cell in filled)
    if not filled:
        return len(rows) > 1
    if all(not any(is_value(cell) for cell in row) for row in rows[:SNIFFED_ROWS]):
        return len(set(filled)) == len(filled) or len(rows) == 1
    return words > 0 and (words + years) * 2 >= len(filled)


def _width(rows: Sequence[Row], *, has_header: bool) -> int:
    return len(rows[0]) if has_header else max(len(row) for row in rows[:SNIFFED_ROWS])


def _spread(path: Path, delimiter: str, width: int) -> list[Row]:
    """Rows from all over the file. A piece may begin inside a quoted cell: odd widths are left out."""
    rows: list[Row] = []
    size = path.stat().st_size
    with path.open("rb") as file:
        for piece in range(1, SPREAD_PIECES + 1):
            file.seek(max(0, size * piece // SPREAD_PIECES - PIECE_BYTES))
            file.readline()
            text = _cut(file.read(PIECE_BYTES), whole=False)
            rows.extend(row for row in parsed(text, delimiter) if len(row) == width)
    return rows
