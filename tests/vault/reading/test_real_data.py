"""Real files as their owners published them."""

from pathlib import Path

from tests.vault.reading.brought import columns, noted, real


def test_half_hourly_readings_of_ten_customers(tmp_path: Path) -> None:
    read = real(tmp_path, "electricity_smart_meters/smart_meter10.csv.gz")
    (table,) = read.tables
    assert (read.format, read.compression, table.rows) == ("csv", "gzip", 293_874)
    assert [(c.name, c.type, c.unit) for c in table.columns] == [
        ("customer_id", "integer", None),
        ("reading_datetime", "datetime", None),
        ("general_supply_kwh", "decimal", "kWh"),
    ]
    assert table.time is not None
    assert table.time.rhythm_seconds == 1800
    assert [(one.column, one.kind) for one in table.findings] == [("customer_id", "usage_habits")]
    assert "10006414" not in str(table.document())


def test_seventeen_homes_in_a_zip_are_one_table_beside_three(tmp_path: Path) -> None:
    read = real(tmp_path, "electricity_homes_pv/citylearn_2022_phase_all.zip")
    assert [(one.name, one.rows) for one in read.tables] == [
        ("Building", 17 * 8760),
        ("carbon_intensity", 8760),
        ("pricing", 8760),
        ("weather", 8760),
    ]
    assert columns(read.tables[0])["source_file"].distinct == 17
    assert noted(read) == {"members_passed_over": 1}


def test_machine_logs_are_tracks_at_one_hertz(tmp_path: Path) -> None:
    (table,) = real(tmp_path, "farm_machinery_logs/isoxml_timelogs_decoded.csv.gz").tables
    assert (table.rows, len(table.columns)) == (61_314, 31)
    assert table.time is not None
    assert table.time.rhythm_seconds == 1
    assert {one.column: one.kind for one in table.findings} == {
        "log": "device_id",
        "lat": "position",
        "lon": "position",
    }


def test_positions_of_drivers_are_flagged_and_masked(tmp_path: Path) -> None:
    (table,) = real(tmp_path, "vehicle_trajectories/go_track_trackspoints.csv").tables
    assert table.rows == 18_107
    assert {one.column: one.kind for one in table.findings} == {
        "latitude": "position",
        "longitude": "position",
        "track_id": "device_id",
    }
    shown = columns(table)
    assert shown["time"].type == "datetime"
    assert all("*" in (row[1] or "") for row in table.preview.rows)
    assert table.sample is not None
    assert "-10.93934139" not in table.sample.read_text(encoding="utf-8-sig")


def test_pipeline_rows_at_ten_hertz_keep_their_dirt_in_sight(tmp_path: Path) -> None:
    read = real(tmp_path, "pipeline_pressure_flow/whut_5_conditions.tar.gz")
    assert sum(one.rows for one in read.tables) == 34_027
    first = read.tables[0]
    assert noted(first) == {"unnamed_columns": 11, "nameless_empty_columns": 11}
    assert len(first.columns) == 9


def test_text_among_the_numbers_of_process_tags_is_told(tmp_path: Path) -> None:
    (table,) = real(tmp_path, "process_dirty/real_process_data.csv").tables
    assert table.rows == 3169
    found = columns(table)
    mixed = {name: one.mixed for name, one in found.items() if one.mixed is not None}
    assert {one.kind for one in mixed.values()} == {"text_among_numbers"}
    assert "Inp OutRange" in {text for one in mixed.values() for text in one.examples}
    assert all(f"{name}__text" in found for name in mixed)
    assert sum(one.rows for one in mixed.values()) == noted(table)["text_kept_beside"] == 498


def test_ageing_cells_and_business_loans_are_read(tmp_path: Path) -> None:
    for folder, file, rows in (
        ("battery", "battery_ageing/nasa_cycle_summary.csv", 2794),
        ("loans", "small_business_loans/SBAcase.11.13.17.csv", 2101),
    ):
        (tmp_path / folder).mkdir()
        (table,) = real(tmp_path / folder, file).tables
        assert table.rows == rows
        assert table.quality.grade == "A"
