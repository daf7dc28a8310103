"""Payments: who takes cards and pays sellers, and with which keys. An unknown provider starts no process."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from environ import Env

from exchange.core import payment_settings
from exchange.core.payment_settings import STRIPE_API, pages_of

__all__ = ["pages_of", "read"]


def read(env: Env, *, default: str) -> Mapping[str, Any]:
    """The settings of payments from the environment. Raises ImproperlyConfigured for what does not fit."""
    given = {
        "PAYMENT_PROVIDER": env.str("PAYMENT_PROVIDER", default=default),
        "PAYMENT_WEBHOOK_SECRET": env.str(
            "PAYMENT_WEBHOOK_SECRET", default="whsec_development_only"
        ),
        "STRIPE_SECRET_KEY": env.str("STRIPE_SECRET_KEY", default=""),
        "STRIPE_CONNECT_WEBHOOK_SECRET": env.str("STRIPE_CONNECT_WEBHOOK_SECRET", default=""),
        "STRIPE_COUNTRY": env.str("STRIPE_COUNTRY", default=""),
        "STRIPE_LIVE_MODE": env.bool("STRIPE_LIVE_MODE", default=False),
        "STRIPE_API_BASE": env.str("STRIPE_API_BASE", default=STRIPE_API).rstrip("/"),
        "EXCHANGE_CURRENCIES": env.list("EXCHANGE_CURRENCIES", default=["CNY"]),
    }
    refused = list(payment_settings.problems(given))
    if refused:
        raise ImproperlyConfigured("\n".join(refused))
    return given | {"PAYMENT_PROVIDER": payment_settings.named(given["PAYMENT_PROVIDER"])}
