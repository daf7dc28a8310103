"""How much an organisation stores, and may."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Sum

from exchange.vault.models import Blob, Storage, Upload
from exchange.vault.states import UploadState


@dataclass(frozen=True)
class Space:
    """Bytes of originals, each content counted once; what unfinished uploads declared is reserved."""

    quota_bytes: int
    used_bytes: int
    reserved_bytes: int

    @property
    def free_bytes(self) -> int:
        return max(0, self.quota_bytes - self.used_bytes - self.reserved_bytes)


def space_of(organisation_id: int) -> Space:
    """The organisation's space now. Under the lock of its Storage row it is exact."""
    own = (
        Storage.objects.filter(organisation_id=organisation_id)
        .values_list("quota_bytes", flat=True)
        .first()
    )
    held = Blob.objects.filter(files__organisation_id=organisation_id).distinct()
    used = Blob.objects.filter(pk__in=held.values("pk")).aggregate(total=Sum("size_bytes"))
    reserved = Upload.objects.filter(
        organisation_id=organisation_id, state=UploadState.RECEIVING
    ).aggregate(total=Sum("declared_bytes"))
    return Space(
        quota_bytes=settings.VAULT_QUOTA_BYTES if own is None else own,
        used_bytes=int(used["total"] or 0),
        reserved_bytes=int(reserved["total"] or 0),
    )
