"""An exchange with its operators and a regulator, and browsers in which they are signed in."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from exchange.members.roles import Kind, Role
from tests.factories import accounts, members
from tests.factories.members import Exchange

SignedIn = Callable[[User], Client]


@pytest.fixture
def exchange(settings: Any) -> Exchange:
    settings.SECOND_FACTOR_REQUIRED = False
    return members.an_exchange()


@pytest.fixture
def signed_in() -> SignedIn:
    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def operator(exchange: Exchange, signed_in: SignedIn) -> Client:
    return signed_in(exchange.first)


@pytest.fixture
def second_operator(exchange: Exchange, signed_in: SignedIn) -> Client:
    return signed_in(exchange.second)


@pytest.fixture
def regulator(exchange: Exchange, signed_in: SignedIn) -> Client:
    bureau = accounts.an_organisation(name="The bureau", kind="public_body")
    exchange.admit(bureau, Kind.REGULATOR)
    reader = accounts.a_member(bureau, user=accounts.a_user(name="Reader"))
    members.a_role(bureau, reader, Role.REGULATOR)
    return signed_in(reader)
