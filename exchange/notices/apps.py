from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    name = "exchange.notices"
    label = "notices"
    verbose_name = _("Notices")

    def ready(self) -> None:
        from accounts import changes  # noqa: PLC0415 - as above
        from exchange.core import use_case  # noqa: PLC0415 - models must be loaded first
        from exchange.notices import banners, inbox, notify, of_members  # noqa: PLC0415 - as above

        use_case.declare_writer("notice", rank=2, write=notify.write)
        changes.listen(inbox.mail_invitation)
        of_members.declare()
        banners.declare()
