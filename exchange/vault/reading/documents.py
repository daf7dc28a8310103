"""What a reading yields. Everything but the paths becomes JSON by `TableReading.document`."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from exchange.vault.reading.questions import Question

# Raised whenever a file may yield other figures than before. Figures depend on the engine, too.
READER = f"assay-reader/4 duckdb/{version('duckdb')}"


@dataclass(frozen=True)
class Progress:
    """How far a reading is: bytes of the stage's input and rows written so far."""

    stage: str
    bytes: int
    bytes_total: int
    rows: int


OnProgress = Callable[[Progress], None]


@dataclass(frozen=True)
class Note:
    """Something that the reader of the data must know. `rows` counts what it is about; `cells` the cells
    of the file that are not in the table as they came: cells in = cells out + cells named."""

    code: str
    text: str
    rows: int
    cells: int = 0


@dataclass(frozen=True)
class Mixed:
    """Cells of a column that do not have its form, with examples of their text."""

    kind: str
    rows: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Histogram:
    """Counts between neighbouring edges: the first edge is included, the last one too."""

    edges: tuple[str, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True)
class ColumnReading:
    """A row of the data dictionary with the column's profile. Figures are text, as exact as known."""

    name: str
    original_name: str
    type: str
    unit: str | None
    description: str
    example: str | None
    nulls: int
    distinct: int
    distinct_is_estimate: bool
    min: str | None = None
    max: str | None = None
    mean: str | None = None
    quantiles: dict[str, str] | None = None
    top: tuple[tuple[str, int], ...] = ()
    histogram: Histogram | None = None
    mixed: Mixed | None = None


@dataclass(frozen=True)
class Dimension:
    """One of the six qualities: numerator ÷ denominator. A denominator of 0 was not assessed."""

    dimension: str
    value: str
    weight: str
    rule: str
    numerator: int
    denominator: int


@dataclass(frozen=True)
class Quality:
    """The weighted sum of the dimensions on a scale of 100, and its grade."""

    score: str
    grade: str
    dimensions: tuple[Dimension, ...]


@dataclass(frozen=True)
class Finding:
    """A column that looks personal, how sure that is, and what it rests on."""

    column: str
    kind: str
    share: str
    basis: str


@dataclass(frozen=True)
class TimeCoverage:
    """The plausible times of a column. `until` is the last one; the rhythm is the usual step, and has a
    name where it is one of the calendar: working_days, month, quarter, half_year, year."""

    column: str
    start: str
    until: str
    rhythm_seconds: float | None
    rhythm: str = ""

    def document(self) -> dict[str, Any]:
        """`from` is a word of Python."""
        return {
            "column": self.column,
            "from": self.start,
            "until": self.until,
            "rhythm_seconds": self.rhythm_seconds,
            "rhythm": self.rhythm,
        }


@dataclass(frozen=True)
class Grid:
    """Rows in the fields of a grid over a box: from its north-west on, `width` of them in each line."""

    width: int
    counts: tuple[int, ...]


@dataclass(frozen=True)
class RegionCoverage:
    """Where the rows are: a box of west, south, east, north in degrees, or names of regions."""

    columns: tuple[str, ...]
    box: tuple[float, float, float, float] | None
    values: tuple[str, ...]
    grid: Grid | None = None


@dataclass(frozen=True)
class Means:
    """The mean of a column in each bucket of a series, and in how many rows it has a value there."""

    column: str
    values: tuple[str | None, ...]
    filled: tuple[int, ...]


@dataclass(frozen=True)
class Series:
    """Rows by the time that `column` says: buckets of one `unit` (hour, day, month, year) by their
    beginning. One without rows is left out."""

    column: str
    unit: str
    starts: tuple[str, ...]
    rows: tuple[int, ...]
    means: tuple[Means, ...] = ()


@dataclass(frozen=True)
class Preview:
    """The first rows as read; `vault.masks` masks what leaves."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]


@dataclass(frozen=True)
class TableReading:
    """One table: its rows as Parquet, a sample of them as read, and what is known of it."""

    name: str
    rows: int
    parquet: Path
    sample: Path | None
    columns: tuple[ColumnReading, ...]
    quality: Quality
    preview: Preview
    time: TimeCoverage | None = None
    region: RegionCoverage | None = None
    series: Series | None = None
    findings: tuple[Finding, ...] = ()
    notes: tuple[Note, ...] = ()

    def document(self) -> dict[str, Any]:
        """What is stored, shown, compared and served. Holds JSON values only; names its reader."""
        return {
            "reader": READER,
            "name": self.name,
            "rows": self.rows,
            "columns": [_plain(one) for one in self.columns],
            "coverage": {
                "time": self.time.document() if self.time else None,
                "region": _plain(self.region) if self.region else None,
            },
            "series": _plain(self.series) if self.series else None,
            "quality": _plain(self.quality),
            "findings": [_plain(one) for one in self.findings],
            "preview": _plain(self.preview),
            "notes": [_plain(one) for one in self.notes],
        }


@dataclass(frozen=True)
class FileReading:
    """All tables of a file, in its own order. `format` names how the tables were written. `questions` are
    those of all tables, answered or open."""

    format: str
    encoding: str
    compression: str
    tables: tuple[TableReading, ...]
    notes: tuple[Note, ...] = field(default=())
    questions: tuple[Question, ...] = ()


def _plain(one: Any) -> Any:
    return _lists(asdict(one))


def _lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _lists(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [_lists(inner) for inner in value]
    return value
