"""Reading a stored file: begun and recorded in short transactions, done between them in none."""

import shutil
import weakref
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic

import structlog
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from exchange.core import clock, outbox
from exchange.core.lifecycle import Doer, IllegalTransition
from exchange.core.outbox import Lease
from exchange.core.refusals import NotFound, Refusal
from exchange.core.use_case import use_case
from exchange.members.actors import system_actor
from exchange.vault import reading_process
from exchange.vault.content import blob_path, keep_content
from exchange.vault.errors import FileInUse
from exchange.vault.lifecycle import FILE, FileState, FileTransition
from exchange.vault.masks import masked_questions
from exchange.vault.models import Blob, DataFile, DataTable
from exchange.vault.models.files import NAME_CHARS_MAX, TEXT_CHARS_MAX
from exchange.vault.reading import FileReading, Progress, transport
from exchange.vault.reading.documents import OnProgress
from exchange.vault.reading.questions import NO_ANSWERS, Answers, Question
from exchange.vault.store import new_folder, staged_as_it_lies

log = structlog.get_logger(__name__)

PROGRESS_SECONDS = 0.5
READER = system_actor("reader")
TOPIC_READ = "vault.file.read"
MINUTES_MAX = 6 * 60
ATTEMPTS_MAX = 2


class ReadingFailed(Refusal):
    """The file could not be read because of an error of ours; it has been logged."""

    code = "reading_failed"


class NobodyWaits(Exception):
    """The reading was stopped, or another has begun since; this one ends and is not kept."""


@dataclass(frozen=True)
class Outcome:
    """What came of a reading: tables, or the refusal. Their files lie in a folder of `incoming/` that
    goes with this object. `number` is which of the file's readings it was, `answers` what it went by."""

    reading: FileReading | None = None
    refusal: Refusal | None = None
    number: int | None = None
    answers: Answers = NO_ANSWERS


@use_case()
def begin_reading(file_id: int, *, now: datetime) -> DataFile:
    """Move the file to reading, from nothing. Raises IllegalTransition when it is ready or refused.

    A file that is being read already begins anew: whoever read it has vanished.
    """
    file = FILE.lock_key(file_id)
    file.readings += 1
    file.rows_read = file.bytes_read = 0
    begun = ("readings", "rows_read", "bytes_read")
    return FILE.transition(file, FileTransition.BEGIN, actor=READER, now=now, save=begun)


def read_file(file: DataFile) -> Outcome:
    """Read the file in a process of its own and in no transaction: it may take minutes. A refusal is an
    outcome, and so is a process that died of the file; any other error is raised.
    """
    path = _path_of(file.blob)
    answers = Answers.of_rows(file.answers)
    folder = new_folder()
    try:
        read = reading_process.read(
            path, name=file.name, into=folder, progress=_note(file), answers=answers
        )
    except Refusal as refusal:
        _remove(folder)
        return Outcome(refusal=refusal, number=file.readings)
    except BaseException:
        _remove(folder)
        raise
    outcome = Outcome(reading=read, number=file.readings, answers=answers)
    weakref.finalize(outcome, _remove, folder)
    return outcome


def read_stored(blob: Blob, *, name: str, progress: OnProgress | None = None) -> FileReading:
    """Read content that is kept already, in a process of its own and in no transaction; of its tables
    nothing but what is known of them is left. Raises NotFound, and what a reading is refused with."""
    path = _path_of(blob)
    folder = new_folder()
    try:
        return reading_process.read(path, name=name, into=folder, progress=progress)
    finally:
        _remove(folder)


@use_case()
def record_reading(file_id: int, outcome: Outcome, *, now: datetime) -> DataFile:
    """Keep what was read, or why it was not. A file that nobody is reading any more, or that is being
    read anew, is left alone."""
    file = FILE.lock_key(file_id)
    if file.state != FileState.READING or outcome.number not in {None, file.readings}:
        return file
    file.read_at = now
    if outcome.reading is not None:
        tables = _keep_tables(file, outcome.reading)
        documents = [table.document for table in tables]
        file.questions = transport.encode_questions(
            masked_questions(outcome.reading.questions, documents)
        )
        file.format = outcome.reading.format
        file.rows_read = sum(table.rows for table in tables)
        file.bytes_read = file.blob.size_bytes
        transition = FileTransition.FINISH
        facts: dict[str, object] = {"tables": len(tables), "rows": file.rows_read}
    else:
        refusal = outcome.refusal or ReadingFailed(_("The file could not be read."))
        file.refusal_code = refusal.code
        file.refusal_text = str(refusal.message)[:TEXT_CHARS_MAX]
        transition = FileTransition.REFUSE
        facts = {"code": refusal.code}
    FILE.transition(
        file,
        transition,
        actor=READER,
        now=now,
        save=(
            "read_at", "format", "rows_read", "bytes_read", "refusal_code", "refusal_text",
            "questions",
        ),
        facts={"sha256": file.blob.sha256, **facts},
    )  # fmt: skip
    if outcome.answers != Answers.of_rows(file.answers) and answered_of(file):
        read_anew(file, actor=READER, now=now)  # the answers came while it was read
    return file


