"""Who hears how the exchange decides on a bidder."""

import pytest

from exchange.asset_sales.lifecycle import Standing
from tests.factories.asset_sales import a_state_house
from tests.factories.notices import told

pytestmark = pytest.mark.django_db


def test_a_bidder_for_a_state_asset_hears_how_the_exchange_decided() -> None:
    house = a_state_house()
    running = house.announce(house.filed(), 1_000_000, deposit_yuan=300_000)
    house.examine(house.register("City Gas", running, 1_000_000))
    house.examine(house.register("Rail", running, 1_010_000), Standing.REJECTED)
    assert told("asset_sales.bidder.qualified") == ["City Gas"]
    assert told("asset_sales.bidder.rejected") == ["Rail"]
