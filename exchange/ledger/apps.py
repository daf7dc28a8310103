from django.apps import AppConfig
from django.core.checks import Tags, register


class LedgerConfig(AppConfig):
    name = "exchange.ledger"
    label = "ledger"

    def ready(self) -> None:
        from exchange.ledger.queries.guard_check import guards_in_place  # noqa: PLC0415 - needs models

        register(Tags.database)(guards_in_place)
