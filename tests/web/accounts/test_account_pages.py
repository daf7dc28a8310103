"""The pages of organisations, members, invitations and keys, as a browser without scripts uses them."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from accounts import invitations
from accounts.authority import actor_of
from accounts.models import ApiKey, Invitation, Membership, MembershipRole, Organisation, User
from accounts.sealing import hash_of, invitation_token
from exchange.audit.models import Record
from tests.factories.accounts import (
    a_credit_code,
    a_member,
    a_user,
    an_api_key,
    an_organisation,
    owner_of,
)

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_an_organisation_is_registered_and_acted_for() -> None:
    client = signed_in(a_user())
    assert client.get("/organisations/").status_code == 200
    form = {"name": "Sun Data", "kind": "private", "country": "CN", "credit_code": a_credit_code()}
    response = client.post("/organisations/new/", form, follow=True)
    assert response.status_code == 200
    assert "Sun Data" in response.content.decode()
    assert client.session["acting_for"] == Organisation.objects.get().public_id


def test_a_wrong_credit_code_is_shown_at_its_field_with_the_right_character() -> None:
    client = signed_in(a_user())
    form = {
        "name": "Sun",
        "kind": "private",
        "country": "CN",
        "credit_code": "91350100M000100Y44",
    }
    response = client.post("/organisations/new/", form)
    assert response.status_code == 422
    assert "the last one is “3”, not “4”" in response.content.decode()
    assert Organisation.objects.exists() is False


def test_every_page_of_an_organisation_opens_for_its_owner_and_is_not_found_by_others() -> None:
    organisation = an_organisation()
    owner, member = owner_of(organisation), a_member(organisation)
    key = an_api_key(organisation).key
    base = f"/organisations/{organisation.public_id}/"
    pages = [
        base,
        f"{base}edit/",
        f"{base}members/{member.public_id}/role/",
        f"{base}members/{member.public_id}/remove/",
        f"{base}api-keys/",
        f"{base}api-keys/new/",
        f"{base}api-keys/{key.public_id}/revoke/",
    ]
    stranger = a_user()
    an_organisation(owner=stranger)
    for page in pages:
        assert signed_in(owner).get(page).status_code == 200, page
        assert signed_in(stranger).get(page).status_code == 404, page
        anonymous = Client().get(page)
        assert anonymous.headers["Location"].startswith("/accounts/login/"), page
    posts = [*pages[1:4], *pages[5:], f"{base}invite/"]
    for page in posts:
        fields = {"role": "owner", "email": "a@example.com"}
        assert signed_in(stranger).post(page, fields).status_code == 404, page
    done = Record.objects.exclude(event="accounts.person.signed_in")
    assert done.exists() is False
    assert Membership.objects.get(user=member).role == MembershipRole.MEMBER


def test_plain_members_see_but_do_not_manage() -> None:
    organisation = an_organisation()
    owner, member = owner_of(organisation), a_member(organisation)
    client = signed_in(member)
    base = f"/organisations/{organisation.public_id}/"
    shown = client.get(base).content.decode()
    assert f"members/{owner.public_id}/remove/" not in shown
    assert "/invite/" not in shown
    assert (
        client.post(f"{base}invite/", {"email": "a@example.com", "role": "member"}).status_code
        == 403
    )
    assert client.post(f"{base}members/{owner.public_id}/remove/").status_code == 403
    assert (
        client.post(f"{base}edit/", {"name": "X", "kind": "private", "country": "CN"}).status_code
        == 403
    )
    assert organisation.memberships.count() == 2
    assert Invitation.objects.exists() is False


def test_an_owner_invites_changes_roles_and_removes() -> None:
    organisation = an_organisation()
    member = a_member(organisation)
    client = signed_in(owner_of(organisation))
    base = f"/organisations/{organisation.public_id}/"
    client.post(f"{base}invite/", {"email": "New@example.com", "role": "admin"})
    assert "new@example.com" in client.get(base).content.decode()
    invitation = Invitation.objects.get()
    client.post(f"{base}invitations/{invitation.public_id}/revoke/")
    client.post(f"{base}members/{member.public_id}/role/", {"role": "admin"})
    assert Membership.objects.get(user=member).role == MembershipRole.ADMIN
    client.post(f"{base}members/{member.public_id}/remove/")
    assert organisation.memberships.count() == 1
    assert list(Record.objects.order_by("pk").values_list("event", flat=True))[1:] == [
        "accounts.invitation.offered",
        "accounts.invitation.revoked",
        "accounts.membership.changed",
        "accounts.membership.ended",
    ]


def test_the_last_owner_is_told_why_it_cannot_leave() -> None:
    organisation = an_organisation()
    owner = owner_of(organisation)
    page = f"/organisations/{organisation.public_id}/members/{owner.public_id}/remove/"
    response = signed_in(owner).post(page)
    assert response.status_code == 409
    assert "at least one owner" in response.content.decode()
    assert organisation.memberships.count() == 1


def an_invitation(organisation: Organisation) -> str:
    invitation = invitations.invite(
        organisation_id=organisation.pk,
        email="new@example.com",
        role="member",
        language="en",
        actor=actor_of(owner_of(organisation)),
        now=timezone.now(),
    )
    return f"/invitations/{invitation_token(invitation.public_id)}/"


def test_an_invitation_is_read_signed_in_and_accepted_on_its_page() -> None:
    organisation = an_organisation(name="Sun Data")
    page = an_invitation(organisation)
    assert Client().get(page).headers["Location"].startswith("/accounts/login/?next=/invitations/")
    client = signed_in(a_user("new@example.com"))
    assert "Sun Data invites you" in client.get(page).content.decode()
    response = client.post(page, {"answer": "accept"})
    assert response.headers["Location"] == f"/organisations/{organisation.public_id}/"
    assert client.session["acting_for"] == organisation.public_id
    assert client.post(page, {"answer": "accept"}).status_code == 409


def test_an_invitation_is_declined_and_not_shown_to_another_address() -> None:
    organisation = an_organisation()
    page = an_invitation(organisation)
    other = signed_in(a_user("other@example.com"))
    shown = other.get(page).content.decode()
    assert "new@example.com" not in shown
    assert other.post(page, {"answer": "accept"}).status_code == 403
    signed_in(a_user("new@example.com")).post(page, {"answer": "decline"})
    assert Invitation.objects.get().outcome == "declined"
    assert organisation.memberships.count() == 1


def test_a_key_is_shown_once_with_an_example_and_never_again() -> None:
    organisation = an_organisation()
    client = signed_in(owner_of(organisation))
    base = f"/organisations/{organisation.public_id}/api-keys/"
    form = {"name": "Warehouse", "scopes": ["ledger:read"], "valid_days": "30"}
    response = client.post(f"{base}new/", form)
    shown = response.content.decode()
    (secret,) = set(re.findall(r"ask_[0-9a-z]{10}_[0-9a-z]{40}", shown))
    assert response.status_code == 201
    assert "curl -H" in shown
    assert "no-store" in response.headers["Cache-Control"]
    assert ApiKey.objects.get().secret_hash == hash_of(secret)
    assert secret not in client.get(base).content.decode()
    key = ApiKey.objects.get()
    assert client.get(f"{base}{key.public_id}/revoke/").status_code == 200
    client.post(f"{base}{key.public_id}/revoke/")
    key.refresh_from_db()
    assert key.revoked_at is not None


def test_a_form_without_a_scope_makes_no_key() -> None:
    organisation = an_organisation()
    client = signed_in(owner_of(organisation))
    page = f"/organisations/{organisation.public_id}/api-keys/new/"
    assert client.post(page, {"name": "Warehouse", "valid_days": "30"}).status_code == 422
    assert ApiKey.objects.exists() is False


def test_a_profile_sets_name_and_language() -> None:
    person = a_user()
    client = signed_in(person)
    response = client.post("/profile/", {"name": "李伟", "language": "zh-hans"})
    assert response.cookies["django_language"].value == "zh-hans"
    person.refresh_from_db()
    assert (person.name, person.language) == ("李伟", "zh-hans")
    assert client.post("/profile/", {"name": "a\nb", "language": "en"}).status_code == 422
    person.refresh_from_db()
    assert person.name == "李伟"


def test_the_profiles_language_counts_where_no_other_was_chosen() -> None:
    person = a_user()
    User.objects.filter(pk=person.pk).update(language="zh-hans")
    client = signed_in(person)
    assert client.get("/profile/").headers["Content-Language"] == "zh-hans"
    client.cookies["django_language"] = "en"
    assert client.get("/profile/").headers["Content-Language"] == "en"


def test_switching_is_for_members_and_leads_nowhere_else() -> None:
    person = a_user()
    first, second = an_organisation(owner=person), an_organisation(owner=person)
    client = signed_in(person)
    for wanted, location in (
        ("/profile/", "/profile/"),
        ("https://evil.example/", "/organisations/"),
        ("//evil.example/", "/organisations/"),
    ):
        fields = {"organisation": second.public_id, "next": wanted}
        response = client.post("/organisations/switch/", fields)
        assert response.headers["Location"] == location
    foreign = an_organisation()
    fields = {"organisation": foreign.public_id}
    assert client.post("/organisations/switch/", fields).status_code == 404
    assert client.session["acting_for"] == second.public_id
    assert first.public_id != second.public_id
    assert client.get("/organisations/switch/").status_code == 405
