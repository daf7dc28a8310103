from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MeteringConfig(AppConfig):
    name = "exchange.metering"
    label = "metering"
    verbose_name = _("Metering")

    def ready(self) -> None:
        from exchange.metering import disputes, holds, subscriptions  # noqa: PLC0415 - models must be loaded first
        from exchange.payments import withdrawals  # noqa: PLC0415 - as above

        subscriptions.declare()
        disputes.declare()
        withdrawals.declare_claims(holds.claims_on)
