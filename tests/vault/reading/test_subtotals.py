"""Sums among the rows of a table."""

from pathlib import Path

import pytest

from tests.vault.reading.brought import brought, columns, noted, only_table


def grouped(label: str, cut: str, *, whole: str = "") -> str:
    """Three depots of four rows, each with its sum below: 40 … 51 litres, in tenths."""
    lines = [cut.join(("depot", "tank", "litres"))]
    total = 0.0
    for depot in range(3):
        cells = [depot * 4 + tank + 40.5 for tank in range(4)]
        total += sum(cells)
        lines += [cut.join((f"D{depot}", f"T{n}", f"{one:.1f}")) for n, one in enumerate(cells)]
        lines.append(cut.join((label.format(depot), "", f"{sum(cells):.1f}")))
    if whole:
        lines.append(cut.join((whole, "", f"{total:.1f}")))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("label", "whole"),
    [
        ("D{} Total", "Grand Total"),
        ("Zwischensumme Depot {}", "Gesamtsumme"),
        ("Subtotal", ""),
        ("小计", "总计"),
    ],
)
def test_sums_among_the_rows_are_no_rows(tmp_path: Path, label: str, whole: str) -> None:
    read = brought(tmp_path, grouped(label, ";", whole=whole))
    (table,) = read.tables
    assert (table.rows, columns(table)["litres"].max) == (12, "51.5")
    told = noted(table)
    assert told.get("subtotal_rows", 0) + told.get("total_rows", 0) == (4 if whole else 3)
    assert not read.questions


def test_decimal_commas_add_up_too(tmp_path: Path) -> None:
    table = only_table(tmp_path, grouped("Total D{}", ";").replace(".", ","))
    assert (table.rows, columns(table)["litres"].max) == (12, "51.5")


def test_sums_of_every_column_are_no_rows(tmp_path: Path) -> None:
    rows = ["A,1.5,4", "B,2.5,6", "Sub-total,4.0,10", "C,3.5,7", "D,1.0,8", "Sub-total,4.5,15"]
    table = only_table(tmp_path, "\n".join(["line,km,stops", *rows, "E,1,1", "F,2,2"]) + "\n")
    assert (table.rows, columns(table)["stops"].max) == (6, "8")


@pytest.mark.parametrize(
    "rows",
    [
        [f"{2000 + n},{kind},{n * each}" for n in range(9) for kind, each in (("men", 2), ("women", 3), ("total", 5))],
        [f"D{n},Total quartz,{n}" for n in range(1, 20)],
    ],
)  # fmt: skip
def test_a_total_that_is_a_category_stays(tmp_path: Path, rows: list[str]) -> None:
    table = only_table(tmp_path, "\n".join(["a,b,c", *rows]) + "\n")
    assert table.rows == len(rows)
