"""A person's account is taken out of use beside what the person does at the same moment."""

import pytest
from django.db import IntegrityError, transaction

from accounts import api_keys, memberships
from accounts.models import ApiKey, MembershipRole, User
from exchange.members import deactivation
from exchange.members.models import Deactivation
from exchange.members.permissions import SCOPES
from exchange.members.roles import Kind, Role
from tests.factories import accounts
from tests.factories.members import NOON, Exchange, a_role, acting, an_exchange, minutes
from tests.races.test_admission_races import at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
WHY = "The mailbox of this person was taken over."


def stop(exchange: Exchange, person: User, by: User, **said: bool) -> Deactivation:
    return deactivation.deactivate(
        person.public_id, actor=acting(by, exchange.organisation), reason=WHY,
        now=NOON + minutes(30), **said,
    )  # fmt: skip


@pytest.mark.parametrize("_round", range(3))
def test_a_key_made_at_the_same_moment_ends_or_is_not_made(_round: int) -> None:
    exchange = an_exchange()
    seller = accounts.an_organisation()
    exchange.admit(seller, Kind.SELLER)
    person = accounts.a_member(seller, role=MembershipRole.ADMIN)
    outcomes = at_once(
        lambda: stop(exchange, person, exchange.first),
        lambda: api_keys.create_key(
            organisation_id=seller.pk, name="Late", scopes=["members:read"], known_scopes=SCOPES,
            valid_days=9, maker=person, now=NOON + minutes(30),
        ),
    )  # fmt: skip
    assert outcomes in (["done", "done"], ["done", "organisation_not_found"])
    assert not ApiKey.objects.filter(created_by=person, revoked_at=None).exists()
    assert User.objects.get(pk=person.pk).is_active is False


def test_two_operators_who_take_each_other_out_leave_enough() -> None:
    exchange = an_exchange()
    third = accounts.a_member(exchange.organisation)
    a_role(exchange.organisation, third, Role.OPERATOR)
    outcomes = at_once(
        lambda: stop(exchange, exchange.second, exchange.first),
        lambda: stop(exchange, exchange.first, exchange.second, leaves_no_owner=True),
    )
    assert outcomes == ["done", "operators_too_few"]
    assert Deactivation.objects.count() == 1


def test_an_owner_who_leaves_while_the_other_is_taken_out_leaves_one() -> None:
    exchange = an_exchange()
    seller = accounts.an_organisation()
    exchange.admit(seller, Kind.SELLER)
    first, second = (
        accounts.owner_of(seller), accounts.a_member(seller, role=MembershipRole.OWNER),
    )  # fmt: skip
    outcomes = at_once(
        lambda: stop(exchange, first, exchange.first),
        lambda: memberships.remove_member(
            organisation_id=seller.pk, user_id=second.pk, actor=f"user:{second.public_id}",
            now=NOON + minutes(30),
        ),
    )  # fmt: skip
    assert outcomes in (["done", "last_owner"], ["done", "owner_alone"])
    owners = seller.memberships.filter(role=MembershipRole.OWNER, user__is_active=True)
    assert owners.count() == 1


def test_who_saves_a_profile_read_before_does_not_come_back() -> None:
    exchange = an_exchange()
    person = accounts.a_user()
    read_before = User.objects.get(pk=person.pk)
    stop(exchange, person, exchange.first)
    read_before.set_password("another correct horse")
    with pytest.raises(IntegrityError), transaction.atomic():
        read_before.save()
    assert User.objects.get(pk=person.pk).is_active is False
