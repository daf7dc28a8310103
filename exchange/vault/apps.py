from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy as _


class VaultConfig(AppConfig):
    name = "exchange.vault"
    label = "vault"
    verbose_name = _("Vault")

    def ready(self) -> None:
        from exchange.audit.coverage import require_record, subjects  # noqa: PLC0415 - needs models
        from exchange.vault import checks  # noqa: PLC0415 - as above
        from exchange.vault.lifecycle import FileState  # noqa: PLC0415 - as above
        from exchange.vault.models import DataFile  # noqa: PLC0415 - as above

        register(checks.readers_are_isolated, Tags.security)
        register(checks.a_file_can_be_read, Tags.security, deploy=True)
        files = DataFile.objects.all()
        require_record(name="vault.files", rows=subjects("file", files), event="vault.file.stored")
        require_record(
            name="vault.files.read",
            rows=subjects("file", files.filter(state=FileState.READY)),
            event="vault.file.read",
        )
