"""Data that nobody measured: seeded generators of plausible files, marked synthetic in each row."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

SEED = 20_261_123
START = datetime(2026, 1, 1, tzinfo=UTC)
MARK = "synthetic"
THROTTLED_SHARE = 0.004
GAP_SHARE = 0.01
Rows = Iterator[Sequence[object]]


def grid_load(rng: np.random.Generator) -> tuple[list[str], Rows]:
    """Hourly load and photovoltaic output of five regions over 60 days."""
    header = ["region", "time", "load_mw", "pv_output_mw", "temperature_c", "origin"]
    regions = ("Guangdong", "Guangxi", "Yunnan", "Guizhou", "Hainan")

    def rows() -> Rows:
        for place, region in enumerate(regions):
            size = (9_000, 2_400, 2_900, 2_200, 700)[place]
            for hour in range(24 * 60):
                at = START + timedelta(hours=hour)
                daily = 1 + 0.22 * np.sin((at.hour - 9) * np.pi / 12)
                sun = max(0.0, float(np.sin((at.hour - 6) * np.pi / 12)))
                warmth = 14 + 7 * sun + rng.normal(0, 1.2)
                load = size * daily * (1 + rng.normal(0, 0.02))
                yield region, f"{at:%Y-%m-%d %H:%M}", f"{load:.1f}", f"{size * 0.18 * sun * rng.uniform(0.6, 1):.1f}", f"{warmth:.1f}", MARK  # fmt: skip

    return header, rows()


def pipeline_flow(rng: np.random.Generator) -> tuple[list[str], Rows]:
    """Pressure and flow of twelve stations every fifteen minutes for ten days."""
    header = ["station", "time", "pressure_mpa", "flow_m3_h", "valve", "origin"]

    def rows() -> Rows:
        for station in range(1, 13):
            pressure = 9.8 - 0.25 * station
            for step in range(4 * 24 * 10):
                at = START + timedelta(minutes=15 * step)
                pressure += rng.normal(0, 0.01) - 0.02 * (pressure - (9.8 - 0.25 * station))
                flow = 182_000 * (1 + 0.08 * np.sin(step / 15)) * (1 + rng.normal(0, 0.01))
                valve = "open" if rng.random() > THROTTLED_SHARE else "throttled"
                yield f"ST-{station:02d}", f"{at:%Y-%m-%d %H:%M}", f"{pressure:.3f}", f"{flow:.0f}", valve, MARK  # fmt: skip

    return header, rows()


def machine_feed(rng: np.random.Generator) -> tuple[list[str], Rows]:
    """A day of forty harvesters, one reading every five minutes."""
    header = ["machine_model", "time", "engine_rpm", "speed_km_h", "fuel_l_h", "area_ha", "origin"]
    models = ("4LZ-8", "4LZ-10", "4YZ-6", "1804-G")

    def rows() -> Rows:
        for machine in range(40):
            done = 0.0
            for step in range(12 * 12):
                at = START + timedelta(hours=6, minutes=5 * step)
                speed = max(0.0, rng.normal(5.5, 1.4))
                done += speed * 0.4 / 12
                yield models[machine % 4], f"{at:%Y-%m-%d %H:%M}", f"{rng.normal(2_050, 90):.0f}", f"{speed:.1f}", f"{rng.normal(21, 3):.1f}", f"{done:.2f}", MARK  # fmt: skip

    return header, rows()


def cell_traffic(rng: np.random.Generator) -> tuple[list[str], Rows]:
    """Hourly traffic of sixty districts over a fortnight: counts of devices, never devices."""
    header = ["district", "hour", "active_devices", "traffic_gb", "share_5g", "origin"]

    def rows() -> Rows:
        for district in range(60):
            size = float(rng.lognormal(9, 0.5))
            for hour in range(24 * 14):
                at = START + timedelta(hours=hour)
                awake = 0.35 + 0.65 * max(0.0, float(np.sin((at.hour - 5) * np.pi / 17)))
                devices = size * awake * (1 + rng.normal(0, 0.03))
                yield f"D{district:03d}", f"{at:%Y-%m-%d %H:%M}", f"{devices:.0f}", f"{devices * rng.uniform(0.02, 0.05):.2f}", f"{rng.uniform(0.55, 0.8):.3f}", MARK  # fmt: skip

    return header, rows()


def freight_corridors(rng: np.random.Generator) -> tuple[list[str], Rows]:
    """Daily freight between eleven cities for a quarter: sums per corridor, no vehicle in it."""
    header = ["from_city", "to_city", "day", "trips", "tonnes", "median_hours", "origin"]
    cities = (
        "广州",
        "深圳",
        "南宁",
        "昆明",
        "贵阳",
        "海口",
        "长沙",
        "武汉",
        "成都",
        "重庆",
        "上海",
    )

    def rows() -> Rows:
        for one, start in enumerate(cities):
            for other, end in enumerate(cities):
                if one == other:
                    continue
                usual = float(rng.gamma(3, 60))
                for day in range(90):
                    trips = max(0, round(usual * (1 + rng.normal(0, 0.12))))
                    at = START + timedelta(days=day)
                    yield start, end, f"{at:%Y-%m-%d}", trips, f"{trips * rng.uniform(14, 22):.1f}", f"{4 + abs(one - other) * 3.1 + rng.normal(0, 0.4):.1f}", MARK  # fmt: skip

    return header, rows()


def building_energy(rng: np.random.Generator) -> tuple[list[str], Rows]:
    """Daily energy and water of eighty buildings over half a year, with gaps as meters have them."""
    header = ["building_type", "floor_area_m2", "day", "electricity_kwh", "water_m3", "origin"]
    kinds = ("office", "hospital", "school", "mall")

    def rows() -> Rows:
        for building in range(80):
            area = round(float(rng.uniform(4_000, 60_000)), -2)
            for day in range(182):
                at = START + timedelta(days=day)
                energy = area * 0.28 * (1 + 0.15 * np.cos(day / 29)) * (1 + rng.normal(0, 0.05))
                shown = f"{energy:.1f}" if rng.random() > GAP_SHARE else ""
                yield kinds[building % 4], f"{area:.0f}", f"{at:%Y-%m-%d}", shown, f"{area * 0.004 * rng.uniform(0.8, 1.2):.1f}", MARK  # fmt: skip

    return header, rows()


def wall_thickness(rng: np.random.Generator) -> tuple[list[str], Rows]:
    """Findings of an in-line inspection along 240 km of pipe."""
    header = ["section", "distance_m", "wall_mm", "depth_percent", "side", "origin"]
    sides = ("inside", "outside")

    def rows() -> Rows:
        for number, distance in enumerate(np.sort(rng.uniform(0, 240_000, 3_000))):
            depth = min(80.0, float(rng.gamma(2, 6)))
            yield f"S{int(distance // 12_000):02d}", f"{distance:.1f}", f"{14.6 * (1 - depth / 100):.2f}", f"{depth:.1f}", sides[number % 2], MARK  # fmt: skip

    return header, rows()


GENERATORS: dict[str, Callable[[np.random.Generator], tuple[list[str], Rows]]] = {
    "grid_load": grid_load,
    "pipeline_flow": pipeline_flow,
    "machine_feed": machine_feed,
    "cell_traffic": cell_traffic,
    "freight_corridors": freight_corridors,
    "building_energy": building_energy,
    "wall_thickness": wall_thickness,
}


def csv_of(name: str) -> bytes:
    """The file of that name, the same bytes at every call."""
    header, rows = GENERATORS[name](np.random.default_rng(SEED))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()
