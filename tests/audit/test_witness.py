"""Heads that leave the database: a cut tail is found with every trigger off, and nothing is signed twice (case M2)."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from exchange.audit import keys, queries, sequencer, signed_heads, verification, witness
from exchange.audit.findings import Counts, Finding
from exchange.audit.models import Head, Leaf, Record
from exchange.audit.signed_heads import LogCutShort
from exchange.audit.verify import Checkpoint
from tests.factories.audit import NOON, record, tamper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_coverage_rules_of_other_rooms")]


@pytest.fixture(autouse=True)
def outside(tmp_path: Path, settings: Settings) -> Path:
    settings.AUDIT_HEADS_FOLDER = str(tmp_path / "key")
    settings.AUDIT_WITNESS = str(tmp_path / "witness")
    return tmp_path


@pytest.fixture
def outbox() -> witness.Outbox:
    return witness.Outbox()


@pytest.fixture
def log_of_six(
    outbox: witness.Outbox, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    """Six records under heads of 2, 4 and 6, each witnessed."""
    for batch in range(3):
        record(2 * batch)
        record(2 * batch + 1)
        with django_capture_on_commit_callbacks(execute=True):
            sequencer.sequence_batch(NOON)
        outbox.send_new(is_new=True)


def cut(size: int) -> None:
    """What an older dump, or somebody with the owner's role and no triggers, leaves."""
    tamper("DELETE FROM audit_head WHERE tree_size > %(size)s", size=size)
    tamper("DELETE FROM audit_node WHERE index >= (%(size)s::bigint >> level)", size=size)
    tamper(
        "WITH gone AS (DELETE FROM audit_leaf WHERE index >= %(size)s RETURNING record_id)"
        " DELETE FROM audit_record USING gone WHERE id = record_id",
        size=size,
    )


def found() -> list[Finding]:
    return list(verification.findings(NOON, Counts()))


def test_each_signed_head_is_witnessed_and_the_last_lies_beside_the_key(
    log_of_six: None, outside: Path
) -> None:
    assert list(witness.kept()) == list(
        Head.objects.order_by("tree_size").values_list("checkpoint", flat=True)
    )
    last = signed_heads.last_signed()
    assert last is not None
    assert last.size == 6
    assert found() == []
    for file in outside.rglob("*.head*"):
        assert file.stat().st_mode & 0o077 == 0 or file.is_dir(), file


def test_a_tail_cut_off_with_every_trigger_off_is_found(
    log_of_six: None, settings: Settings
) -> None:
    cut(4)
    (beside, witnessed) = found()
    assert (beside.check, witnessed.check) == ("signed head", "witness")
    assert "only 4" in beside.detail
    assert "6 records" in witnessed.detail
    assert "its end was cut off" in witnessed.detail
    settings.AUDIT_HEADS_FOLDER = ""
    assert [finding.check for finding in found()] == ["witness"]
    settings.AUDIT_WITNESS = ""
    assert found() == []


def test_nothing_is_signed_over_a_restored_older_dump(log_of_six: None) -> None:
    cut(4)
    record(9)
    with pytest.raises(LogCutShort, match="restored from an older dump"):
        sequencer.sequence_batch(NOON)
    connection.needs_rollback = False
    assert Head.objects.order_by("-tree_size").values_list("tree_size", flat=True)[0] == 4
    assert queries.is_cut_short()


def test_no_second_head_of_a_signed_size_is_signed(log_of_six: None) -> None:
    cut(4)
    signed_heads_before = signed_heads.head_file()
    assert signed_heads_before is not None
    kept = signed_heads_before.read_text()
    signed_heads_before.unlink()
    for number in range(7, 9):
        record(number)
    sequencer.sequence_batch(NOON)  # a fork, as it would be without the file
    signed_heads_before.write_text(kept)
    record(10)
    with pytest.raises(LogCutShort, match="not those that were signed"):
        sequencer.sequence_batch(NOON)
    assert {finding.check for finding in found()} >= {"signed head", "witness"}


def test_a_process_without_a_head_of_its_own_takes_over_the_witness(log_of_six: None) -> None:
    file = signed_heads.head_file()
    assert file is not None
    file.unlink()
    cut(4)
    witness.Outbox().recall()
    record(9)
    with pytest.raises(LogCutShort):
        sequencer.sequence_batch(NOON)


