"""Signing in: what is told, what is kept, and what a second factor opens."""

import json
import time
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from environ import Env

from accounts.models import User
from exchange.audit.models import Record
from exchange.settings import sign_in
from tests.factories.accounts import PASSWORD, a_member, a_user, an_organisation

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXP"


def login(client: Client, email: str, password: str = PASSWORD) -> Any:
    return client.post("/accounts/login/", {"login": email, "password": password})


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def code_now() -> str:
    value = hotp_value(SECRET, int(time.time()) // 30)
    return str(format_hotp_value(value))


def demand_second_factor(monkeypatch: pytest.MonkeyPatch, *people: User) -> None:
    wanted = {person.pk for person in people}
    monkeypatch.setattr(
        "exchange.members.policy.requires_second_factor", lambda user: user.pk in wanted
    )


def test_who_is_verified_signs_in_with_a_password(client: Client) -> None:
    person = a_user("li@example.com")
    response = login(client, "LI@example.com")
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert client.session["_auth_user_id"] == str(person.pk)


def test_who_is_not_verified_is_sent_a_mail_and_not_signed_in(client: Client) -> None:
    person = a_user("li@example.com")
    EmailAddress.objects.filter(user=person).update(verified=False)
    response = login(client, "li@example.com")
    assert response.headers["Location"] == "/accounts/confirm-email/"
    assert is_signed_in(client) is False
    assert [message.to for message in mail.outbox] == [["li@example.com"]]


@pytest.mark.parametrize("known", ["li@example.com", "other@example.com"])
def test_mails_name_the_exchange_and_its_own_address_whatever_host_was_asked(
    client: Client, settings: Any, known: str
) -> None:
    settings.ALLOWED_HOSTS = ["other.example"]
    settings.PUBLIC_URL = "https://assay.example"
    a_user(known)
    form = {"email": "li@example.com", "password1": PASSWORD + "1", "password2": PASSWORD + "1"}
    client.post("/accounts/signup/", form, headers={"host": "other.example"})
    client.post(
        "/accounts/password/reset/", {"email": form["email"]}, headers={"host": "other.example"}
    )
    assert len(mail.outbox) == 2
    for message in mail.outbox:
        said = f"{message.subject} {message.body}"
        assert "other.example" not in said
        assert "https://assay.example/accounts/" in said
        assert "Assay" in said


def test_who_is_disabled_does_not_sign_in(client: Client) -> None:
    a_user("li@example.com", active=False)
    login(client, "li@example.com")
    assert is_signed_in(client) is False


def test_who_is_disabled_loses_the_session(client: Client) -> None:
    person = a_user()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/profile/").status_code == 200
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert client.get("/profile/").status_code == 302


def test_the_door_does_not_tell_whether_an_address_is_known(client: Client) -> None:
    a_user("known@example.com")
    answers = []
    for address in ("known@example.com", "other@example.com"):
        failed = login(client, address, "wrong password").content.decode()
        form = {"email": address, "password1": PASSWORD + "1", "password2": PASSWORD + "1"}
        signed_up = client.post("/accounts/signup/", form)
        reset = client.post("/accounts/password/reset/", {"email": address})
        answers.append(
            (
                "not correct" in failed,
                signed_up.status_code,
                signed_up.headers["Location"],
                reset.status_code,
                reset.headers["Location"],
            )
        )
        client = Client()
    assert answers[0] == answers[1]
    assert answers[0][0] is True
    assert User.objects.count() == 2


def test_a_sign_up_address_with_a_line_break_is_refused(client: Client) -> None:
    form = {"password1": PASSWORD + "1", "password2": PASSWORD + "1"}
    for address in ("a@example.com\r\nBcc: b@example.com", "a\nb@example.com"):
        response = client.post("/accounts/signup/", {"email": address, **form})
        assert response.status_code == 200
        assert "Enter a valid email address." in response.content.decode()
    assert User.objects.exists() is False
    assert mail.outbox == []


def test_guessing_passwords_is_slowed_down(client: Client, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "3/300s/key"}
    cache.clear()
    a_user("li@example.com")
    for _attempt in range(3):
        login(client, "li@example.com", "wrong password")
    response = login(client, "li@example.com", PASSWORD)
    cache.clear()
    assert "Too many failed login attempts" in response.content.decode()
    assert is_signed_in(client) is False


def test_a_second_factor_once_set_up_is_asked_at_every_sign_in(client: Client) -> None:
    person = a_user("li@example.com")
    TOTP.activate(person, SECRET)
    response = login(client, "li@example.com")
    assert response.headers["Location"] == "/accounts/2fa/authenticate/"
    assert is_signed_in(client) is False
    client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert is_signed_in(client) is False
    client.post("/accounts/2fa/authenticate/", {"code": code_now()})
    assert is_signed_in(client) is True


def test_a_recovery_code_is_good_once() -> None:
    person = a_user("li@example.com")
    TOTP.activate(person, SECRET)
    code = RecoveryCodes.activate(person).get_unused_codes()[0]
    outcomes = []
    for _time in range(2):
        client = Client()
        login(client, "li@example.com")
        client.post("/accounts/2fa/authenticate/", {"code": code})
        outcomes.append(is_signed_in(client))
    assert outcomes == [True, False]


def test_the_secret_of_a_second_factor_is_sealed_in_the_database(settings: Any) -> None:
    person = a_user()
    TOTP.activate(person, SECRET)
    with connection.cursor() as cursor:
        cursor.execute("SELECT data::text FROM mfa_authenticator")
        (stored,) = cursor.fetchone()
    assert SECRET not in stored
    sealed = json.loads(stored)["secret"]
    assert get_adapter().decrypt(sealed) == SECRET
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key, after a change"
    assert get_adapter().decrypt(sealed) == SECRET


@pytest.mark.django_db(transaction=True)  # allauth announces a new factor after the commit
def test_a_demanded_second_factor_is_set_up_before_anything_else(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = a_user("li@example.com")
    demand_second_factor(monkeypatch, person)
    login(client, "li@example.com")
    for path in ("/", "/organisations/", "/console/"):
        assert client.get(path).headers["Location"] == "/accounts/2fa/"
    refused = client.get("/api/v1/me")
    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_needed")
    assert client.get("/accounts/2fa/").status_code == 200
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.get("/accounts/2fa/totp/activate/")
    secret = client.session["mfa.totp.secret"]
    value = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    client.post("/accounts/2fa/totp/activate/", {"code": value})
    assert Authenticator.objects.filter(user=person, type="totp").exists() is True
    assert client.get("/organisations/").status_code == 200
    recorded = Record.objects.filter(event="accounts.second_factor.added")
    assert set(recorded.values_list("actor", flat=True)) == {f"user:{person.public_id}"}


def test_a_session_that_showed_its_second_factor_passes(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = a_user("li@example.com")
    TOTP.activate(person, SECRET)
    demand_second_factor(monkeypatch, person)
    login(client, "li@example.com")
    client.post("/accounts/2fa/authenticate/", {"code": code_now()})
    assert client.get("/organisations/").status_code == 200
    assert client.get("/api/v1/me").status_code == 200


def test_a_role_that_demands_a_second_factor_counts_from_the_next_request(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = a_user("li@example.com")
    login(client, "li@example.com")
    assert client.get("/organisations/").status_code == 200
    TOTP.activate(person, SECRET)
    demand_second_factor(monkeypatch, person)
    assert client.get("/organisations/").headers["Location"] == "/accounts/login/"
    assert is_signed_in(client) is False


def test_the_session_of_a_removed_member_opens_nothing_more(client: Client) -> None:
    organisation = an_organisation()
    person = a_member(organisation)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    client.post("/organisations/switch/", {"organisation": organisation.public_id})
    pages = (
        f"/organisations/{organisation.public_id}/",
        f"/api/v1/organisations/{organisation.public_id}",
    )
    assert [client.get(page).status_code for page in pages] == [200, 200]
    organisation.memberships.filter(user=person).delete()
    assert [client.get(page).status_code for page in pages] == [404, 404]


def test_an_identity_provider_is_configured_by_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OIDC_ISSUER", raising=False)
    plain = sign_in.allauth(Env(), public_url="https://exchange.example")
    assert plain["SOCIALACCOUNT_PROVIDERS"] == {}
    assert plain["MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN"] is False
    monkeypatch.setenv("OIDC_ISSUER", "https://id.example")
    monkeypatch.setenv("OIDC_CLIENT_ID", "assay")
    monkeypatch.setenv("OIDC_CLIENT_SECRET", "s3cret")
    told = sign_in.allauth(Env(), public_url="http://localhost:8000")
    (app,) = told["SOCIALACCOUNT_PROVIDERS"]["openid_connect"]["APPS"]
    assert (app["client_id"], app["settings"]) == ("assay", {"server_url": "https://id.example"})
