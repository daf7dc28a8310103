"""Parquet from elsewhere: nothing is cut, rounded or renamed without a word."""

import json
import struct
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from exchange.vault.reading import errors
from exchange.vault.reading.documents import TableReading
from tests.vault.reading.brought import brought, case, columns, noted, only_table

START_NS = 1_767_225_600 * 10**9  # 2026-01-01
HOUR_NS = 3600 * 10**9


def read(folder: Path, cells: dict[str, Any], **options: Any) -> TableReading:
    path = folder / "made"
    pq.write_table(pa.table(cells), path, **options)
    return only_table(folder, path.read_bytes())


def stored(table: TableReading) -> dict[str, list[Any]]:
    values: dict[str, list[Any]] = pq.read_table(table.parquet).to_pydict()
    return values


def test_what_is_no_number_is_missing_and_counted(tmp_path: Path) -> None:
    (table,) = case(tmp_path, "75").tables
    found = columns(table)
    assert (found["nan"].max, found["nan"].nulls) == ("98.0", 50)
    assert (found["inf"].max, found["inf"].nulls) == ("99.0", 10)
    assert noted(table) == {"decimals_as_text": 1, "not_numbers": 60, "nested_as_json": 3}
    assert found["dec256"].type == "text"
    assert [one.kind for one in table.findings if one.column == "struct"] == ["phone"]


@pytest.mark.parametrize("kind", [pa.float16(), pa.float32(), pa.float64()])
def test_floats_of_each_width(tmp_path: Path, kind: pa.DataType) -> None:
    numbers = [0.5, None, float("nan"), float("inf"), float("-inf"), 2.0]
    cells = pa.array(numbers, pa.float64()).cast(kind)
    table = read(tmp_path, {"id": list(range(6)), "v": cells})
    assert stored(table)["v"] == [0.5, None, None, None, None, 2.0]
    assert noted(table) == {"not_numbers": 3}


def test_short_floats_are_the_numbers_that_were_meant(tmp_path: Path) -> None:
    cells = pa.array([0.1, 0.2, 1e-7, 123456.79, -3.4e38], pa.float32())
    assert stored(read(tmp_path, {"v": cells}))["v"] == [0.1, 0.2, 1e-7, 123456.79, -3.4e38]


@pytest.mark.parametrize(
    ("numbers", "kind"),
    [
        ([0, 2**63 - 1], pa.int64()),
        ([0, 2**63], pa.decimal128(20)),
        ([1, 2**64 - 1], pa.decimal128(20)),
    ],
)
def test_large_whole_numbers_stay_exact(
    tmp_path: Path, numbers: list[int], kind: pa.DataType
) -> None:
    table = read(tmp_path, {"v": pa.array(numbers, pa.uint64())})
    assert pq.read_schema(table.parquet).field("v").type == kind
    assert [int(one) for one in stored(table)["v"]] == numbers
    assert (columns(table)["v"].min, columns(table)["v"].max) == tuple(str(n) for n in numbers)


@pytest.mark.parametrize(
    ("digits", "scale", "values", "as_text"),
    [
        (70, 0, [10**60 + n for n in range(4)], True),
        (50, 10, [Decimal(n) + Decimal("0.0000000001") for n in range(4)], True),
        (38, 2, [Decimal("123456789012345678901234567890123456.78")] * 2, False),
        (39, 0, [1, 2, 3], True),
    ],
)
def test_decimals_of_many_digits_lose_none(
    tmp_path: Path, digits: int, scale: int, values: list[Any], *, as_text: bool
) -> None:
    table = read(tmp_path, {"v": pa.array(values, pa.decimal256(digits, scale))})
    kept = stored(table)["v"]
    assert [Decimal(one) for one in kept] == [Decimal(one) for one in values]
    assert all(isinstance(one, str) for one in kept) is as_text
    assert noted(table) == ({"decimals_as_text": 1} if as_text else {})


def test_times_finer_than_a_microsecond_stay_different(tmp_path: Path) -> None:
    (table,) = case(tmp_path, "06a").tables
    found = columns(table)
    assert found["event_time"].distinct == 3
    assert found["ratio"].min == "0.1"
    assert found["big"].max == "18446744073709551615"
    assert {name: one.original_name for name, one in found.items()}["ID_2"] == "ID"
    assert noted(table) == {"names_alike": 1, "nanoseconds": 1}


def test_times_of_96_bits_stay_different(tmp_path: Path) -> None:
    (table,) = case(tmp_path, "06b").tables
    assert columns(table)["event_time"].distinct == 3
    assert noted(table) == {"nanoseconds": 1}


@pytest.mark.parametrize(("old", "zone"), [(False, None), (True, None), (False, "Europe/Paris")])
@pytest.mark.parametrize(("finer", "note"), [(1, {"nanoseconds": 1}), (0, {})])
def test_a_series_in_nanoseconds_has_its_rhythm(
    tmp_path: Path, finer: int, note: dict[str, int], zone: str | None, *, old: bool
) -> None:
    kind = pa.timestamp("ns", zone)
    times = pa.array([START_NS + n * HOUR_NS + finer for n in range(200)], kind)
    cells = {"t": times, "kwh": [n / 4 for n in range(200)]}
    table = read(tmp_path, cells, use_deprecated_int96_timestamps=old)
    assert noted(table) == note
    assert columns(table)["t"].distinct == 200
    assert table.time is not None
    assert table.time.rhythm_seconds == 3600
    assert table.time.start.startswith("2026-01-01 00:00:00")
    assert table.series is not None


