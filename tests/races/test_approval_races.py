"""Two people at the same act: it is done once, and joining and being appointed exclude each other."""

from collections.abc import Callable

import pytest

from accounts import invitations
from accounts.sealing import invitation_token
from exchange.members import approvals, team
from exchange.members.actors import Actor
from exchange.members.models import RoleGrant
from exchange.members.roles import Role
from exchange.payments import by_hand
from exchange.payments.bank import BankLine
from exchange.payments.models import IncomingTransfer
from pricing.money import Money
from tests.factories import accounts
from tests.factories.members import NOON, acting, an_exchange, minutes
from tests.races.test_admission_races import at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def test_two_approve_at_once_and_the_money_is_entered_once() -> None:
    exchange = an_exchange()
    line = BankLine("B-1", NOON.date(), Money(500, "CNY"), "City Gas", "")
    first = exchange.acting_as(Role.EXCHANGE_FINANCE)
    request = by_hand.ask_to_enter(line, actor=first, now=NOON + minutes(20)).public_id
    seconds = [exchange.acting_as(Role.EXCHANGE_FINANCE, number) for number in (2, 3)]

    def approve(actor: Actor) -> Callable[[], object]:
        return lambda: approvals.approve(request, actor=actor, now=NOON + minutes(30))

    assert at_once(*(approve(actor) for actor in seconds)) == ["done", "illegal_transition"]
    assert IncomingTransfer.objects.count() == 1


def test_two_ask_for_the_same_at_once_and_one_request_waits() -> None:
    exchange = an_exchange()
    line = BankLine("B-1", NOON.date(), Money(500, "CNY"), "City Gas", "")
    asking = [exchange.acting_as(Role.EXCHANGE_FINANCE, number) for number in (1, 2)]

    def ask(actor: Actor) -> Callable[[], object]:
        return lambda: by_hand.ask_to_enter(line, actor=actor, now=NOON + minutes(20))

    assert at_once(*(ask(actor) for actor in asking)) == ["approval_open", "done"]


def test_joining_a_member_and_being_appointed_at_once_leave_one_of_the_two() -> None:
    exchange = an_exchange()
    house = accounts.an_organisation()
    person = accounts.a_member(exchange.organisation)
    invitation = invitations.invite(
        organisation_id=house.pk, email=person.email, role="member", language="en",
        actor="system:test", now=NOON,
    )  # fmt: skip
    token = invitation_token(invitation.public_id)
    now = NOON + minutes(20)
    asked = team.ask_for_staff(
        actor=exchange.proposer,
        user_id=person.public_id,
        role=Role.SUPPORT,
        reason="Work.",
        now=now,
    )
    outcomes = at_once(
        lambda: invitations.accept(token=token, user=person, now=now),
        lambda: approvals.approve(
            asked.public_id, actor=acting(exchange.second, exchange.organisation), now=now
        ),
    )
    assert outcomes in (["done", "may_not_join"], ["done", "member_elsewhere"])
    is_staff = RoleGrant.objects.filter(user=person, role=Role.SUPPORT).exists()
    assert is_staff != house.memberships.filter(user=person).exists()
