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


def test_each_case_has_its_row() -> None:
    cases = [
        "C1",
        "C2",
        *[f"H{n}" for n in range(1, 8)],
        *[f"M{n}" for n in range(1, 9)],
        "L",
        "Matrix",
    ]
    assert sorted(re.findall(r"^\| (\w+) \| ", TABLE, flags=re.MULTILINE)[1:]) == sorted(cases)
