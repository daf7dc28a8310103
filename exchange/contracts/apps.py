from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContractsConfig(AppConfig):
    name = "exchange.contracts"
    label = "contracts"
    verbose_name = _("Contracts")

    def ready(self) -> None:
        from exchange.contracts import reactions  # noqa: PLC0415 - models must be loaded first

        reactions.declare()
