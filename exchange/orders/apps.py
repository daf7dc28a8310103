from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "exchange.orders"
    label = "orders"
    verbose_name = _("Orders")

    def ready(self) -> None:
        from exchange.orders import (  # noqa: PLC0415 - models must be loaded first
            agreed_fees,
            limits,
            reactions,
            subscriptions,
        )

        reactions.declare_parties()
        reactions.declare()
        limits.declare()
        agreed_fees.declare()
        subscriptions.declare()
