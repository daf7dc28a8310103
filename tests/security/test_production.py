"""Production refuses to start, and `check --deploy` fails, on each setting that is not safe."""

import os
import secrets
import subprocess
import sys
from base64 import b64encode
from typing import Any

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError
from pytest_django import Settings

from exchange.core import checks, database_roles, payment_settings, production
from exchange.settings import payments
from tests.architecture.floors import PROJECT

SAFE: dict[str, Any] = {
    "DEBUG": False,
    "SECRET_KEY": secrets.token_urlsafe(64),
    "DATABASE_IS_NAMED": True,
    "ALLOWED_HOSTS": ["exchange.cn"],
    "PUBLIC_URL": "https://exchange.cn",
    "AUDIT_SIGNING_KEY": b64encode(b"\xff" + secrets.token_bytes(31)).decode(),
    "AUDIT_WITNESS": "/mnt/witness",
    "PAYMENT_PROVIDER": "none",
    "PAYMENT_WEBHOOK_SECRET": "",
    "STRIPE_SECRET_KEY": "",
    "STRIPE_LIVE_MODE": False,
    "STRIPE_API_BASE": "https://api.stripe.com",
    "STRIPE_CONNECT_WEBHOOK_SECRET": "",
    "STRIPE_COUNTRY": "",
    "EXCHANGE_BANK_HOLDER": "Data Exchange Ltd",
    "EXCHANGE_BANK_ACCOUNT": "6222 0210 0111 2233 445",
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "EMAIL_HOST": "mail.exchange.cn",
    "DEFAULT_FROM_EMAIL": "Exchange <desk@exchange.cn>",
    "SECOND_FACTOR_REQUIRED": True,
    "INSTALLED_APPS": ["exchange.core"],
    "TIME_ZONE": "Asia/Shanghai",
    "EXCHANGE_CURRENCIES": ["CNY"],
}
UNSAFE = [
    ("DEBUG", True, "DEBUG"),
    ("SECRET_KEY", "insecure-key-for-development-only", "SECRET_KEY"),
    ("SECRET_KEY", "short", "SECRET_KEY"),
    ("SECRET_KEY", "ab" * 40, "SECRET_KEY"),
    ("DATABASE_IS_NAMED", False, "DATABASE_URL"),
    ("ALLOWED_HOSTS", [], "ALLOWED_HOSTS"),
    ("ALLOWED_HOSTS", ["*"], "ALLOWED_HOSTS"),
    ("ALLOWED_HOSTS", ["localhost", "127.0.0.1"], "ALLOWED_HOSTS"),
    ("PUBLIC_URL", "http://exchange.cn", "PUBLIC_URL"),
    ("PUBLIC_URL", "https://localhost:8000", "PUBLIC_URL"),
    ("AUDIT_SIGNING_KEY", "", "AUDIT_SIGNING_KEY"),
    ("AUDIT_SIGNING_KEY", "not base64 at all but of some length….", "AUDIT_SIGNING_KEY"),
    ("AUDIT_SIGNING_KEY", b64encode(bytes(32)).decode(), "AUDIT_SIGNING_KEY"),
    ("AUDIT_SIGNING_KEY", b64encode(bytes(range(200, 232))).decode(), "AUDIT_SIGNING_KEY"),
    ("AUDIT_SIGNING_KEY", "YXNzYXkgdGVzdCBsb2c6IG5vdCBhIHNlY3JldCBrZXk=", "AUDIT_SIGNING_KEY"),
    ("AUDIT_WITNESS", "", "AUDIT_WITNESS"),
    ("AUDIT_WITNESS", "witness", "AUDIT_WITNESS"),
    ("AUDIT_WITNESS", "http://witness.cn/heads", "AUDIT_WITNESS"),
    ("AUDIT_WITNESS", "HTTPS://witness.cn/heads", "AUDIT_WITNESS"),
    ("PAYMENT_PROVIDER", "stirpe", "PAYMENT_PROVIDER"),
    ("EXCHANGE_CURRENCIES", [], "EXCHANGE_CURRENCIES"),
    ("EXCHANGE_CURRENCIES", ["CNY", "XXX"], "EXCHANGE_CURRENCIES"),
    ("EXCHANGE_BANK_ACCOUNT", "6222 0000 0000 0000 (test)", "EXCHANGE_BANK_ACCOUNT"),
    ("EXCHANGE_BANK_ACCOUNT", "", "EXCHANGE_BANK_ACCOUNT"),
    ("EXCHANGE_BANK_HOLDER", " ", "EXCHANGE_BANK_HOLDER"),
    ("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend", "EMAIL_URL"),
    ("EMAIL_BACKEND", "django.core.mail.backends.dummy.EmailBackend", "EMAIL_URL"),
    ("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend", "EMAIL_URL"),
    ("EMAIL_BACKEND", "django.core.mail.backends.locmem.EmailBackend", "EMAIL_URL"),
    ("EMAIL_HOST", "", "EMAIL_URL"),
    ("DEFAULT_FROM_EMAIL", "Assay <exchange@localhost>", "DEFAULT_FROM_EMAIL"),
    ("SECOND_FACTOR_REQUIRED", False, "SECOND_FACTOR_REQUIRED"),
    ("INSTALLED_APPS", ["exchange.demo"], "exchange.demo"),
    ("TIME_ZONE", "Asia/Shangai", "TIME_ZONE"),
    ("TIME_ZONE", "Asia", "TIME_ZONE"),
    ("TIME_ZONE", "../Asia/Shanghai", "TIME_ZONE"),
    ("TIME_ZONE", "", "TIME_ZONE"),
]


