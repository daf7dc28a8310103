"""State-asset sales under real threads: one bidder once, one winner, no bid after the end."""

import pytest

from exchange.asset_sales import bidders
from exchange.asset_sales.lifecycle import AssetSaleState, Standing
from exchange.asset_sales.models import AssetSale, Bidder
from exchange.journeys.scheduled import run_asset_sales
from exchange.orders.models import Order
from exchange.payments.models import Deposit
from tests.factories.asset_sales import YUAN, StateHouse, a_state_house, at_end
from tests.factories.orders import DAY
from tests.factories.payments import books_are_sound
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
    asset_sale = house.filed()
    running = house.announce(asset_sale, 1_000_000)
    for name in ("Rail", "Farm"):
        house.examine(house.register(name, running, 1_000_000))
    moment = at_end(asset_sale)
    assert asset_sale.due_at
    end = asset_sale.due_at
    outcomes = at_once(
        lambda: bidders.bid(
            running.public_id, actor=house.buyer("Farm"),
            amount_minor=1_300_000 * YUAN, now=moment,
        ),
        lambda: run_asset_sales(now=end),
    )  # fmt: skip
    asset_sale.refresh_from_db()
    assert asset_sale.state == AssetSaleState.WON
    assert asset_sale.winner is not None
    assert (asset_sale.winner.name == "Farm") == (outcomes[0] == "done")


def test_two_sweeps_conclude_once(house: StateHouse) -> None:
    asset_sale = house.filed()
    running = house.announce(asset_sale, 1_000_000, deposit_yuan=100_000)
    for name in ("Rail", "Farm"):
        house.examine(house.register(name, running, 1_000_000))
    moment = at_end(at_bidding(asset_sale))
    house.publish(asset_sale, at=moment)
    asset_sale.refresh_from_db()
    assert asset_sale.due_at
    end = asset_sale.due_at
    sweeps = [lambda: run_asset_sales(now=end)] * 3
    at_once(*sweeps)
    asset_sale.refresh_from_db()
    assert Order.objects.count() == 1
    assert asset_sale.state == AssetSaleState.CERTIFIED
    assert Bidder.objects.filter(standing=Standing.QUALIFIED).count() == 2
    assert books_are_sound()


def at_bidding(asset_sale: AssetSale) -> AssetSale:
    at_end(asset_sale)
    assert asset_sale.state == AssetSaleState.BIDDING
    return asset_sale


def test_a_bidder_is_decided_once(house: StateHouse) -> None:
    bidder = house.register("Rail", house.announce(house.filed(), 1_000_000), 1_000_000, at=DAY)
    outcomes = at_once(
        lambda: house.examine(bidder), lambda: house.examine(bidder, Standing.REJECTED)
    )
    assert sorted(outcomes) == ["asset_sale_bidder_decided", "done"]
