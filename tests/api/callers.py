"""Clients of the API: a program with a key, a person in a session."""

from datetime import datetime
from typing import Any

from django.test import Client
from django.utils import timezone

from accounts.models import Organisation, User
from tests.factories.accounts import an_api_key

JSON = "application/json"


def with_key(organisation: Organisation, *scopes: str, at: datetime | None = None) -> Client:
    """A program with a fresh key of the organisation."""
    made = an_api_key(organisation, scopes=scopes, at=at or timezone.now())
    return Client(headers={"authorization": f"Bearer {made.secret}"})


def signed_in(user: User, *, enforce_csrf: bool = False) -> Client:
    """A person in a session."""
    client = Client(enforce_csrf_checks=enforce_csrf)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def post(client: Client, path: str, body: Any = None, *, key: str | None = "key-1") -> Any:
    """A POST of JSON with an idempotency key."""
    headers = {"idempotency-key": key} if key else {}
    return client.post(path, body if body is not None else {}, content_type=JSON, headers=headers)
