"""Two at once, on a real PostgreSQL, each in a thread of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from accounts import invitations, memberships, organisations
from accounts.authority import actor_of
from accounts.invitations import AlreadyMember, InvitationClosed
from accounts.memberships import LastOwner
from accounts.models import Membership, MembershipRole, Organisation
from accounts.organisations import CreditCodeTaken, Profile
from accounts.refusals import AccountRefusal
from accounts.sealing import invitation_token
from tests.factories.accounts import (
    NOON,
    a_credit_code,
    a_member,
    a_user,
    an_organisation,
    owner_of,
)

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
ROUNDS = 5


def at_once(*deeds: Callable[[], object]) -> list[type | None]:
    """Begin all deeds at the same moment; what each was refused with, or None."""
    start = Barrier(len(deeds))

    def run(deed: Callable[[], Any]) -> type | None:
        try:
            start.wait(timeout=10)
            deed()
        except AccountRefusal as refusal:
            return type(refusal)
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(len(deeds)) as threads:
        return list(threads.map(run, deeds))


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_two_owners_who_leave_at_once_one_stays(_round: int) -> None:
    organisation = an_organisation()
    owners = [owner_of(organisation), a_member(organisation, role=MembershipRole.OWNER)]

    def leave(number: int) -> Callable[[], object]:
        return lambda: memberships.remove_member(
            organisation_id=organisation.pk,
            user_id=owners[number].pk,
            actor=actor_of(owners[number]),
            now=NOON,
        )

    outcomes = at_once(leave(0), leave(1))
    assert sorted(map(str, outcomes)) == sorted(map(str, [None, LastOwner]))
    assert organisation.memberships.filter(role=MembershipRole.OWNER).count() == 1


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_the_guard_holds_for_two_who_go_around_the_actions(_round: int) -> None:
    organisation = an_organisation()
    a_member(organisation, role=MembershipRole.OWNER)
    first, second = organisation.memberships.order_by("pk").values_list("pk", flat=True)

    def delete(pk: int) -> Callable[[], object]:
        def deed() -> None:
            try:
                Membership.objects.filter(pk=pk).delete()
            except Exception as error:
                raise LastOwner(str(error)) from error

        return deed

    outcomes = at_once(delete(first), delete(second))
    assert sorted(map(str, outcomes)) == sorted(map(str, [None, LastOwner]))
    assert organisation.memberships.count() == 1


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_an_invitation_is_accepted_once_by_two_clicks(_round: int) -> None:
    organisation = an_organisation()
    invitation = invitations.invite(
        organisation_id=organisation.pk,
        email="new@example.com",
        role="member",
        language="en",
        actor=actor_of(owner_of(organisation)),
        now=NOON,
    )
    person = a_user("new@example.com")
    token = invitation_token(invitation.public_id)

    def accept() -> object:
        return invitations.accept(token=token, user=person, now=NOON)

    def decline() -> object:
        return invitations.decline(token=token, user=person, now=NOON)

    outcomes = at_once(accept, accept, decline)
    assert outcomes.count(None) == 1
    assert set(outcomes) - {None} <= {InvitationClosed, AlreadyMember}
    invitation.refresh_from_db()
    is_member = organisation.memberships.filter(user=person).exists()
    assert is_member is (invitation.outcome == "accepted")


def test_of_two_with_one_credit_code_one_is_registered() -> None:
    code = a_credit_code()
    profile = Profile(name="Sun Data", kind="private", credit_code=code)

    def register() -> object:
        return organisations.create_organisation(profile=profile, owner=a_user(), now=NOON)

    outcomes = at_once(register, register)
    assert sorted(map(str, outcomes)) == sorted(map(str, [None, CreditCodeTaken]))
    assert Organisation.objects.filter(credit_code=code).count() == 1
