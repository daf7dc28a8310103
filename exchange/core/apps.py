from datetime import date
from typing import Any

from django.apps import AppConfig
from django.apps import apps as current_apps
from django.db.models.signals import post_migrate
from django.urls import register_converter
from django.utils.translation import gettext_lazy as _


class DayConverter:
    """`2026-11-23` in a path; what is no day is no such address."""

    regex = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        from exchange.core.inputs import read_day  # noqa: PLC0415 - apps are loaded before what it needs
        from exchange.core.refusals import Invalid  # noqa: PLC0415 - as above

        try:
            return read_day(value)
        except Invalid as refusal:
            raise ValueError(value) from refusal

    def to_url(self, value: date | str) -> str:
        return value if isinstance(value, str) else value.isoformat()


class CoreConfig(AppConfig):
    name = "exchange.core"
    label = "core"
    verbose_name = _("Core")

    def ready(self) -> None:
        from accounts import changes  # noqa: PLC0415 - models must be loaded first
        from exchange.core import checks, clock  # noqa: F401, PLC0415 - as above; checks register

        changes.use_clock(clock.now)
        register_converter(DayConverter, "day")
        post_migrate.connect(_after_migration, sender=self, dispatch_uid="core.starting_values")


def _after_migration(**sent: Any) -> None:
    """Also after a test database was emptied, for Django sends the same news then."""
    from exchange.core.seed_rules import load_starting_values  # noqa: PLC0415 - models must be loaded first

    load_starting_values(apps=sent.get("apps") or current_apps)
