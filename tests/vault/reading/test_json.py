"""JSON in the shapes that people hand it on: the tables that lie in it, with names and rows."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from exchange.vault.reading import errors
from exchange.vault.reading.documents import FileReading
from tests.vault.reading.brought import brought, case, columns, noted, zipped

ROWS: list[dict[str, Any]] = [{"id": n, "v": 2 * n} for n in range(20)]
PAIRS = [[n, 2 * n] for n in range(20)]
IDS, VALUES = [n for n, _ in PAIRS], [v for _, v in PAIRS]


def feature(number: int, kind: str, coordinates: object) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"no": number},
        "geometry": {"type": kind, "coordinates": coordinates},
    }


def shown(read: FileReading) -> dict[str, tuple[int, list[str]]]:
    return {one.name: (one.rows, [c.name for c in one.columns]) for one in read.tables}


def lines(values: list[Any]) -> str:
    return "".join(json.dumps(one) + "\n" for one in values)


@pytest.mark.parametrize(
    ("name", "tables"),
    [
        ("28", {"nodes": (20, ["name"]), "links": (30, ["s", "t"])}),
        ("30", {"30_geojson": (20, ["id", "geometry"])}),
        ("32", {"32_array_lines": (20, ["column_1", "column_2", "column_3"])}),
    ],
)
def test_the_cases_are_their_tables(
    tmp_path: Path, name: str, tables: dict[str, tuple[int, list[str]]]
) -> None:
    assert shown(case(tmp_path, name)) == tables


@pytest.mark.parametrize(
    "content",
    [
        json.dumps({"data": ROWS}),
        json.dumps({"status": "ok", "count": 20, "result": {"page": 1, "items": ROWS}}, indent=2),
        json.dumps({"id": IDS, "v": VALUES}),
        json.dumps({"station": "S1", "id": IDS, "v": VALUES}),
        json.dumps({"hourly_units": {"id": "1", "v": "kWh"}, "hourly": {"id": IDS, "v": VALUES}}),
        json.dumps({"id": dict(enumerate(IDS)), "v": dict(enumerate(VALUES))}),
        json.dumps({"columns": ["id", "v"], "index": IDS, "data": PAIRS}),
        json.dumps({"fields": [{"name": "id"}, {"name": "v"}], "rows": PAIRS}),
        json.dumps({"meta": {"view": {"columns": [{"id": 7, "name": "id"}, {"name": "v"}]}}, "data": PAIRS}),
        json.dumps([["id", "v"], *PAIRS]),
        lines([["id", "v"], *PAIRS]),
        json.dumps(ROWS, indent=1),
        lines(ROWS),
        "".join(json.dumps(one, indent=2) + "\n" for one in ROWS),
        "\n\n" + lines(ROWS),
    ],
)  # fmt: skip
def test_one_table_in_any_wrapping(tmp_path: Path, content: str) -> None:
    (table,) = brought(tmp_path, content).tables
    assert pq.read_table(table.parquet).to_pydict() == {"id": IDS, "v": VALUES}


def test_objects_under_keys_keep_their_keys(tmp_path: Path) -> None:
    days = {f"2026-01-{n:02d}": {"open": n, "close": n + 1} for n in range(1, 10)}
    (table,) = brought(tmp_path, json.dumps({"symbol": "X", "series": days})).tables
    assert [one.name for one in table.columns] == ["key", "open", "close"]
    assert (table.rows, columns(table)["key"].type) == (9, "date")
    assert noted(table) == {"values_around_tables": 1}


@pytest.mark.parametrize(
    ("content", "tables"),
    [
        ({"nodes": ROWS[:3], "links": ROWS[:4]}, {"nodes": 3, "links": 4}),
        ({"meta": {"v": 1}, "a": ROWS, "b": {"c": ROWS[:2]}}, {"a": 20, "b.c": 2}),
        ({"电表": ROWS, "读数": [{"t": 1}, {"t": 2}]}, {"电表": 20, "读数": 2}),
        ({"x": {"t": IDS, "u": VALUES}, "y": {"t": IDS[:5], "w": VALUES[:5]}}, {"x": 20, "y": 5}),
        ({"a/b": ROWS, "c": [{"z": 1}]}, {"a_b": 20, "c": 1}),
    ],
)
def test_several_lists_are_tables_of_their_own(
    tmp_path: Path, content: object, tables: dict[str, int]
) -> None:
    read = brought(tmp_path, json.dumps(content))
    assert {one.name: one.rows for one in read.tables} == tables


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        (
            {"type": "FeatureCollection", "features": [feature(1, "Point", [121.5, 31]), feature(2, "Point", [8, 50.25])]},
            ["POINT (121.5 31)", "POINT (8 50.25)"],
        ),
        (
            {"type": "FeatureCollection", "features": [feature(1, "LineString", [[0, 1], [2, 3]]), feature(2, "MultiPoint", [[0, 1]])]},
            ["LINESTRING (0 1, 2 3)", "MULTIPOINT (0 1)"],
        ),
        (
            {"type": "FeatureCollection", "features": [feature(1, "Polygon", [[[0, 0], [1, 0], [0, 0]]]), feature(2, "MultiPolygon", [[[[0, 0], [1, 0], [0, 0]]]])]},
            ["POLYGON ((0 0, 1 0, 0 0))", "MULTIPOLYGON (((0 0, 1 0, 0 0)))"],
        ),
        ([feature(1, "Point", [1.50, 2]), feature(2, "Point", [3, 4])], ["POINT (1.5 2)", "POINT (3 4)"]),
        (feature(1, "Point", [1, 2]), ["POINT (1 2)"]),
    ],
)  # fmt: skip
def test_geojson_is_rows_of_properties_and_a_geometry(
    tmp_path: Path, content: object, texts: list[str]
) -> None:
    read = brought(tmp_path, json.dumps(content))
    assert read.format == "geojson"
    stored = pq.read_table(read.tables[0].parquet).to_pydict()
    assert stored["geometry"] == texts
    assert stored["no"] == list(range(1, len(texts) + 1))


def test_features_one_to_a_line_are_geojson(tmp_path: Path) -> None:
    content = lines([{**feature(n, "Point", [n, n]), "id": f"f{n}"} for n in range(5)])
    read = brought(tmp_path, content)
    assert read.format == "geojson"
    assert shown(read) == {"brought": (5, ["id", "no", "geometry"])}


def test_a_reference_system_of_geojson_is_told(tmp_path: Path) -> None:
    features = [feature(n, "Point", [500_000 + n, 3_400_000]) for n in range(3)]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4547"}}
    read = brought(
        tmp_path, json.dumps({"type": "FeatureCollection", "crs": crs, "features": features})
    )
    assert noted(read.tables[0]) == {"coordinates_projected": 0}


def test_numbers_keep_their_digits_through_a_wrapping(tmp_path: Path) -> None:
    read = brought(tmp_path, '{"rows": [{"a": 123456789012345678, "b": 0.10}, {"a": 2, "b": 2.5}]}')
    stored = pq.read_table(read.tables[0].parquet).to_pydict()
    assert stored == {"a": [123456789012345678, 2], "b": [0.1, 2.5]}


def test_what_is_nested_in_a_cell_stays_json_and_is_told(tmp_path: Path) -> None:
    read = brought(tmp_path, json.dumps({"rows": [{"a": 1, "b": [1.5, 2]}, {"a": 2, "b": []}]}))
    assert noted(read.tables[0]) == {"nested_as_json": 1}
    assert pq.read_table(read.tables[0].parquet)["b"].to_pylist() == ["[1.5,2]", "[]"]


def test_an_object_without_a_list_is_one_row(tmp_path: Path) -> None:
    (table,) = brought(tmp_path, '{"name": "S1", "kwh": 5}').tables
    assert (table.rows, [one.name for one in table.columns]) == (1, ["name", "kwh"])


@pytest.mark.parametrize(
    "content",
    ['{"a": [1, 2}', "[[1, 2], {}", '{"a": {"b": ' * 20_000, "[" * 100_000, '{"a": []}x', '{"rows": [{"a": 1}, 2'],
)  # fmt: skip
def test_damaged_documents_are_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(errors.UnreadableJson):
        brought(tmp_path, content)


def test_json_in_an_archive_names_its_file(tmp_path: Path) -> None:
    files = {f"{town}.json": json.dumps({"rows": ROWS}) for town in ("bonn", "kiel")}
    (table,) = brought(tmp_path, zipped(files)).tables
    assert table.rows == 40
    assert {name for name, _ in columns(table)["source_file"].top} == set(files)
