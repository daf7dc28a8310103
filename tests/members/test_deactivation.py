"""A person's account is taken out of use by one operator, at once, and brought back by two."""

import json
from collections.abc import Callable

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client

from accounts import api_keys, memberships
from accounts.models import ApiKey, MembershipRole, Organisation, User
from accounts.refusals import NotAMember
from exchange.audit.models import Record
from exchange.core.lifecycle import ReasonMissing
from exchange.core.refusals import NotAllowed, NotFound
from exchange.jobs import runner
from exchange.members import approvals, deactivation, proposals, relations, team
from exchange.members.lifecycle import AdmissionTransition, Use
from exchange.members.models import Deactivation
from exchange.members.models.relations import TieKind
from exchange.members.permissions import SCOPES
from exchange.members.roles import Kind, Role
from exchange.notices.models import Notice
from tests.factories import accounts
from tests.factories.members import NOON, Exchange, a_role, acting, an_exchange, minutes

pytestmark = pytest.mark.django_db
WHY = "The mailbox of this person was taken over."


@pytest.fixture
def exchange() -> Exchange:
    return an_exchange()


@pytest.fixture
def seller(exchange: Exchange) -> Organisation:
    organisation = accounts.an_organisation(name="Seller")
    exchange.admit(organisation, Kind.SELLER)
    return organisation


def stop(exchange: Exchange, person: User, **said: bool) -> Deactivation:
    return deactivation.deactivate(
        person.public_id, actor=exchange.proposer, reason=WHY, now=NOON + minutes(30), **said
    )


def bring_back(exchange: Exchange, person: User) -> None:
    request = deactivation.ask_to_restore(
        person.public_id,
        actor=exchange.proposer,
        reason="It was a mistake.",
        now=NOON + minutes(40),
    )
    approvals.approve(request.public_id, actor=exchange.approver, now=NOON + minutes(41))


def test_sessions_and_keys_end_at_once_and_the_log_says_who_did_it(
    exchange: Exchange, seller: Organisation
) -> None:
    owner, person = accounts.owner_of(seller), accounts.a_member(seller, role=MembershipRole.ADMIN)
    key = accounts.an_api_key(seller)
    ApiKey.objects.filter(pk=key.key.pk).update(created_by=person)
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/profile/").status_code == 200
    stopped = stop(exchange, person)
    assert client.get("/profile/").status_code == 302
    with pytest.raises(api_keys.KeyRevoked):
        api_keys.authenticate(secret=key.secret, now=NOON + minutes(31))
    person.refresh_from_db()
    assert (person.is_active, stopped.state, stopped.by) == (False, Use.OUT, exchange.first)
    assert acting(person, seller).organisation_id is None
    record = Record.objects.get(event="members.person.deactivated")
    assert record.actor == f"user:{exchange.first.public_id}"
    assert json.loads(bytes(record.canonical))["facts"] == {
        "deactivation": stopped.public_id,
        "revoked_keys": [key.key.public_id],
        "user": person.public_id,
    }
    told = Notice.objects.get(kind="members.person.deactivated")
    assert (told.user, told.facts["person"], told.facts["reason"]) == (owner, str(person), WHY)


def test_the_person_reads_why_by_mail_though_nobody_else_out_of_use_does(
    transactional_db: None,
) -> None:
    exchange = an_exchange()
    person = accounts.a_member(accounts.an_organisation())
    stop(exchange, person)
    runner.drain(worker="test", limit=50)
    mine = [one for one in mail.outbox if one.to == [person.email]]
    assert len(mine) == 1
    assert WHY in str(mine[0].body)
    assert Notice.objects.get(user=person).kind == "members.account.deactivated"


def test_two_bring_it_back_and_what_had_ended_stays_ended(
    exchange: Exchange, seller: Organisation
) -> None:
    person = accounts.a_member(seller)
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    stop(exchange, person)
    request = deactivation.ask_to_restore(
        person.public_id, actor=exchange.proposer, reason="A mistake.", now=NOON + minutes(40)
    )
    with pytest.raises(NotAllowed) as own:
        approvals.approve(request.public_id, actor=exchange.proposer, now=NOON + minutes(41))
    assert own.value.facts["reason"] == "own_making"
    with pytest.raises(NotAllowed) as alone:
        deactivation.restore(
            person.public_id, actor=exchange.approver, reason="Alone.", now=NOON + minutes(41)
        )
    assert alone.value.facts["reason"] == "second_person_needed"
    assert User.objects.get(pk=person.pk).is_active is False
    approvals.approve(request.public_id, actor=exchange.approver, now=NOON + minutes(42))
    assert User.objects.get(pk=person.pk).is_active is True
    assert client.get("/profile/").status_code == 302  # the session of before
    row = Deactivation.objects.get()
    assert (row.state, row.restore_asked_by, row.restored_by) == (
        Use.BACK, exchange.first, exchange.second,
    )  # fmt: skip
    assert Notice.objects.filter(user=person, kind="members.account.restored").exists()
    with pytest.raises(deactivation.InUse):
        bring_back(exchange, person)
    stop(exchange, person)
    assert Deactivation.objects.filter(user=person).count() == 2


