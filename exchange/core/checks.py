"""The exchange's part of `manage.py check`, and what a process of production asks before it serves."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError, connection

from exchange.core import database_roles, payment_settings, production, zone

READ = (
    "DEBUG", "SECRET_KEY", "DATABASE_IS_NAMED", "ALLOWED_HOSTS", "PUBLIC_URL", "AUDIT_SIGNING_KEY",
    "AUDIT_WITNESS", "PAYMENT_PROVIDER", "PAYMENT_WEBHOOK_SECRET", "STRIPE_SECRET_KEY", "STRIPE_LIVE_MODE",
    "STRIPE_API_BASE", "STRIPE_COUNTRY", "STRIPE_CONNECT_WEBHOOK_SECRET", "EXCHANGE_BANK_HOLDER", "EXCHANGE_BANK_ACCOUNT",
    "EMAIL_BACKEND", "EMAIL_HOST", "DEFAULT_FROM_EMAIL", "SECOND_FACTOR_REQUIRED", "INSTALLED_APPS",
    "TIME_ZONE", "EXCHANGE_CURRENCIES",
)  # fmt: skip
ROLE_HINT = "Sign in as a role that owns nothing, and name the owner in DATABASE_OWNER_URL for migrate alone."


@register(Tags.security, deploy=True)
def settings_of_production(**_options: Any) -> list[CheckMessage]:
    """An error for each setting that production refuses."""
    values = {name: getattr(settings, name) for name in READ}
    return [Error(sentence, id=number) for number, sentence in production.problems(values)]


@register(Tags.security)
def settings_of_the_provider(**_options: Any) -> list[CheckMessage]:
    """An error for each setting of the payment provider that does not fit, in every environment."""
    values = {name: getattr(settings, name) for name in READ}
    return [Error(sentence, id="exchange.E103") for sentence in payment_settings.problems(values)]


@register(Tags.security, deploy=True)
def role_of_the_database(**_options: Any) -> list[CheckMessage]:
    """An error when the role of DATABASE_URL may do more than serving takes, or does not answer."""
    try:
        powers = database_roles.powers_too_many()
    except (OperationalError, InterfaceError) as failure:
        return [Error(f"The database does not answer: {failure}", id="exchange.E101")]
    return [
        Error(f"The role of DATABASE_URL {power}.", hint=ROLE_HINT, id="exchange.E100")
        for power in powers
    ]


@register(Tags.compatibility)
def zone_of_the_books(**_options: Any) -> list[CheckMessage]:
    """An error when TIME_ZONE is another zone than that of the books. A database that does not answer is
    the deploy check's to name."""
    try:
        difference = zone.difference()
        return [Error(difference, hint=zone.advice(), id="exchange.E102")] if difference else []
    except (OperationalError, InterfaceError):
        return []


def excess_powers() -> list[str]:
    """What the role of a process of production may do and must not; asked of the database until it is safe."""
    if settings.ENVIRONMENT != "production" or _found_safe.is_set():
        return []
    powers = database_roles.powers_too_many()
    if not powers:
        _found_safe.set()
    return powers


def require_safe_database() -> None:
    """Raise ImproperlyConfigured when a process of production signs in as a role that may do too much, or
    reckons in another zone than the books.

    A database that does not answer is no reason: `/readyz` asks again, and the process waits for it.
    Asked in a thread of its own, since a server may start us inside its event loop.
    """
    with ThreadPoolExecutor(max_workers=1) as alone:
        refused = alone.submit(_asked_once).result()
    if refused:
        raise ImproperlyConfigured(refused)


def _asked_once() -> str:
    if settings.ENVIRONMENT != "production":
        return ""
    try:
        if powers := excess_powers():
            return f"The role of DATABASE_URL {', '.join(powers)}. {ROLE_HINT}"
        return f"{zone.difference()} {zone.advice()}" if zone.difference() else ""
    except (OperationalError, InterfaceError):
        return ""
    finally:
        connection.close()


_found_safe = Event()
