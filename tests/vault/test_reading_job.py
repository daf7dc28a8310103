"""From stored to ready or refused: promised, begun again after a crash, given up after a few."""

from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from exchange.audit.models import Record
from exchange.core import outbox
from exchange.core.lifecycle import IllegalTransition
from exchange.core.models import OutboxJob
from exchange.core.outbox import Lease
from exchange.core.outbox_lifecycle import OutboxState
from exchange.jobs import runner
from exchange.jobs.handlers import HANDLERS, Call, long_topics
from exchange.local import landlock
from exchange.vault import checks, file_reading, files
from exchange.vault import reading_process as reader
from exchange.vault.content import open_blob
from exchange.vault.errors import FilesNotTaken, FileTooLarge, NotBeingRead
from exchange.vault.lifecycle import FileState
from exchange.vault.models import DataFile, DataTable
from exchange.vault.reading import Progress
from exchange.vault.store import INCOMING
from tests.factories.accounts import NOON, an_organisation
from tests.factories.outbox import let_leases_run_out, make_ready_jobs_due
from tests.factories.vault import CSV, a_file, a_read_file, an_upload, keeper
from tests.vault.test_strangers_files import workbook_of

pytestmark = pytest.mark.django_db


def work() -> None:
    runner.drain(worker="worker:test", limit=10)


def job() -> OutboxJob:
    return OutboxJob.objects.get(topic=file_reading.TOPIC_READ)


def test_a_stored_file_is_read_in_the_background(vault_root: Path) -> None:
    file = a_file(an_organisation())
    work()
    file.refresh_from_db()
    assert (file.state, file.format, file.readings) == (FileState.READY, "csv", 1)
    assert (file.rows_read, file.bytes_read) == (30, len(CSV))
    table = file.tables.get()
    assert (table.position, table.rows) == (0, 30)
    assert [column["name"] for column in table.document["columns"]] == ["meter", "at", "kwh"]
    with open_blob(table.parquet) as content:
        assert content.read(4) == b"PAR1"
    assert list((vault_root / INCOMING).iterdir()) == []
    assert Record.objects.filter(event="vault.file.read", subject=f"file:{file.public_id}").exists()
    assert job().state == OutboxState.DONE


def test_a_file_that_cannot_be_read_says_why_and_stays_as_it_came() -> None:
    file = a_read_file(an_organisation(), content=b"meter,at,kwh\n")
    assert (file.state, file.refusal_code) == (FileState.REFUSED, "header_only")
    assert file.refusal_text.endswith(".")
    assert DataTable.objects.exists() is False
    with open_blob(file.blob) as content:
        assert content.read() == b"meter,at,kwh\n"


def test_a_refused_file_is_read_again_when_its_people_ask(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_arguments: object, **_options: object) -> Any:
        raise file_reading.ReadingFailed("Not today.")

    with monkeypatch.context() as patch:
        patch.setattr(reader, "read", refuse)
        file = a_read_file(an_organisation())
    assert (file.state, file.refusal_code) == (FileState.REFUSED, "reading_failed")
    work()  # the job of the first promise has nothing to do any more
    files.read_again(file, actor=keeper(file.organisation_id), now=NOON)
    work()
    file.refresh_from_db()
    assert (file.state, file.refusal_code, file.readings) == (FileState.READY, "", 2)


def test_a_worker_that_vanished_is_followed_by_another() -> None:
    file = a_file(an_organisation())
    file_reading.begin_reading(file.pk, now=NOON)
    work()
    file.refresh_from_db()
    assert (file.state, file.readings) == (FileState.READY, 2)


def test_an_error_of_ours_is_tried_twice_and_then_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, **_options: object) -> Any:
        raise MemoryError("out of memory")

    monkeypatch.setattr(reader, "read", fail)
    file = a_file(an_organisation())
    for attempt in range(1, file_reading.ATTEMPTS_MAX + 1):
        work()
        file.refresh_from_db()
        is_last = attempt == file_reading.ATTEMPTS_MAX
        assert file.state == (FileState.REFUSED if is_last else FileState.READING)
        make_ready_jobs_due()
    assert file.refusal_code == "reading_failed"
    assert job().state == OutboxState.DONE


def test_a_file_that_kills_its_readers_is_not_read_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reader, "read", pytest.fail)
    file = a_file(an_organisation())
    after_three_deaths = Lease(
        job_id=job().pk, topic=file_reading.TOPIC_READ, key="k", payload=job().payload, fence=4,
        attempts=4,
    )  # fmt: skip
    outcome = file_reading.read_by_job(after_three_deaths)
    file_reading.record_job(after_three_deaths, outcome)
    file.refresh_from_db()
    assert (file.state, file.refusal_code) == (FileState.REFUSED, "reading_failed")


def test_a_job_whose_file_was_read_or_removed_meanwhile_has_nothing_to_do() -> None:
    read = a_read_file(an_organisation())
    work()
    assert read.tables.count() == 1
    gone = a_file(an_organisation(), content=CSV + b"M8,2026-01-01 10:00:00,1\n")
    files.remove_file(gone, actor=keeper(gone.organisation_id), now=NOON)
    work()
    assert set(OutboxJob.objects.values_list("state", flat=True)) == {OutboxState.DONE}


