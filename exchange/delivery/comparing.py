"""What was delivered beside what was promised: pure functions from two readings to claims with a verdict.

The promise of a table is what the frozen terms say of it and the report that was published with its
revision; what was found is a new reading of the bytes that are delivered. Both were read by the same
version of the reader. A claim is kept, broken, or not checked, with the reason. Figures that are values
of the data stand apart (`split`), so that they leave only where values may.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from exchange.catalog.differences import MEASURES, drift_of, measure_of, shapes_of

FORMAT = "assay.comparison/1"
COLUMNS_MAX = 200
MOVED_FROM = Decimal("0.1")  # a distance from which a distribution is not the promised one any more
DISTANCE_DIGITS = 3
Document = Mapping[str, Any]
Row = dict[str, Any]


class Verdict(StrEnum):
    """What became of a claim."""

    KEPT = "kept"
    BROKEN = "broken"
    UNCHECKED = "unchecked"


class Claim(StrEnum):
    """What is compared."""

    OPENED = "opened"  # a revision that the terms name can be fetched, or was
    CONTENT = "content"  # the very bytes whose hash the terms name
    READABLE = "readable"
    ROWS = "rows"
    COLUMN = "column"  # a column of the dictionary is there
    TYPE = "type"
    EMPTY = "empty"  # no more empty cells a row than promised
    RANGE = "range"  # values lie within the promised bounds
    FROM = "from"  # the period begins no later
    UNTIL = "until"  # the period ends no earlier
    RHYTHM = "rhythm"  # times follow each other no slower
    DISTRIBUTION = "distribution"
    COLUMN_SINCE = "column_since"  # a later revision still has what the purchased one had
    TYPE_SINCE = "type_since"


# Their figures are values of the data.
OF_VALUES = frozenset({Claim.RANGE, Claim.FROM, Claim.UNTIL, Claim.RHYTHM})


@dataclass(frozen=True)
class Promise:
    """What was promised of one table. `rows` and `sha256` are those of the frozen terms, None where they
    do not name this revision; then `since` is the report of the newest one that they name. `names` leads
    from a column of the report to that of the file. Of `hidden` columns only empty cells are counted."""

    report: Document
    names: Mapping[str, str] = field(default_factory=dict)
    rows: int | None = None
    sha256: str | None = None
    since: Document | None = None
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Found:
    """What was read of the delivered bytes, or why it was not: the refusal's code."""

    sha256: str
    reading: Document | None = None
    refusal: str = ""


def claims_of(promise: Promise, found: Found) -> list[Row]:
    """Every claim on one table, in the order in which they are shown."""
    claims = [_content(promise, found)]
    if found.reading is None:
        claims.append(_claim(Claim.READABLE, Verdict.BROKEN, reason=found.refusal))
        claims.append(_claim(Claim.ROWS, Verdict.UNCHECKED, reason="unreadable"))
        return claims
    claims.append(_claim(Claim.READABLE, Verdict.KEPT))
    claims.append(_rows(promise, found.reading))
    claims += _coverage(promise, found.reading)
    claims += _columns(promise, found.reading)
    return claims


def movement_of(promise: Promise, reading: Document) -> list[Row]:
    """How far the distribution of each column moved, and its shapes, since the purchase."""
    before = promise.since or promise.report
    there = {str(one["name"]): one for one in reading["columns"]}
    rows = []
    for column in before["columns"][:COLUMNS_MAX]:
        after = there.get(_name(promise, column))
        if after is None or column["name"] in promise.hidden:
            continue
        moved = drift_of(column, after)
        if moved is not None:
            rows.append(
                {
                    "column": str(column["name"]),
                    "measure": measure_of(column, after),
                    "distance": f"{moved:.{DISTANCE_DIGITS}f}",
                    "shapes": shapes_of(column, after),
                }
            )
    return rows


def totals_of(tables: Sequence[Document]) -> dict[str, int]:
    """How many claims have which verdict."""
    counted = Counter(claim["verdict"] for table in tables for claim in table["claims"])
    return {verdict.value: counted[verdict.value] for verdict in Verdict}


