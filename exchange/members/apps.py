from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MembersConfig(AppConfig):
    name = "exchange.members"
    label = "members"
    verbose_name = _("Members")

    def ready(self) -> None:
        from exchange.core import use_case  # noqa: PLC0415 - models must be loaded first
        from exchange.members import policy, recording  # noqa: PLC0415 - as above

        use_case.declare(ask=policy.require)
        recording.declare()
