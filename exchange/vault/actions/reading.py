"""Reading a stored file: begun and recorded in short transactions, done between them in none."""

import shutil
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic

from django.db import transaction
from django.utils.translation import gettext as _

from exchange.audit.actions import log
from exchange.core.moves import check_move
from exchange.core.refusals import NotFound, Refusal
from exchange.vault import reading
from exchange.vault.actions.content import keep_content
from exchange.vault.models import Blob, DataFile, DataTable
from exchange.vault.models.files import NAME_CHARS_MAX, TEXT_CHARS_MAX
from exchange.vault.queries.files import blob_path
from exchange.vault.reading import FileReading, Progress
from exchange.vault.states import FILE_MOVES, FileState
from exchange.vault.store import new_folder, staged_as_it_lies

PROGRESS_SECONDS = 0.5
READER = "system:reader"


class ReadingFailed(Refusal):
    """The file could not be read because of an error of ours; it has been logged."""

    code = "reading_failed"


@dataclass(frozen=True)
class Outcome:
    """What came of a reading: tables, or the refusal. Their files lie in a folder of `incoming/` that
    goes with this object."""

    reading: FileReading | None = None
    refusal: Refusal | None = None


@transaction.atomic
def begin_reading(file_id: int) -> DataFile:
    """Move the file to reading, from nothing. Raises IllegalMove when it is ready or refused.

    A file that is being read already begins anew: whoever read it has vanished.
    """
    file = DataFile.objects.select_for_update(of=("self",)).select_related("blob").get(pk=file_id)
    check_move(FILE_MOVES, FileState(file.state), FileState.READING)
    file.state = FileState.READING
    file.readings += 1
    file.rows_read = file.bytes_read = 0
    file.save(update_fields=["state", "readings", "rows_read", "bytes_read"])
    return file


def read_file(file: DataFile) -> Outcome:
    """Read the file, in no transaction: it may take minutes. A refusal of the reading is an outcome;
    any other error is raised.
    """
    path = blob_path(file.blob)
    if path is None or not path.exists():
        raise NotFound(_("The content of this file is missing."), sha256=file.blob.sha256)
    folder = new_folder()
    try:
        outcome = Outcome(
            reading=reading.read(path, name=file.name, into=folder, progress=_note(file))
        )
    except Refusal as refusal:
        shutil.rmtree(folder)
        return Outcome(refusal=refusal)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    weakref.finalize(outcome, shutil.rmtree, folder, ignore_errors=True)
    return outcome


@transaction.atomic
def record_reading(file_id: int, outcome: Outcome, *, now: datetime) -> DataFile:
    """Keep what was read, or why it was not. A file that nobody is reading any more is left alone."""
    file = DataFile.objects.select_for_update().get(pk=file_id)
    if file.state != FileState.READING:
        return file
    target = FileState.REFUSED if outcome.reading is None else FileState.READY
    check_move(FILE_MOVES, FileState.READING, target)
    file.state, file.read_at = target, now
    if outcome.reading is not None:
        tables = _keep_tables(file, outcome.reading)
        file.format = outcome.reading.format
        file.rows_read = sum(table.rows for table in tables)
        file.bytes_read = file.blob.size_bytes
        facts: dict[str, object] = {"tables": len(tables), "rows": file.rows_read}
    else:
        refusal = outcome.refusal or ReadingFailed(_("The file could not be read."))
        file.refusal_code = refusal.code
        file.refusal_text = str(refusal.message)[:TEXT_CHARS_MAX]
        facts = {"code": refusal.code}
    file.save()
    log.record(
        event="vault.file.read" if target is FileState.READY else "vault.file.refused",
        actor=READER,
        subject=f"file:{file.public_id}",
        facts={"sha256": file.blob.sha256, **facts},  # type: ignore[dict-item]  # counts and a code
        at=now,
    )
    return file


def _note(file: DataFile) -> Callable[[Progress], None]:
    """Write progress down now and then, for whoever waits for it: as a share of the stored bytes,
    since the reading counts those of its present stage."""
    noted_at = monotonic()

    def note(progress: Progress) -> None:
        nonlocal noted_at
        if monotonic() - noted_at < PROGRESS_SECONDS:
            return
        noted_at = monotonic()
        share = progress.bytes / max(1, progress.bytes_total)
        DataFile.objects.filter(pk=file.pk, state=FileState.READING).update(
            rows_read=progress.rows, bytes_read=round(file.blob.size_bytes * min(1.0, share))
        )

    return note


def _keep_tables(file: DataFile, read: FileReading) -> list[DataTable]:
    return [
        DataTable.objects.create(
            file=file,
            position=position,
            name=table.name[:NAME_CHARS_MAX],
            rows=table.rows,
            parquet=_keep(table.parquet),
            sample=None if table.sample is None else _keep(table.sample),
            document=table.document(),
        )
        for position, table in enumerate(read.tables)
    ]


def _keep(path: Path) -> Blob:
    return keep_content(staged_as_it_lies(path))
