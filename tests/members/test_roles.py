"""Roles are given with a reason, count only while they should, and end at once."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.models import Membership, MembershipRole, Organisation
from exchange.audit.models import Record
from exchange.core.lifecycle import ReasonMissing
from exchange.core.refusals import NotAllowed, NotFound
from exchange.members import policy, proposals, team
from exchange.members.lifecycle import AdmissionTransition, Standing
from exchange.members.models import RoleGrant
from exchange.members.roles import Kind, Role
from exchange.members.team import team as team_of
from tests.factories import accounts
from tests.factories.members import NOON, Exchange, a_role, acting, an_exchange, minutes

pytestmark = pytest.mark.django_db


@pytest.fixture
def exchange() -> Exchange:
    return an_exchange()


@pytest.fixture
def seller(exchange: Exchange) -> Organisation:
    organisation = accounts.an_organisation(name="Seller")
    exchange.admit(organisation, Kind.SELLER)
    return organisation


def test_a_role_counts_from_its_grant_until_its_end(seller: Organisation) -> None:
    person = accounts.a_member(seller)
    grant = a_role(seller, person, Role.DATA_OWNER)
    assert acting(person, seller).roles == {Role.DATA_OWNER}
    team.revoke_role(
        actor=acting(accounts.owner_of(seller), seller),
        grant_id=grant.public_id,
        reason="Another task.",
        now=NOON + minutes(20),
    )
    assert acting(person, seller).roles == frozenset()
    assert list(
        Record.objects.filter(subject=f"role:{grant.public_id}")
        .order_by("id")
        .values_list("event", flat=True)
    ) == ["members.role.granted", "members.role.revoked"]
    with pytest.raises(team.RoleEnded):
        team.revoke_role(
            actor=acting(accounts.owner_of(seller), seller),
            grant_id=grant.public_id,
            reason="Twice.",
            now=NOON + minutes(21),
        )


def test_a_role_given_twice_or_without_a_reason_is_refused(seller: Organisation) -> None:
    person = accounts.a_member(seller)
    a_role(seller, person, Role.DATA_OWNER)
    with pytest.raises(team.RoleHeld):
        a_role(seller, person, Role.DATA_OWNER)
    with pytest.raises(ReasonMissing):
        team.grant_role(
            actor=acting(accounts.owner_of(seller), seller),
            user_id=person.public_id,
            role=Role.FINANCE,
            reason="  ",
            now=NOON + minutes(11),
        )
    assert RoleGrant.objects.filter(user=person).count() == 1


def test_conflicting_roles_are_refused_with_the_reason(seller: Organisation) -> None:
    person = accounts.a_member(seller)
    a_role(seller, person, Role.DATA_OWNER)
    with pytest.raises(team.RolesConflict) as refusal:
        a_role(seller, person, Role.COMMITTEE)
    assert str(refusal.value) == "A data owner does not approve the price of its own data."
    assert refusal.value.facts == {"role": "committee", "held": "data_owner"}
    assert acting(person, seller).roles == {Role.DATA_OWNER}


def test_an_operator_takes_no_trading_role_in_another_organisation(
    exchange: Exchange, seller: Organisation
) -> None:
    accounts.a_member(seller, user=exchange.first)
    with pytest.raises(team.RolesConflict) as refusal:
        a_role(seller, exchange.first, Role.DATA_OWNER)
    assert refusal.value.facts == {"role": "data_owner", "held": "operator"}


def test_a_role_that_the_organisation_is_not_qualified_for_is_refused(
    seller: Organisation,
) -> None:
    with pytest.raises(team.RoleNotQualified) as refusal:
        a_role(seller, accounts.a_member(seller), Role.BUYER_AGENT)
    assert refusal.value.facts == {"qualifications": ["buyer", "data_dealer"]}


def test_strangers_and_plain_members_give_no_roles(
    exchange: Exchange, seller: Organisation
) -> None:
    person = accounts.a_member(seller)
    other = accounts.an_organisation()
    exchange.admit(other, Kind.SELLER)
    stranger = acting(accounts.owner_of(other), other)
    for actor, expected in ((stranger, NotFound), (acting(person, seller), NotAllowed)):
        with pytest.raises(expected):
            team.grant_role(
                actor=actor,
                user_id=person.public_id,
                role=Role.FINANCE,
                reason="Please.",
                now=NOON + minutes(11),
            )
    assert not RoleGrant.objects.filter(user=person).exists()
    grant = a_role(seller, person, Role.FINANCE)
    with pytest.raises(NotFound):
        team.revoke_role(
            actor=stranger, grant_id=grant.public_id, reason="Mine.", now=NOON + minutes(12)
        )


def test_operators_are_appointed_by_operators_and_never_by_themselves(
    exchange: Exchange,
) -> None:
    house = exchange.organisation
    third = accounts.a_member(house, role=MembershipRole.OWNER)
    with pytest.raises(NotAllowed) as refusal:
        team.grant_role(
            actor=acting(third, house),
            user_id=third.public_id,
            role=Role.OPERATOR,
            reason="I want to.",
            now=NOON + minutes(11),
        )
    assert refusal.value.facts["reason"] == "role_needed"
    a_role(house, third, Role.OPERATOR)
    assert acting(third, house).roles == {Role.OPERATOR}
    own = RoleGrant.objects.get(user=exchange.second)
    with pytest.raises(NotAllowed) as refusal:
        team.revoke_role(
            actor=exchange.approver, grant_id=own.public_id, reason="Rest.", now=NOON + minutes(12)
        )
    assert refusal.value.facts["reason"] == "own_making"


def test_two_operators_remain_whatever_happens(exchange: Exchange) -> None:
    other = RoleGrant.objects.get(user=exchange.second)
    with pytest.raises(team.OperatorsTooFew):
        team.revoke_role(
            actor=exchange.proposer,
            grant_id=other.public_id,
            reason="Too many?",
            now=NOON + minutes(12),
        )
    other.refresh_from_db()
    assert other.valid_until is None


def test_a_role_ends_with_the_membership_and_does_not_come_back_with_it(
    seller: Organisation, settings: Any
) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    person = accounts.a_member(seller)
    a_role(seller, person, Role.FINANCE)
    assert policy.requires_second_factor(person)
    Membership.objects.filter(user=person, organisation=seller).delete()
    left = acting(person, seller)
    assert (left.organisation_id, left.roles) == (None, frozenset())
    assert not policy.requires_second_factor(person)
    Membership.objects.create(
        user=person, organisation=seller, joined_at=NOON + minutes(30), role="member"
    )
    back = acting(person, seller)
    assert (back.organisation_id, back.roles) == (seller.pk, frozenset())


def test_a_role_stops_counting_when_its_qualification_ends(
    exchange: Exchange, seller: Organisation
) -> None:
    person = accounts.a_member(seller)
    a_role(seller, person, Role.DATA_OWNER)
    proposal = proposals.propose(
        seller.admissions.get().public_id,
        transition=AdmissionTransition.REQUALIFY,
        actor=exchange.proposer,
        kinds=[Kind.BUYER],
        reason="It sells no more.",
        now=NOON + minutes(20),
    )
    exchange.approve(proposal, now=NOON + minutes(21))
    actor = acting(person, seller)
    assert actor.kinds == {Kind.BUYER}
    assert actor.roles == frozenset()


def test_what_somebody_is_takes_one_query(
    seller: Organisation, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    person = accounts.a_member(seller)
    a_role(seller, person, Role.DATA_OWNER)
    a_role(seller, person, Role.FINANCE)
    with django_assert_num_queries(1):
        actor = acting(person, seller)
    assert actor.roles == {Role.DATA_OWNER, Role.FINANCE}
    assert (actor.standing, actor.membership) == (Standing.ACTIVE, MembershipRole.MEMBER)


def test_the_teams_page_says_why_a_role_cannot_be_given(
    seller: Organisation, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    person = accounts.a_member(seller)
    a_role(seller, person, Role.DATA_OWNER)
    with django_assert_num_queries(3):
        mates = team_of(organisation_id=seller.pk, at=NOON + minutes(60))
    mate = next(mate for mate in mates if mate.user_id == person.pk)
    assert [grant.role for grant in mate.grants] == [Role.DATA_OWNER]
    assert {choice.role: choice.obstacle for choice in mate.choices} == {
        Role.DATA_OPERATOR: "",
        Role.SECURITY_OFFICER: "",
        Role.LEGAL_OFFICER: "",
        Role.FINANCE: "",
        Role.COMMITTEE: "A data owner does not approve the price of its own data.",
    }


def test_who_needs_a_second_factor(exchange: Exchange, seller: Organisation, settings: Any) -> None:
    """Case M4: owners give roles and make keys."""
    settings.SECOND_FACTOR_REQUIRED = True
    plain = accounts.a_member(seller)
    a_role(seller, plain, Role.DATA_OWNER)
    assert policy.requires_second_factor(exchange.first)
    assert not policy.requires_second_factor(plain)
    assert policy.requires_second_factor(accounts.owner_of(seller))
    admin = accounts.a_member(seller, role=MembershipRole.ADMIN)
    assert policy.requires_second_factor(admin)


def test_the_database_refuses_an_end_without_somebody(seller: Organisation) -> None:
    grant = a_role(seller, accounts.a_member(seller), Role.FINANCE)
    with (
        pytest.raises(IntegrityError, match="role_ends_by_somebody"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE members_rolegrant SET valid_until = now() + interval '1 day' WHERE id = %s",
            [grant.pk],
        )
