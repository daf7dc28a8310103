"""State-asset sales under real threads: one bidder once, one winner, no bid after the end."""

import pytest

from exchange.disposals.models import Bidder, Disposal
from exchange.disposals.states import DisposalState, Standing
from exchange.flows import disposal_bids, disposal_clock
from exchange.settlement.models import Deposit
from exchange.trading.models import Order
from tests.factories.disposals import YUAN, StateHouse, a_state_house, at_end
from tests.factories.settlement import books_are_sound
from tests.factories.trading import DAY
from tests.races.test_order_races import at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def house() -> StateHouse:
    return a_state_house()


def test_a_registration_sent_twice_is_one_bidder_and_one_deposit(house: StateHouse) -> None:
    running = house.announce(house.filed(), 1_000_000, deposit_yuan=100_000)
    house.buyer("Rail")
    outcomes = at_once(
        lambda: house.register("Rail", running, 1_000_000),
        lambda: house.register("Rail", running, 1_000_000),
    )
    assert outcomes == ["done", "done"]
    assert (Bidder.objects.count(), Deposit.objects.count()) == (1, 1)
    assert books_are_sound()


def test_a_bid_while_the_bidding_ends_counts_or_is_refused(house: StateHouse) -> None:
    disposal = house.filed()
    running = house.announce(disposal, 1_000_000)
    for name in ("Rail", "Farm"):
        house.examine(house.register(name, running, 1_000_000))
    moment = at_end(disposal)
    assert disposal.due_at
    end = disposal.due_at
    outcomes = at_once(
        lambda: disposal_bids.bid(
            actor=house.buyer("Farm"), announcement_id=running.public_id,
            amount_minor=1_300_000 * YUAN, now=moment,
        ),
        lambda: disposal_clock.tend(disposal.public_id, now=end),
    )  # fmt: skip
    disposal.refresh_from_db()
    assert disposal.state == DisposalState.WON
    assert disposal.winner is not None
    assert (disposal.winner.name == "Farm") == (outcomes[0] == "done")


def test_two_sweeps_conclude_once(house: StateHouse) -> None:
    disposal = house.filed()
    running = house.announce(disposal, 1_000_000, deposit_yuan=100_000)
    for name in ("Rail", "Farm"):
        house.examine(house.register(name, running, 1_000_000))
    moment = at_end(at_bidding(disposal))
    house.publish(disposal, at=moment)
    disposal.refresh_from_db()
    assert disposal.due_at
    end = disposal.due_at
    sweeps = [lambda: disposal_clock.tend(disposal.public_id, now=end)] * 3
    at_once(*sweeps)
    disposal.refresh_from_db()
    assert Order.objects.count() == 1
    assert disposal.state == DisposalState.CERTIFIED
    assert Bidder.objects.filter(standing=Standing.QUALIFIED).count() == 2
    assert books_are_sound()


def at_bidding(disposal: Disposal) -> Disposal:
    at_end(disposal)
    assert disposal.state == DisposalState.BIDDING
    return disposal


def test_a_bidder_is_decided_once(house: StateHouse) -> None:
    bidder = house.register("Rail", house.announce(house.filed(), 1_000_000), 1_000_000, at=DAY)
    outcomes = at_once(
        lambda: house.examine(bidder), lambda: house.examine(bidder, Standing.REJECTED)
    )
    assert sorted(outcomes) == ["disposal_bidder_decided", "done"]
