"""`python -m pricing`: tables for people, JSON for programs, refusals on standard error."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pricing.__main__ import main
from tests.pricing.charges.strategies import plan

CALLS = {"name": "calls", "model": "per_unit", "meter": "calls", "unit": "0.001"}
NOW = "2026-01-31T12:00:00+08:00"


@pytest.fixture
def plan_file(tmp_path: Path) -> Path:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(plan(CALLS)))
    return path


def answered(capsys: pytest.CaptureFixture[str], *words: object) -> Any:
    code = main([str(word) for word in words] + ["--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_quote_is_a_table_or_a_document(
    plan_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["quote", str(plan_file), "calls=1995", "--issued-at", NOW]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "tested, version 1, valid until 2026-03-02 12:00:00+08:00",
        "",
        "charge  line                           CNY",
        "------  ---------------------------  -----",
        "calls   1995 units at 0.001 = 1.995  1.995",
        "        billed                        2.00",
        "        total                         2.00",
    ]
    code, document = answered(capsys, "quote", plan_file, "calls=1995", "--issued-at", NOW)
    assert (code, document["total_minor"]) == (0, 200)


def test_a_quote_is_replayed_and_explained(
    plan_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, document = answered(capsys, "quote", plan_file, "calls=1995", "--issued-at", NOW)
    quote = tmp_path / "quote.json"
    quote.write_text(json.dumps(document))
    assert answered(capsys, "quote", "--replay", quote) == (0, document)
    assert main(["explain", str(quote)]) == 0
    assert "billed as 2.00 CNY" in capsys.readouterr().out
    quote.write_text(json.dumps({**document, "total_minor": 199}))
    code, refused = answered(capsys, "quote", "--replay", quote)
    assert (code, refused["error"]["code"]) == (2, "quote_differs")


def test_past_months_are_previewed(
    plan_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    months = tmp_path / "months.json"
    months.write_text(json.dumps({"2025-12": {"usage": {"calls": 4000}, "issued_at": NOW}}))
    assert main(["quote", str(plan_file), "--preview", str(months)]) == 0
    assert capsys.readouterr().out == "2025-12 would have cost 4.00 CNY under tested.\n"


def test_findings_end_with_code_one(
    plan_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lint", str(plan_file)]) == 0
    assert capsys.readouterr().out == "Nothing found.\n"
    free = tmp_path / "free.json"
    free.write_text(json.dumps(plan({**CALLS, "free_units": "100"})))
    code, document = answered(capsys, "lint", free)
    assert code == 1
    assert [finding["code"] for finding in document["findings"]] == ["free_units_invite_splitting"]


def test_a_meter_of_whole_units_is_linted_as_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tiers = [{"up_to": "1", "unit": "100"}, {"up_to": None, "unit": "51"}]
    path = tmp_path / "plan.json"
    document = plan({"name": "calls", "meter": "calls", "model": "volume", "tiers": tiers})
    path.write_text(json.dumps(document))
    assert [main(["lint", str(path), *step]) for step in ([], ["--step", "1"])] == [1, 0]
    assert main(["lint", str(path), "--step", "0"]) == 2
    assert "The field step is '0'; accepted is a number above zero" in capsys.readouterr().err


def test_cases_are_evaluated_into_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cases, out = tmp_path / "cases.json", tmp_path / "out.json"
    cases.write_text(
        '{"vectors": [{"id": "a", "model": "per_unit", "params": {"unit": 0.1},'
        ' "input": {"units": 3}}, {"id": "b", "model": "per_unit", "params": {"unit": "1"},'
        ' "input": {"units": NaN}}]}'
    )
    assert main(["evaluate", str(cases), "--data", str(tmp_path), "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"2 results are in {out}.\n"
    one, other = json.loads(out.read_text())["results"]
    assert one == {"id": "a", "result": {"amount": 0.3}}
    assert "units is NaN" in other["result"]["error"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["quote"], "The field plan is None; accepted is the file of a plan"),
        (["quote", "PLAN", "calls=-1"], "The field usage.calls is '-1'"),
        (["quote", "PLAN", "calls"], "accepted is METER=QUANTITY"),
        (["quote", "PLAN"], "The field usage.calls is None"),
        (["lint", "/nowhere/plan.json"], "cannot be read"),
        (["explain", "PLAN"], "The field format is None"),
        (["evaluate", "PLAN"], "The field vectors is None"),
    ],
)
def test_a_refusal_is_one_sentence_on_standard_error(
    words: list[str], sentence: str, plan_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main([str(plan_file) if word == "PLAN" else word for word in words])
    printed = capsys.readouterr()
    assert (code, printed.out) == (2, "")
    assert sentence in printed.err
    assert printed.err.count("\n") == 1


def test_a_plan_file_of_ten_megabytes_is_refused_unread(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "large.json"
    path.write_bytes(b" " * 10_000_000)
    assert main(["lint", str(path)]) == 2
    assert "10,000,000 bytes; accepted are at most 256,000" in capsys.readouterr().err


def test_the_program_runs_without_the_exchange(plan_file: Path) -> None:
    words = [sys.executable, "-X", "importtime", "-m", "pricing", "lint", str(plan_file)]
    root = Path(__file__).parents[3]
    ended = subprocess.run(words, cwd=root, capture_output=True, text=True, check=True)
    assert ended.stdout == "Nothing found.\n"
    assert "django" not in ended.stderr
    assert "exchange" not in ended.stderr
