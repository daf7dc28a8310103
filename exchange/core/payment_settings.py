"""The payment provider that the settings name, and what each needs before a process serves."""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from pricing.money import CURRENCIES

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
STRIPE_API = "https://api.stripe.com"
# Where Stripe's own pages are: the card is given there, and sellers are identified there.
STRIPE_PAGES = ("https://checkout.stripe.com", "https://connect.stripe.com")
COUNTRY_CHARS = 2
KEY_BEGINNINGS = ("sk_", "rk_")
# Stripe takes three-decimal amounts only in whole tens of the smallest unit, and pays none of these out.
NOT_CARRIED_BY_STRIPE = frozenset({"BHD", "KRW", "KWD", "MOP"})


class PaymentProvider(StrEnum):
    """Who takes cards and pays sellers. `TEST` answers Stripe's API in process and moves no money."""

    NONE = "none"
    TEST = "test"
    STRIPE = "stripe"


def named(value: object) -> PaymentProvider:
    """The provider that a setting names; nothing at all is `NONE`. Raises ValueError."""
    return PaymentProvider(str(value) or PaymentProvider.NONE)


def pages_of(settings: Mapping[str, Any]) -> list[str]:
    """Origins that a payer or a seller is led to, for the policy that browsers keep."""
    if settings["PAYMENT_PROVIDER"] != PaymentProvider.STRIPE:
        return []
    base = str(settings["STRIPE_API_BASE"]).rstrip("/")
    return list(STRIPE_PAGES) if base == STRIPE_API else [base]


def problems(settings: Mapping[str, Any]) -> Iterator[str]:
    """A sentence for each setting of the provider that is not safe to serve with."""
    try:
        provider = named(settings["PAYMENT_PROVIDER"])
    except ValueError:
        known = ", ".join(PaymentProvider)
        yield f"PAYMENT_PROVIDER {settings['PAYMENT_PROVIDER']!r} is not known here: set it to one of {known}."
        return
    yield from filter(None, [_currencies(settings["EXCHANGE_CURRENCIES"], provider)])
    if provider is PaymentProvider.STRIPE:
        checks = (_key, _mode, _api_base, _secrets, _country)
        yield from filter(None, (check(settings) for check in checks))


def carried_by(provider: PaymentProvider) -> frozenset[str]:
    """The currencies in which the provider, or without one the exchange's bank, goes the whole way."""
    known = frozenset(CURRENCIES)
    return known - NOT_CARRIED_BY_STRIPE if provider is PaymentProvider.STRIPE else known


def _currencies(named_ones: Iterable[str], provider: PaymentProvider) -> str:
    wanted, carried = list(named_ones), carried_by(provider)
    if wanted and carried.issuperset(wanted):
        return ""
    return (
        f"Set EXCHANGE_CURRENCIES to one or more of {', '.join(sorted(carried))}: no other is paid and paid out"
        f" with PAYMENT_PROVIDER {provider}."
    )


def _key(settings: Mapping[str, Any]) -> str:
    if str(settings["STRIPE_SECRET_KEY"]).startswith(KEY_BEGINNINGS):
        return ""
    return "Set STRIPE_SECRET_KEY to a secret or restricted key of Stripe: sk_… or rk_…."


def _mode(settings: Mapping[str, Any]) -> str:
    """Which mode the key is of has to be said twice: real money is moved by nobody's mistake."""
    key = str(settings["STRIPE_SECRET_KEY"])
    if key.startswith(KEY_BEGINNINGS) and ("_live_" in key) != bool(settings["STRIPE_LIVE_MODE"]):
        return (
            "STRIPE_LIVE_MODE and STRIPE_SECRET_KEY disagree: set STRIPE_LIVE_MODE to true with a live"
            " key, and to false with a test key."
        )
    return ""


def _api_base(settings: Mapping[str, Any]) -> str:
    base = str(settings["STRIPE_API_BASE"])
    is_local = urlsplit(base).hostname in LOCAL_HOSTS
    if base == STRIPE_API or (is_local and not settings["STRIPE_LIVE_MODE"]):
        return ""
    return f"Set STRIPE_API_BASE to {STRIPE_API}, or, without live mode, to a stand-in at a local address."


def _secrets(settings: Mapping[str, Any]) -> str:
    names = ("PAYMENT_WEBHOOK_SECRET", "STRIPE_CONNECT_WEBHOOK_SECRET")
    if all(str(settings[name]).startswith("whsec_") for name in names):
        return ""
    return (
        "Set PAYMENT_WEBHOOK_SECRET and STRIPE_CONNECT_WEBHOOK_SECRET to the signing secrets (whsec_…)"
        " of the two endpoints at Stripe: of your account, and of connected accounts."
    )


def _country(settings: Mapping[str, Any]) -> str:
    country = str(settings["STRIPE_COUNTRY"])
    if (
        country.isascii()
        and country.isalpha()
        and country.isupper()
        and len(country) == COUNTRY_CHARS
    ):
        return ""
    return "Set STRIPE_COUNTRY to the country of your account at Stripe, in two letters, e.g. HK."
