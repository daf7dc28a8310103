from collections.abc import Callable
from uuid import UUID

import pytest

from exchange.ledger.models import Account
from tests.factories.ledger import clearing, fund, wallet
from tests.factories.ledger_clock import age_hold


@pytest.fixture
def age() -> Callable[[UUID], None]:
    return age_hold


@pytest.fixture
def buyer(db: None) -> Account:
    clearing()
    account = wallet()
    fund(account, 100)
    return account
