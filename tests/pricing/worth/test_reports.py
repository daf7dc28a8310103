"""Reports: every figure with its source, the same bytes again, and what moves the conclusion."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from pricing.__main__ import main
from pricing.documents import canonical
from pricing.exact import BadValue, to_places
from pricing.refusals import PricingRefusal, UnknownCurrency
from pricing.worth.methods import run
from pricing.worth.reports import (
    NOTICE,
    ReportDiffers,
    explain,
    make_report,
    replay,
    report_document,
    tornado,
    varied,
)
from tests.pricing.worth.strategies import SOURCE, engagement, given


def test_the_report_of_the_rule_book() -> None:
    report = make_report(engagement())
    assert str(report.value) == "1100840.08 CNY"
    assert not report.conclusion.wide
    document = report_document(report)
    assert (document["value_minor"], document["notice"]) == (110084008, NOTICE)
    minor = {label: method["value_minor"] for label, method in document["methods"].items()}
    assert minor == {"cost": 95760000, "income": 122663679, "market": 100120840}


def test_unclear_rights_take_their_discount() -> None:
    discount = {"value": "0.25", "source": "legal opinion 12/2026"}
    report = make_report(engagement(rights_discount=discount))
    assert str(report.value) == "825630.06 CNY"


def test_every_parameter_is_listed_with_its_source() -> None:
    document = report_document(make_report(engagement()))
    for method in document["methods"].values():
        assert method["parameters"]
        assert {one["source"] for one in method["parameters"]} == {SOURCE}
        assert method["steps"]
        assert all(step["formula"] and step["value"] for step in method["steps"])


def test_a_report_is_the_same_bytes_again() -> None:
    document = report_document(make_report(engagement()))
    again = json.loads(canonical(document))
    assert canonical(report_document(replay(again))) == canonical(document)


@pytest.mark.parametrize("field", ["value_minor", "methods", "notice", "engagement_digest"])
def test_a_report_that_was_changed_is_refused(field: str) -> None:
    document = {**report_document(make_report(engagement())), field: "changed"}
    with pytest.raises(ReportDiffers) as refused:
        replay(document)
    assert refused.value.facts["field"] == field


def test_an_explanation_names_formulas_sources_and_steps() -> None:
    words = explain(make_report(engagement(spread_limit="1.1")))
    assert "P = Σ R_t · K_t / (1 + i)^t (a published formula, recomputed)" in words
    assert "decision support: recalled from practice" in words
    assert f"  share = 0.15 ({SOURCE})" in words
    assert "year 1: F_t × 1/(1 + i)^t = 300000 × 0.8771929825 = 263157.8947368421" in words
    assert "The methods lie far apart" in words
    assert words.endswith("Value: 1100840.08 CNY.")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"asset": ""}, "asset"),
        ({"base_date": "30 June"}, "base_date"),
        ({"appraisers": []}, "appraisers"),
        ({"weights": {"cost": "0.3", "income": "0.5", "market": "0.1"}}, "weights"),
        ({"weights": {"cost": "1"}}, "weights"),
        ({"rights_discount": "0.25"}, "rights_discount.source"),
        ({"methods": [{"method": "tea_leaves"}]}, "methods[0]"),
        ({"methods": [{"method": "security_return", "parameters": {}}]}, "methods[0]"),
        ({"methods": [{"method": "income_direct", "parameters": given(cash_flow=["1"])}]}, "rate"),
        (
            {"methods": [{"method": "income_direct", "parameters": {"cash_flow": ["1"]}}]},
            "cash_flow.source",
        ),
        (
            {
                "methods": [
                    {"method": "income_direct", "parameters": given(cash_flow=["1"], rate="0.1")}
                ]
            },
            "timing.source",
        ),
        (
            {
                "methods": [
                    {
                        "method": "income_direct",
                        "parameters": given(cash_flow=["-1"], rate="0.1", timing="mid year"),
                    }
                ]
            },
            "methods.income_direct",
        ),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_an_engagement_that_lacks_something_is_refused(changed: Any, field: str) -> None:
    with pytest.raises(BadValue) as refused:
        make_report(engagement(**changed))
    assert refused.value.facts["field"] == field


def test_a_report_needs_a_currency_that_is_known() -> None:
    with pytest.raises(UnknownCurrency):
        make_report(engagement(currency="XXX"))
    with pytest.raises(PricingRefusal):
        make_report([])


def test_the_tornado_is_what_running_again_gives() -> None:
    report = make_report(engagement())
    swings = tornado(report, change="0.1")
    widths = [swing.width for swing in swings]
    assert widths == sorted(widths, reverse=True)
    names = {(swing.method, swing.parameter) for swing in swings}
    assert ("income", "revenue.first") in names
    assert ("income", "rate.security") in names
    assert ("market", "comparables[0].factors.date") in names
    assert not [name for _, name in names if "timing" in name or "years" in name]
    for place, name in (
        (("share", "value"), "share"),
        (("revenue", "value", "first"), "revenue.first"),
    ):
        swing = next(one for one in swings if one.parameter == name)
        lower = make_report(varied(report.engagement, 1, place, Fraction("0.9")))
        assert swing.low == lower.conclusion.value < report.conclusion.value
        assert swing.high == report.conclusion.value * 2 - swing.low  # the value is linear in both


def test_a_variation_that_is_not_accepted_says_so() -> None:
    document = engagement()
    document["methods"][0]["parameters"]["risk"]["value"] = "0.95"
    swing = next(one for one in tornado(make_report(document)) if one.parameter == "risk")
    assert swing.high is None
    assert swing.low is not None
    with pytest.raises(BadValue, match="change"):
        tornado(make_report(document), change="1")


@pytest.fixture
def engagement_file(tmp_path: Path) -> Path:
    path = tmp_path / "engagement.json"
    path.write_text(json.dumps(engagement()))
    return path


def test_the_program_values_and_explains(
    engagement_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["value", str(engagement_file)]) == 0
    shown = capsys.readouterr().out
    assert (
        shown.splitlines()[0]
        == "Trunk-line pressure and flow 2021-2025, market value on 2026-06-30"
    )
    assert shown.splitlines()[-1].endswith("1100840.08")
    assert main(["value", str(engagement_file), "--sensitivity", "0.1"]) == 0
    assert "revenue.first" in capsys.readouterr().out
    assert main(["value", str(engagement_file), "--json"]) == 0
    report = tmp_path / "report.json"
    report.write_text(capsys.readouterr().out)
    assert main(["explain", str(report)]) == 0
    assert capsys.readouterr().out.endswith("Value: 1100840.08 CNY.\n")


def test_the_program_computes_one_figure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "one.json"
    parameters = {"asset_value": 1100840.08, "recovery": 0.3, "expected_units": 100000}
    path.write_text(json.dumps({"method": "unit_price_from_value", "parameters": parameters}))
    assert main(["value", str(path)]) == 0
    assert "p = V × r / units = 1100840.08 × 0.3 / 100000 = 3.30252024" in capsys.readouterr().out
    assert main(["value", str(path), "--sensitivity", "0.1"]) == 2
    path.write_text('{"method": "income_direct", "parameters": {"cash_flow": [1], "rate": -1}}')
    capsys.readouterr()
    assert main(["value", str(path)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.strip() == (
        "The field rate is -1; accepted is a rate above -1 (-100 %) and at most 10."
    )


def test_the_largest_swing_is_one_that_every_method_feels() -> None:
    swings = tornado(make_report(engagement()))
    assert (swings[0].method, swings[0].width >= swings[-1].width) == ("income", True)
    assert to_places(swings[0].width, 2) == Fraction("122663.68")


def scenarios(methods: int, count: int, years: int) -> dict[str, object]:
    """An engagement of methods with so many scenarios of so many years each."""
    rows = [
        {"rate": "0.12", "weight": "0.01", "cash_flow": [str(1000 + year) for year in range(years)]}
        for _ in range(count)
    ]
    parameters = given(timing="end of year", scenarios=rows)
    return engagement(
        methods=[
            {"method": "income_scenarios", "label": f"m{i}", "parameters": parameters}
            for i in range(methods)
        ],
        weights={f"m{i}": "1" if i == 0 else "0" for i in range(methods)},
    )


def test_a_tornado_that_would_take_minutes_is_refused_by_what_it_reads() -> None:
    report = make_report(scenarios(20, 30, 20))
    with pytest.raises(BadValue, match="at most 500000: fewer methods, scenarios or years"):
        tornado(report)
    assert len(tornado(make_report(scenarios(5, 20, 20)))) == 5 * 40


def test_an_engagement_of_more_figures_than_are_read_is_refused() -> None:
    with pytest.raises(BadValue, match="at most 50000 figures together"):
        make_report(scenarios(20, 120, 20))


def test_a_figure_that_nobody_could_read_is_refused() -> None:
    grown = {"first": "999999999999999999", "growth": "999999999999999999", "years": 60}
    with pytest.raises(BadValue, match=r"at most 1,000 digits"):
        run("income_direct", {"cash_flow": grown, "rate": "0", "timing": "end of year"})
