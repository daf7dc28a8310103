"""Uploads on their way."""

from django.utils.translation import gettext as _

from exchange.core.refusals import NotFound
from exchange.vault.models import Upload
from exchange.vault.states import UploadState


def upload_of(organisation_id: int | None, public_id: str) -> Upload:
    """One of the organisation's uploads. Raises NotFound for anybody else's."""
    found = (
        None
        if organisation_id is None
        else Upload.objects.filter(organisation_id=organisation_id, public_id=public_id)
        .select_related("file")
        .first()
    )
    if found is None:
        raise NotFound(_("There is no such upload."))
    return found


def unfinished_uploads(organisation_id: int) -> list[Upload]:
    """What the organisation has begun and not finished, newest first."""
    return list(
        Upload.objects.filter(
            organisation_id=organisation_id, state=UploadState.RECEIVING
        ).order_by("-id")
    )
