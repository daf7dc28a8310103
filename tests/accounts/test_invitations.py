from datetime import timedelta

import pytest

from accounts import invitations
from accounts.authority import actor_of
from accounts.invitations import (
    AlreadyMember,
    InvitationClosed,
    InvitationExpired,
    InvitationForAnother,
    InvitationUnknown,
)
from accounts.lines import BadAddress
from accounts.models import Invitation, Membership, MembershipRole, Organisation
from accounts.refusals import NotAManager, NotAMember, TooMany
from accounts.sealing import hash_of, invitation_token
from tests.factories.accounts import NOON, a_member, a_user, an_organisation, owner_of

pytestmark = pytest.mark.django_db


def an_invitation(
    organisation: Organisation, email: str = "new@example.com", role: str = "member"
) -> tuple[Invitation, str]:
    invitation = invitations.invite(
        organisation_id=organisation.pk,
        email=email,
        role=role,
        language="en",
        actor=actor_of(owner_of(organisation)),
        now=NOON,
    )
    return invitation, invitation_token(invitation.public_id)


def test_who_accepts_becomes_a_member_in_the_offered_role() -> None:
    organisation = an_organisation()
    invitation, token = an_invitation(organisation, "New@Example.com", "admin")
    person = a_user("new@example.com")
    membership = invitations.accept(token=token, user=person, now=NOON)
    invitation.refresh_from_db()
    assert (membership.organisation, membership.role) == (organisation, MembershipRole.ADMIN)
    assert (invitation.outcome, invitation.closed_at, invitation.accepted_by) == (
        "accepted",
        NOON,
        person,
    )


def test_only_the_hash_of_the_token_is_stored() -> None:
    invitation, token = an_invitation(an_organisation())
    stored = Invitation.objects.values().get(pk=invitation.pk)
    assert stored["token_hash"] == hash_of(token)
    assert token not in str(stored)


def test_an_invitation_is_good_once() -> None:
    organisation = an_organisation()
    _invitation, token = an_invitation(organisation)
    person = a_user("new@example.com")
    invitations.accept(token=token, user=person, now=NOON)
    Membership.objects.filter(user=person).delete()
    with pytest.raises(InvitationClosed):
        invitations.accept(token=token, user=person, now=NOON)
    assert organisation.memberships.filter(user=person).exists() is False


def test_an_invitation_expires_to_the_second() -> None:
    organisation = an_organisation()
    invitation, token = an_invitation(organisation)
    person = a_user("new@example.com")
    with pytest.raises(InvitationExpired):
        invitations.accept(token=token, user=person, now=invitation.expires_at)
    assert organisation.memberships.count() == 1
    last = invitation.expires_at - timedelta(seconds=1)
    invitations.accept(token=token, user=person, now=last)
    assert organisation.memberships.count() == 2


def test_another_address_cannot_answer() -> None:
    organisation = an_organisation()
    _invitation, token = an_invitation(organisation)
    with pytest.raises(InvitationForAnother):
        invitations.accept(token=token, user=a_user("thief@example.com"), now=NOON)
    with pytest.raises(InvitationForAnother):
        invitations.decline(token=token, user=a_user("thief2@example.com"), now=NOON)
    assert Invitation.objects.get().outcome == ""


@pytest.mark.parametrize("token", ["", "x" * 64, "中" * 500])
def test_a_token_that_is_none_is_refused(token: str) -> None:
    with pytest.raises(InvitationUnknown):
        invitations.accept(token=token, user=a_user(), now=NOON)


def test_declined_and_revoked_invitations_are_closed() -> None:
    organisation = an_organisation()
    person = a_user("new@example.com")
    first, token = an_invitation(organisation)
    invitations.decline(token=token, user=person, now=NOON)
    with pytest.raises(InvitationClosed):
        invitations.accept(token=token, user=person, now=NOON)
    second, token = an_invitation(organisation)
    invitations.revoke(
        organisation_id=organisation.pk,
        invitation_id=second.public_id,
        actor=actor_of(owner_of(organisation)),
        now=NOON,
    )
    with pytest.raises(InvitationClosed):
        invitations.accept(token=token, user=person, now=NOON)
    outcomes = dict(Invitation.objects.values_list("pk", "outcome"))
    assert outcomes == {first.pk: "declined", second.pk: "revoked"}


def test_a_second_invitation_replaces_the_first() -> None:
    organisation = an_organisation()
    first, _token = an_invitation(organisation)
    second, _token = an_invitation(organisation)
    first.refresh_from_db()
    assert (first.outcome, second.outcome) == ("revoked", "")


def test_members_are_not_invited_and_managers_alone_invite() -> None:
    organisation = an_organisation()
    member = a_member(organisation)
    admin = a_member(organisation, role=MembershipRole.ADMIN)
    with pytest.raises(AlreadyMember):
        an_invitation(organisation, member.email)
    with pytest.raises(BadAddress):
        an_invitation(organisation, "nobody")
    for who, role, refusal in (
        (member, "member", NotAManager),
        (admin, "owner", NotAManager),
        (a_user(), "member", NotAMember),
    ):
        with pytest.raises(refusal):
            invitations.invite(
                organisation_id=organisation.pk,
                email="new@example.com",
                role=role,
                language="en",
                actor=actor_of(who),
                now=NOON,
            )
    assert Invitation.objects.exists() is False


def test_open_invitations_and_members_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invitations, "OPEN_INVITATIONS_MAX", 1)
    monkeypatch.setattr(invitations, "MEMBERS_MAX", 1)
    organisation = an_organisation()
    _invitation, token = an_invitation(organisation)
    with pytest.raises(TooMany):
        an_invitation(organisation, "other@example.com")
    with pytest.raises(TooMany):
        invitations.accept(token=token, user=a_user("new@example.com"), now=NOON)
    assert organisation.memberships.count() == 1


def test_an_invitation_of_another_organisation_is_not_found() -> None:
    ours, theirs = an_organisation(), an_organisation()
    invitation, _token = an_invitation(theirs)
    with pytest.raises(InvitationUnknown):
        invitations.revoke(
            organisation_id=ours.pk,
            invitation_id=invitation.public_id,
            actor=actor_of(owner_of(ours)),
            now=NOON,
        )
    invitation.refresh_from_db()
    assert invitation.outcome == ""
