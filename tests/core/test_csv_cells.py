"""Cells that a spreadsheet would run as formulas."""

import pytest

from exchange.core.csv_cells import inert

FORMULAS = [
    "=1+1", "+1", "-1", "@sum(a1)", "\t=1", "\r=1", "\n=1", " =1+1", "\u00a0=1+1", "\ufeff=1+1",
    "＝1+1", "＋1", "－1", "＠sum", "\u200b\u3000 ＝1+1", "\x00=1", "﹦1",
]  # fmt: skip


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_formula_is_made_text_behind_whatever_hides_it(cell: str) -> None:
    assert inert(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", " ", "a=1", "1-2", "电表 =1", "'=1", "(=1)", "\ufeff"])
def test_other_text_stays_as_it_is(cell: str) -> None:
    assert inert(cell) == cell
