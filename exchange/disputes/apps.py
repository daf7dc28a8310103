from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DisputesConfig(AppConfig):
    name = "exchange.disputes"
    label = "disputes"
    verbose_name = _("Disputes")

    def ready(self) -> None:
        from exchange.disputes import reactions  # noqa: PLC0415 - models must be loaded first

        reactions.declare()
