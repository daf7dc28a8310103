"""An exchange with its operators and a regulator, and browsers in which they are signed in."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from exchange.members.models import ApprovalRequest
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


def approve_newest(client: Client) -> None:
    """Approve, as who is signed in, what was asked for last."""
    asked = ApprovalRequest.objects.order_by("-pk")[0]
    address = reverse("console:members_approvalrequest_approve", args=[asked.pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {"csrfmiddlewaretoken": "none"}).status_code == 302
    asked.refresh_from_db()
    assert asked.decision == "approved"


@pytest.fixture
def operator(exchange: Exchange, signed_in: SignedIn) -> Client:
    return signed_in(exchange.first)


@pytest.fixture
def second_operator(exchange: Exchange, signed_in: SignedIn) -> Client:
    return signed_in(exchange.second)


@pytest.fixture
def rule_keeper(exchange: Exchange, signed_in: SignedIn) -> Client:
    return signed_in(exchange.staff(Role.RULE_KEEPER, 1))


@pytest.fixture
def second_rule_keeper(exchange: Exchange, signed_in: SignedIn) -> Client:
    return signed_in(exchange.staff(Role.RULE_KEEPER, 2))


@pytest.fixture
def regulator(exchange: Exchange, signed_in: SignedIn) -> Client:
    bureau = accounts.an_organisation(name="The bureau", kind="public_body")
    exchange.admit(bureau, Kind.REGULATOR)
    reader = accounts.a_member(bureau, user=accounts.a_user(name="Reader"))
    members.a_role(bureau, reader, Role.REGULATOR)
    return signed_in(reader)