def test_nobody_takes_their_own_account_or_one_that_is_out_already(
    exchange: Exchange, seller: Organisation
) -> None:
    with pytest.raises(deactivation.OwnAccount):
        stop(exchange, exchange.first)
    person = accounts.a_member(seller)
    stop(exchange, person)
    with pytest.raises(deactivation.OutOfUse):
        stop(exchange, person)
    with pytest.raises(NotFound):
        deactivation.deactivate(
            "usr_nobody", actor=exchange.proposer, reason=WHY, now=NOON + minutes(30)
        )
    with pytest.raises(ReasonMissing):
        deactivation.deactivate(
            accounts.a_member(seller).public_id,
            actor=exchange.proposer, reason="  ", now=NOON + minutes(30),
        )  # fmt: skip


def test_the_only_owner_is_taken_out_only_by_who_says_what_follows(
    exchange: Exchange, seller: Organisation
) -> None:
    owner = accounts.owner_of(seller)
    with pytest.raises(deactivation.OwnerAlone) as refused:
        stop(exchange, owner)
    assert "“Seller”" in str(refused.value)
    assert User.objects.get(pk=owner.pk).is_active is True
    accounts.a_member(seller, role=MembershipRole.OWNER)
    stop(exchange, owner)
    with pytest.raises(memberships.LastOwner):
        memberships.remove_member(
            organisation_id=seller.pk,
            user_id=seller.memberships.get(role="owner", user__is_active=True).user_id,
            actor="system:test",
            now=NOON,
        )
    last = seller.memberships.get(role="owner", user__is_active=True).user
    assert stop(exchange, last, leaves_no_owner=True).state == Use.OUT


def test_the_exchange_keeps_two_operators(exchange: Exchange) -> None:
    with pytest.raises(team.OperatorsTooFew):
        stop(exchange, exchange.second)
    third = accounts.a_member(exchange.organisation)
    a_role(exchange.organisation, third, Role.OPERATOR)
    assert stop(exchange, exchange.second).state == Use.OUT


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.EXCHANGE_FINANCE, Role.RULE_KEEPER])
def test_only_operators_do_it(exchange: Exchange, seller: Organisation, role: Role) -> None:
    person = accounts.a_member(seller)
    for actor in (exchange.acting_as(role), acting(accounts.owner_of(seller), seller)):
        with pytest.raises((NotAllowed, NotFound)):
            deactivation.deactivate(
                person.public_id, actor=actor, reason=WHY, now=NOON + minutes(30)
            )
    assert not Deactivation.objects.exists()


def test_who_is_tied_to_the_persons_organisation_does_not_decide(
    exchange: Exchange, seller: Organisation
) -> None:
    relations.declare_tie(
        actor=exchange.approver, user_id=exchange.first.public_id,
        organisation_id=seller.public_id, kind=TieKind.FAMILY, reason="Declared.", now=NOON,
    )  # fmt: skip
    with pytest.raises(NotAllowed) as refused:
        stop(exchange, accounts.a_member(seller))
    assert refused.value.facts["reason"] == "other_side"


def test_approvals_given_stay_and_proposals_made_are_approved_no_more(
    exchange: Exchange, seller: Organisation
) -> None:
    third = accounts.a_member(exchange.organisation)
    a_role(exchange.organisation, third, Role.OPERATOR)
    open_one = proposals.propose(
        seller.admissions.get().public_id, transition=AdmissionTransition.SUSPEND,
        actor=acting(third, exchange.organisation), reason="A breach.", now=NOON + minutes(20),
    )  # fmt: skip
    stop(exchange, third)
    with pytest.raises(approvals.ProposerLeft):
        proposals.approve(open_one.public_id, actor=exchange.approver, now=NOON + minutes(32))


def test_who_is_out_makes_no_key(exchange: Exchange, seller: Organisation) -> None:
    owner = accounts.owner_of(seller)
    stop(exchange, owner, leaves_no_owner=True)
    with pytest.raises(NotAMember):
        api_keys.create_key(
            organisation_id=seller.pk, name="Late", scopes=["members:read"], known_scopes=SCOPES,
            valid_days=9, maker=owner, now=NOON + minutes(31),
        )  # fmt: skip


def in_use_again(person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=True)


def reason_rewritten(_person: User) -> None:
    Deactivation.objects.update(reason="Another.")


def row_deleted(_person: User) -> None:
    Deactivation.objects.all().delete()


def lifted_by_one(_person: User) -> None:
    row = Deactivation.objects.get()
    Deactivation.objects.update(
        state=Use.BACK, restored_at=row.at, restored_by=row.by, restore_asked_by=row.by,
        restore_reason="Alone.",
    )  # fmt: skip


@pytest.mark.parametrize("change", [in_use_again, reason_rewritten, row_deleted, lifted_by_one])
def test_the_database_keeps_it(
    exchange: Exchange, seller: Organisation, change: Callable[[User], None]
) -> None:
    person = accounts.a_member(seller)
    stop(exchange, person)
    with pytest.raises(IntegrityError), transaction.atomic():
        change(person)
