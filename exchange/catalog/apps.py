from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    name = "exchange.catalog"
    label = "catalog"
    verbose_name = _("Catalogue")

    def ready(self) -> None:
        from exchange.catalog import reactions  # noqa: PLC0415 - models must be loaded first

        reactions.declare()
