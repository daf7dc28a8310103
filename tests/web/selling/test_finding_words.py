"""What the linter finds is said in money, with the meter's name, in the reader's language."""

from typing import Any

import pytest
from django.utils import translation

from exchange.web.selling.finding_words import SENTENCES, finding_words
from pricing.charges.linter import lint_plan
from pricing.charges.plans import Plan, read_plan


def _plan(*charges: dict[str, Any], **more: Any) -> Plan:
    named = [
        {"name": f"charge {number}", "meter": "lookups", **charge}
        for number, charge in enumerate(charges, 1)
    ]
    return read_plan({"plan": "p", "version": 1, "currency": "CNY", "charges": named, **more})


def _said(plan: Plan) -> dict[str, str]:
    return {one.code: finding_words(one, plan) for one in lint_plan(plan, step=None)}


FALLING = {"model": "volume", "tiers": [{"up_to": 10, "unit": "2"}, {"up_to": None, "unit": "1"}]}
FREE = {"model": "per_unit", "unit": "1.5", "free_units": 10}
CLOSED = {"model": "graduated", "tiers": [{"up_to": 10, "unit": "2"}]}
CAPPED = {"model": "graduated", "tiers": [{"up_to": 10, "unit": "2"}], "maximum": "50"}


@pytest.mark.parametrize(
    ("charge", "code", "said"),
    [
        (FALLING, "not_monotone", "10 lookups cost CN¥20.00, but 11 lookups cost CN¥11.00:"),
        (FREE, "free_units_invite_splitting", "Two accounts that use 10 lookups and 10 lookups"),
        (CLOSED, "no_open_tier", "The last tier ends at 10 lookups. More has no price"),
        (CAPPED, "unreachable_cap", "no use costs more than CN¥20.00."),
    ],
)
def test_a_finding_is_said_with_money_and_the_meter(
    charge: dict[str, Any], code: str, said: str
) -> None:
    assert said in _said(_plan(charge))[code]


def test_a_finding_names_its_charge_where_there_are_several() -> None:
    said = _said(_plan(FREE, CLOSED))
    assert said["no_open_tier"].startswith("charge 2: The last tier ends at 10 lookups.")


def test_findings_are_said_in_chinese() -> None:
    with translation.override("zh-hans"):
        assert (
            _said(_plan(CLOSED))["no_open_tier"]
            == "最后一档止于 10 次查询，超出部分没有价格，将被拒绝。"
        )
        assert all(str(one) for one in SENTENCES.values())
