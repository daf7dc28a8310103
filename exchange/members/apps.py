from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MembersConfig(AppConfig):
    name = "exchange.members"
    label = "members"
    verbose_name = _("Members")

    def ready(self) -> None:
        from accounts import authority  # noqa: PLC0415 - models must be loaded first
        from exchange.core import use_case  # noqa: PLC0415 - as above
        from exchange.members import policy, recording, team  # noqa: PLC0415 - as above

        use_case.declare(ask=policy.require)
        authority.declare_joining(team.reason_not_to_join)
        recording.declare()
