from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeliveryConfig(AppConfig):
    name = "exchange.delivery"
    label = "delivery"
    verbose_name = _("Delivery")

    def ready(self) -> None:
        from exchange.delivery import entitlements  # noqa: PLC0415 - models must be loaded first

        entitlements.declare()
