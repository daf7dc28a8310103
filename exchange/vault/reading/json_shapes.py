"""JSON that is neither one object to a line nor one array of objects: the tables that lie in it.

Objects wrapped in an object, columns beside each other, rows that are arrays, GeoJSON. Each table is written
again as one object to a line, its numbers as they were written.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from exchange.vault.reading import errors
from exchange.vault.reading.documents import Note
from exchange.vault.reading.geometry import wkt
from exchange.vault.reading.kinds import is_value

DOCUMENT_BYTES = 128 * 1024 * 1024
HEAD_CHARS = 4 * 1024 * 1024
DEPTH_MAX = 5
DIGITS_MAX = 4_000
JUDGED_ROWS = 200
RECORDS_MIN = 3
NAMES_SHOWN = 5
BLANKS = re.compile(r"\s*")
FEATURE_KEYS = frozenset({"type", "id", "properties", "geometry"})
NAMING_KEYS = ("name", "id", "fieldName", "key", "field", "column", "label", "title")

Row = Mapping[str, Any]


class Written(str):
    """A number as it stands in the text: no digit is lost."""

    __slots__ = ()


def _whole(text: str) -> int | Written:
    return int(text) if len(text) < DIGITS_MAX else Written(text)


DECODER = json.JSONDecoder(parse_float=Written, parse_int=_whole, parse_constant=str)


@dataclass(frozen=True)
class Found:
    """A table: where it lies (keys from the outside), its rows, and what is said of it. `left` are the
    values around it by their names, complete once the rows are written."""

    path: tuple[str, ...]
    rows: Iterable[Row]
    notes: tuple[Note, ...] = ()
    format: str = "json"
    left: Counter[str] = field(default_factory=Counter)

    @property
    def all_notes(self) -> tuple[Note, ...]:
        """With a note on the values around it, where there are any."""
        names = sorted(name for name, count in self.left.items() if count)
        if not names:
            return self.notes
        shown = ", ".join(names[:NAMES_SHOWN]) + ("" if len(names) <= NAMES_SHOWN else " …")
        text = _("Values that stand around the tables were left out: %(names)s.") % {"names": shown}
        around = Note("values_around_tables", text, len(names), cells=self.left.total())
        return (*self.notes, around)


def layout_of(path: Path) -> str:
    """How the engine can read the text (`array`, `newline_delimited`), or what it is instead: `lines`
    (arrays or features to a line) or `document`."""
    with path.open(encoding="utf-8-sig") as file:
        head = file.read(HEAD_CHARS).lstrip()
    lines = [line for line in head.split("\n", 3) if line.strip()][:3]
    first = _parsed(lines[0])
    has_more = len(lines) > 1 and lines[1].lstrip()[:1] == head[:1]
    if has_more and isinstance(first, list):
        return "lines"
    if has_more and isinstance(first, dict):
        return "lines" if first.get("type") == "Feature" else "newline_delimited"
    if head[:1] == "[":
        inner = head[1:].lstrip()[:1]
        return "array" if inner == "{" and not _begins_with_a_feature(head) else "document"
    return "document"


def found_in_lines(path: Path) -> list[Found]:
    """Arrays or features, one to a line."""
    with path.open(encoding="utf-8-sig") as file:
        first = _loaded(next(line for line in file if line.strip()))
    rows = _each_line(path)
    if isinstance(first, dict):
        return [_of_features((), rows)]
    return [_of_arrays((), rows, format_="jsonl")]


def found_in_document(path: Path) -> list[Found]:
    """The tables of one document. An object without any is a table of one row."""
    if path.stat().st_size > DOCUMENT_BYTES:
        raise errors.UnreadableJson(
            _("JSON in one piece of this size cannot be read; save it as one object to a line."),
            bytes_max=DOCUMENT_BYTES,
            accepted=["jsonl"],
        )
    document = _document(path.read_text(encoding="utf-8-sig"))
    found = _tables(document, (), DEPTH_MAX)
    if not isinstance(document, dict):
        return found
    if not found:
        return [Found((), [document])]
    _count_left(document, (), {one.path for one in found}, found[0].left)
    return found


def write_rows(rows: Iterable[Row], target: Path) -> None:
    """One object to a line."""
    with target.open("x", encoding="utf-8") as file:
        for row in rows:
            cells = {key: _cell(value) for key, value in row.items()}
            file.write(json.dumps(cells) + "\n")


def _count_left(
    value: Row, path: tuple[str, ...], tables: set[tuple[str, ...]], left: Counter[str]
) -> None:
    """What lies beside the tables, however deep: a value, or all that hangs on one name."""
    if path in tables:
        return
    for key, one in value.items():
        inner = (*path, str(key))
        if any(table[: len(inner)] == inner for table in tables):
            if isinstance(one, dict):
                _count_left(one, inner, tables, left)
        else:
            left[".".join(inner)] += leaves_in(one)


def leaves_in(value: Any) -> int:
    """How many single values hang on a value; nothing and an empty text are none."""
    if isinstance(value, dict):
        return sum(leaves_in(one) for one in value.values())
    if isinstance(value, list):
        return sum(leaves_in(one) for one in value)
    return int(value is not None and value != "")


def _tables(value: Any, path: tuple[str, ...], depth: int) -> list[Found]:
    if isinstance(value, list):
        return _of_list(value, path)
    if not isinstance(value, dict) or not depth:
        return []
    if value.get("type") == "FeatureCollection" and isinstance(value.get("features"), list):
        notes = _projected(value)
        told = ("type", "features", "crs") if notes else ("type", "features")
        around = {key: one for key, one in value.items() if key not in told}
        found = replace(_of_features(path, value["features"]), notes=notes)
        _count_left(around, path, set(), found.left)
        return [found]
    if value.get("type") == "Feature":
        return [_of_features(path, [value])]
    for own in (_named_arrays, _columns_beside, _columns_by_number, _records_by_key):
        left: Counter[str] = Counter()
        rows = own(value, left)
        if rows is not None:
            return [Found(path, rows, left=left)]
    inner = [_tables(one, (*path, str(key)), depth - 1) for key, one in value.items()]
    return [one for part in inner for one in part]


def _of_list(value: list[Any], path: tuple[str, ...]) -> list[Found]:
    if not value:
        return []
    if all(isinstance(one, dict) for one in value):
        if all(one.get("type") == "Feature" for one in value):
            return [_of_features(path, value)]
        return [Found(path, value)]
    if all(isinstance(one, list) for one in value):
        widest = max(len(one) for one in value)
        return [_of_arrays(path, value)] if not path or (widest > 1 and len(value) > 1) else []
    if path and not any(isinstance(one, dict) for one in value):
        return []
    return [Found(path, [one if isinstance(one, dict) else {"value": one} for one in value])]


def _of_arrays(path: tuple[str, ...], rows: Iterable[Any], format_: str = "json") -> Found:
    """Rows that are arrays: the first one may name the cells."""
    every = iter(rows)
    first = list(islice(every, JUDGED_ROWS))
    if not all(isinstance(row, list) for row in first):
        raise _unreadable()
    if _is_header(first):
        names = [str(name) for name in first[0]]
        return Found(path, _zipped(names, chain(first[1:], every)), format=format_)
    note = Note("no_header", _("The file names no columns; they were numbered."), 0)
    return Found(path, _zipped([], chain(first, every)), (note,), format_)


def _is_header(rows: Sequence[list[Any]]) -> bool:
    names = rows[0]
    is_named = bool(names) and all(isinstance(one, str) and one.strip() for one in names)
    if not is_named or len(set(names)) != len(names) or any(_is_number(one) for one in names):
        return False
    return any(
        one is not None and (not isinstance(one, str) or is_value(one))
        for row in rows[1:]
        for one in row
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, Written) or (isinstance(value, str) and is_value(value))


def _zipped(names: Sequence[str], rows: Iterable[Any]) -> Iterator[Row]:
    own = list(names)
    for row in rows:
        if not isinstance(row, list):
            raise _unreadable()
        own += [f"column_{number}" for number in range(len(own) + 1, len(row) + 1)]
        yield dict(zip(own, row, strict=False))


def _named_arrays(value: Row, left: Counter[str]) -> list[Row] | None:
    """Rows that are arrays, beside (or above) a list of names of the same length."""
    arrays = [
        one
        for one in value.values()
        if isinstance(one, list) and one and all(isinstance(row, list) for row in one)
    ]
    if len(arrays) != 1:
        return None
    width = max(len(row) for row in arrays[0])
    names = _names_of(value, width, DEPTH_MAX)
    if not names:
        return None
    for key, one in value.items():
        if one is not arrays[0]:
            left[key] += leaves_in(one)
            left[key] -= len(names) if _names_of({key: one}, width, DEPTH_MAX) == names else 0
    return list(_zipped(names, arrays[0]))


def _names_of(value: Row, width: int, depth: int) -> list[str] | None:
    for one in value.values():
        if isinstance(one, dict) and depth:
            inner = _names_of(one, width, depth - 1)
            if inner:
                return inner
        if not isinstance(one, list) or len(one) != width:
            continue
        names = [_name_in(part) for part in one]
        if all(names) and len(set(names)) == width:
            return names
    return None


def _name_in(part: Any) -> str:
    if isinstance(part, str) and not isinstance(part, Written):
        return part
    if isinstance(part, dict):
        return next((part[key] for key in NAMING_KEYS if isinstance(part.get(key), str)), "")
    return ""


def _columns_beside(value: Row, left: Counter[str]) -> list[Row] | None:
    """Lists of plain values, all of one length, with at most single values beside them."""
    lists = {key: one for key, one in value.items() if isinstance(one, list)}
    if len(lists) < 2 or any(isinstance(one, dict) for one in value.values()):  # noqa: PLR2004 - columns
        return None
    lengths = {len(one) for one in lists.values()}
    least = 1 if len(lists) == len(value) else RECORDS_MIN
    if len(lengths) > 1 or min(lengths) < least:
        return None
    if not all(_is_plain(cell) for one in lists.values() for cell in one):
        return None
    left.update({key: leaves_in(one) for key, one in value.items() if key not in lists})
    return [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]


def _columns_by_number(value: Row, _left: Counter[str]) -> list[Row] | None:
    """Objects from the numbers of rows to plain values, one for each column."""
    parts = list(value.values())
    if not parts or not all(isinstance(one, dict) and one for one in parts):
        return None
    numbers = list(parts[0])
    if not all(key.isascii() and key.isdigit() for key in numbers):
        return None
    if any(list(one) != numbers for one in parts):
        return None
    if not all(_is_plain(cell) for one in parts for cell in one.values()):
        return None
    return [{name: one[key] for name, one in value.items()} for key in numbers]


def _records_by_key(value: Row, _left: Counter[str]) -> list[Row] | None:
    """Objects of the same keys, each under a key of its own."""
    parts = list(value.values())
    if len(parts) < RECORDS_MIN or not all(isinstance(one, dict) and one for one in parts):
        return None
    shared, every = set(parts[0]), set(parts[0])
    for one in parts[1:]:
        shared &= set(one)
        every |= set(one)
    if not shared or len(shared) * 2 < len(every):
        return None
    name = "key"
    while name in every:
        name += "_"
    return [{name: key, **one} for key, one in value.items()]


def _is_plain(value: Any) -> bool:
    return not isinstance(value, dict | list)


def _of_features(path: tuple[str, ...], values: Iterable[Any]) -> Found:
    left: Counter[str] = Counter()
    return Found(path, _features(values, left), format="geojson", left=left)


def _features(values: Iterable[Any], left: Counter[str]) -> Iterator[Row]:
    """The properties of each feature, and its geometry as text. Its box says what its geometry says."""
    for feature in values:
        if not isinstance(feature, dict):
            raise _unreadable()
        properties = feature.get("properties")
        row = dict(properties) if isinstance(properties, dict) else {}
        if "id" in feature and "id" not in {key.lower() for key in row}:
            row = {"id": feature["id"], **row}
        for key, one in feature.items():
            if key not in FEATURE_KEYS:
                left[f"features.{key}"] += leaves_in(one)
        name = "geometry"
        while name in row:
            name += "_"
        shape = feature.get("geometry")
        row[name] = wkt(shape) or (shape or None)
        yield row


def _projected(value: Row) -> tuple[Note, ...]:
    """Coordinates that say themselves that they are no degrees of longitude and latitude."""
    crs = value.get("crs")
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(name, str) or name.endswith(("CRS84", "4326", "4490")):
        return ()
    text = _("Coordinates are in the reference system %(name)s.") % {"name": name[:100]}
    return (Note("coordinates_projected", text, 0, cells=leaves_in(crs)),)


def _begins_with_a_feature(head: str) -> bool:
    return '"Feature"' in head[:2_000] and '"geometry"' in head


def _each_line(path: Path) -> Iterator[Any]:
    with path.open(encoding="utf-8-sig") as file:
        for line in file:
            if line.strip():
                yield _loaded(line)


def _cell(value: Any) -> Any:
    return _spoken(value) if isinstance(value, dict | list) else value


def _spoken(value: Any) -> Any:
    """What is nested keeps its numbers as numbers."""
    if isinstance(value, Written):
        return float(value)
    if isinstance(value, dict):
        return {key: _spoken(one) for key, one in value.items()}
    return [_spoken(one) for one in value] if isinstance(value, list) else value


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _loaded(text: str) -> Any:
    try:
        return DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        raise _unreadable(str(error)) from None


def _document(text: str) -> Any:
    """The value of a text; of several values one after the other, their list."""
    try:
        value, end = DECODER.raw_decode(text, _blank_end(text, 0))
        values = [value]
        while (end := _blank_end(text, end)) < len(text):
            value, end = DECODER.raw_decode(text, end)
            values.append(value)
    except (ValueError, RecursionError) as error:
        raise _unreadable(str(error)) from None
    return values[0] if len(values) == 1 else values


def _blank_end(text: str, start: int) -> int:
    match = BLANKS.match(text, start)
    return match.end() if match else start


def _unreadable(why: str = "") -> errors.UnreadableJson:
    return errors.UnreadableJson(
        _("The JSON is damaged, or holds no table that could be read."),
        where=why[:100],
        accepted=["json", "jsonl", "geojson"],
    )
