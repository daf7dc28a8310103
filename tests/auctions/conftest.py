"""A house, and a clock that stands at DAY unless a test moves it."""

from collections.abc import Iterator

import pytest

from tests.factories.auctions import House, a_house, clock_at
from tests.factories.orders import DAY


@pytest.fixture
def house(db: None) -> House:
    return a_house()


@pytest.fixture(autouse=True)
def standing_clock(request: pytest.FixtureRequest) -> Iterator[None]:
    with clock_at(DAY):
        yield
