from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "exchange.audit"
    label = "audit"
    verbose_name = _("Transparency log")

    def ready(self) -> None:
        from accounts import changes  # noqa: PLC0415 - as below
        from exchange.audit import log  # noqa: PLC0415 - models must be loaded first
        from exchange.core import lifecycle, use_case  # noqa: PLC0415 - as above

        use_case.declare_writer("record", rank=1, write=log.insert)
        lifecycle.declare(record=log.record)
        changes.listen(log.record)
