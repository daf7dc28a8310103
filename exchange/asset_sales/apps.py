from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssetSalesConfig(AppConfig):
    name = "exchange.asset_sales"
    label = "asset_sales"
    verbose_name = _("State-asset sales")

    def ready(self) -> None:
        from exchange.asset_sales import reactions  # noqa: PLC0415 - models must be loaded first

        reactions.declare()
