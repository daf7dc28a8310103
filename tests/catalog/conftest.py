"""One founded exchange with a seller for the tests of the catalogue."""

import pytest

from tests.factories.catalog import Stall, a_stall


@pytest.fixture
def stall(db: None) -> Stall:
    return a_stall()
