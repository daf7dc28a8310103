"""Uploads that arrive in pieces and survive a cut line, a closed lid and a killed server."""

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from exchange.core.refusals import NotFound
from exchange.core.use_case import use_case
from exchange.members.actors import Actor, Subject, system_actor
from exchange.members.permissions import Permission
from exchange.vault.errors import (
    OffsetMismatch,
    TooManyBytes,
    UploadIncomplete,
    UploadOver,
    UploadsFull,
)
from exchange.vault.files import Kept, keep_staged, keeper_of
from exchange.vault.lifecycle import UPLOAD, UploadState, UploadTransition
from exchange.vault.models import Upload
from exchange.vault.models.files import clean_name
from exchange.vault.reading_process import require_isolation
from exchange.vault.space import check_room, lock_space, space_of
from exchange.vault.store import STEP_BYTES, Staged, incoming, staged_as_it_lies

UNFINISHED_MAX = 20
# One request's body is spooled by the server before anybody sees it, so it has a limit of its own.
PIECE_BYTES_MAX = 64 * 1024 * 1024
EXPIRED_MAX = 200
CLOCK = system_actor("clock")


def place_of(upload: Upload) -> Path:
    """Where the pieces of an upload come together."""
    return incoming() / upload.public_id


@use_case()
def begin_upload(*, actor: Actor, name: str, declared_bytes: int, now: datetime) -> Upload:
    """Reserve the space and wait for the pieces.

    Raises FileTooLarge for more than one file may hold, QuotaExceeded when the whole would not fit,
    UploadsFull when too many are unfinished.
    """
    organisation_id = keeper_of(actor)
    require_isolation()
    lock_space(organisation_id)
    mine = Upload.objects.filter(organisation_id=organisation_id, state=UploadState.RECEIVING)
    if mine.count() >= UNFINISHED_MAX:
        raise UploadsFull(
            _("Finish or abandon one of your %(limit)d unfinished uploads first.")
            % {"limit": UNFINISHED_MAX},
            limit=UNFINISHED_MAX,
        )
    check_room(space_of(organisation_id), declared_bytes)
    return Upload.objects.create(
        organisation_id=organisation_id,
        created_by_id=actor.user_id,
        name=clean_name(name),
        declared_bytes=declared_bytes,
        created_at=now,
        expires_at=_expiry(now),
    )


def receive_piece(
    *,
    actor: Actor,
    upload_id: str,
    offset: int,
    content: IO[bytes],
    size_bytes: int,
    now: datetime,
) -> tuple[Upload, Kept | None]:
    """Take a piece; with the last one the upload becomes a file.

    An empty piece at the end finishes an upload whose last answer got lost. Raises what `write_piece`
    and `finish_upload` raise.
    """
    upload = upload_of(keeper_of(actor), upload_id)
    if upload.file is None:
        upload = write_piece(
            upload_id, offset=offset, content=content, size_bytes=size_bytes, actor=actor, now=now
        )
    if upload.received_bytes < upload.declared_bytes:
        return upload, None
    return upload, finish_upload(upload_id, actor=actor, now=now)


@use_case(Permission.FILE_KEEP, locks=UPLOAD)
def write_piece(
    upload: Upload,
    *,
    offset: int,
    content: IO[bytes],
    size_bytes: int,
    actor: Actor,  # noqa: ARG001 - asked for its permission
    now: datetime,
) -> Upload:
    """Write one piece where the last one ended, and count it only when it is on disk for certain.

    Raises OffsetMismatch when it begins elsewhere, TooManyBytes when it is longer than what is
    missing or than PIECE_BYTES_MAX, UploadOver when the upload has ended; nothing changes then.
    """
    _check_open(upload, now)
    if offset != upload.received_bytes:
        raise OffsetMismatch(
            _("The upload continues at byte %(offset)d.") % {"offset": upload.received_bytes},
            offset=upload.received_bytes,
        )
    most = min(PIECE_BYTES_MAX, upload.declared_bytes - offset)
    if size_bytes > most:
        raise TooManyBytes(
            _("This piece may have at most %(most)d bytes.") % {"most": most}, most_bytes=most
        )
    if most:  # a complete upload may bear the name of its content already and is not touched
        upload.received_bytes += _write(place_of(upload), offset, content, most)
    upload.expires_at = _expiry(now)
    upload.save(update_fields=["received_bytes", "expires_at"])
    return upload