def test_safe_settings_are_let_through() -> None:
    assert list(production.problems(SAFE)) == []


@pytest.mark.parametrize(("name", "value", "named"), UNSAFE)
def test_the_deploy_check_fails_on_each_unsafe_setting(
    settings: Settings, name: str, value: object, named: str
) -> None:
    for safe_name, safe in SAFE.items():
        if safe_name != "INSTALLED_APPS":
            setattr(settings, safe_name, safe)
    assert list(production.problems(SAFE | {name: value})) != []
    if name in ("INSTALLED_APPS", "TIME_ZONE"):
        return  # Django would take them up
    setattr(settings, name, value)
    errors = checks.settings_of_production()
    assert any(named in error.msg and error.is_serious() for error in errors)


@pytest.mark.parametrize("secret", ["", "whsec_development_only"])
def test_a_provider_needs_a_secret_of_its_own(secret: str) -> None:
    unsafe = SAFE | {"PAYMENT_PROVIDER": "test", "PAYMENT_WEBHOOK_SECRET": secret}
    ((_number, sentence),) = production.problems(unsafe)
    assert "PAYMENT_WEBHOOK_SECRET" in sentence


STRIPE = {
    "PAYMENT_PROVIDER": "stripe",
    "STRIPE_SECRET_KEY": "sk_live_7",
    "STRIPE_LIVE_MODE": True,
    "STRIPE_API_BASE": "https://api.stripe.com",
    "PAYMENT_WEBHOOK_SECRET": "whsec_1",
    "STRIPE_CONNECT_WEBHOOK_SECRET": "whsec_2",
    "STRIPE_COUNTRY": "HK",
    "EXCHANGE_CURRENCIES": ["HKD", "CNY"],
}
STRIPE_REFUSED = [
    ({"STRIPE_SECRET_KEY": ""}, "STRIPE_SECRET_KEY"),
    ({"STRIPE_SECRET_KEY": "pk_live_7"}, "STRIPE_SECRET_KEY"),
    ({"STRIPE_SECRET_KEY": "sk_test_7"}, "STRIPE_LIVE_MODE"),
    ({"STRIPE_LIVE_MODE": False}, "STRIPE_LIVE_MODE"),
    ({"STRIPE_API_BASE": "http://127.0.0.1:12111"}, "STRIPE_API_BASE"),
    ({"STRIPE_API_BASE": "https://api.stripe.com.example.org"}, "STRIPE_API_BASE"),
    ({"PAYMENT_WEBHOOK_SECRET": "secret"}, "PAYMENT_WEBHOOK_SECRET"),
    ({"STRIPE_CONNECT_WEBHOOK_SECRET": ""}, "STRIPE_CONNECT_WEBHOOK_SECRET"),
    ({"STRIPE_COUNTRY": "Hong Kong"}, "STRIPE_COUNTRY"),
    ({"EXCHANGE_CURRENCIES": ["CNY", "KWD"]}, "EXCHANGE_CURRENCIES"),
    ({"PAYMENT_PROVIDER": "stirpe"}, "none, test, stripe"),
]


