"""Units with their prefix where a name says one, and none where it says none."""

from pathlib import Path

import pytest

from exchange.vault.reading.words import description_of, tokens, unit_of
from tests.vault.reading.brought import case, columns

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
    ("用电量", "kWh"),
    ("field_ha", "ha"),
    ("Отпуск, кВт·ч", "kWh"),
    ("Масса (т)", "t"),
    ("Температура, °С", "°C"),
    ("Работает с", None),
    ("Flow (m3/h)", "m3/h"),
    ("outdoorTemperature", "°C"),
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
    ("batteryVoltage", "V"),
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
