"""`make bench`: each bench alone, each figure kept, one that fails named."""

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import __main__ as runner
from bench import measure
from tests.bench import probe


@pytest.fixture(autouse=True)
def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """The benches of this test ask no database."""

    @contextlib.contextmanager
    def address(_name: str) -> Iterator[str]:
        yield os.environ["DATABASE_URL"]

    monkeypatch.setattr(measure, "fresh_database", address)


def test_a_bench_that_fails_is_named_and_the_others_go_on(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "var" / "bench.json"
    failed = runner.measure_all(dict.fromkeys(probe.BENCHES, probe.__name__), report=report)
    assert failed == ["probe.breaking"]
    rows = json.loads(report.read_text())
    assert [(row["name"], row.get("value"), row.get("exit_code")) for row in rows] == [
        ("probe.first", 1, None),
        ("probe.half", 20, None),
        ("probe.breaking", None, 1),
        ("probe.last", 1, None),
    ]
    assert [row["reached"] for row in rows if "reached" in row] == [False, True, False]
    printed = capfd.readouterr()
    assert "probe.breaking     FAILED, exit code 1" in printed.out
    assert "The second figure cannot be made." in printed.err


def test_the_report_is_written_after_each_bench(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = tmp_path / "bench.json"
    seen: list[list[str]] = []

    def measured(name: str, _module: str) -> tuple[list[measure.Measurement], int]:
        seen.append([row["name"] for row in json.loads(report.read_text())] if seen else [])
        return [measure.Measurement(name, 1, "s", "one", 1, goal=1)], 0

    monkeypatch.setattr(runner, "_measured_alone", measured)
    assert runner.measure_all({"a": "-", "b": "-", "c": "-"}, report=report) == []
    assert seen == [[], ["a"], ["a", "b"]]


def test_every_bench_has_a_name_of_its_own() -> None:
    known = runner.known_benches()
    assert {"ledger.single", "order.journey", "catalogue.page", "usage.close"} <= set(known)
    assert set(known.values()) <= set(runner.MODULES)
