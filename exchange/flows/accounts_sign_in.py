"""Sign-ins and changes of how somebody signs in, recorded in the log.

The sign-in itself is allauth's and Django's; what they announce is written down here. Addresses are
personal: the record keeps a commitment of them.
"""

from typing import Any

from allauth.account import signals as account
from allauth.core.internal.httpkit import get_client_ip
from allauth.mfa import signals as mfa
from django.contrib.auth import signals as auth
from django.db import transaction
from django.dispatch import Signal
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from accounts.queries.authority import actor_of
from accounts.second_factor import note_setup
from exchange.audit.actions import log

EMAIL_CHARS_MAX = 254


def connect() -> None:
    """Listen. Called once, when the apps are ready."""
    for announcement, event in _OF_A_PERSON:
        announcement.connect(_recorder(event), weak=False, dispatch_uid=f"log:{event}")
    auth.user_login_failed.connect(_failed, dispatch_uid="log:sign_in_failed")
    mfa.authenticator_added.connect(_set_up, dispatch_uid="second_factor:set_up")


_OF_A_PERSON: tuple[tuple[Signal, str], ...] = (
    (auth.user_logged_in, "accounts.person.signed_in"),
    (auth.user_logged_out, "accounts.person.signed_out"),
    (account.user_signed_up, "accounts.person.signed_up"),
    (account.email_confirmed, "accounts.address.confirmed"),
    (account.email_added, "accounts.address.added"),
    (account.email_changed, "accounts.address.changed"),
    (account.email_removed, "accounts.address.removed"),
    (account.password_set, "accounts.password.set"),
    (account.password_changed, "accounts.password.changed"),
    (account.password_reset, "accounts.password.reset"),
    (mfa.authenticator_added, "accounts.second_factor.added"),
    (mfa.authenticator_removed, "accounts.second_factor.removed"),
    (mfa.authenticator_reset, "accounts.second_factor.renewed"),
    (mfa.authentication_failed, "accounts.second_factor.failed"),
)


def _recorder(event: str) -> Any:
    def note(*, request: HttpRequest | None = None, user: User | None = None, **told: Any) -> None:
        person = user or getattr(told.get("email_address"), "user", None)
        if not isinstance(person, User):
            return
        kind = getattr(told.get("authenticator"), "type", None)
        with transaction.atomic():
            log.record(
                event=event,
                actor=actor_of(person),
                subject=actor_of(person),
                facts={"type": str(kind)} if kind else {},
                personal=_client(request),
                at=timezone.now(),
            )

    return note


def _failed(
    *, credentials: dict[str, Any], request: HttpRequest | None = None, **_told: Any
) -> None:
    """A wrong password. Whether the address is somebody's is known here, and not told at the door."""
    address = str(credentials.get("email") or credentials.get("username") or "")
    address = address[:EMAIL_CHARS_MAX].lower()
    person = User.objects.filter(email=address).first() if address else None
    with transaction.atomic():
        log.record(
            event="accounts.person.sign_in_failed",
            actor="nobody",
            subject=actor_of(person) if person else "user:unknown",
            facts={},
            personal={"email": address, **_client(request)},
            at=timezone.now(),
        )


def _set_up(*, request: HttpRequest, authenticator: Any, **_told: Any) -> None:
    note_setup(request, kind=str(authenticator.type))


def _client(request: HttpRequest | None) -> dict[str, str]:
    address = get_client_ip(request) if request else None
    return {"client": address} if address else {}
