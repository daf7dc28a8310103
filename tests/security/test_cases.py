"""The table of cases names tests that are there."""

import re
from pathlib import Path

PROJECT = Path(__file__).parents[2]
TABLE = (Path(__file__).parent / "README.md").read_text()


def test_every_file_that_the_table_names_is_there() -> None:
    named = re.findall(r"`(tests/[\w/.]+)`", TABLE)
    assert named
    assert [name for name in named if not (PROJECT / name).exists()] == []


def test_every_row_names_a_test() -> None:
    rows = [line for line in TABLE.splitlines() if re.match(r"\| [A-Z]", line)][1:]
    assert rows
    assert [row for row in rows if "`tests/" not in row] == []
