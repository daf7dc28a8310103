from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MembersConfig(AppConfig):
    name = "exchange.members"
    label = "members"
    verbose_name = _("Members")

    def ready(self) -> None:
        from exchange.members import recording  # noqa: PLC0415 - models must be loaded first

        recording.declare()
