from collections.abc import Callable
from uuid import UUID

import pytest

from tests.factories.ledger_clock import age_hold


@pytest.fixture
def age() -> Callable[[UUID], None]:
    return age_hold