def test_a_smaller_head_never_replaces_a_larger_one(log_of_six: None) -> None:
    signed_heads.keep(Head.objects.get(tree_size=2).checkpoint)
    last = signed_heads.last_signed()
    assert last is not None
    assert last.size == 6


def test_a_head_that_was_altered_beside_the_key_stops_the_log(log_of_six: None) -> None:
    file = signed_heads.head_file()
    assert file is not None
    file.write_text(file.read_text().replace("\n6\n", "\n4\n"))
    record(9)
    with pytest.raises(LogCutShort, match="cannot be read"):
        sequencer.sequence_batch(NOON)
    assert [finding.check for finding in found()] == ["queue", "signed head"] or found()


def test_a_log_under_a_new_name_begins_anew_and_keeps_its_old_heads(
    log_of_six: None, settings: Settings
) -> None:
    cut(4)
    settings.AUDIT_RETIRED_KEYS = [str(keys.verifier_key())]
    settings.AUDIT_LOG_ORIGIN = "log.test/log/2"
    settings.AUDIT_WITNESS = str(settings.AUDIT_WITNESS) + "2"
    record(9)
    assert sequencer.sequence_batch(NOON) == 1
    assert found() == []


def test_what_somebody_else_wrote_to_the_witness_is_named(log_of_six: None) -> None:
    witness.send("log.test/log\n9\nAAAA\ntime x\n\n— log.test/log AAAA\n")
    (finding,) = found()
    assert "did not sign" in finding.detail


def test_a_head_that_another_log_signed_under_our_key_is_named(log_of_six: None) -> None:
    forged = Checkpoint(keys.verifier_key().name, 5, bytes(32), "2026-03-02T12:00:00.000250Z")
    witness.send(keys.sign(forged))
    (finding,) = found()
    assert "none or another one" in finding.detail


def test_a_witness_that_fails_holds_nobody_up_and_is_told_later(
    monkeypatch: pytest.MonkeyPatch, outbox: witness.Outbox
) -> None:
    def refuse(_note: str) -> None:
        raise OSError("the disk is full")

    record(1)
    sequencer.sequence_batch(NOON)
    with monkeypatch.context() as patch:
        patch.setattr(witness, "send", refuse)
        outbox.send_new(is_new=True)
    outbox.send_new(is_new=False)
    assert list(witness.kept()) == []
    monkeypatch.setattr(outbox, "_retry_at", 0.0)
    outbox.send_new(is_new=False)
    assert list(witness.kept()) == [Head.objects.get().checkpoint]


@pytest.fixture
def address(settings: Settings) -> Iterator[list[str]]:
    """A witness of a few lines that takes POST and answers GET with the newest."""
    notes = list[str]()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            notes.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(204)
            self.end_headers()

        def do_GET(self) -> None:
            if self.path.endswith("/nonsense"):
                self.wfile.write(b"nonsense\r\n\r\n")
                return
            self.send_response(200)
            self.end_headers()
            self.wfile.write(notes[-1].encode() if notes else b"")

        def log_message(self, *_words: object) -> None:
            """Nothing on the terminal of a test."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        settings.AUDIT_WITNESS = f"http://127.0.0.1:{server.server_port}/heads"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield notes
        server.shutdown()
        thread.join()


def test_an_address_keeps_heads_and_finds_a_cut(
    address: list[str], outbox: witness.Outbox, settings: Settings
) -> None:
    settings.AUDIT_HEADS_FOLDER = ""
    for number in range(3):
        record(number)
        sequencer.sequence_batch(NOON)
        outbox.send_new(is_new=True)
    assert [note.split("\n")[1] for note in address] == ["1", "2", "3"]
    assert found() == []
    cut(2)
    (finding,) = found()
    assert "only 2 records" in finding.detail
    assert (Record.objects.count(), Leaf.objects.count()) == (2, 2)


def test_an_answer_that_is_not_http_is_a_witness_that_does_not_answer(
    address: list[str], settings: Settings
) -> None:
    settings.AUDIT_WITNESS += "/nonsense"
    with pytest.raises(OSError, match="BadStatusLine"):
        witness.newest()
