"""How much an organisation stores and may; space is given away one at a time for each."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.audit import log
from exchange.vault.errors import FileTooLarge, QuotaBelowUse, QuotaExceeded
from exchange.vault.lifecycle import UploadState
from exchange.vault.models import Blob, Storage, Upload


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


def lock_space(organisation_id: int) -> Storage:
    """The organisation's row, locked until the transaction ends: nobody else takes space meanwhile."""
    Storage.objects.get_or_create(organisation_id=organisation_id)
    return Storage.objects.select_for_update().get(organisation_id=organisation_id)


def check_size(size_bytes: int) -> None:
    """Raise FileTooLarge for more than one file may hold."""
    if size_bytes > settings.VAULT_FILE_BYTES:
        raise FileTooLarge(
            _("A file may have at most %(most)s; split it into several files.")
            % {"most": _size(settings.VAULT_FILE_BYTES)},
            size_bytes_max=settings.VAULT_FILE_BYTES,
        )


def check_room(space: Space, needed_bytes: int) -> None:
    """Raise FileTooLarge, or QuotaExceeded unless `needed_bytes` more fit."""
    check_size(needed_bytes)
    if needed_bytes > space.free_bytes:
        raise QuotaExceeded(
            _("The file does not fit: %(free)s of %(quota)s are free.")
            % {"free": _size(space.free_bytes), "quota": _size(space.quota_bytes)},
            needed_bytes=needed_bytes,
            free_bytes=space.free_bytes,
            quota_bytes=space.quota_bytes,
        )


@transaction.atomic
def set_quota(
    *, organisation: Organisation, quota_bytes: int | None, actor: str, now: datetime
) -> Storage:
    """Give an organisation a limit of its own, or with None that of the exchange again."""
    storage = lock_space(organisation.pk)
    space = space_of(organisation.pk)
    taken = space.used_bytes + space.reserved_bytes
    if quota_bytes is not None and quota_bytes < taken:
        raise QuotaBelowUse(_("The organisation stores more than this already."), least_bytes=taken)
    storage.quota_bytes = quota_bytes
    storage.save(update_fields=["quota_bytes"])
    log.record(
        event="vault.quota.set",
        actor=actor,
        subject=f"organisation:{organisation.public_id}",
        facts={"quota_bytes": quota_bytes},
        at=now,
    )
    return storage


def _size(size_bytes: int) -> str:
    """In the unit that a person would use, rounded down so that it never promises too much."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size_bytes >= factor:
            return f"{size_bytes * 10 // factor / 10:g} {unit}"
    return f"{size_bytes} B"
