"""Screens for bid rings: silent on independent bidders, loud on the recorded procurement."""

import csv
from fractions import Fraction
from random import Random
from statistics import stdev

import pytest

from pricing.exact import BadValue
from pricing.mechanisms.screens import (
    Contest,
    Missing,
    clustering,
    cover,
    missing_near,
    rotations,
)
from tests.sets import Sets, each_set

RECORDED = "auction_procurement/sealed_bids.csv"


def independent(count: int, seed: int) -> list[Contest]:
    """Contests among bidders who know nothing of each other."""
    random = Random(seed)  # noqa: S311 - no secret
    contests = []
    for number in range(count):
        bids = {name: random.randrange(80_000, 100_001) for name in "abcd"}
        winner = min(bids, key=lambda name: bids[name])
        contests.append(Contest(str(number), bids, winner, 100_000, 80_000))
    return contests


def recorded(sets: Sets) -> list[Contest]:
    by_auction: dict[str, list[dict[str, str]]] = {}
    with (sets.data / RECORDED).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["bid"]:
                by_auction.setdefault(row["pid"], []).append(row)
    ordered = sorted(by_auction.items(), key=lambda item: (item[1][0]["date"], int(item[0])))
    return [
        Contest(
            reference=pid,
            bids={row["bidder"]: int(float(row["bid"])) for row in rows},
            winner=next((row["bidder"] for row in rows if row["winner"] == "1"), None),
            reserve=int(float(rows[0]["reserveprice"])),
            floor=int(float(rows[0]["minprice"])) if rows[0]["minprice"] else None,
        )
        for pid, rows in ordered
    ]


@pytest.mark.parametrize("seed", range(5))
def test_independent_bidders_are_not_found(seed: int) -> None:
    contests = independent(600, seed)
    missing = missing_near(contests)
    assert missing.p_value > 0.01
    assert rotations(contests) == []
    assert clustering(contests).p_value > 0.01


@each_set
def test_in_the_recorded_procurement_bids_near_the_winner_are_missing(sets: Sets) -> None:
    missing = missing_near(recorded(sets))
    assert (missing.near_count, missing.expected) == sets.expects(
        excerpt=(4, 8.0), whole=(139, 392.0)
    )
    assert missing.p_value < sets.expects(excerpt=0.16, whole=1e-9)


@each_set
def test_in_the_recorded_procurement_bids_gather_at_the_floor_by_no_more_than_chance(
    sets: Sets,
) -> None:
    found = clustering(recorded(sets))
    assert (found.just_above, found.next_above) == sets.expects(excerpt=(4, 5), whole=(37, 42))
    assert found.p_value > 0.5


def test_two_who_take_turns_are_found() -> None:
    turns = [
        Contest(str(number), {"ann": 90 + number % 2, "bob": 91 - number % 2}, winner, 100)
        for number, winner in enumerate(["ann", "bob"] * 8)
    ]
    (found,) = rotations(turns)
    assert (found.first, found.second, found.first_wins, found.second_wins) == ("ann", "bob", 8, 8)
    assert (found.runs, found.expected_runs) == (16, 9.0)
    assert found.p_value < 0.001


def test_one_who_always_wins_takes_no_turns() -> None:
    contests = [Contest(str(n), {"ann": 90, "bob": 91}, "ann", 100) for n in range(20)]
    assert rotations(contests) == []


def test_too_few_meetings_say_nothing() -> None:
    contests = [
        Contest(str(n), {"ann": 90, "bob": 91}, winner, 100)
        for n, winner in enumerate(["ann", "bob"] * 3)
    ]
    assert rotations(contests) == []


def test_a_cover_bid_shows_in_the_distance() -> None:
    found = cover(Contest("1", {"ann": 80, "bob": 98, "cid": 99, "dan": 100}, "ann", 100))
    assert found is not None
    assert found.distance == pytest.approx(18.0)
    assert cover(Contest("2", {"ann": 80, "bob": 98}, "ann", 100)) is None


def test_the_distance_is_that_of_who_won() -> None:
    bids = {"ann": 80, "bob": 98, "cid": 99, "dan": 100}
    # The lowest bid was not eligible.
    found = cover(Contest("1", bids, "bob", 100))
    assert found is not None
    assert found.distance == pytest.approx(18 / stdev([80, 99, 100]))
    nobody = cover(Contest("1", bids, None, 100))
    assert nobody is not None
    assert nobody.distance is None


@pytest.mark.parametrize("meetings_min", [1, 2])
def test_of_a_single_meeting_nothing_can_be_said(meetings_min: int) -> None:
    once = [Contest("1", {"ann": 90, "bob": 91}, "ann", 100)]
    assert rotations(once, meetings_min=meetings_min) == []
    (alone,) = rotations(once, meetings_min=1, p_max=1.0)
    assert (alone.runs, alone.p_value) == (1, 1.0)


def test_a_pair_meets_at_least_once() -> None:
    with pytest.raises(BadValue, match="meetings_min is 0; accepted is a whole number from 1"):
        rotations([], meetings_min=0)


def test_bids_that_are_all_the_same_have_no_distance() -> None:
    found = cover(Contest("1", {"ann": 90, "bob": 90, "cid": 90}, "ann", 100))
    assert found is not None
    assert (found.variation, found.distance) == (0.0, None)


def test_a_sale_is_mirrored() -> None:
    low = Contest("1", {"ann": 100, "bob": 101}, "ann", 1000)
    high = Contest("1", {"ann": 101, "bob": 100}, "ann", 1000, lowest_wins=False)
    near = Fraction(2, 1000)
    assert missing_near([low], near=near) == missing_near([high], near=near)
    assert missing_near([low], near=near).near_count == 2


def test_nothing_to_look_at_is_no_finding() -> None:
    assert missing_near([]) == Missing(0, 0.0, 0, 1.0)
    assert clustering([]).p_value == 1.0
    assert rotations([]) == []