def test_a_ready_file_is_not_read_again() -> None:
    file = a_read_file(an_organisation())
    with pytest.raises(IllegalTransition):
        file_reading.read_now(file.pk, now=NOON)


def test_progress_is_written_down_while_the_file_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_reading, "PROGRESS_SECONDS", 0)
    file = file_reading.begin_reading(a_file(an_organisation()).pk, now=NOON)
    seen: list[tuple[int, int]] = []

    def read(*_arguments: object, progress: Any, **_options: object) -> Any:
        progress(Progress(stage="convert", bytes=50, bytes_total=100, rows=17))
        seen.append(DataFile.objects.values_list("rows_read", "bytes_read").get(pk=file.pk))
        raise file_reading.ReadingFailed("Enough.")

    monkeypatch.setattr(reader, "read", read)
    file_reading.read_file(file)
    assert seen == [(17, round(len(CSV) / 2))]


def test_the_folder_of_a_reading_goes_with_its_outcome(vault_root: Path) -> None:
    file = file_reading.begin_reading(a_file(an_organisation()).pk, now=NOON)
    outcome = file_reading.read_file(file)
    assert len(list((vault_root / INCOMING).iterdir())) == 1
    del outcome
    assert list((vault_root / INCOMING).iterdir()) == []


def test_a_reading_is_stopped_by_its_people(vault_root: Path) -> None:
    file = a_file(an_organisation())
    files.stop_reading(file, actor=keeper(file.organisation_id), now=NOON)
    work()
    file.refresh_from_db()
    assert (file.state, file.refusal_code) == (FileState.REFUSED, "reading_stopped")
    assert Record.objects.filter(event="vault.file.stopped").exists()
    with pytest.raises(NotBeingRead):
        files.stop_reading(file, actor=keeper(file.organisation_id), now=NOON)
    files.read_again(file, actor=keeper(file.organisation_id), now=NOON)
    work()
    file.refresh_from_db()
    assert file.state == FileState.READY


def test_a_reading_that_goes_on_hears_that_it_was_stopped(
    vault_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_reading, "PROGRESS_SECONDS", 0)
    file = a_file(an_organisation(), content=CSV * 20_000)
    begin = file_reading.begin_reading

    def begin_and_stop(file_id: int, *, now: Any) -> DataFile:
        begun = begin(file_id, now=now)
        files.stop_reading(file, actor=keeper(file.organisation_id), now=NOON)
        return begun

    monkeypatch.setattr(file_reading, "begin_reading", begin_and_stop)
    work()
    file.refresh_from_db()
    assert (file.state, file.refusal_code) == (FileState.REFUSED, "reading_stopped")
    assert DataTable.objects.exists() is False
    assert list((vault_root / INCOMING).iterdir()) == []
    assert job().state == OutboxState.DONE


def test_a_file_that_kills_its_reader_is_refused_at_the_first_attempt() -> None:
    concealed = workbook_of("A1", "XFD1048576", written='\n r = "{}"')
    file = a_file(an_organisation(), content=concealed, name="two-cells.xlsx")
    work()
    file.refresh_from_db()
    assert (file.state, file.refusal_code, file.readings) == (
        FileState.REFUSED, "reading_too_large", 1,
    )  # fmt: skip
    assert job().state == OutboxState.DONE


def test_where_readers_cannot_be_locked_in_no_file_is_taken(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landlock, "version", lambda: 0)
    seller = an_organisation()
    assert [one.id for one in checks.readers_are_isolated()] == ["vault.W001"]
    assert a_read_file(seller).state == FileState.READY
    settings.READER_MUST_BE_ISOLATED = True
    assert [one.id for one in checks.readers_are_isolated()] == ["vault.E001"]
    for bring in (a_file, an_upload):
        with pytest.raises(FilesNotTaken):
            bring(seller)


def test_the_check_for_deployment_reads_a_file_in_earnest(settings: Settings) -> None:
    assert checks.a_file_can_be_read() == []
    settings.READER_MEMORY_BYTES = 64 * 2**20
    assert [one.id for one in checks.a_file_can_be_read()] == ["vault.E002"]


def test_a_file_has_a_size_that_it_may_have(settings: Settings) -> None:
    settings.VAULT_FILE_BYTES = len(CSV) - 1
    for bring in (a_file, an_upload):
        with pytest.raises(FileTooLarge):
            bring(an_organisation())


def test_reading_is_long_work() -> None:
    assert file_reading.TOPIC_READ in HANDLERS
    assert file_reading.TOPIC_READ in long_topics()


def test_a_lost_lease_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    file = a_file(an_organisation())
    ask = file_reading.read_by_job

    def ask_too_long(lease: Lease) -> Any:
        outcome = ask(lease)
        let_leases_run_out()
        return outcome

    hasty = Call(ask=ask_too_long, record=file_reading.record_job)
    monkeypatch.setitem(HANDLERS, file_reading.TOPIC_READ, hasty)
    assert runner.run(outbox.lease(worker="w")[0]) is False
    file.refresh_from_db()
    assert file.state == FileState.READING
    assert DataTable.objects.exists() is False
