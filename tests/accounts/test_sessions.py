"""Where a person is signed in: listed, ended one by one or all others, and forgotten once over."""

import re
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.sign_in import forget_ended_sessions
from exchange.audit.models import Record
from exchange.web.accounts.views_sessions import client_shown
from tests.factories import accounts
from tests.web.buyers import shown

pytestmark = pytest.mark.django_db
PATH = "/accounts/sessions/"


def signed_in(user: User, browser: str = "Firefox", *, password: str = accounts.PASSWORD) -> Client:
    """By the form, as people do."""
    client = Client(headers={"user-agent": browser})
    answer = client.post(reverse("account_login"), {"login": user.email, "password": password})
    assert answer.status_code == 302
    return client


def is_signed_in(client: Client) -> bool:
    return client.get("/profile/").status_code == 200


def test_a_person_sees_where_they_are_signed_in_and_ends_the_others() -> None:
    person, other = accounts.a_user(), accounts.a_user()
    here, phone, laptop = (signed_in(person, name) for name in ("Firefox", "Phone", "Laptop"))
    theirs = signed_in(other, "Elsewhere")
    assert PATH in shown(here, "/profile/")
    page = shown(here, PATH)
    assert page.count("This one") == 1
    assert all(name in page for name in ("Firefox", "Phone", "Laptop", "127.0.0.1"))
    assert "Elsewhere" not in page
    ended = UserSession.objects.get(user_agent="Phone")
    assert here.post(PATH, {"session": str(ended.pk)}).status_code == 302
    assert (is_signed_in(phone), is_signed_in(laptop)) == (False, True)
    # Another person's session is not one's own to end, and neither is what is none.
    foreign = UserSession.objects.get(user_agent="Elsewhere")
    for session in (str(foreign.pk), "0", "x", "9" * 30):
        here.post(PATH, {"session": session})
    assert (is_signed_in(theirs), is_signed_in(laptop)) == (True, True)
    assert "1 session was ended." in shown_after(here.post(PATH, follow=True).content)
    assert (is_signed_in(laptop), is_signed_in(here), is_signed_in(theirs)) == (False, True, True)
    records = Record.objects.filter(event="accounts.sessions.ended")
    assert records.count() == 2
    assert {record.subject for record in records} == {f"user:{person.public_id}"}


def shown_after(content: bytes) -> str:
    return re.sub(r"\s+", " ", content.decode())


def test_who_was_signed_in_before_sessions_were_kept_finds_this_one() -> None:
    person = accounts.a_user()
    client = Client(headers={"user-agent": "Old"})
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    assert UserSession.objects.exists() is False
    page = shown(client, PATH)
    assert "Old" in page
    assert "This one" in page
    assert "End all others" not in page


def test_a_new_password_ends_every_session() -> None:
    person = accounts.a_user()
    here, there = signed_in(person), signed_in(person, "There")
    new = {
        "oldpassword": accounts.PASSWORD, "password1": "another horse battery",
        "password2": "another horse battery",
    }  # fmt: skip
    here.post(reverse("account_change_password"), new)
    assert (is_signed_in(here), is_signed_in(there)) == (False, False)
    assert "There" not in shown(signed_in(person, "Here", password="another horse battery"), PATH)


def test_what_is_over_is_forgotten() -> None:
    person = accounts.a_user()
    signed_in(person, "Gone")
    signed_in(person, "Still")
    gone = UserSession.objects.get(user_agent="Gone")
    Session.objects.filter(session_key=gone.session_key).update(
        expire_date=timezone.now() - timedelta(days=1)
    )
    assert forget_ended_sessions() == 1
    assert UserSession.objects.get().user_agent == "Still"
    assert Session.objects.count() == 1


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
            "Firefox, Windows",
        ),
        (
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
                " Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0"
            ),
            "Edge, Windows",
        ),
        (
            (
                "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0"
                " Mobile Safari/537.36"
            ),
            "Chrome, Android",
        ),
        (
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
                " Version/18.5 Mobile/15E148 Safari/604.1"
            ),
            "Safari, iPhone",
        ),
        ("curl/8.17.0", "curl/8.17.0"),
        ("", ""),
    ],
)
def test_a_browser_is_called_by_its_name_and_system(said: str, shown: str) -> None:
    assert client_shown(said) == shown
