"""Whether a session was opened, or confirmed, with a second factor."""

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import get_adapter
from django.http import HttpRequest

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


def note_setup(request: HttpRequest, *, kind: str) -> None:
    """Setting a second factor up shows it: nobody is asked for the code they have just typed."""
    if request.user.is_authenticated:
        record_authentication(request, request.user, METHOD, type=kind)
