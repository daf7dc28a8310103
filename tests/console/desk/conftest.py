"""A seller with its people at the desk, and another one."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Organisation, User
from exchange.members.actors import person_of
from exchange.members.roles import Kind
from tests.factories import accounts
from tests.factories.catalog import Stall, a_stall
from tests.factories.orders import Market, a_market
from tests.web.buyers import browser


@pytest.fixture
def stall(db: None, settings: Any) -> Stall:
    settings.SECOND_FACTOR_REQUIRED = False
    return a_stall()


@pytest.fixture
def seller(stall: Stall) -> Client:
    """Who may offer the seller's data."""
    return browser(User.objects.get(pk=person_of(stall.selling)), stall.seller)


@pytest.fixture
def colleague(stall: Stall) -> Client:
    """A member of the seller without any role."""
    return browser(accounts.a_member(stall.seller), stall.seller)


@pytest.fixture
def rival(stall: Stall) -> Organisation:
    """Another seller."""
    other = accounts.an_organisation(name="Grid Data")
    stall.exchange.admit(other, Kind.SELLER)
    return other


@pytest.fixture
def market(settings: Any) -> Market:
    settings.SECOND_FACTOR_REQUIRED = False
    return a_market()


@pytest.fixture
def owner(market: Market) -> Client:
    return browser(accounts.owner_of(market.seller), market.seller)


@pytest.fixture
def competitor(market: Market) -> Organisation:
    """Another seller of the market."""
    other = accounts.an_organisation(name="Grid Data")
    market.exchange.admit(other, Kind.SELLER)
    return other