def test_old_times_far_from_now_are_not_bent(tmp_path: Path) -> None:
    """96 bits hold years that 64 bits of nanoseconds do not."""
    path = tmp_path / "made"
    days = pa.array([datetime(2026, 1, 1), datetime(2026, 1, 2)], pa.timestamp("us"))  # noqa: DTZ001
    pq.write_table(pa.table({"t": days}), path, use_deprecated_int96_timestamps=True)
    julian = struct.pack("<i", 2461042)  # 2026-01-01
    content = path.read_bytes()
    if julian not in content:
        pytest.skip("the writer packs the column differently")
    table = only_table(tmp_path, content.replace(julian, struct.pack("<i", 1721426)))
    assert stored(table)["t"][0].year == 1


@pytest.mark.parametrize(
    ("names", "kept", "notes"),
    [
        (["id", "ID"], ["id", "ID_2"], {"names_alike": 1}),
        (["a", "A", "b", "B"], ["a", "A_2", "b", "B_2"], {"names_alike": 2}),
        (["x", "X", "x_1"], ["x", "X_2", "x_1"], {"names_alike": 1}),
        (["Größe", "GRÖSSE "], ["Größe", "GRÖSSE_2"], {"names_alike": 1}),
    ],
)
def test_names_that_differ_in_case_keep_theirs(
    tmp_path: Path, names: list[str], kept: list[str], notes: dict[str, int]
) -> None:
    table = read(tmp_path, {name: [n, n + 1] for n, name in enumerate(names)})
    assert [one.name for one in table.columns] == kept
    assert [one.original_name for one in table.columns] == names
    assert [one.min for one in table.columns] == [str(n) for n in range(len(names))]
    assert noted(table) == notes


def test_text_without_its_mark_is_text_and_bytes_are_bytes(tmp_path: Path) -> None:
    cells = {
        "town": pa.array([b"Bonn", "Köln".encode(), None], pa.binary()),
        "raw": pa.array([b"\x00\x01", b"\xff\xfe", b"ab"], pa.binary()),
    }
    kept = stored(read(tmp_path, cells))
    assert kept["town"] == ["Bonn", "Köln", None]
    assert kept["raw"] == ["\\x00\\x01", "\\xFF\\xFE", "ab"]


@pytest.mark.parametrize(
    ("cells", "text"),
    [
        (pa.array([{"a": 1, "b": "x"}]), '{"a":1,"b":"x"}'),
        (pa.array([[1, None, 3]]), "[1,null,3]"),
        (pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64())), '{"k":1}'),
        (pa.array([[{"a": [1, 2]}]]), '[{"a":[1,2]}]'),
    ],
)
def test_nested_cells_are_json(tmp_path: Path, cells: pa.Array, text: str) -> None:
    table = read(tmp_path, {"n": cells})
    assert stored(table)["n"] == [text]
    assert noted(table) == {"nested_as_json": 1}


def point(x: float, y: float) -> bytes:
    return struct.pack("<BIdd", 1, 1, x, y)


@pytest.mark.parametrize(
    ("crs", "notes"),
    [
        ("absent", {}),
        ({"id": {"authority": "OGC", "code": "CRS84"}}, {}),
        ({"id": {"authority": "EPSG", "code": 4547}}, {"coordinates_projected": 0}),
    ],
)
def test_geoparquet_is_a_table_with_a_geometry(
    tmp_path: Path, crs: object, notes: dict[str, int]
) -> None:
    own = {"encoding": "WKB", "geometry_types": ["Point"]}
    geo = {
        "version": "1.0.0",
        "primary_column": "geometry",
        "columns": {"geometry": own if crs == "absent" else {**own, "crs": crs}},
    }
    cells = pa.table({"no": [1, 2], "geometry": [point(121.5, 31), point(8, 50.25)]})
    path = tmp_path / "made"
    pq.write_table(cells.replace_schema_metadata({"geo": json.dumps(geo)}), path)
    table = only_table(tmp_path, path.read_bytes())
    assert stored(table)["geometry"] == ["POINT (121.5 31)", "POINT (8 50.25)"]
    assert noted(table) == notes


def test_pages_are_held_to_their_checksums(tmp_path: Path) -> None:
    path = tmp_path / "made"
    numbers = {"v": pa.array([n * 7919 for n in range(2_000)])}
    options: dict[str, Any] = {"write_page_checksum": True, "compression": "none"}
    pq.write_table(pa.table(numbers), path, use_dictionary=False, **options)
    content = path.read_bytes()
    at = content.index(struct.pack("<q", 7919 * 1000))
    with pytest.raises(errors.UnreadableParquet):
        brought(tmp_path, content[:at] + b"\x01" + content[at + 1 :])


def test_an_encrypted_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(errors.NotATable, match="encrypted Parquet"):
        brought(tmp_path, b"PARE" + b"\x00" * 40 + b"PARE")
