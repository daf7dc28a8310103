"""Uploads in pieces: cut anywhere, continued where they ended."""

from io import BytesIO
from pathlib import Path

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from accounts.models import Organisation
from exchange.core.lifecycle import IllegalTransition
from exchange.vault import content as contents
from exchange.vault import files, uploads
from exchange.vault.errors import (
    OffsetMismatch,
    QuotaExceeded,
    TooManyBytes,
    UploadIncomplete,
    UploadOver,
    UploadsFull,
)
from exchange.vault.lifecycle import UploadState
from exchange.vault.models import DataFile, Upload
from exchange.vault.space import space_of
from exchange.vault.store import INCOMING
from tests.architecture.lock_order import Recorder
from tests.factories.accounts import NOON, an_organisation
from tests.factories.members import minutes
from tests.factories.vault import CSV, a_file, a_read_file, an_upload, keeper, send_piece, stored

pytestmark = pytest.mark.django_db
TWO_DAYS = minutes(60 * 48)


@pytest.fixture
def organisation() -> Organisation:
    return an_organisation()


def finish(upload: Upload) -> DataFile:
    return uploads.finish_upload(
        upload.public_id, actor=keeper(upload.organisation_id), now=NOON
    ).file


def test_pieces_become_the_file(organisation: Organisation, vault_root: Path) -> None:
    upload = an_upload(organisation)
    assert space_of(organisation.pk).reserved_bytes == len(CSV)
    assert send_piece(upload, CSV[:100], offset=0).received_bytes == 100
    assert send_piece(upload, CSV[100:], offset=100).received_bytes == len(CSV)
    file = finish(upload)
    upload.refresh_from_db()
    assert (upload.state, upload.file) == (UploadState.STORED, file)
    assert (file.name, file.blob.size_bytes) == ("meters.csv", len(CSV))
    assert stored(CSV)
    space = space_of(organisation.pk)
    assert (space.used_bytes, space.reserved_bytes) == (len(CSV), 0)


def test_a_piece_at_the_wrong_place_is_refused_with_the_right_one(
    organisation: Organisation,
) -> None:
    upload = send_piece(an_upload(organisation), CSV[:100], offset=0)
    for offset in (0, 99, 101):
        with pytest.raises(OffsetMismatch) as refused:
            send_piece(upload, CSV[100:], offset=offset)
        assert refused.value.facts == {"offset": 100}
    assert Upload.objects.get().received_bytes == 100


def test_what_a_cut_request_left_on_disk_is_overwritten(organisation: Organisation) -> None:
    upload = send_piece(an_upload(organisation), CSV[:100], offset=0)
    with uploads.place_of(upload).open("ab") as file:
        file.write(b"half a piece that nobody has counted" * 50)
    send_piece(upload, CSV[100:], offset=100)
    assert finish(upload).blob.size_bytes == len(CSV)
    assert stored(CSV)