def test_stripe_is_let_through_with_its_keys_and_no_other_provider_needs_them() -> None:
    assert list(production.problems(SAFE | STRIPE)) == []
    stand_in = {
        "STRIPE_SECRET_KEY": "rk_test_7", "STRIPE_LIVE_MODE": False, "STRIPE_API_BASE": "http://[::1]:12111",
    }  # fmt: skip
    assert list(payment_settings.problems(STRIPE | stand_in)) == []
    assert list(payment_settings.problems(SAFE | {"PAYMENT_PROVIDER": "test"})) == []
    assert payment_settings.named("") is payment_settings.PaymentProvider.NONE
    assert payment_settings.pages_of(STRIPE)[0] == "https://checkout.stripe.com"


@pytest.mark.parametrize(("change", "named"), STRIPE_REFUSED)
def test_stripe_is_refused_without_what_it_needs(
    settings: Settings, change: dict[str, object], named: str
) -> None:
    for name, value in (STRIPE | change).items():
        setattr(settings, name, value)
    (error,) = checks.settings_of_the_provider()
    assert named in error.msg
    environment = {name: str(value) for name, value in (STRIPE | change).items()}
    with pytest.raises(ImproperlyConfigured, match=named):
        payments.read(_environment(environment), default="none")


def _environment(values: dict[str, str]) -> environ.Env:
    env = environ.Env()
    env.ENVIRON = values
    return env


@pytest.mark.django_db
def test_a_role_that_may_do_too_much_fails_the_deploy_check() -> None:
    errors = checks.role_of_the_database()
    assert "The role of DATABASE_URL is a superuser." in [error.msg for error in errors]


def test_a_process_of_production_does_not_start_as_such_a_role(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_roles, "powers_too_many", lambda: ["is a superuser"])
    checks.require_safe_database()
    settings.ENVIRONMENT = "production"
    with pytest.raises(ImproperlyConfigured, match="is a superuser"):
        checks.require_safe_database()


def test_a_process_waits_for_a_database_that_is_away(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_away() -> list[str]:
        raise OperationalError

    settings.ENVIRONMENT = "production"
    monkeypatch.setattr(database_roles, "powers_too_many", is_away)
    checks.require_safe_database()


@pytest.mark.parametrize("words", [[], ["--settings", "exchange.settings.prod"]])
def test_a_command_in_production_without_an_address_starts_no_private_server(
    words: list[str],
) -> None:
    environment = {
        key: value
        for key, value in os.environ.items()
        if key not in {"DATABASE_URL", "DATABASE_OWNER_URL", "DJANGO_SETTINGS_MODULE"}
    }
    if not words:
        environment["DJANGO_SETTINGS_MODULE"] = "exchange.settings.prod"
    ended = subprocess.run(
        [sys.executable, "manage.py", "migrate", *words],
        cwd=PROJECT,
        env=environment | {"ASSAY_INSTANCE": "never-made"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode != 0
    assert "Set DATABASE_URL to your PostgreSQL" in ended.stderr
    assert not (PROJECT / "var" / "never-made").exists()
