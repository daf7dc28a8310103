from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NegotiationConfig(AppConfig):
    name = "exchange.negotiation"
    label = "negotiation"
    verbose_name = _("Negotiation")

    def ready(self) -> None:
        from exchange.negotiation import reactions  # noqa: PLC0415 - models must be loaded first

        reactions.declare()
