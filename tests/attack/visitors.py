"""Who knocks at a door of the town: browsers of its people and programs with every kind of key."""

import time
from collections.abc import Mapping
from datetime import timedelta

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from django.utils import timezone

from accounts.sign_in import SESSION_KEY
from exchange.members.permissions import SCOPES
from tests.attack.town import Person, Town
from tests.factories import accounts

ANONYMOUS = "anonymous"
# Programs: their keys open everything that a key of that house may open, or nothing any more.
KEYS = {
    "buyer_key": "buyer",
    "seller_key": "seller",
    "foreign_key": "other_seller",
    "suspended_key": "suspended",
}
DEAD_KEYS = ("expired_key", "revoked_key")


def clients_of(town: Town) -> dict[str, Client]:
    """A client for each person of the town, for each key, and one for nobody."""
    clients = {name: _browser(person) for name, person in town.people.items()}
    for name, house in KEYS.items():
        clients[name] = _program(_key(town, house))
    clients["expired_key"] = _program(_key(town, "seller", age_days=31))
    clients["revoked_key"] = _program(_key(town, "seller", revoked=True))
    clients[ANONYMOUS] = Client()
    return clients


def _browser(person: Person) -> Client:
    client, user = Client(), person.user
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    if person.organisation is not None:
        session[SESSION_KEY] = person.organisation.public_id
    if not Authenticator.objects.filter(user=user).exists():
        TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    factor = Authenticator.objects.get(user=user)
    session["account_authentication_methods"] = [
        {"method": "mfa", "at": time.time(), "id": factor.pk, "type": "totp"}
    ]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client


def _key(town: Town, house: str, *, age_days: int = 0, revoked: bool = False) -> str:
    at = timezone.now() - timedelta(days=age_days)
    made = accounts.an_api_key(town.house(house), scopes=tuple(SCOPES), at=at)
    if revoked:
        made.key.revoked_at = timezone.now()
        made.key.save(update_fields=["revoked_at"])
    return made.secret


def _program(secret: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {secret}"})


Clients = Mapping[str, Client]
