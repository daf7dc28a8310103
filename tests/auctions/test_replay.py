"""Recorded winners, ties and auctions without a winner come out of the rooms as they were."""

from itertools import islice

from tests.auctions.replay import FILE, Replay, read, remarkable
from tests.factories.auctions import House
from tests.sets import Sets, each_set

OTHERS = 12


@each_set
def test_real_bids_through_the_rooms_find_the_recorded_winners(sets: Sets, house: House) -> None:
    auctions = read(sets.data / FILE)
    chosen = remarkable(auctions)
    chosen += list(islice((pid for pid in auctions if pid not in set(chosen)), OTHERS))
    outcomes = Replay(house).run({pid: auctions[pid] for pid in chosen})
    bids = outcomes.pop("bids")
    assert bids == sum(bool(row["bid"]) for pid in chosen for row in auctions[pid])
    assert outcomes == sets.expects(
        excerpt={
            "auctions": 5 + OTHERS,
            "agree": 2 + OTHERS,
            "tied": 2,
            "without a recorded winner": 1,
            "a lower bid passed over by the record": 2,
        },
        whole={
            "auctions": 21 + OTHERS,
            "agree": 8 + OTHERS,
            "tied": 9,
            "without a recorded winner": 3,
            "a lower bid passed over by the record": 10,
        },
    )
