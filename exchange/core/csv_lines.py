"""Lines of CSV that a spreadsheet cannot take for formulas."""

import csv
import io
from collections.abc import Iterable

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_line(cells: Iterable[object]) -> str:
    """One line with its end. Text that a spreadsheet would run is quoted away; numbers stay."""
    buffer = io.StringIO()
    csv.writer(buffer).writerow(_inert(c) if isinstance(c, str) else c for c in cells)
    return buffer.getvalue()


def _inert(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
