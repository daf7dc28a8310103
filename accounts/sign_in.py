"""Second factors, sessions, and sign-ins and changes of how somebody signs in, as they are told.

The sign-in itself is allauth's and Django's; what they signal is announced here. Addresses are
personal.
"""

from typing import Any

from allauth.account import signals as account
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.core.internal.httpkit import get_client_ip
from allauth.mfa import signals as mfa
from allauth.mfa.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.contrib.auth import signals as auth
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.dispatch import Signal
from django.http import HttpRequest

from accounts import changes
from accounts.authority import actor_of
from accounts.models import Membership, Organisation, User

SESSION_KEY = "acting_for"


def act_for(request: HttpRequest, organisation: Organisation) -> None:
    """Remember the choice."""
    request.session[SESSION_KEY] = organisation.public_id


def memberships_of(request: HttpRequest) -> list[Membership]:
    """The memberships of who is signed in, by the organisation's name; asked once per request."""
    found: list[Membership] | None = getattr(request, "own_memberships", None)
    if found is None:
        found = []
        if request.user.is_authenticated:
            found = list(
                Membership.objects.filter(user_id=request.user.pk)
                .select_related("organisation")
                .order_by("organisation__name", "pk")
            )
        request.own_memberships = found  # type: ignore[attr-defined]  # kept for this request alone
    return found


def acting_membership(request: HttpRequest) -> Membership | None:
    """The membership acted in: the one chosen, or the only one. None when neither exists.

    Who was removed from the chosen organisation acts for none until they choose again: their next
    write must not land in another organisation by surprise.
    """
    memberships = memberships_of(request)
    chosen = request.session.get(SESSION_KEY)
    if chosen is not None:
        return next((one for one in memberships if one.organisation.public_id == chosen), None)
    return memberships[0] if len(memberships) == 1 else None


EMAIL_CHARS_MAX = 254
METHOD = "mfa"


def has_second_factor(request: HttpRequest) -> bool:
    """Whether who is signed in has set a second factor up."""
    return request.user.is_authenticated and bool(get_adapter().is_mfa_enabled(request.user))


def second_factor_proved(request: HttpRequest) -> bool:
    """Whether this very session has shown a second factor that still exists."""
    if not request.user.is_authenticated:
        return False
    records = get_authentication_records(request, request.user)
    shown = any(record.get("method") == METHOD for record in records)
    return shown and has_second_factor(request)


def sessions_of(request: HttpRequest) -> list[UserSession]:
    """Where who is signed in is signed in now, the newest first; this very session is among them."""
    if get_client_ip(request):
        UserSession.objects.create_from_request(request)
    found = UserSession.objects.purge_and_list(request.user)
    return sorted(found, key=lambda session: session.created_at, reverse=True)


@transaction.atomic
def end_other_sessions(request: HttpRequest, *, only: int | None = None) -> int:
    """End the sessions of who is signed in but this one, or the one of them that `only` names; how many."""
    rows = UserSession.objects.filter(user_id=request.user.pk)
    rows = rows.exclude(session_key=request.session.session_key)
    sessions = list(rows if only is None else rows.filter(pk=only))
    for session in sessions:
        session.end()
    person = request.user
    if sessions and isinstance(person, User):
        changes.announce(
            "accounts.sessions.ended",
            actor=actor_of(person),
            of=actor_of(person),
            facts={"sessions": len(sessions)},
            personal=_client(request),
            at=changes.now(),
        )
    return len(sessions)


def forget_ended_sessions() -> int:
    """Delete sessions whose time is over, and what was kept of where they were begun; how many of those."""
    Session.objects.filter(expire_date__lt=changes.now()).delete()
    kept = Session.objects.filter(session_key=OuterRef("session_key"))
    deleted, _by_model = UserSession.objects.exclude(Exists(kept)).delete()
    return int(deleted)


def connect() -> None:
    """Listen. Called once, when the apps are ready."""
    for signal, event in _OF_A_PERSON:
        signal.connect(_announcer(event), weak=False, dispatch_uid=f"told:{event}")
    auth.user_login_failed.connect(_failed, dispatch_uid="told:sign_in_failed")
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


def _announcer(event: str) -> Any:
    def note(*, request: HttpRequest | None = None, user: User | None = None, **told: Any) -> None:
        person = user or getattr(told.get("email_address"), "user", None)
        if not isinstance(person, User):
            return
        kind = getattr(told.get("authenticator"), "type", None)
        with transaction.atomic():
            changes.announce(
                event,
                actor=actor_of(person),
                of=actor_of(person),
                facts={"type": str(kind)} if kind else {},
                personal=_client(request),
                at=changes.now(),
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
        changes.announce(
            "accounts.person.sign_in_failed",
            actor="nobody",
            of=actor_of(person) if person else "user:unknown",
            facts={},
            personal={"email": address, **_client(request)},
            at=changes.now(),
        )


def _set_up(*, request: HttpRequest, authenticator: Any, **_told: Any) -> None:
    """Setting a second factor up shows it: nobody is asked for the code they have just typed."""
    if request.user.is_authenticated:
        record_authentication(request, request.user, METHOD, type=str(authenticator.type))


def _client(request: HttpRequest | None) -> dict[str, str]:
    address = get_client_ip(request) if request else None
    return {"client": address} if address else {}
