"""Units with their prefix where a name says one, and none where it says none."""

from pathlib import Path

import pytest

from exchange.vault.reading.questions import Answers, Asked
from exchange.vault.reading.words import description_of, tokens, unit_of
from tests.vault.reading.brought import brought, case, columns, noted

NAMES: tuple[tuple[str, str | None], ...] = (
    ("energy_kWh", "kWh"),
    ("energy_MWh", "MWh"),
    ("power_kW", "kW"),
    ("pressure_kPa", "kPa"),
    ("pressure_MPa", "MPa"),
    ("charge_mAh", "mAh"),
    ("freq_kHz", "kHz"),
    ("temp_degF", "°F"),
    ("temperature_F", "°F"),
    ("speed km/h", "km/h"),
    ("meters", None),
    ("bar_code", None),
    ("price_MA", None),
    ("Population (2019)", None),
    ("X (State Plane)", None),
    ("Tax 5%", None),
    ("cost_CHF", "CHF"),
    ("flow_m3h", "m³/h"),
    ("CO2_ppm", "ppm"),
    ("voltage_mV", "mV"),
    ("energy_kwh", "kWh"),
    ("用电量", None),
    ("field_ha", "ha"),
    ("Отпуск, кВт·ч", "kWh"),
    ("Масса (т)", "t"),
    ("Температура, °С", "°C"),
    ("Работает с", None),
    ("Flow (m3/h)", "m3/h"),
    ("outdoorTemperature", None),
    ("tag7", None),
    ("general_supply_kwh", "kWh"),
    ("Humidity %", "%"),
    ("Humidity (%)", "%"),
    ("price (CNY/kWh)", "CNY/kWh"),
    ("price (EUR/MWh)", "EUR/MWh"),
    ("usd_per_kwh", "USD/kWh"),
    ("cost_per_kwh", None),
    ("rows_per_day", None),
    ("kwh_per_day", "kWh/d"),
    ("totalKwh", "kWh"),
    ("totalKWh", "kWh"),
    ("powerMW", "MW"),
    ("POWER_MW", "MW"),
    ("Voltage[V]", "V"),
    ("Current [mA]", "mA"),
    ("wind speed (m/s)", "m/s"),
    ("PM2.5 (µg/m³)", "µg/m³"),
    ("电价(元/千瓦时)", "CNY/kWh"),
    ("产量（吨）", "t"),
    ("功率因数", None),
    ("voltage_level", None),
    ("temp_c", "°C"),
    ("vitamin_c", None),
    ("plan_b", None),
    ("duration_s", "s"),
    ("duration_ms", "ms"),
    ("amount_usd", "USD"),
    ("amount (USD)", "USD"),
    ("Amount $", None),
    ("hours", "h"),
    ("age_days", "d"),
    ("days_in_month", None),
    ("stock_bar", None),
    ("pressure_bar", "bar"),
    ("min_temp", None),
    ("kwh_total", "kWh"),
    ("rate (%)", "%"),
    ("pct_change", "%"),
    ("Area (km2)", "km2"),
    ("dist_km", "km"),
    ("height_m", "m"),
    ("ma_20", None),
    ("current_ma", "mA"),
    ("battery_v", None),
    ("batteryVoltage", None),
    ("GDP (current US$)", None),
    ("x (m)", "m"),
    ("Length (cm)", "cm"),
    ("latitude", "°"),
    ("weight_kg", "kg"),
    ("rpm", "1/min"),
    ("title", None),
    ("status_code", None),
    ("temperature_level", None),
    ("name (optional)", None),
    ("year (A.D.)", None),
    ("Group (A)", None),
    ("Current (A)", "A"),
    ("Temperature (C)", "C"),
    ("价格（元/吨）", "CNY/t"),
    ("load_kW_phase_1", "kW"),
    ("电压等级", None),
    ("energy_MJ", "MJ"),
    ("disk (GiB)", "GiB"),
    ("money", None),
    ("ms", "ms"),
    ("kV", "kV"),
    ("Bar", None),
    ("V", None),
    ("CO2", None),
    ("co2_g_per_kwh", "g/kWh"),
    ("speed_kmh", "km/h"),
    ("Temperatur °C", "°C"),
    ("temp_°F", "°F"),
    ("netto €", "EUR"),
    ("totalkWh", "kWh"),
    ("druckkPa", "kPa"),
    ("meterA", None),
)  # fmt: skip


@pytest.mark.parametrize(("name", "unit"), NAMES)
def test_a_unit_is_what_the_name_says(name: str, unit: str | None) -> None:
    assert unit_of(name, is_number=True) == unit
    assert unit_of(name, is_number=False) is None


def test_a_unit_is_one_word_of_a_name() -> None:
    assert tokens("energy_kWh") == ["energy", "kwh"]
    assert description_of("energy_kWh") == "Energy"


