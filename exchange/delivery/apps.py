from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeliveryConfig(AppConfig):
    name = "exchange.delivery"
    label = "delivery"
    verbose_name = _("Delivery")

    def ready(self) -> None:
        from exchange.delivery import (  # noqa: PLC0415 - models must be loaded first
            comparisons,
            entitlements,
            fetching,
        )
        from exchange.metering import holds  # noqa: PLC0415 - as above

        entitlements.declare()
        comparisons.declare()
        holds.declare(begun=fetching.begun)
