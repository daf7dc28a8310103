from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SandboxConfig(AppConfig):
    name = "exchange.payments.gateway.sandbox"
    label = "payment_sandbox"
    verbose_name = _("Test payment provider")