def test_a_line_that_is_cut_counts_what_came_and_goes_on_from_there(
    organisation: Organisation,
) -> None:
    class Cut(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 0:
                raise OSError("The line is cut.")
            return super().read(min(200, size or 200))

    upload = send_piece(an_upload(organisation), CSV[:100], offset=0)
    with pytest.raises(OSError, match="cut"):
        uploads.write_piece(
            upload,
            actor=keeper(organisation.pk),
            offset=100,
            content=Cut(CSV[100:]),
            size_bytes=500,
            now=NOON,
        )
    assert Upload.objects.get().received_bytes == 100
    send_piece(upload, CSV[100:], offset=100)
    assert finish(upload).blob.size_bytes == len(CSV)


def test_more_than_declared_is_refused(organisation: Organisation) -> None:
    upload = an_upload(organisation)
    with pytest.raises(TooManyBytes) as refused:
        send_piece(upload, CSV + b"x", offset=0)
    assert refused.value.facts == {"most_bytes": len(CSV)}
    assert Upload.objects.get().received_bytes == 0


def test_a_piece_has_a_largest_size(
    organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "PIECE_BYTES_MAX", 100)
    with pytest.raises(TooManyBytes):
        send_piece(an_upload(organisation), CSV[:101], offset=0)


def test_an_upload_that_would_not_fit_is_refused_before_anything_is_sent(
    organisation: Organisation, settings: Settings
) -> None:
    settings.VAULT_QUOTA_BYTES = 1_000_000
    an_upload(organisation, declared_bytes=900_000)
    with pytest.raises(QuotaExceeded) as refused:
        an_upload(organisation, declared_bytes=100_001)
    assert refused.value.message == "The file does not fit: 100 kB of 1 MB are free."
    assert Upload.objects.count() == 1


def test_unfinished_uploads_are_limited(
    organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "UNFINISHED_MAX", 2)
    first = an_upload(organisation)
    an_upload(organisation)
    with pytest.raises(UploadsFull):
        an_upload(organisation)
    uploads.abandon_upload(first, actor=keeper(organisation.pk), now=NOON)
    an_upload(organisation)


def test_finishing_too_early_says_what_is_missing(organisation: Organisation) -> None:
    upload = send_piece(an_upload(organisation), CSV[:100], offset=0)
    with pytest.raises(UploadIncomplete) as refused:
        finish(upload)
    assert refused.value.facts == {"offset": 100}
    assert DataFile.objects.exists() is False


def test_finishing_again_returns_the_same_file(organisation: Organisation) -> None:
    upload = send_piece(an_upload(organisation), CSV, offset=0)
    assert finish(upload) == finish(upload)
    assert DataFile.objects.count() == 1


def test_a_finish_that_died_before_its_commit_is_done_again(
    organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = send_piece(an_upload(organisation), CSV, offset=0)

    def die(*_arguments: object, **_options: object) -> None:
        raise ConnectionError("Killed between the content and the commit.")

    with monkeypatch.context() as patch:
        patch.setattr("exchange.vault.files.promise_reading", die)
        with pytest.raises(ConnectionError):
            finish(upload)
    assert (Upload.objects.get().state, DataFile.objects.count()) == (UploadState.RECEIVING, 0)
    assert finish(upload).blob.size_bytes == len(CSV)


def test_an_upload_of_known_content_becomes_the_known_file(organisation: Organisation) -> None:
    known = a_file(organisation)
    upload = send_piece(an_upload(organisation, name="again.csv"), CSV, offset=0)
    kept = uploads.finish_upload(upload.public_id, actor=keeper(organisation.pk), now=NOON)
    assert (kept.file, kept.was_known) == (known, True)


def test_a_file_leaves_its_uploads_before_its_tables_go(organisation: Organisation) -> None:
    """Who finishes an upload holds it, and waits for the file's tables."""
    known = a_read_file(organisation)
    upload = send_piece(an_upload(organisation, name="again.csv"), CSV, offset=0)
    assert finish(upload) == known
    locks = Recorder()
    with locks.watching():
        files.remove_file(known, actor=keeper(organisation.pk), now=NOON)
    assert Upload.objects.get().file is None
    waits = {(one.held.table, one.wanted.table) for one in locks.edges}
    assert ("vault_upload", "vault_datatable") in waits
    assert ("vault_datatable", "vault_upload") not in waits


def test_an_abandoned_upload_is_over_and_its_pieces_are_gone(
    organisation: Organisation, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    upload = send_piece(an_upload(organisation), CSV[:100], offset=0)
    with django_capture_on_commit_callbacks(execute=True):
        uploads.abandon_upload(upload, actor=keeper(organisation.pk), now=NOON)
        uploads.abandon_upload(upload, actor=keeper(organisation.pk), now=NOON)
    assert not uploads.place_of(upload).exists()
    assert space_of(organisation.pk).reserved_bytes == 0
    with pytest.raises(UploadOver):
        send_piece(upload, CSV[100:], offset=100)


def test_a_stored_upload_cannot_be_abandoned(organisation: Organisation) -> None:
    upload = send_piece(an_upload(organisation), CSV, offset=0)
    finish(upload)
    with pytest.raises(IllegalTransition):
        uploads.abandon_upload(upload, actor=keeper(organisation.pk), now=NOON)
    assert stored(CSV)


def test_an_upload_that_nobody_continues_expires(organisation: Organisation) -> None:
    upload = an_upload(organisation)
    assert uploads.expire_uploads(now=NOON + TWO_DAYS - minutes(1)) == 0
    assert uploads.expire_uploads(now=NOON + TWO_DAYS) == 1
    upload.refresh_from_db()
    assert upload.state == UploadState.ABANDONED


def test_nothing_is_added_after_the_end_even_before_the_sweep(organisation: Organisation) -> None:
    upload = an_upload(organisation)
    with pytest.raises(UploadOver):
        uploads.write_piece(
            upload,
            actor=keeper(organisation.pk),
            offset=0,
            content=BytesIO(CSV),
            size_bytes=len(CSV),
            now=NOON + TWO_DAYS,
        )


def test_what_dead_processes_left_is_swept_but_not_what_is_on_its_way(
    organisation: Organisation, vault_root: Path
) -> None:
    upload = send_piece(an_upload(organisation), CSV[:100], offset=0)
    (vault_root / INCOMING / "in_dead").write_bytes(b"x")
    folder = vault_root / INCOMING / "reading-dead"
    folder.mkdir()
    (folder / "table.parquet").write_bytes(b"x")
    assert contents.purge_incoming(now=NOON - TWO_DAYS) == 0
    assert contents.purge_incoming(now=NOON + minutes(60 * 24 * 3650)) == 2
    assert [entry.name for entry in (vault_root / INCOMING).iterdir()] == [upload.public_id]
