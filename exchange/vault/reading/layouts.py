"""How the lines of a text become rows of cells: by a delimiter, by runs of blanks, by fixed places."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

Row = list[str]

GAP = re.compile(r" {2,}|\t+")
_MARK = bytes(0 if letter == ord(" ") else 1 for letter in range(256))


@dataclass(frozen=True)
class Layout:
    """One way to cut lines. `slices` are places of fixed width; `by_gaps` cuts at two or more blanks.

    A delimiter of one blank with `by_runs` takes any number of blanks as one.
    """

    delimiter: str = ","
    quote: str = '"'
    escape: str = '"'
    by_runs: bool = False
    by_gaps: bool = False
    slices: tuple[tuple[int, int | None], ...] = ()

    @property
    def is_the_engines(self) -> bool:
        """Whether the engine cuts the same way; what it cannot cut is written again first."""
        return len(self.delimiter) == 1 and not (self.by_runs or self.by_gaps or self.slices)

    def rows(self, lines: Iterable[str], *, is_strict: bool = False) -> Iterator[tuple[int, Row]]:
        """Rows that are not empty, each with the number of lines used up by its end.

        Raises csv.Error where quotes stop making sense.
        """
        if self.slices or self.by_gaps or len(self.delimiter) > 1:
            yield from self._split(lines)
            return
        if self.escape == "\\":
            lines = self._without_nulls(lines)
        if self.by_runs:
            lines = (line.strip(" \t\r\n") + "\n" for line in lines)
        reader = csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote or None,
            quoting=csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
            doublequote=self.escape != "\\",
            escapechar="\\" if self.escape == "\\" else None,
            skipinitialspace=self.by_runs,
            strict=is_strict,
        )
        yield from ((reader.line_num, row) for row in reader if row)

    def _without_nulls(self, lines: Iterable[str]) -> Iterator[str]:
        """With the backslash of a cell `\\N`, which escapes nothing, kept."""
        cut = re.escape(self.delimiter)
        null = re.compile(rf"(?<![^{cut}])\\N(?=[{cut}\r\n]|$)")
        return (null.sub(r"\\\\N", line) if "\\N" in line else line for line in lines)

    def _split(self, lines: Iterable[str]) -> Iterator[tuple[int, Row]]:
        for number, line in enumerate(lines, start=1):
            text = line.rstrip("\r\n")
            if not text.strip():
                continue
            if self.slices:
                yield number, [text[start:end].strip() for start, end in self.slices]
            elif self.by_gaps:
                yield number, GAP.split(text.strip())
            else:
                yield number, text.split(self.delimiter)


Places = tuple[tuple[int, int | None], ...]


def fixed_places(lines: Sequence[str]) -> Places:
    """Where the fields of a table of fixed width lie: between the places that are blank in every line."""
    return _from_starts(_runs(lines))


def places_under_names(lines: Sequence[str]) -> Places:
    """The same where words of one field are a single blank apart in every line: `MAX TEMP` over `21.5`,
    `NEW YORK` under `PLACE`. The first line holds the names; what has no name, or a name and nothing
    below it, is one field with its neighbour."""
    runs = _runs(lines)
    named, valued = _runs(lines[:1]), _runs(lines[1:])
    joined: list[tuple[int, int]] = []
    for start, end in runs:
        is_near = bool(joined) and start - joined[-1][1] == 1
        if is_near and (not _meets(named, start, end) or not _meets(valued, *joined[-1])):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return () if joined == runs else _from_starts(joined)


def _runs(lines: Sequence[str]) -> list[tuple[int, int]]:
    """From where to where something stands in any of the lines."""
    texts = [line.rstrip("\r\n") for line in lines if line.strip()]
    if not texts or any("\t" in text for text in texts):
        return []
    width = max(len(text) for text in texts)
    filled = 0
    for text in texts:
        marks = text.ljust(width).encode("latin-1", "replace").translate(_MARK)
        filled |= int.from_bytes(marks, "big")
    return [match.span() for match in re.finditer(rb"\x01+", filled.to_bytes(width, "big"))]


def _from_starts(runs: Sequence[tuple[int, int]]) -> Places:
    starts = [start for start, _end in runs]
    return tuple(zip(starts, [*starts[1:], None], strict=True)) if starts else ()


def _meets(runs: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    return any(start < one_end and one_start < end for one_start, one_end in runs)