def split(tables: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """The tables without a value of the data, and beside each the values: of claims by their place in
    the list, of shapes by column."""
    counted, figures = [], []
    for table in tables:
        values: Row = {"claims": {}, "shapes": {}}
        claims = [dict(claim) for claim in table["claims"]]
        for place, claim in enumerate(claims):
            if claim["claim"] in OF_VALUES:
                values["claims"][str(place)] = [claim.pop("promised"), claim.pop("found")]
        movement = [dict(row) for row in table.get("movement", [])]
        for row in movement:
            shapes = row.pop("shapes", None)
            if shapes is not None:
                values["shapes"][row["column"]] = shapes
        counted.append({**table, "claims": claims, "movement": movement})
        figures.append(values)
    return counted, figures


def joined(table: Document, values: Document, *, without: frozenset[str]) -> Row:
    """A table with its values again, but for those of some columns."""
    claims = [dict(claim) for claim in table["claims"]]
    for place, (promised, found) in values["claims"].items():
        claim = claims[int(place)]
        if claim["column"] not in without:
            claim |= {"promised": promised, "found": found}
    movement = [
        {**row, "shapes": None if row["column"] in without else values["shapes"].get(row["column"])}
        for row in table["movement"]
    ]
    return {**table, "claims": claims, "movement": movement}


def measures_of(tables: Sequence[Document]) -> dict[str, Mapping[str, str]]:
    """The measures that were used, with their sources."""
    used = {row["measure"] for table in tables for row in table.get("movement", [])}
    return {name: MEASURES[name] for name in sorted(used)}


def unopened(reason: str) -> list[Row]:
    """The claims on a table that the terms name and that was never delivered."""
    return [
        _claim(Claim.OPENED, Verdict.BROKEN, reason=reason),
        _claim(Claim.CONTENT, Verdict.UNCHECKED, reason="not_delivered"),
    ]


def _claim(
    claim: Claim,
    verdict: Verdict,
    *,
    column: str = "",
    promised: object = None,
    found: object = None,
    reason: str = "",
) -> Row:
    return {
        "claim": claim.value,
        "column": column,
        "promised": None if promised is None else str(promised),
        "found": None if found is None else str(found),
        "verdict": verdict.value,
        "reason": reason,
    }


def _judged(*, is_kept: bool) -> Verdict:
    return Verdict.KEPT if is_kept else Verdict.BROKEN


def _content(promise: Promise, found: Found) -> Row:
    if promise.sha256 is None:
        return _claim(
            Claim.CONTENT, Verdict.UNCHECKED, found=found.sha256 or None, reason="later_revision"
        )
    verdict = _judged(is_kept=promise.sha256 == found.sha256)
    return _claim(
        Claim.CONTENT, verdict, promised=promise.sha256, found=found.sha256 or None,
        reason="" if verdict is Verdict.KEPT else "other_bytes",
    )  # fmt: skip


def _rows(promise: Promise, reading: Document) -> Row:
    promised = int(promise.report["rows"] if promise.rows is None else promise.rows)
    rows = int(reading["rows"])
    return _claim(Claim.ROWS, _judged(is_kept=rows == promised), promised=promised, found=rows)


def _name(promise: Promise, column: Document) -> str:
    return promise.names.get(str(column["name"]), str(column["name"]))


def _columns(promise: Promise, reading: Document) -> Iterator[Row]:
    there = {str(one["name"]): one for one in reading["columns"]}
    columns = promise.report["columns"]
    for column in columns[:COLUMNS_MAX]:
        name = str(column["name"])
        after = there.get(_name(promise, column))
        if after is None:
            yield _claim(Claim.COLUMN, Verdict.BROKEN, column=name, reason="missing")
            continue
        yield _claim(Claim.COLUMN, Verdict.KEPT, column=name)
        yield _type(Claim.TYPE, name, column, after)
        yield _empty(name, column, after, rows=(promise.report["rows"], reading["rows"]))
        if name not in promise.hidden:
            yield from _values(promise, name, column, after)
    if len(columns) > COLUMNS_MAX:
        yield _claim(
            Claim.COLUMN, Verdict.UNCHECKED, promised=len(columns), found=COLUMNS_MAX,
            reason="too_many",
        )  # fmt: skip
    yield from _since(promise, there)


def _since(promise: Promise, there: Mapping[str, Document]) -> Iterator[Row]:
    for column in (promise.since or {"columns": []})["columns"][:COLUMNS_MAX]:
        name = str(column["name"])
        after = there.get(_name(promise, column))
        if after is None:
            yield _claim(Claim.COLUMN_SINCE, Verdict.BROKEN, column=name, reason="missing")
        else:
            yield _claim(Claim.COLUMN_SINCE, Verdict.KEPT, column=name)
            yield _type(Claim.TYPE_SINCE, name, column, after)


def _type(claim: Claim, name: str, column: Document, after: Document) -> Row:
    verdict = _judged(is_kept=column["type"] == after["type"])
    return _claim(claim, verdict, column=name, promised=column["type"], found=after["type"])


def _empty(name: str, column: Document, after: Document, *, rows: tuple[int, int]) -> Row:
    """Cells whose text stands in a column beside are empty in the file that is delivered."""
    promised, found = _without_cell(column), _without_cell(after)
    is_kept = found * max(1, int(rows[0])) <= promised * max(1, int(rows[1]))
    return _claim(
        Claim.EMPTY, _judged(is_kept=is_kept), column=name, promised=promised, found=found
    )


def _without_cell(column: Document) -> int:
    beside = column.get("mixed") or {}
    return int(column["nulls"]) + int(beside.get("rows") or 0)


def _values(promise: Promise, name: str, column: Document, after: Document) -> Iterator[Row]:
    yield from _range(name, column, after)
    if promise.since is None:
        yield from _distribution(name, column, after)


def _range(name: str, column: Document, after: Document) -> Iterator[Row]:
    if column.get("min") is None or column.get("max") is None:
        return
    bounds = [_size(one) for one in (column["min"], column["max"], after["min"], after["max"])]
    low, high, found_low, found_high = bounds
    promised = f"{column['min']} – {column['max']}"
    found = f"{after['min']} – {after['max']}"
    if low is None or high is None or found_low is None or found_high is None:
        verdict, reason = Verdict.UNCHECKED, "not_comparable"
    else:
        verdict, reason = _judged(is_kept=low <= found_low and found_high <= high), ""
    yield _claim(Claim.RANGE, verdict, column=name, promised=promised, found=found, reason=reason)


def _distribution(name: str, column: Document, after: Document) -> Iterator[Row]:
    if not measure_of(column, column):
        return
    moved = drift_of(column, after)
    if moved is None:
        yield _claim(Claim.DISTRIBUTION, Verdict.UNCHECKED, column=name, reason="not_comparable")
        return
    distance = Decimal(f"{moved:.{DISTANCE_DIGITS}f}")
    yield _claim(
        Claim.DISTRIBUTION, _judged(is_kept=distance < MOVED_FROM), column=name,
        promised=f"< {MOVED_FROM}", found=distance,
    )  # fmt: skip


def _coverage(promise: Promise, reading: Document) -> Iterator[Row]:
    """The period, by the column that says when. Later revisions of a table cover what they say."""
    promised = (promise.report.get("coverage") or {}).get("time")
    if not promised or promised["column"] in promise.hidden:
        return
    column = str(promised["column"])
    found = (reading.get("coverage") or {}).get("time") or {}
    is_same = found.get("column") == promise.names.get(column, column)
    for claim, key, holds in _PERIOD:
        before, after = promised.get(key), found.get(key) if is_same else None
        if before is None:
            continue
        first, second = _size(before), _size(after)
        if first is None or second is None:
            verdict, reason = Verdict.UNCHECKED, "not_comparable"
        else:
            verdict, reason = _judged(is_kept=holds(first, second)), ""
        yield _claim(claim, verdict, column=column, promised=before, found=after, reason=reason)


def _no_more(promised: Decimal, found: Decimal) -> bool:
    return found <= promised


def _no_less(promised: Decimal, found: Decimal) -> bool:
    return found >= promised


_PERIOD: Sequence[tuple[Claim, str, Callable[[Decimal, Decimal], bool]]] = (
    (Claim.FROM, "from", _no_more),
    (Claim.UNTIL, "until", _no_less),
    (Claim.RHYTHM, "rhythm_seconds", _no_more),
)


def _size(text: object) -> Decimal | None:
    """A number or a moment as something that can be compared; None for anything else."""
    if text is None:
        return None
    try:
        number = Decimal(str(text))
    except InvalidOperation:
        return _moment(str(text))
    return number if number.is_finite() else None


def _moment(text: str) -> Decimal | None:
    try:
        at = datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None
    since = at - datetime.min  # noqa: DTZ901 - a difference of two readings
    return Decimal(since.days * 86_400 + since.seconds) + Decimal(since.microseconds) / 1_000_000


def read_again(report: Document, reading: Document, names: Mapping[str, str]) -> Row:
    """The report with the figures of a new reading of its file: another version of the reader would
    compare itself. Names stay those of the report; a column that the reading lacks stays as it was."""
    there = {str(one["name"]): one for one in reading["columns"]}
    known = {found: name for name, found in names.items()}
    time = (reading.get("coverage") or {}).get("time")
    return {
        **reading,
        "columns": [
            {**there.get(names.get(column["name"], column["name"]), column), "name": column["name"]}
            for column in report["columns"]
        ],
        "coverage": {
            "time": time and {**time, "column": known.get(time["column"], time["column"])}
        },
    }


def names_between(report: Document, file: Document) -> dict[str, str]:
    """From each column of a report to that of the file: a seller may have renamed it, never moved it."""
    if len(report["columns"]) != len(file["columns"]):
        return {}
    return {
        str(said["name"]): str(kept["name"])
        for said, kept in zip(report["columns"], file["columns"], strict=True)
    }
