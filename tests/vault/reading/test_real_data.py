"""Real files as their owners published them."""

from pathlib import Path

from exchange.vault.masks import MASK, found_in, masked, masked_sample
from tests.sets import Sets, each_set
from tests.vault.reading.brought import columns, noted, real


@each_set
def test_half_hourly_readings_of_ten_customers(sets: Sets, tmp_path: Path) -> None:
    read = real(tmp_path, sets.data / "electricity_smart_meters/smart_meter10.csv.gz")
    (table,) = read.tables
    assert (read.format, read.compression, table.rows) == (
        "csv",
        "gzip",
        sets.expects(excerpt=1728, whole=293_874),
    )
    assert [(c.name, c.type, c.unit) for c in table.columns] == [
        ("customer_id", "integer", None),
        ("reading_datetime", "datetime", None),
        ("general_supply_kwh", "decimal", "kWh"),
    ]
    assert table.time is not None
    assert table.time.rhythm_seconds == 1800
    assert [(one.column, one.kind) for one in table.findings] == [("customer_id", "usage_habits")]
    document = table.document()
    assert "10006414" not in str(masked(document, found_in(document)))


@each_set
def test_seventeen_homes_in_a_zip_are_one_table_beside_three(sets: Sets, tmp_path: Path) -> None:
    read = real(tmp_path, sets.data / "electricity_homes_pv/citylearn_2022_phase_all.zip")
    homes, hours = sets.expects(excerpt=(3, 48), whole=(17, 8760))
    assert [(one.name, one.rows) for one in read.tables] == [
        ("Building", homes * hours),
        ("carbon_intensity", hours),
        ("pricing", hours),
        ("weather", hours),
    ]
    assert columns(read.tables[0])["source_file"].distinct == homes
    assert noted(read) == {"members_passed_over": 1}


@each_set
def test_machine_logs_are_tracks_at_one_hertz(sets: Sets, tmp_path: Path) -> None:
    (table,) = real(
        tmp_path, sets.data / "farm_machinery_logs/isoxml_timelogs_decoded.csv.gz"
    ).tables
    assert (table.rows, len(table.columns)) == (sets.expects(excerpt=240, whole=61_314), 31)
    assert table.time is not None
    assert table.time.rhythm_seconds == 1
    assert {one.column: one.kind for one in table.findings} == {
        "log": "device_id",
        "lat": "position",
        "lon": "position",
    }


@each_set
def test_positions_of_drivers_are_flagged_and_masked(sets: Sets, tmp_path: Path) -> None:
    (table,) = real(tmp_path, sets.data / "vehicle_trajectories/go_track_trackspoints.csv").tables
    assert table.rows == sets.expects(excerpt=113, whole=18_107)
    assert {one.column: one.kind for one in table.findings} == {
        "latitude": "position",
        "longitude": "position",
        "track_id": "device_id",
    }
    shown = columns(table)
    assert shown["time"].type == "datetime"
    document = table.document()
    personal = found_in(document)
    left = masked(document, personal)
    places = [at for at, name in enumerate(table.preview.columns) if name in personal]
    assert len(places) == 3
    assert {row[at] for row in left["preview"]["rows"] for at in places} == {MASK}
    assert table.sample is not None
    hidden = [one.name in personal for one in table.columns]
    sample = b"".join(masked_sample(table.sample.open("rb"), hidden)).decode()
    first = sets.expects(excerpt="11.55226539", whole="-10.93934139")
    assert first in table.sample.read_text(encoding="utf-8-sig")
    assert first not in sample
    assert first not in str(left)


@each_set
def test_pipeline_rows_at_ten_hertz_keep_their_dirt_in_sight(sets: Sets, tmp_path: Path) -> None:
    read = real(tmp_path, sets.data / "pipeline_pressure_flow/whut_5_conditions.tar.gz")
    assert sum(one.rows for one in read.tables) == sets.expects(excerpt=300, whole=34_027)
    first = read.tables[0]
    assert noted(first) == {"unnamed_columns": 11, "nameless_empty_columns": 11}
    assert len(first.columns) == 9


@each_set
def test_text_among_the_numbers_of_process_tags_is_told(sets: Sets, tmp_path: Path) -> None:
    (table,) = real(tmp_path, sets.data / "process_dirty/real_process_data.csv").tables
    assert table.rows == sets.expects(excerpt=75, whole=3169)
    found = columns(table)
    mixed = {name: one.mixed for name, one in found.items() if one.mixed is not None}
    assert {one.kind for one in mixed.values()} == {"text_among_numbers"}
    assert "Inp OutRange" in {text for one in mixed.values() for text in one.examples}
    assert all(f"{name}__text" in found for name in mixed)
    assert sum(one.rows for one in mixed.values()) == noted(table)["text_kept_beside"]
    assert noted(table)["text_kept_beside"] == sets.expects(excerpt=16, whole=498)


@each_set
def test_ageing_cells_and_business_loans_are_read(sets: Sets, tmp_path: Path) -> None:
    for folder, file, rows in (
        ("battery", "battery_ageing/nasa_cycle_summary.csv", sets.expects(excerpt=60, whole=2794)),
        (
            "loans",
            "small_business_loans/SBAcase.11.13.17.csv",
            sets.expects(excerpt=40, whole=2101),
        ),
    ):
        (tmp_path / folder).mkdir()
        (table,) = real(tmp_path / folder, sets.data / file).tables
        assert table.rows == rows
        assert table.quality.grade == "A"