def finish_upload(upload_id: str, *, actor: Actor, now: datetime) -> Kept:
    """Make the complete upload a file. Finishing again returns the same file.

    Hashing takes its time and holds no lock. Raises UploadIncomplete while something is missing.
    """
    upload = upload_of(keeper_of(actor), upload_id)
    if upload.state == UploadState.STORED:
        return _finished(upload)
    _check_open(upload, now)
    if upload.received_bytes < upload.declared_bytes:
        raise UploadIncomplete(
            _("The upload continues at byte %(offset)d.") % {"offset": upload.received_bytes},
            offset=upload.received_bytes,
        )
    try:
        staged = staged_as_it_lies(place_of(upload))
    except FileNotFoundError:  # another request has just finished it
        with transaction.atomic():
            return _finished(UPLOAD.lock_again(upload))
    return _keep_content(upload.public_id, staged, actor=actor, now=now)


@use_case(Permission.FILE_KEEP, locks=UPLOAD)
def _keep_content(upload: Upload, staged: Staged, *, actor: Actor, now: datetime) -> Kept:
    """The second half of finishing, under the lock: the upload's reservation becomes use."""
    if upload.state == UploadState.STORED:
        return _finished(upload)
    _check_open(upload, now)
    UPLOAD.transition(upload, UploadTransition.STORE, actor=actor, now=now)
    kept = keep_staged(
        staged,
        organisation_id=upload.organisation_id,
        name=upload.name,
        by_id=upload.created_by_id,
        actor=actor,
        now=now,
    )
    upload.file = kept.file
    upload.save(update_fields=["file"])
    transaction.on_commit(lambda: staged.path.unlink(missing_ok=True))
    return kept


def _finished(upload: Upload) -> Kept:
    if upload.state != UploadState.STORED or upload.file is None:
        raise UploadOver(_("This upload has ended. Begin a new one."), state=upload.state)
    return Kept(upload.file, was_known=True)


@use_case(Permission.FILE_KEEP, locks=UPLOAD)
def abandon_upload(upload: Upload, *, actor: Actor, now: datetime) -> Upload:
    """Give the upload up: its space is free again and its pieces are gone. Again changes nothing."""
    if upload.state == UploadState.ABANDONED:
        return upload
    UPLOAD.transition(upload, UploadTransition.ABANDON, actor=actor, now=now)
    transaction.on_commit(lambda: place_of(upload).unlink(missing_ok=True))
    return upload


def expire_uploads(*, now: datetime) -> int:
    """Abandon what nobody has continued for VAULT_UPLOAD_HOURS; return how many."""
    over = Upload.objects.filter(state=UploadState.RECEIVING, expires_at__lte=now)
    expired = 0
    for upload_id in over.order_by("expires_at").values_list("pk", flat=True)[:EXPIRED_MAX]:
        with transaction.atomic():
            upload = over.select_for_update(skip_locked=True).filter(pk=upload_id).first()
            if upload is not None:  # else somebody continues it at this moment
                abandon_upload(upload, actor=CLOCK, now=now)
                expired += 1
    return expired


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


def _check_open(upload: Upload, now: datetime) -> None:
    if upload.state != UploadState.RECEIVING or upload.expires_at <= now:
        raise UploadOver(_("This upload has ended. Begin a new one."), state=upload.state)


def _expiry(now: datetime) -> datetime:
    return now + timedelta(hours=settings.VAULT_UPLOAD_HOURS)


def _write(path: Path, offset: int, content: IO[bytes], most: int) -> int:
    """Put up to `most` bytes at `offset`, over whatever a cut request left there; return how many."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.truncate(offset)
        file.seek(offset)
        written = 0
        while step := content.read(min(STEP_BYTES, most - written)):
            written += file.write(step)
        file.flush()
        os.fsync(file.fileno())
    return written


UPLOAD.concerns = lambda upload: Subject(organisation_id=upload.organisation_id)
