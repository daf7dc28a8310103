"""Which kind of auction fits, by three answers."""

from itertools import product as every

import pytest
from django.http import QueryDict

from exchange.auctions.lifecycle import LIVE, SINGLE, Kind
from exchange.web.auctions.advice import ADVICE, AIMS, LICENCES, SEEN, asked

ANSWERS = list(every(*([key for key, _words in row] for row in (LICENCES, SEEN, AIMS))))


def test_each_set_of_answers_has_its_row_and_two_kinds() -> None:
    assert sorted(ADVICE) == sorted(ANSWERS)
    for best, next_best, reason in ADVICE.values():
        assert best != next_best
        assert Kind.PROCUREMENT not in (best, next_best)
        assert str(reason).endswith(".")


@pytest.mark.parametrize("answers", ANSWERS)
def test_the_kind_sells_as_many_licences_as_were_asked_for(answers: tuple[str, str, str]) -> None:
    licences, seen, _aim = answers
    best = ADVICE[answers][0]
    if licences != "one":
        assert best not in SINGLE
    if seen == "sealed":
        assert best not in LIVE
    if licences == "one" and seen == "open":
        assert best in LIVE


@pytest.mark.parametrize(
    ("query", "kind", "next_best"),
    [
        ("licences=one&seen=open&aim=revenue", Kind.ENGLISH, Kind.DUTCH),
        ("licences=one&seen=sealed&aim=simple", Kind.SECOND_PRICE, Kind.FIRST_PRICE),
        ("licences=several&seen=sealed&aim=speed", Kind.UNIFORM_PRICE, Kind.DISCRIMINATORY),
        ("licences=bids&seen=sealed&aim=revenue", Kind.OPTIMAL_SINGLE_PRICE, Kind.LICENCES),
    ],
)
def test_three_answers_lead_to_one_kind_and_the_next_best(
    query: str, kind: Kind, next_best: Kind
) -> None:
    advice = asked(QueryDict(query)).advice()
    assert advice is not None
    assert (advice.best.kind, advice.next_best.kind) == (kind, next_best)


def test_until_all_three_are_answered_nothing_is_recommended() -> None:
    assert asked(QueryDict("")).advice() is None
    assert not asked(QueryDict("other=1")).is_bound
    missing = asked(QueryDict("licences=one&seen=open"))
    assert missing.advice() is None
    assert list(missing.errors) == ["aim"]
    assert asked(QueryDict("licences=no&seen=open&aim=speed")).advice() is None
