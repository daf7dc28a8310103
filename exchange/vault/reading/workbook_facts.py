"""What a workbook says of one sheet beside its values, whatever it is written in."""

from collections import Counter
from dataclasses import dataclass, field

MERGED_MAX = 100_000
Span = tuple[tuple[int, int], tuple[int, int]]  # first and last cell, each by row and column


@dataclass
class Parts:
    """What is said of one sheet. Columns and rows count from 0; `units` are those that all numbers of a
    column are shown with; `spans` are cells merged into one, where the library does not know them;
    `unsaved_at` are formulas without a value for which the library gives one."""

    errors: Counter[str] = field(default_factory=Counter)
    unsaved: int = 0
    unsaved_at: set[tuple[int, int]] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    units: dict[int, str] = field(default_factory=dict)
    spans: list[Span] = field(default_factory=list)

    @property
    def valueless(self) -> int:
        """Cells that hold something, and no value."""
        return sum(self.errors.values()) + self.unsaved
