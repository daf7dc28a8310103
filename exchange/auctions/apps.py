from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuctionsConfig(AppConfig):
    name = "exchange.auctions"
    label = "auctions"
    verbose_name = _("Auctions")

    def ready(self) -> None:
        from exchange.auctions import recording  # noqa: PLC0415 - models must be loaded first

        recording.declare()
