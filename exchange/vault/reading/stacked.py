"""Several tables one under the other in one text: where each begins."""

from collections.abc import Sequence
from pathlib import Path

from exchange.vault.reading.candidates import Candidate, best_of, candidates
from exchange.vault.reading.dialect import Dialect, lines_of

STACKED_BYTES_MAX = 8 * 1024 * 1024
BLOCKS_MAX = 400
BLOCK_LINES = 60
TABLES_MAX = 20
BLANK = ' \t\r\n,;|"'


def pieces_of(path: Path, dialect: Dialect) -> list[str]:
    """The text of each table, when there are several; nothing when there is one.

    A table begins below a gap, with names of its own that fit the rows below them.
    """
    if path.stat().st_size > STACKED_BYTES_MAX:
        return []
    with path.open("rb") as file:
        if b"\n\n" not in (text := file.read()) and not _has_gap(text):
            return []
    lines = lines_of(text.decode("utf-8", "replace").removeprefix("\ufeff"))
    starts = [0]
    names = _own(dialect.names)
    blocks = _blocks(lines, dialect.skipped + 1)
    title = None
    for first, last in blocks:
        best = best_of(candidates(lines[first : min(last, first + BLOCK_LINES)]))
        if best.layout.delimiter == dialect.layout.delimiter and _is_table(best):
            if _own(best.names) != names:
                starts.append(first if title is None else title)
                names = _own(best.names)
            title = None
        else:
            title = first if last - first == 1 and best.width == 1 else None
    if len(starts) == 1 or len(starts) > TABLES_MAX:
        return []
    ends = [*starts[1:], len(lines)]
    return [
        "".join(_without_gap(lines[start:end])) for start, end in zip(starts, ends, strict=True)
    ]


def _is_table(best: Candidate) -> bool:
    """Names that nothing else explains, over at least one row as wide as they are."""
    whole = sum(len(row) == best.width for row in best.body)
    return best.width > 1 and best.has_header and best.is_sure and whole * 2 > len(best.body)


def _without_gap(lines: Sequence[str]) -> Sequence[str]:
    last = len(lines)
    while last and not lines[last - 1].strip(BLANK):
        last -= 1
    return lines[:last]


def _has_gap(text: bytes) -> bool:
    return any(not line.strip(BLANK.encode()) for line in text.splitlines())


def _own(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name.strip().casefold() for name in names if name.strip())


def _blocks(lines: Sequence[str], start: int) -> list[tuple[int, int]]:
    """Runs of lines between gaps, below the first one. A gap inside quotes is none."""
    found: list[tuple[int, int]] = []
    first: int | None = None
    is_open = False
    seen_gap = False
    for number in range(start, len(lines)):
        is_gap = not is_open and not lines[number].strip(BLANK)
        is_open ^= bool(lines[number].count('"') % 2)
        if is_gap and first is not None:
            found.append((first, number))
            first = None
        elif not is_gap and first is None and seen_gap:
            first = number
        seen_gap = seen_gap or is_gap
        if len(found) >= BLOCKS_MAX:
            return []
    if first is not None:
        found.append((first, len(lines)))
    return found
