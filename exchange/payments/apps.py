from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PaymentsConfig(AppConfig):
    name = "exchange.payments"
    label = "payments"
    verbose_name = _("Payments")

    def ready(self) -> None:
        from exchange.payments import (  # noqa: PLC0415 - models must be loaded first
            by_hand,
            closing,
            distribution_rulings,
            payout_holds,
            reactions,
        )

        reactions.declare()
        by_hand.declare()
        closing.declare()
        distribution_rulings.declare()
        payout_holds.declare()
