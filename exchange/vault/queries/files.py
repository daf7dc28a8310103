"""Files and their content, for whoever policy has let through."""

from pathlib import Path
from typing import IO

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from exchange.core.refusals import NotFound
from exchange.vault.models import Blob, DataFile, DataTable
from exchange.vault.store import content_name, content_storage


def open_blob(blob: Blob) -> IO[bytes]:
    """The content, seekable. Raises NotFound when the storage has lost it."""
    try:
        return content_storage().open(content_name(blob.sha256))
    except FileNotFoundError:
        raise NotFound(_("The content of this file is missing."), sha256=blob.sha256) from None


def blob_path(blob: Blob) -> Path | None:
    """Where the content lies on this machine; None when it does not lie on a disk of ours."""
    try:
        return Path(content_storage().path(content_name(blob.sha256)))
    except NotImplementedError:
        return None


def files_of(organisation_id: int) -> QuerySet[DataFile]:
    """The organisation's files, newest first."""
    return (
        DataFile.objects.filter(organisation_id=organisation_id)
        .select_related("blob", "organisation", "created_by")
        .order_by("-id")
    )


def file_of(organisation_id: int | None, public_id: str) -> DataFile:
    """One of the organisation's files. Raises NotFound for anybody else's."""
    found = (
        None
        if organisation_id is None
        else files_of(organisation_id).filter(public_id=public_id).first()
    )
    if found is None:
        raise NotFound(_("There is no such file."))
    return found


def tables_of(file: DataFile) -> list[DataTable]:
    """What was read from the file, in its order."""
    return list(file.tables.select_related("parquet", "sample").order_by("position"))
