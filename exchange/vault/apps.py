from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy as _


class VaultConfig(AppConfig):
    name = "exchange.vault"
    label = "vault"
    verbose_name = _("Vault")

    def ready(self) -> None:
        from exchange.audit import agreement  # noqa: PLC0415 - needs models
        from exchange.audit.coverage import require_record, subjects  # noqa: PLC0415 - needs models
        from exchange.vault import checks, content  # noqa: PLC0415 - as above
        from exchange.vault.lifecycle import FileState  # noqa: PLC0415 - as above
        from exchange.vault.models import DataFile  # noqa: PLC0415 - as above

        register(checks.readers_are_isolated, Tags.security)
        register(checks.a_file_can_be_read, Tags.security, deploy=True)
        agreement.rows_of(
            "file",
            "vault_datafile AS row JOIN vault_blob AS blob ON blob.id = row.blob_id"
            " JOIN accounts_organisation AS o ON o.id = row.organisation_id",
            facts={
                "organisation": "o.public_id",
                "sha256": "blob.sha256",
                "size_bytes": "blob.size_bytes",
                "name": "row.name",
            },
            gone_after=("vault.file.removed",),
        )
        agreement.hold("content", content.that_differs)
        files = DataFile.objects.all()
        require_record(name="vault.files", rows=subjects("file", files), event="vault.file.stored")
        require_record(
            name="vault.files.read",
            rows=subjects("file", files.filter(state=FileState.READY)),
            event="vault.file.read",
        )
