"""Somebody without an account opens an invitation and becomes a member, whatever way the mail takes."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts import invitations
from accounts.authority import actor_of
from accounts.models import Organisation, User
from accounts.sealing import invitation_token
from tests.factories.accounts import PASSWORD, a_member, a_user, an_organisation, owner_of

pytestmark = pytest.mark.django_db

ADDRESS = "new@example.com"


def invite(organisation: Organisation) -> str:
    """The path of the link in the mail."""
    invitation = invitations.invite(
        organisation_id=organisation.pk,
        email=ADDRESS,
        role="member",
        language="en",
        actor=actor_of(owner_of(organisation)),
        now=timezone.now(),
    )
    return f"/invitations/{invitation_token(invitation.public_id)}/"


def sign_up(client: Client, *, following: str = "") -> str:
    """Fill in the form that the link leads to; the path that the mail asks to confirm by."""
    filled = {"email": ADDRESS, "password1": PASSWORD, "password2": PASSWORD}
    answer = client.post(
        "/accounts/signup/", {**filled, **({"next": following} if following else {})}
    )
    assert answer.headers["Location"] == "/accounts/confirm-email/"
    found = re.search(r"http://\S+?(/accounts/confirm-email/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def test_an_invitation_survives_signing_up_in_one_browser(client: Client) -> None:
    organisation = an_organisation()
    path = invite(organisation)
    entrance = client.get(path).headers["Location"]
    assert entrance == f"/accounts/login/?next={path}"
    sign_in = client.get(entrance).content.decode()
    assert f"/accounts/signup/?next={path}" in sign_in.replace("%2F", "/")
    answer = client.post(sign_up(client, following=path))
    assert answer.headers["Location"] == path
    page = client.get(path).content.decode()
    assert f"{organisation.name} invites you" in page
    joined = client.post(path, {"answer": "accept"}, follow=True)
    assert joined.redirect_chain == [(f"/organisations/{organisation.public_id}/", 302)]
    assert User.objects.get(email=ADDRESS).memberships.get().organisation == organisation


def test_an_invitation_survives_an_address_that_is_confirmed_elsewhere(client: Client) -> None:
    path = invite(an_organisation())
    confirm = sign_up(client, following=path)
    elsewhere = Client()
    answer = elsewhere.post(confirm)
    assert answer.headers["Location"].replace("%2F", "/") == f"/accounts/login/?next={path}"
    signed_in = elsewhere.post("/accounts/login/", {"login": ADDRESS, "password": PASSWORD})
    assert signed_in.headers["Location"] == path


def test_who_signs_up_without_the_link_is_led_to_the_invitation(client: Client) -> None:
    path = invite(an_organisation())
    assert client.post(sign_up(client)).headers["Location"] == path


def test_a_member_of_another_organisation_finds_the_invitation_among_the_organisations(
    client: Client,
) -> None:
    person = a_member(an_organisation(), user=a_user(ADDRESS))
    path = invite(an_organisation(name="Sun River Data"))
    signed_in = client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    assert signed_in.headers["Location"] == "/"
    page = client.get("/organisations/").content.decode()
    assert "Sun River Data invites you" in page
    assert f'href="{path}"' in page


def test_an_answered_invitation_leads_nobody_anywhere(client: Client) -> None:
    path = invite(an_organisation())
    client.post(sign_up(client))
    client.post(path, {"answer": "decline"})
    client.post("/accounts/logout/")
    signed_in = client.post("/accounts/login/", {"login": ADDRESS, "password": PASSWORD})
    assert signed_in.headers["Location"] == "/"
