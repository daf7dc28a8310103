"""What production refuses to start with. The settings of production ask as they are read, `check --deploy` of
whatever settings there are; both get the same sentences."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from exchange.core import payment_settings
from exchange.core.payment_settings import PaymentProvider

SECRET_KEY_MIN_CHARS = 50
SECRET_KEY_MIN_DIFFERENT = 16
SIGNING_KEY_BYTES = 32
STEPS_MIN = 12
LOCAL_HOSTS = {"localhost", "127.0.0.1", "[::1]", "::1", ""}
MAIL_BACKENDS_TO_NOWHERE = ("console", "dummy", "filebased", "locmem")
DEVELOPMENT_VALUES = ("development", "insecure", "(test)", "changeme", "example")


def problems(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The number of each check that fails and the sentence that says what would be accepted."""
    for number, check in enumerate(CHECKS, start=1):
        sentence = check(settings)
        if sentence:
            yield f"exchange.E{number:03}", sentence


def _debug(settings: Mapping[str, Any]) -> str:
    return (
        "DEBUG shows strangers our code and settings: set it to False." if settings["DEBUG"] else ""
    )


def _secret_key(settings: Mapping[str, Any]) -> str:
    key = str(settings["SECRET_KEY"])
    weak = (
        len(key) < SECRET_KEY_MIN_CHARS
        or len(set(key)) < SECRET_KEY_MIN_DIFFERENT
        or _is_of_development(key)
    )
    return (
        f"Set SECRET_KEY to a random string of at least {SECRET_KEY_MIN_CHARS} characters."
        if weak
        else ""
    )


def _database(settings: Mapping[str, Any]) -> str:
    return (
        ""
        if settings["DATABASE_IS_NAMED"]
        else "Set DATABASE_URL to your PostgreSQL, e.g. postgresql://user@host/assay."
    )


def _hosts(settings: Mapping[str, Any]) -> str:
    hosts = set(settings["ALLOWED_HOSTS"])
    if "*" in hosts or hosts <= LOCAL_HOSTS:
        return "Set ALLOWED_HOSTS to the names this exchange answers to."
    return ""


def _address(settings: Mapping[str, Any]) -> str:
    address = urlsplit(str(settings["PUBLIC_URL"]))
    if address.scheme != "https" or (address.hostname or "") in LOCAL_HOSTS:
        return "Set PUBLIC_URL to the https address of this exchange: mails and documents name it."
    return ""


def _signing_key(settings: Mapping[str, Any]) -> str:
    try:
        seed = base64.b64decode(settings["AUDIT_SIGNING_KEY"], validate=True)
    except (binascii.Error, ValueError):
        seed = b""
    # A phrase, a counter or a repeated byte is somebody's guess; random bytes are none of these.
    steps = {(after - before) % 256 for before, after in pairwise(seed)}
    if len(seed) == SIGNING_KEY_BYTES and not seed.isascii() and len(steps) > STEPS_MIN:
        return ""
    return (
        "Set AUDIT_SIGNING_KEY to 32 random bytes in base64 (openssl rand -base64 32) and keep a"
        " copy: it signs the transparency log."
    )


def _witness(settings: Mapping[str, Any]) -> str:
    witness = str(settings["AUDIT_WITNESS"])
    if PurePath(witness).is_absolute() or witness.startswith("https://"):
        return ""
    return (
        "Set AUDIT_WITNESS to a folder on another disk, by its whole path, or an address that begins with"
        " https:// and keeps each signed head of the transparency log."
    )


def _provider(settings: Mapping[str, Any]) -> str:
    return " ".join(payment_settings.problems(settings))


def _webhook_secret(settings: Mapping[str, Any]) -> str:
    secret = str(settings["PAYMENT_WEBHOOK_SECRET"])
    has_provider = settings["PAYMENT_PROVIDER"] not in {"", PaymentProvider.NONE}
    if has_provider and (not secret or _is_of_development(secret)):
        return "Set PAYMENT_WEBHOOK_SECRET to what the payment provider signs its messages with."
    return ""


def _bank_account(settings: Mapping[str, Any]) -> str:
    named = [str(settings[f"EXCHANGE_BANK_{part}"]).strip() for part in ("HOLDER", "ACCOUNT")]
    if not all(named) or any(_is_of_development(one) for one in named):
        return "Set EXCHANGE_BANK_HOLDER and EXCHANGE_BANK_ACCOUNT: buyers pay to that account."
    return ""


def _mail(settings: Mapping[str, Any]) -> str:
    backend = str(settings["EMAIL_BACKEND"])
    goes_nowhere = any(f".{name}." in backend for name in MAIL_BACKENDS_TO_NOWHERE)
    if goes_nowhere or (backend.endswith("smtp.EmailBackend") and not settings["EMAIL_HOST"]):
        return "Set EMAIL_URL to a mail server, e.g. smtp+tls://user:password@host:587."
    return ""


def _sender(settings: Mapping[str, Any]) -> str:
    sender = str(settings["DEFAULT_FROM_EMAIL"]).rstrip("> ").rpartition("@")[2]
    if sender in LOCAL_HOSTS:
        return "Set DEFAULT_FROM_EMAIL to an address that people can answer to."
    return ""


def _second_factor(settings: Mapping[str, Any]) -> str:
    return (
        ""
        if settings["SECOND_FACTOR_REQUIRED"]
        else "SECOND_FACTOR_REQUIRED may be off in the demo alone."
    )


def _demo(settings: Mapping[str, Any]) -> str:
    if "exchange.demo" in settings["INSTALLED_APPS"]:
        return "exchange.demo signs anybody in as anybody: take it out of INSTALLED_APPS."
    return ""


def _zone(settings: Mapping[str, Any]) -> str:
    # Django itself asks only whether the system has something of that name, which a folder is too.
    try:
        ZoneInfo(str(settings["TIME_ZONE"]))
    except (OSError, ValueError, ZoneInfoNotFoundError):
        return "Set TIME_ZONE to a zone of the IANA database, e.g. Asia/Shanghai."
    return ""


def _is_of_development(value: str) -> bool:
    return any(word in value.lower() for word in DEVELOPMENT_VALUES)


CHECKS = (
    _debug,
    _secret_key,
    _database,
    _hosts,
    _address,
    _signing_key,
    _witness,
    _provider,
    _webhook_secret,
    _bank_account,
    _mail,
    _sender,
    _second_factor,
    _demo,
    _zone,
)
