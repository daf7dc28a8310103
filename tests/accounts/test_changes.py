import json
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from accounts import api_keys, invitations, memberships, organisations, people
from accounts.authority import actor_of
from accounts.models import Invitation, MembershipRole
from accounts.organisations import Profile
from accounts.sealing import invitation_token
from exchange.audit.models import Disclosure, Record
from exchange.core import outbox
from exchange.core.models import OutboxJob
from exchange.core.outbox import Lease
from exchange.jobs.handlers import HANDLERS
from exchange.members.permissions import PERMISSION_RULES, SCOPES
from exchange.notices import inbox as notice_mail
from tests.factories.accounts import (
    NOON,
    PASSWORD,
    a_credit_code,
    a_member,
    a_user,
    an_organisation,
    owner_of,
)

pytestmark = pytest.mark.django_db


def records() -> list[tuple[str, str]]:
    return list(Record.objects.order_by("pk").values_list("event", "actor"))


def the_record() -> dict[str, Any]:
    told: dict[str, Any] = json.loads(bytes(Record.objects.get().canonical))
    return told


def test_a_founding_is_recorded_without_its_name_in_the_clear() -> None:
    founder = a_user()
    organisation = organisations.create_organisation(
        profile=Profile(name="Sun Data", kind="private", credit_code=a_credit_code()),
        owner=founder,
        now=NOON,
    )
    record = the_record()
    assert record["event"] == "accounts.organisation.created"
    assert record["actor"] == actor_of(founder)
    assert record["subject"] == f"organisation:{organisation.public_id}"
    assert "Sun Data" not in str(record)
    assert Disclosure.objects.get().value == "Sun Data"


def test_every_change_of_members_is_recorded_once() -> None:
    organisation = an_organisation()
    owner, member = owner_of(organisation), a_member(organisation)
    for role in ("admin", "admin"):
        memberships.change_role(
            organisation_id=organisation.pk,
            user_id=member.pk,
            role=role,
            actor=actor_of(owner),
            now=NOON,
        )
    memberships.remove_member(
        organisation_id=organisation.pk, user_id=member.pk, actor=actor_of(owner), now=NOON
    )
    assert records() == [
        ("accounts.membership.changed", actor_of(owner)),
        ("accounts.membership.ended", actor_of(owner)),
    ]


def test_a_refused_change_leaves_no_record() -> None:
    organisation = an_organisation()
    owner = owner_of(organisation)
    with pytest.raises(Exception, match="at least one owner"):
        memberships.remove_member(
            organisation_id=organisation.pk, user_id=owner.pk, actor=actor_of(owner), now=NOON
        )
    assert Record.objects.exists() is False


def test_a_profile_that_did_not_change_leaves_no_record() -> None:
    person = a_user(name="Li Wei")
    people.change_profile(user=person, name="Li Wei", language="en", now=NOON)
    people.change_profile(user=person, name="Li Wei", language="en", now=NOON)
    assert records() == [("accounts.person.changed", actor_of(person))]


def test_keys_are_recorded_without_their_secret() -> None:
    organisation = an_organisation()
    owner = owner_of(organisation)
    made = api_keys.create_key(
        organisation_id=organisation.pk,
        name="Warehouse",
        scopes=["ledger:read"],
        known_scopes=SCOPES,
        valid_days=30,
        maker=owner,
        now=NOON,
    )
    for _time in range(2):
        api_keys.revoke_key(
            organisation_id=organisation.pk,
            key_id=made.key.public_id,
            actor=actor_of(owner),
            now=NOON,
        )
    assert [event for event, _actor in records()] == [
        "accounts.api_key.created",
        "accounts.api_key.revoked",
    ]
    for record in Record.objects.all():
        assert made.secret.encode() not in bytes(record.canonical)
        assert made.key.secret_hash.encode() not in bytes(record.canonical)


def test_every_scope_that_policy_asks_for_can_be_given_to_a_key() -> None:
    asked = {rule.scope for rule in PERMISSION_RULES.values() if rule.scope}
    assert asked <= set(SCOPES)


def offer(**changes: str) -> Invitation:
    organisation = an_organisation(name="Sun Data")
    return invitations.invite(
        organisation_id=organisation.pk,
        actor=actor_of(owner_of(organisation)),
        now=NOON,
        **{"email": "new@example.com", "role": "member", "language": "en", **changes},
    )


def the_lease() -> Lease:
    (lease,) = outbox.lease(worker="test", limit=1)
    return lease


def test_an_invitation_is_mailed_through_the_outbox_which_holds_no_secret() -> None:
    invitation = offer()
    job = OutboxJob.objects.get()
    token = invitation_token(invitation.public_id)
    assert (job.topic, job.payload) == (
        notice_mail.TOPIC_INVITATION,
        {"invitation": invitation.public_id},
    )
    assert HANDLERS[job.topic].ask is notice_mail.send_invitation  # type: ignore[union-attr]
    assert mail.outbox == []
    assert notice_mail.send_invitation(the_lease()) is True
    message = mail.outbox[0]
    assert message.to == ["new@example.com"]
    assert message.subject == "Sun Data invites you"
    assert f"/invitations/{token}/" in message.body
    for record in Record.objects.all():
        assert token.encode() not in bytes(record.canonical)
        assert b"new@example.com" not in bytes(record.canonical)


def test_a_mail_sent_again_carries_the_same_link() -> None:
    offer()
    lease = the_lease()
    notice_mail.send_invitation(lease)
    notice_mail.send_invitation(lease)
    assert mail.outbox[0].body == mail.outbox[1].body


def test_an_invitation_taken_back_before_the_mail_is_not_sent() -> None:
    invitation = offer()
    organisation = invitation.organisation
    invitations.revoke(
        organisation_id=organisation.pk,
        invitation_id=invitation.public_id,
        actor=actor_of(owner_of(organisation)),
        now=NOON,
    )
    assert notice_mail.send_invitation(the_lease()) is False
    assert mail.outbox == []


def test_answers_to_invitations_are_recorded() -> None:
    person = a_user("new@example.com")
    invitation = offer()
    membership = invitations.accept(
        token=invitation_token(invitation.public_id), user=person, now=NOON
    )
    assert membership.role == MembershipRole.MEMBER
    declined = offer()
    invitations.decline(token=invitation_token(declined.public_id), user=person, now=NOON)
    assert [event for event, _actor in records()] == [
        "accounts.invitation.offered",
        "accounts.invitation.accepted",
        "accounts.invitation.offered",
        "accounts.invitation.declined",
    ]
    assert records()[1][1] == actor_of(person)


def test_sign_ins_and_failed_ones_are_recorded_without_addresses_in_the_clear(
    client: Client,
) -> None:
    person = a_user("li@example.com")
    login = {"login": "li@example.com", "password": "wrong"}
    assert client.post("/accounts/login/", login).status_code == 200
    assert records() == [("accounts.person.sign_in_failed", "nobody")]
    assert Record.objects.get().subject == actor_of(person)
    client.post("/accounts/login/", {"login": "nobody@example.com", "password": "wrong"})
    assert Record.objects.latest("pk").subject == "user:unknown"
    client.post("/accounts/login/", login | {"password": PASSWORD})
    client.post("/accounts/logout/")
    assert records()[2:] == [
        ("accounts.person.signed_in", actor_of(person)),
        ("accounts.person.signed_out", actor_of(person)),
    ]
    for record in Record.objects.all():
        assert b"@example.com" not in bytes(record.canonical)
        assert b"127.0.0.1" not in bytes(record.canonical)
