"""The figures of every column, in two passes: the second needs the bounds that the first found."""

# ruff: noqa: S608 - every name and text goes through `identifier` and `literal`

from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from typing import Any

from exchange.vault.reading.casts_sql import identifier, literal
from exchange.vault.reading.convert_sql import Converted, TableColumn
from exchange.vault.reading.documents import Histogram
from exchange.vault.reading.engine_sql import Engine
from exchange.vault.reading.kinds import NUMBERS, TIMES
from exchange.vault.reading.personal_words import LATITUDE_WORDS, LONGITUDE_WORDS
from exchange.vault.reading.words import tokens

COLUMNS_AT_ONCE = 50
COLUMNS_AT_ONCE_EXACT = 20  # each exact count keeps a table of hashes in memory
BINS = 20
EXACT_ROWS_MAX = 200_000
TOP = 10
TOP_DISTINCT_MAX = 100_000
TOP_DECIMALS_MAX = 1_000
QUANTILES = ("5", "25", "50", "75", "95")
FAR_WIDTHS = 1000
FEW_DISTINCT_MAX = 10_000
ALL_DIFFER_SHARE = 0.9
ALL_DIFFER_ROWS_MAX = 20_000_000
ALL_DIFFER_COLUMNS_MAX = 3
DAY_SECONDS = 86_400
EPOCH_1900 = -2_208_988_800
YEARS_AHEAD = 10
YEAR_SECONDS = 31_557_600
Top = tuple[tuple[str, int], ...]


@dataclass
class Figures:
    """What is known of one column. Bounds of times are seconds since 1970 beside their text."""

    filled: int
    distinct: int
    is_estimate: bool
    low: float | None = None
    high: float | None = None
    low_text: str | None = None
    high_text: str | None = None
    mean: float | None = None
    quantiles: list[Any] = field(default_factory=list)
    top: Top = ()
    histogram: Histogram | None = None
    implausible: int = 0


def figures_of(engine: Engine, table: Converted) -> dict[str, Figures]:
    """Counts of distinct values, and quantiles, are exact up to 200,000 rows."""
    figures: dict[str, Figures] = {}
    step = COLUMNS_AT_ONCE_EXACT if table.rows <= EXACT_ROWS_MAX else COLUMNS_AT_ONCE
    for start in range(0, len(table.columns), step):
        columns = table.columns[start : start + step]
        figures.update(_first_pass(engine, table, columns))
        _second_pass(engine, table.path, columns, figures)
    _count_again(engine, table, figures)
    for column in table.columns:
        figures[column.name].top = _top(engine, table.path, column, figures[column.name])
    return figures


def scan_of(path: Path) -> str:
    """The table as a relation."""
    return f"read_parquet({literal(str(path))})"


def moment_of(column: TableColumn) -> str:
    """The moment that a row of the column says; of a column of years their beginning."""
    cell = identifier(column.name)
    if column.type in TIMES:
        return f"CAST({cell} AS TIMESTAMP)"
    return f"CAST(make_date(CAST({cell} AS INTEGER), 1, 1) AS TIMESTAMP)"


def is_plausible(moment: str) -> str:
    """Whether seconds since 1970 lie between 1900 and ten years ahead."""
    return f"{moment} >= {EPOCH_1900} AND {moment} <= epoch(now()) + {YEARS_AHEAD * YEAR_SECONDS}"


def _first_pass(
    engine: Engine, table: Converted, columns: tuple[TableColumn, ...]
) -> dict[str, Figures]:
    is_exact = table.rows <= EXACT_ROWS_MAX
    asked = [_asked(column, is_exact=is_exact) for column in columns]
    row = engine.row(
        f"SELECT {', '.join(one for some in asked for one in some)} FROM {scan_of(table.path)}"
    )
    figures, at = {}, 0
    for column, expressions in zip(columns, asked, strict=True):
        figures[column.name] = _filed(row[at : at + len(expressions)], is_exact=is_exact)
        at += len(expressions)
    return figures


