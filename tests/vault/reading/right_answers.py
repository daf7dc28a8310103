"""Whether a reading is the right answer, as `forty/answers.toml` writes answers."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow.parquet as pq

from exchange.vault.reading import FileReading, TableReading
from exchange.vault.reading.documents import ColumnReading

TYPES = {
    "number": {"integer", "decimal"},
    "decimal": {"decimal"},
    "date": {"date", "datetime"},
    "time": {"date", "datetime", "month", "time", "year"},
}
SAME_UNITS = {"m³/h": "m3/h", "℃": "°C", "€": "EUR", "€/MWh": "EUR/MWh"}
SAME_FINDINGS = {"ip": ("network_address",), "mac": ("device_id", "network_address")}
YEAR_SECONDS = (365 * 86_400, 366 * 86_400)
Answer = Mapping[str, Any]


def differences(answer: Answer, read: FileReading) -> list[str]:
    """What is not as the answer says; nothing when the reading is right."""
    if "refused" in answer:
        return [f"read, not refused as {answer['refused'][0]}"]
    said = _said(read).casefold()
    found = [
        f"nothing said of {' / '.join(words)}"
        for words in answer.get("notes", ())
        if not any(word.casefold() in said for word in words)
    ]
    return [*_of_encoding(answer, read), *_of_tables(answer, read.tables), *found]


def _said(read: FileReading) -> str:
    """All notes and questions: what the seller and the buyer are told beside the tables."""
    notes = [*read.notes, *(note for table in read.tables for note in table.notes)]
    questions = [(one.text, [x.label for x in one.options]) for one in read.questions]
    return f"{[(one.text, one.rows, one.cells) for one in notes]} {questions}"


def is_right_refusal(answer: Answer, message: str) -> bool:
    """Whether the sentence names what the answer wants named."""
    words = [*answer.get("refused", ()), *answer.get("or_refused", ())]
    return any(word.casefold() in message.casefold() for word in words)


def _of_encoding(answer: Answer, reading: FileReading) -> Iterator[str]:
    if "encoding" in answer and _plain(reading.encoding) not in map(_plain, answer["encoding"]):
        yield f"encoding {reading.encoding}, not {answer['encoding'][0]}"


def _of_tables(answer: Answer, tables: Sequence[TableReading]) -> list[str]:
    wanted = answer["table"]
    if len(tables) != len(wanted):
        return [f"tables {[(one.name, one.rows) for one in tables]}, not {len(wanted)}"]
    found: list[str] = []
    left = list(tables)
    for one in wanted:
        judged = [(_of_table(one, answer, table), table) for table in left]
        least, table = min(judged, key=lambda pair: len(pair[0]))
        left.remove(table)
        found += least
    return found


def _of_table(wanted: Answer, answer: Answer, table: TableReading) -> list[str]:
    rows = wanted["rows"]
    found = []
    if table.rows not in (rows if isinstance(rows, list) else [rows]):
        found.append(f"rows {table.rows}, not {rows}")
    pairs, lacking = _paired(wanted, answer, table)
    found += lacking
    for want, column in pairs:
        found += _of_column(want, column, table)
    if "coverage" in wanted:
        found += _of_coverage(wanted["coverage"], table)
    for kind in wanted.get("finding_somewhere", ()):
        if not any(kind in one.kind for one in table.findings):
            found.append(f"no finding of {kind}")
    return found


def _paired(
    wanted: Answer, answer: Answer, table: TableReading
) -> tuple[list[tuple[Answer, ColumnReading]], list[str]]:
    """The columns of the answer with those read: by name, or by place where the answer has none."""
    extra = set(answer.get("extra_columns", ()))
    columns = [one for one in table.columns if one.name not in extra]
    pairs: list[tuple[Answer, ColumnReading]] = []
    left = list(columns)
    for place, want in enumerate(wanted["columns"]):
        if "name" not in want:
            match = columns[place] if place < len(columns) else None
        else:
            match = next((one for one in left if _is_named(want, one)), None)
        if match is not None and match in left:
            left.remove(match)
            pairs.append((want, match))
        elif not want.get("optional"):
            return pairs, [f"columns {[one.name for one in columns]}, not {_names(wanted)}"]
    nested = [want for want, _one in pairs if want.get("nested")]
    left = [one for one in left if not any(_within(one.name, want) for want in nested)]
    if left and not wanted.get("some_columns"):
        return pairs, [f"columns too many: {[one.name for one in left]}"]
    return pairs, []


def _is_named(want: Answer, column: ColumnReading) -> bool:
    """Under its own name, or the first of those that a nested value got from it."""
    wanted, name = _plain(want["name"]), _plain(column.name)
    return name == wanted or (want.get("nested", False) and name.startswith(f"{wanted} "))


def _names(wanted: Answer) -> list[str]:
    return [one.get("name", "(any)") for one in wanted["columns"]]


def _of_column(want: Answer, column: ColumnReading, table: TableReading) -> Iterator[str]:
    name = column.name
    if "type" in want and column.type not in TYPES.get(want["type"], {want["type"]}):
        yield f"{name}: type {column.type}, not {want['type']}"
        return
    if "unit" in want and _unit(column.unit) != _unit(want["unit"]):
        yield f"{name}: unit {column.unit}, not {want['unit'] or 'none'}"
    yield from _of_figures(want, column)
    if "values" in want:
        cells = set(pq.read_table(table.parquet, columns=[name])[name].to_pylist())
        if cells != set(want["values"]):
            yield f"{name}: values {sorted(map(str, cells))[:5]}, not {want['values']}"
    if "finding" in want:
        yield from _of_finding(want, column, table)


def _of_figures(want: Answer, column: ColumnReading) -> Iterator[str]:
    name = column.name
    for key, value in (("min", column.min), ("max", column.max)):
        if key in want and not _is_same(want[key], value):
            yield f"{name}: {key} {value}, not {want[key]}"
    if want.get("distinct", column.distinct) != column.distinct:
        yield f"{name}: {column.distinct} distinct, not {want['distinct']}"
    if want.get("missing", column.nulls) != column.nulls:
        yield f"{name}: {column.nulls} missing, not {want['missing']}"


def _of_finding(want: Answer, column: ColumnReading, table: TableReading) -> Iterator[str]:
    own = [one for one in table.findings if one.column == column.name]
    inner = [one for one in table.findings if want.get("nested") and _within(one.column, want)]
    found = own or inner
    kinds = [one.kind for one in found]
    if not want["finding"] and kinds:
        yield f"{column.name}: finding {kinds}, not none"
    words = [word for one in want["finding"] for word in (one, *SAME_FINDINGS.get(one, ()))]
    if words and not any(word in kind for kind in kinds for word in words):
        yield f"{column.name}: finding {kinds or 'none'}, not {want['finding'][0]}"
    if "share" in want and found and abs(float(found[0].share) - want["share"]) > 0.005:
        yield f"{column.name}: share {found[0].share}, not {want['share']}"


def _within(name: str, want: Answer) -> bool:
    return f"{_plain(name)} ".startswith(f"{_plain(want['name'])} ")


def _of_coverage(wanted: Answer, table: TableReading) -> Iterator[str]:
    time = table.time
    if time is None:
        yield "no coverage of time"
        return
    if _plain(time.column) != _plain(wanted["column"]):
        yield f"coverage of {time.column}, not {wanted['column']}"
        return
    for key, value in (("from", time.start), ("to", time.until)):
        if not value.replace("T", " ").startswith(wanted[key].replace("T", " ")):
            yield f"coverage {key} {value}, not {wanted[key]}"
    if not _is_rhythm(wanted["rhythm"], table):
        yield f"rhythm {time.rhythm_seconds}, not {wanted['rhythm']}"
    if "timeliness" in wanted:
        timely = next(x for x in table.quality.dimensions if x.dimension == "timeliness")
        if float(timely.value) != wanted["timeliness"]:
            yield f"timeliness {timely.value}, not {wanted['timeliness']}"


def _is_rhythm(wanted: float | str, table: TableReading) -> bool:
    assert table.time is not None
    seconds = table.time.rhythm_seconds
    if wanted == "year":
        return seconds is not None and YEAR_SECONDS[0] <= seconds <= YEAR_SECONDS[1]
    if isinstance(wanted, str):
        said = f"{table.time} {[(one.code, one.text) for one in table.notes]}".casefold()
        return any(word in said.replace("_", " ") for word in ("working", "business", "weekday"))
    return seconds == wanted


def _is_same(wanted: float | str, value: str | None) -> bool:
    if value is None:
        return False
    if isinstance(wanted, str):
        return value.replace("T", " ").startswith(wanted.replace("T", " "))
    try:
        return abs(float(value) - wanted) <= 1e-9 * max(1.0, abs(wanted))
    except ValueError:
        return False


def _unit(unit: str | None) -> str:
    return SAME_UNITS.get(unit or "", unit or "")


def _plain(name: str) -> str:
    """Letters and figures with single blanks: what stands between parts of a name is not judged."""
    return " ".join(re.findall(r"[^\W_]+", name.casefold()))
