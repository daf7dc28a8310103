"""`python -m pricing selfcheck`: what it compares, how it answers, and what it refuses."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from pricing import selfcheck
from pricing.__main__ import main
from tests.references.comparing import Comparison, Draw, Scale

ROOT = Path(__file__).parents[2]


def amounts(draw: Draw) -> list[int]:
    return draw.amounts(2)


RIGHT = Comparison("sums.right", amounts, sum, lambda given: given[0] + given[1])
WRONG = Comparison("sums.wrong", amounts, sum, lambda given: given[0] - given[1])
BROKEN = Comparison("sums.broken", amounts, sum, lambda _: 1 // 0, scales=(Scale.TICKS,))


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selfcheck, "twins", lambda: (RIGHT, WRONG, BROKEN))


@pytest.mark.usefixtures("three")
def test_agreement_ends_with_zero_and_counts_by_scale(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["selfcheck", "--seconds", "0.2", "--only", "sums.r", "--seed", "5"]
    assert main([*words, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["first_seed"] == 5
    assert said["differences"] == []
    assert set(said["by_scale"]["sums.right"]) == {scale.value for scale in Scale}
    assert said["compared"] == {"sums.right": sum(said["by_scale"]["sums.right"].values())}
    assert main(words) == 0
    printed = capsys.readouterr()
    assert printed.err == ""  # nobody looks at a terminal
    lines = printed.out.splitlines()
    assert lines[0].split() == ["function", "largest", "money", "near", "ticks", "inputs"]
    assert lines[-2:] == ["The first seed was 5.", "No difference."]


@pytest.mark.usefixtures("three")
def test_a_difference_ends_with_one_and_names_the_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["selfcheck", "--seconds", "5", "--seed", "1", "--only", "sums.w"]) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("sums.wrong at scale ticks, seed 1: for [")
    assert main(["selfcheck", "--seconds", "0.2", "--seed", "1", "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert said["compared"]["sums.wrong"] == said["compared"]["sums.broken"] == 1
    assert len(said["differences"]) == 2
    assert said["compared"]["sums.right"] > 1  # the others go on


def test_the_same_seed_draws_the_same_input() -> None:
    tried = [selfcheck.selfcheck(seconds=0.05, first_seed=3, only="views.due") for _ in range(2)]
    assert all(one.differences == [] and one.counts for one in tried)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--only", "no.such"], "unknown_twin"),
        (["--seconds", "0"], "bad_value"),
        (["--seconds", "nan"], "bad_value"),
        (["--seconds", "inf"], "bad_value"),
        (["--workers", "0"], "bad_value"),
        (["--workers", "65"], "bad_value"),
    ],
)
def test_what_it_cannot_do_is_refused_by_name(
    words: list[str], code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["selfcheck", *words, "--json"]) == 2
    refusal = json.loads(capsys.readouterr().out)["error"]
    assert refusal["code"] == code
    assert refusal["facts"]["field"] == words[0].removeprefix("--")


def test_an_unknown_name_is_answered_with_the_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["selfcheck", "--only", "curve.", "--seconds", "1"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(
        "No function with a twin begins with 'curve.'; accepted is the beginning"
    )
    assert "curves.arbitrage" in said
    assert said.count("\n") == 1


def test_outside_a_checkout_it_says_where_to_run(tmp_path: Path) -> None:
    (tmp_path / "pricing").symlink_to(ROOT / "pricing")
    ran = subprocess.run(
        [sys.executable, "-m", "pricing", "selfcheck", "--seconds", "1"],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2
    assert ran.stderr == (
        "The slow twins are not here. Run this from the folder of a checkout of the project.\n"
    )


@pytest.mark.deep
def test_two_workers_share_the_seeds() -> None:
    reported: list[int] = []
    checked = selfcheck.selfcheck(
        seconds=3, first_seed=0, only="views.due", workers=2, report=reported.append
    )
    assert checked.differences == []
    assert set(checked.counts) == {("views.due", scale.value) for scale in Scale}
    assert reported == sorted(reported)


def test_progress_is_written_where_somebody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    terminal = SimpleNamespace(isatty=lambda: True, write=written.append, flush=lambda: None)
    monkeypatch.setattr(selfcheck, "PULSE_SECONDS", 0.01)
    monkeypatch.setattr(sys, "stderr", terminal)
    assert main(["selfcheck", "--seconds", "0.3", "--only", "views.due"]) == 0
    assert any(words.endswith(" inputs compared") for words in written)
    assert written[-1] == "\n"
