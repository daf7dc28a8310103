"""Real files as their owners published them."""

from pathlib import Path

import pytest

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
    # Minutes and tenths of seconds without an hour are no time of a day.
    assert noted(first) == {"unnamed_columns": 11, "nameless_empty_columns": 11, "periods_kept": 1}
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
    assert noted(table)["text_kept_beside"] == sets.expects(excerpt=7, whole=156)
    assert noted(table)["missing_markers"] >= sets.expects(
        excerpt=9, whole=342
    )  # Bad, Scan Timeout


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


# What an expert finds in these sets: types by their first letters, with the unit; when, how often; whose.
Judged = tuple[str, dict[str, str], tuple[str, float | None] | None, dict[str, str]]
LOANS = (
    "Selected:i LoanNr_ChkDgt:i Name:t City:t State:t Zip:i Bank:t BankState:t NAICS:i ApprovalDate:i ApprovalFY:i "
    "Term:i NoEmp:i NewExist:i CreateJob:i RetainedJob:i FranchiseCode:i UrbanRural:i RevLineCr:t LowDoc:t "
    "ChgOffDate:i DisbursementDate:i DisbursementGross:i BalanceGross:i MIS_Status:t ChgOffPrinGr:i GrAppv:i "
    "SBA_Appv:i New:i RealEstate:i Portion:d Recession:i daysterm:i xx:i Default:i"
)
LOGS = (
    "log:t t:m lat:d lon:d fix:i DDI_0043:d DDI_0054:i DDI_0057:i DDI_005A:i DDI_0063:d DDI_008D:i DDI_0095:i "
    "DDI_00B1:i DDI_00FE:d DDI_EA60:i DDI_EA6A:i DDI_EA74:i DDI_EA7E:i DDI_EA88:i DDI_EA9C:i DDI_EAA6:i DDI_EAB0:i "
    "DDI_0074:d DDI_0075:d DDI_0076:d DDI_0077:d DDI_0078:d DDI_0094:d DDI_EACE:d DDI_EAD8:d DDI_EAE2:d"
)
JUDGED: dict[str, Judged] = {
    "auction_fcc901/auction901-results.csv": (
        ("itemname:t geo_id:i state:t county:t bid:t dollars_per_mile:i net_dollars_per_mile:i road_miles:d "
        "total_bid_amount:d"), {"road_miles": "mi"}, None, {},
    ),
    "auction_procurement/sealed_bids.csv": (
        ("pid:i date:a bidder:t bid:i reserveprice:i minprice:i winner:i auctionhadnowinner:i belowminprice:i "
        "num_bidders:i"), {}, ("date", None), {},
    ),
    "battery_ageing/nasa_cycle_summary.csv": (
        ("battery_id:t cycle_number:i start_time:m ambient_temperature:d capacity_ahr:d mean_current:d min_voltage:d "
        "final_voltage:d max_temperature:d"),
        {"ambient_temperature": "°C", "capacity_ahr": "Ah", "min_voltage": "V", "final_voltage": "V", "max_temperature": "°C"},
        ("start_time", None), {},
    ),
    "electricity_state_demand/vic_elec.csv.gz": (
        "rownames:i Time:m Demand:d Temperature:d Date:a Holiday:b", {"Temperature": "°C"}, ("Time", 1800), {},
    ),
    "electricity_smart_meters/smart_meter10.csv.gz": (
        "customer_id:i reading_datetime:m general_supply_kwh:d", {"general_supply_kwh": "kWh"},
        ("reading_datetime", 1800), {"customer_id": "usage_habits"},
    ),
    "farm_machinery_logs/isoxml_timelogs_decoded.csv.gz": (
        LOGS, {"lat": "°", "lon": "°"}, ("t", 1), {"log": "device_id", "lat": "position", "lon": "position"},
    ),
    "vehicle_trajectories/go_track_trackspoints.csv": (
        "id:i latitude:d longitude:d track_id:i time:m", {"latitude": "°", "longitude": "°"}, ("time", 60),
        {"latitude": "position", "longitude": "position", "track_id": "device_id"},
    ),
    "vehicle_trajectories/go_track_tracks.csv": (
        "id:i id_android:i speed:d time:d distance:d rating:i rating_bus:i rating_weather:i car_or_bus:i linha:t",
        {}, None, {"id_android": "device_id"},
    ),
    "privacy_pums/PUMS.csv": ("age:i sex:i educ:i race:i income:d married:i", {}, None, {}),
    "small_business_loans/SBAcase.11.13.17.csv": (LOANS, {}, None, {}),
}  # fmt: skip
LETTERS = {
    "integer": "i",
    "decimal": "d",
    "text": "t",
    "boolean": "b",
    "date": "a",
    "datetime": "m",
}


# Speeds of 13 to 30 beside "time" and "distance", all without a unit.
ASKED = {"vehicle_trajectories/go_track_tracks.csv": ["go_track_tracks.csv / speed"]}


@each_set
@pytest.mark.parametrize("file", JUDGED)
def test_types_units_coverage_and_findings_are_those_of_an_expert(
    sets: Sets, tmp_path: Path, file: str
) -> None:
    path = sets.data / file
    if not path.exists():
        pytest.skip("This set has no excerpt among the tests.")
    types, units, covered, findings = JUDGED[file]
    read = real(tmp_path, path)
    (table,) = read.tables
    assert [one.place for one in read.questions] == ASKED.get(file, [])
    assert " ".join(f"{one.name}:{LETTERS[one.type]}" for one in table.columns) == types
    assert {one.name: one.unit for one in table.columns if one.unit} == units
    assert (table.time and (table.time.column, table.time.rhythm_seconds)) == covered
    assert {one.column: one.kind for one in table.findings} == findings