def test_units_of_a_file_that_failed(tmp_path: Path) -> None:
    (table,) = case(tmp_path, "45_units.csv").tables
    assert {name: one.unit for name, one in columns(table).items()} == {
        "energy_kWh": "kWh", "energy_MWh": "MWh", "power_kW": "kW", "pressure_kPa": "kPa",
        "pressure_MPa": "MPa", "charge_mAh": "mAh", "freq_kHz": "kHz", "temp_degF": "°F",
        "temperature_F": "°F", "speed km/h": "km/h", "meters": None, "bar_code": None, "price_MA": None,
        "Population (2019)": None, "X (State Plane)": None, "Tax 5%": None, "cost_CHF": "CHF",
        "flow_m3h": "m³/h", "CO2_ppm": "ppm", "voltage_mV": "mV",
    }  # fmt: skip


def _table(name: str, values: tuple[float, ...]) -> str:
    return f"no,{name}\n" + "".join(f"R{n},{value}\n" for n, value in enumerate(values))


BY_RANGE: tuple[tuple[str, tuple[float, ...], str], ...] = (
    ("temperature", (-8.5, 3.0, 12.5, 21.0), "°C"),
    ("气温", (-8.5, 3.0, 12.5, 21.0), "°C"),
    ("voltage", (218.4, 231.0, 226.9, 229.1), "V"),
    ("pressure", (1003.5, 1011.2, 996.0, 1020.4), "hPa"),
    ("压力", (0.051, 0.063, 0.057, 0.06), "MPa"),
    ("grid 频率", (49.98, 50.01, 50.02, 49.99), "Hz"),
    ("humidity", (41.5, 63.0, 88.5, 71.2), "%"),
)


@pytest.mark.parametrize(("name", "values", "unit"), BY_RANGE)
def test_a_unit_that_the_range_leaves_is_taken_and_said(
    tmp_path: Path, name: str, values: tuple[float, ...], unit: str
) -> None:
    read = brought(tmp_path, _table(name, values))
    (table,) = read.tables
    assert (columns(table)[name].unit, read.questions) == (unit, ())
    assert [one.text for one in table.notes if one.code == "units_by_range"] == [
        f"Nothing says the unit; the range of the values leaves one: {name} {unit}."
    ]


OPEN: tuple[tuple[str, tuple[float, ...], str, str], ...] = (
    ("压力", (0.61, 0.63, 0.58, 0.6), "bar", "0.61 bar"),
    ("pressure", (410, 415, 398, 402.5), "kPa", "410 kPa"),
    ("temperature", (66.5, 71.0, 73.5, 68.0), "°F", "66.5 °F"),
    ("power", (66.5, 71.0, 73.5, 68.0), "MW", "66.5 MW"),
    ("用电量", (66.5, 71.0, 73.5, 68.0), "MWh", "66.5 MWh"),
    ("车速", (6.5, 11.0, 13.5, 8.0), "km/h", "6.5 km/h"),
)


@pytest.mark.parametrize(("name", "values", "unit", "shown"), OPEN)
def test_a_unit_of_several_is_asked_and_none_is_claimed_before(
    tmp_path: Path, name: str, values: tuple[float, ...], unit: str, shown: str
) -> None:
    read = brought(tmp_path, _table(name, values))
    (question,) = read.questions
    assert (question.asked, question.place) == (Asked.UNIT, f"brought / {name}")
    assert (question.taken, columns(read.tables[0])[name].unit) == ("none", None)
    assert {one.value: one.rows[0] for one in question.options}[unit] == (shown,)

    (tmp_path / "again").mkdir()
    said = Answers({(question.asked, question.place): unit})
    again = brought(tmp_path / "again", _table(name, values), answers=said)
    assert columns(again.tables[0])[name].unit == unit
    assert [one.is_answered for one in again.questions] == [True]


def test_thirty_columns_without_units_are_not_thirty_questions(tmp_path: Path) -> None:
    names = [f"{what}_{n}" for what in ("tag", "pressure", "power") for n in range(10)]
    rows = "".join(",".join(f"{n + at / 10}" for at in range(30)) + "\n" for n in range(1, 9))
    read = brought(tmp_path, ",".join(names) + "\n" + rows)
    assert [one.place for one in read.questions] == ["brought / pressure_0", "brought / power_0"]
    assert {one.unit for one in read.tables[0].columns} == {None}


def test_the_unit_of_a_neighbour_of_the_same_kind_is_taken_and_said(tmp_path: Path) -> None:
    rows = "".join(f"R{n},{n}.5,{n}.7\n" for n in range(1, 7))
    read = brought(tmp_path, "no,inlet pressure (bar),outlet pressure\n" + rows)
    assert columns(read.tables[0])["outlet pressure"].unit == "bar"
    assert noted(read.tables[0])["units_of_neighbours"] == 1
    assert not read.questions


def test_what_has_no_rule_claims_no_unit_and_a_note_says_so(tmp_path: Path) -> None:
    read = brought(tmp_path, _table("流量", (12.5, 13.0, 14.5, 11.0)))
    assert (columns(read.tables[0])["流量"].unit, read.questions) == (None, ())
    assert noted(read.tables[0])["units_missing"] == 1


def test_a_switch_named_for_a_measure_is_neither_asked_nor_remarked(tmp_path: Path) -> None:
    read = brought(tmp_path, _table("power", (0, 1, 1, 0)))
    assert not read.questions
    assert "units_missing" not in noted(read.tables[0])