def _count_again(engine: Engine, table: Converted, figures: dict[str, Figures]) -> None:
    """Exact counts where an estimate says few or as many as there are cells; no estimate beyond what its
    range holds."""
    estimated = [one for one in table.columns if figures[one.name].is_estimate]
    few = [one for one in estimated if figures[one.name].distinct <= FEW_DISTINCT_MAX]
    for start in range(0, len(few), COLUMNS_AT_ONCE_EXACT):
        some = few[start : start + COLUMNS_AT_ONCE_EXACT]
        counts = ", ".join(f"count(DISTINCT {identifier(one.name)})" for one in some)
        row = engine.row(f"SELECT {counts} FROM {scan_of(table.path)}")
        for column, count in zip(some, row, strict=True):
            _settle(figures[column.name], int(count))
    many = [one for one in estimated if _may_all_differ(one, figures[one.name])]
    for column in many[:ALL_DIFFER_COLUMNS_MAX]:
        cell = identifier(column.name)
        own = figures[column.name]
        row = engine.row(
            f"SELECT count(*) FROM (SELECT DISTINCT {cell} FROM {scan_of(table.path)} "
            f"WHERE {cell} IS NOT NULL)"
        )
        _settle(own, int(row[0]))
    for column in estimated:
        own = figures[column.name]
        own.distinct = min(own.distinct, own.filled, _room(column, own))
        if own.low is not None and own.high is not None:
            own.quantiles = [min(max(float(one), own.low), own.high) for one in own.quantiles]


def _settle(figures: Figures, count: int) -> None:
    figures.distinct, figures.is_estimate = count, False


def _may_all_differ(column: TableColumn, figures: Figures) -> bool:
    """Whether an estimate says that a column names its rows; of decimals nobody asks."""
    return (
        column.type in {"integer", "text"}
        and figures.is_estimate
        and figures.distinct >= figures.filled * ALL_DIFFER_SHARE
        and figures.filled <= ALL_DIFFER_ROWS_MAX
    )


def _room(column: TableColumn, figures: Figures) -> int:
    """How many different values there can be between the bounds."""
    if figures.low is None or figures.high is None or column.type not in {"integer", "date"}:
        return figures.filled
    step = DAY_SECONDS if column.type == "date" else 1
    return max(1, int((figures.high - figures.low) / step) + 1)


def _asked(column: TableColumn, *, is_exact: bool) -> list[str]:
    cell = identifier(column.name)
    distinct = f"count(DISTINCT {cell})" if is_exact else f"approx_count_distinct({cell})"
    common = [f"count({cell})", distinct]
    if column.type in NUMBERS:
        shares = ", ".join(f"{int(one) / 100}" for one in QUANTILES)
        quantile = "quantile_cont" if is_exact else "approx_quantile"
        return [
            *common,
            f"CAST(min({cell}) AS DOUBLE)",
            f"CAST(max({cell}) AS DOUBLE)",
            f"CAST(min({cell}) AS VARCHAR)",
            f"CAST(max({cell}) AS VARCHAR)",
            f"CAST(avg({cell}) AS DOUBLE)",
            f"{quantile}(CAST({cell} AS DOUBLE), [{shares}])",
        ]
    if column.type in TIMES:
        return [
            *common,
            f"epoch(CAST(min({cell}) AS TIMESTAMP))",
            f"epoch(CAST(max({cell}) AS TIMESTAMP))",
            f"CAST(min({cell}) AS VARCHAR)",
            f"CAST(max({cell}) AS VARCHAR)",
        ]
    return common


def _filed(values: tuple[Any, ...], *, is_exact: bool) -> Figures:
    filled, distinct, *rest = values
    figures = Figures(filled, min(distinct, filled), not is_exact)
    if rest:
        figures.low, figures.high, figures.low_text, figures.high_text = rest[:4]
    if len(rest) > 4:  # noqa: PLR2004 - numbers have a mean and quantiles too
        figures.mean, figures.quantiles = rest[4], rest[5] or []
    return figures


