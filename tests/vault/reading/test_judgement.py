"""Quality, coverage, units and personal data."""

from decimal import Decimal
from pathlib import Path

import pytest

from exchange.vault.masks import found_in, masked, masked_sample
from exchange.vault.reading.personal_values import is_identity_number
from exchange.vault.reading.quality import WEIGHTS, Measure, grade_of, quality_of, score_of
from exchange.vault.reading.words import description_of, unit_of
from tests.vault.reading.brought import columns, only_table


def test_the_score_is_the_weighted_sum_of_the_six_dimensions() -> None:
    values = ("0.98", "0.95", "0.97", "0.96", "0.90", "1.00")
    weighted = {
        name: (weight, Decimal(value))
        for (name, weight), value in zip(WEIGHTS.items(), values, strict=True)
    }
    assert score_of(weighted) == Decimal("95.85")
    assert grade_of(Decimal("95.85")) == "A"
    assert [grade_of(Decimal(s)) for s in ("90", "89.99", "80", "70", "69.99")] == list("ABBCD")


def test_what_was_not_assessed_has_no_weight() -> None:
    measures = {name: Measure(1, 2) for name in WEIGHTS} | {"timeliness": Measure(0, 0)}
    quality = quality_of(measures)
    assert (quality.score, quality.grade) == ("50.00", "D")
    weights = {one.dimension: one.weight for one in quality.dimensions}
    assert weights["timeliness"] == "0.0000"
    assert weights["accuracy"] == "0.2941"  # 0.25 ÷ 0.85


def test_each_dimension_states_its_count(tmp_path: Path) -> None:
    rows = "at,kwh,empty\n2024-01-01 00:00,1,\n2024-01-01 01:00,,\n2024-01-01 02:00,3,\n2024-01-01 05:00,3,\n2024-01-01 05:00,3,\n"
    counted = {
        one.dimension: (one.numerator, one.denominator)
        for one in only_table(tmp_path, rows).quality.dimensions
    }
    assert counted == {
        "normativity": (9, 9),
        "completeness": (9, 15),
        "accuracy": (9, 9),
        "consistency": (4, 5),
        "timeliness": (2, 3),
        "accessibility": (2, 3),
    }


def test_figures_of_a_column_are_exact_on_small_tables(tmp_path: Path) -> None:
    table = only_table(tmp_path, "n,x\n" + "".join(f"{n},a\n" for n in range(1, 102)))
    found = columns(table)["n"]
    assert (found.min, found.max, found.mean, found.distinct) == ("1", "101", "51", 101)
    assert found.quantiles == {"5": "6", "25": "26", "50": "51", "75": "76", "95": "96"}
    assert found.histogram is not None
    assert sum(found.histogram.counts) == 101
    assert (found.histogram.edges[0], found.histogram.edges[-1]) == ("1", "101")
    assert columns(table)["x"].top == (("a", 101),)


def test_rhythm_and_period_are_found(tmp_path: Path) -> None:
    rows = "".join(f"2024-03-0{1 + n // 24} {n % 24:02d}:00:00,{n}\n" for n in range(60))
    time = only_table(tmp_path, "reading_time,n\n" + rows).time
    assert time is not None
    assert time.document() == {
        "column": "reading_time",
        "from": "2024-03-01 00:00:00",
        "until": "2024-03-03 11:00:00",
        "rhythm_seconds": 3600.0,
        "rhythm": "",
    }


@pytest.mark.parametrize(
    ("name", "unit"),
    [("energy_kwh", "kWh"), ("用电量", None), ("Flow (m3/h)", "m3/h"), ("outdoorTemperature", None), ("tag7", None)],
)  # fmt: skip
def test_units_are_guessed_from_names(name: str, unit: str | None) -> None:
    assert unit_of(name, is_number=True) == unit
    assert unit_of(name, is_number=False) is None


@pytest.mark.parametrize(
    ("name", "text"),
    [("reading_datetime", "Reading datetime"), ("custAddr", "Customer address"), ("DDI_0043", ""), ("用电量", "用电量")],
)  # fmt: skip
def test_descriptions_are_drafted_from_words_only(name: str, text: str) -> None:
    assert description_of(name) == text


def test_identity_numbers_are_known_by_their_check_character() -> None:
    assert is_identity_number("11010519491231002X")
    assert not is_identity_number("110105194912310021")


@pytest.mark.parametrize(
    ("header", "cells", "kind"),
    [
        ("c1", ["13812345678", "13987654321"], "phone"),
        ("c1", ["li@example.com", "wu@example.org"], "email"),
        ("c1", ["11010519491231002X", "11010519491231002X"], "identity_number"),
        ("c1", ["粤B12345", "京A88888"], "plate"),
        ("c1", ["张伟", "王芳"], "person_name"),
        ("姓名", ["a", "b"], "person_name"),
        ("手机号", ["-", "1"], "phone"),
        ("customer_name", ["Ann", "Bob"], "person_name"),
        ("imei", ["861234567890123", "861234567890124"], "device_id"),
    ],
)
def test_personal_columns_are_flagged_and_never_shown(
    tmp_path: Path, header: str, cells: list[str], kind: str
) -> None:
    table = only_table(
        tmp_path, f"{header},n\n" + "".join(f"{c},{n}\n" for n, c in enumerate(cells))
    )
    assert [(one.column, one.kind) for one in table.findings] == [(header, kind)]
    document = table.document()
    assert table.sample is not None
    hidden = [one["name"] == header for one in document["columns"]]
    sample = b"".join(masked_sample(table.sample.open("rb"), hidden)).decode()
    shown = str(masked(document, found_in(document)))
    for cell in cells:
        if len(cell) > 1:
            assert cell not in shown
            assert cell not in sample


def test_positions_are_tracks_only_with_a_time_or_a_name(tmp_path: Path) -> None:
    still = only_table(tmp_path, "site,lat,lon\nA,22.5,114.1\nB,22.6,114.2\n")
    assert still.findings == ()
    assert still.region is not None
    assert still.region.box == (114.1, 22.5, 114.2, 22.6)
    (tmp_path / "2").mkdir()
    moving = only_table(tmp_path / "2", "driver_id,lat,lon\n1,22.5,114.1\n1,22.6,114.2\n")
    assert [(one.column, one.kind) for one in moving.findings] == [
        ("driver_id", "device_id"),
        ("lat", "position"),
        ("lon", "position"),
    ]


def test_readings_of_each_customer_tell_habits(tmp_path: Path) -> None:
    rows = "户号,时间,用电量\nA0001,2024-01-01 00:00,1.5\nA0002,2024-01-01 01:00,2.5\n"
    (finding,) = only_table(tmp_path, rows).findings
    assert (finding.column, "A000" in str(finding)) == ("户号", False)


def test_the_sample_is_at_most_a_tenth(tmp_path: Path) -> None:
    table = only_table(tmp_path, "n,m\n" + "".join(f"{n},x\n" for n in range(500)))
    assert table.sample is not None
    assert len(table.sample.read_text(encoding="utf-8-sig").splitlines()) == 1 + 50
    assert len(table.preview.rows) == 20
