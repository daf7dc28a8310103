"""Drafts of rulings: which rule speaks, and what it takes of the price."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from exchange.delivery.comparing import Claim, Verdict
from exchange.delivery.drafting import RULES, WEIGHTS, broken_share, draft

Said = tuple[str, str, str]
COLUMNS = ("a", "b", "c", "d")


def a_claim(claim: str, verdict: str = "kept", column: str = "", **figures: Any) -> dict[str, Any]:
    return {"claim": claim, "column": column, "verdict": verdict, "reason": "", **figures}


def a_table(*broken: dict[str, Any], rows: int = 100) -> dict[str, Any]:
    """A table of four columns with some claims broken."""
    kept = [a_claim("column", column=name) for name in COLUMNS]
    return {"rows": rows, "claims": [*kept, *broken]}


def a_comparison(*tables: dict[str, Any]) -> dict[str, Any]:
    return {"tables": list(tables)}


ROWS = a_claim("rows", "broken", promised="100", found="90")
MORE_ROWS = a_claim("rows", "broken", promised="100", found="110")
UNREADABLE = a_claim("readable", "broken")
BYTES = a_claim("content", "broken")
WRONG = (a_claim("type", "broken", "a"), a_claim("range", "broken", "a"))
LATE = (a_claim("from", "broken", "b"), a_claim("until", "broken", "b"))


@pytest.mark.parametrize(
    ("tables", "rule", "refund"),
    [
        ([a_table()], "all_kept", 0),
        ([a_table(MORE_ROWS)], "all_kept", 0),
        ([a_table(BYTES)], "other_bytes", 0),
        ([a_table(ROWS)], "some_broken", 1_000),
        ([a_table(*WRONG)], "some_broken", 1_250),
        ([a_table(*WRONG, *LATE)], "some_broken", 2_500),
        ([a_table(ROWS), a_table(rows=300)], "some_broken", 250),
        ([a_table(UNREADABLE), a_table(rows=300)], "some_broken", 2_500),
        ([a_table(UNREADABLE), a_table()], "half_broken", 10_000),
        ([a_table(UNREADABLE), a_table(UNREADABLE)], "unreadable", 10_000),
        ([], "not_compared", 0),
    ],
)
def test_the_first_rule_that_applies_drafts(
    tables: Sequence[dict[str, Any]], rule: str, refund: int
) -> None:
    found = draft(a_comparison(*tables), total_minor=10_000, currency="CNY")
    assert (found.rule.code, found.refund_minor) == (rule, refund)


def test_nothing_is_drafted_about_rights_and_all_comes_back_where_nothing_was_delivered() -> None:
    worst = a_comparison(a_table(UNREADABLE))
    rights = draft(worst, total_minor=5, currency="CNY", objections=["rights_doubtful"])
    nothing = draft(None, total_minor=5, currency="CNY", is_delivered=False)
    assert (rights.rule.code, rights.proposal, rights.refund_minor) == (
        "rights_challenged",
        "nothing",
        0,
    )
    assert (nothing.rule.code, nothing.refund_minor) == ("not_delivered", 5)
    assert nothing.document()["share"] == "1/1"


CLAIMS = some.builds(
    a_claim,
    some.sampled_from([claim.value for claim in Claim]),
    some.sampled_from([verdict.value for verdict in Verdict]),
    some.sampled_from(COLUMNS),
    promised=some.integers(1, 100).map(str),
    found=some.integers(0, 200).map(str),
)


@given(some.lists(some.lists(CLAIMS, max_size=8), max_size=4), some.integers(0, 10**12))
def test_a_refund_never_exceeds_the_price_and_one_more_broken_claim_never_lowers_it(
    tables: list[list[dict[str, Any]]], total: int
) -> None:
    comparison = a_comparison(*(a_table(*claims) for claims in tables))
    found = draft(comparison, total_minor=total, currency="CNY")
    assert 0 <= found.refund_minor <= total
    assert 0 <= broken_share(comparison) <= 1
    worse = a_comparison(*(a_table(*claims, *WRONG) for claims in tables))
    assert broken_share(worse) >= broken_share(comparison)
    assert found.share >= 0 if tables else found.share == Fraction(0)


def test_every_claim_has_a_weight_and_the_last_rule_always_applies() -> None:
    assert {claim for weight in WEIGHTS for claim in weight.claims} == set(Claim)
    assert RULES[-1].code == "all_kept"