def questions_of(file: DataFile) -> tuple[Question, ...]:
    """What the last reading of the file asked."""
    return transport.decode_questions(file.questions)


def answered_of(file: DataFile) -> tuple[Question, ...]:
    """The open questions of the file to which its answers say something."""
    said = Answers.of_rows(file.answers)
    return tuple(
        one
        for one in questions_of(file)
        if not one.is_answered
        and said.of(one.asked, one.place, [option.value for option in one.options]) is not None
    )


def read_anew(file: DataFile, *, actor: Doer, now: datetime) -> None:
    """Have a locked file read again by its answers. Its tables go, and others come in their place.

    Raises FileInUse, and changes nothing, when one of them belongs to a revision of a product.
    """
    try:
        file.tables.all().delete()
    except ProtectedError:
        raise FileInUse(
            _("Tables of this file are part of a product and stay as they were read.")
        ) from None
    file.refusal_code = file.refusal_text = ""
    file.read_at = None
    file.rows_read = file.bytes_read = 0
    said = Answers.of_rows(file.answers)
    FILE.transition(
        file,
        FileTransition.ANSWER,
        actor=actor,
        now=now,
        save=("answers", "refusal_code", "refusal_text", "read_at", "rows_read", "bytes_read"),
        facts={"readings": file.readings, "answers": len(said)},
        personal={
            "answers": "; ".join(f"{asked}:{place}={said[asked, place]}" for asked, place in said)
        },
    )
    promise_reading(file)


def read_now(file_id: int, *, now: datetime) -> DataFile:
    """Read a stored file in this thread and return it, ready or refused."""
    outcome = read_file(begin_reading(file_id, now=now))
    return record_reading(file_id, outcome, now=now)


def read_by_job(lease: Lease) -> Outcome | None:
    """Read the file of a job: begun again when its worker vanished. None when there is nothing to
    do any more. A file whose second worker has vanished, or failed, is given up."""
    try:
        file = begin_reading(lease.payload["file_id"], now=clock.now())
    except (IllegalTransition, NotFound):  # it was read by somebody else, or is gone
        return None
    if lease.attempts > ATTEMPTS_MAX:
        return _given_up()
    try:
        return read_file(file)
    except NobodyWaits:
        return None
    except Exception:
        if lease.attempts < ATTEMPTS_MAX:
            raise
        log.exception("vault.reading.failed", file=file.public_id)
        return _given_up()


def record_job(lease: Lease, outcome: Outcome | None) -> None:
    """Write down what came of a job."""
    if outcome is not None:
        record_reading(lease.payload["file_id"], outcome, now=clock.now())


def promise_reading(file: DataFile) -> None:
    """Have the file read in the background."""
    outbox.emit(
        topic=TOPIC_READ,
        key=f"{file.public_id}:{file.readings}",
        payload={"file_id": file.pk},
        lane=f"organisation:{file.organisation_id}",
    )


def _path_of(blob: Blob) -> Path:
    path = blob_path(blob)
    if path is None or not path.exists():
        raise NotFound(_("The content of this file is missing."), sha256=blob.sha256)
    return path


def _given_up() -> Outcome:
    return Outcome(
        refusal=ReadingFailed(
            _("The file could not be read because of an error of ours. It has been logged.")
        )
    )


def _note(file: DataFile) -> Callable[[Progress], None]:
    """Write progress down now and then, for whoever waits for it: as a share of the stored bytes,
    since the reading counts those of its present stage. Raises NobodyWaits when the file was stopped."""
    noted_at = monotonic()

    def note(progress: Progress) -> None:
        nonlocal noted_at
        if monotonic() - noted_at < PROGRESS_SECONDS:
            return
        noted_at = monotonic()
        share = progress.bytes / max(1, progress.bytes_total)
        if not DataFile.objects.filter(
            pk=file.pk, state=FileState.READING, readings=file.readings
        ).update(rows_read=progress.rows, bytes_read=round(file.blob.size_bytes * min(1.0, share))):
            raise NobodyWaits

    return note


def _remove(folder: Path) -> None:
    """The folder with all that a reader left there, whatever rights it gave to it."""

    def open_and_try(action: Callable[[str], object], path: str, _error: object) -> None:
        with suppress(OSError):
            Path(path).parent.chmod(0o700)
            Path(path).chmod(0o700, follow_symlinks=False)
        with suppress(OSError):
            action(path)

    shutil.rmtree(folder, onerror=open_and_try)


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