def _second_pass(
    engine: Engine, path: Path, columns: tuple[TableColumn, ...], figures: dict[str, Figures]
) -> None:
    """Histograms and implausible values of what has bounds."""
    bounded = [one for one in columns if _has_bounds(figures[one.name])]
    if not bounded:
        return
    asked = []
    for column in bounded:
        own = figures[column.name]
        asked += [_bins(column, own), f"count_if({_is_implausible(column, own)})"]
    row = engine.row(f"SELECT {', '.join(asked)} FROM {scan_of(path)}")
    for number, column in enumerate(bounded):
        own = figures[column.name]
        counts, own.implausible = row[2 * number] or {}, row[2 * number + 1]
        own.histogram = _histogram(column, own, counts)


def _has_bounds(figures: Figures) -> bool:
    return (
        figures.low is not None
        and figures.high is not None
        and isfinite(figures.low)
        and isfinite(figures.high)
    )


def _seconds(column: TableColumn) -> str:
    cell = identifier(column.name)
    if column.type in TIMES:
        return f"epoch(CAST({cell} AS TIMESTAMP))"
    return f"CAST({cell} AS DOUBLE)"


def _bins(column: TableColumn, figures: Figures) -> str:
    low, width = _bin_width(figures)
    value = _seconds(column)
    return f"histogram(CAST(least({BINS - 1}, greatest(0, floor(({value} - {low!r}) / {width!r}))) AS UTINYINT)) FILTER (WHERE {identifier(column.name)} IS NOT NULL)"


def _bin_width(figures: Figures) -> tuple[float, float]:
    low, high = float(figures.low or 0), float(figures.high or 0)
    width = high / BINS - low / BINS
    return low, width if width > 0 else 1.0


def _histogram(column: TableColumn, figures: Figures, counts: dict[int, int]) -> Histogram:
    low, width = _bin_width(figures)
    if figures.low == figures.high:
        edges, filled = [low, low], [counts.get(0, 0)]
    else:
        edges = [low + width * number for number in range(BINS)] + [float(figures.high or 0)]
        filled = [counts.get(number, 0) for number in range(BINS)]
    return Histogram(tuple(_edge(column, one) for one in edges), tuple(filled))


def _edge(column: TableColumn, value: float) -> str:
    if column.type not in TIMES:
        return number_text(value)
    try:
        moment = datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return number_text(value)
    return (
        moment.strftime("%Y-%m-%d")
        if column.type == "date"
        else moment.strftime("%Y-%m-%d %H:%M:%S")
    )


def _is_implausible(column: TableColumn, figures: Figures) -> str:
    value = _seconds(column)
    if column.type in TIMES:
        return f"{value} < {EPOCH_1900} OR {value} > epoch(now()) + {YEARS_AHEAD * YEAR_SECONDS}"
    words = set(tokens(column.name))
    if words & LATITUDE_WORDS:
        return f"abs({value}) > 90"
    if words & LONGITUDE_WORDS:
        return f"abs({value}) > 180"
    return _is_far(value, figures)


def _is_far(value: str, figures: Figures) -> str:
    """Farther from the middle than a thousand times the width of the middle half: a slip, not a peak.
    Identifiers are spread evenly and never far.
    """
    if len(figures.quantiles) < len(QUANTILES):
        return "false"
    _, low, middle, high, _ = (float(one) for one in figures.quantiles)
    far = FAR_WIDTHS * (high - low)
    return f"abs({value} - {middle!r}) > {far!r}" if far > 0 and isfinite(far) else "false"


def _top(engine: Engine, path: Path, column: TableColumn, figures: Figures) -> Top:
    """The most frequent values, where there are values that are frequent."""
    most = TOP_DECIMALS_MAX if column.type in {"decimal", "datetime"} else TOP_DISTINCT_MAX
    if not figures.filled or figures.distinct > most or figures.distinct == figures.filled > 1:
        return ()
    cell = identifier(column.name)
    rows = engine.rows(
        f"SELECT left(CAST({cell} AS VARCHAR), 200), count(*) FROM {scan_of(path)} "
        f"WHERE {cell} IS NOT NULL GROUP BY {cell} ORDER BY 2 DESC, 1 LIMIT {TOP}"
    )
    return tuple((str(value), int(count)) for value, count in rows)


def number_text(value: float) -> str:
    """A figure with at most ten digits that count, without an exponent where it is readable."""
    text = f"{value:.10g}"
    return text if text != "-0" else "0"
