"""Writers and sequencers at once, on real connections."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from exchange.audit import log, merkle, queries, sequencer
from exchange.audit.merkle import Edge
from exchange.audit.models import Head, Leaf, Node, Pending, Record
from tests.factories.audit import NOON, record

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
WRITERS, EACH = 8, 25


def on_own_connection(work: Callable[[], None]) -> Callable[[], None]:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    return run


def assert_one_unbroken_log(count: int) -> None:
    leaves = [bytes(leaf.hash) for leaf in Leaf.objects.order_by("index")]
    edge, nodes = merkle.grow(Edge(), leaves)
    assert list(Leaf.objects.order_by("index").values_list("index", flat=True)) == list(
        range(count)
    )
    assert Leaf.objects.values("record").distinct().count() == count
    assert {(row.level, row.index, bytes(row.hash)) for row in Node.objects.all()} == set(nodes)
    assert queries.newest_edge() == edge
    for head in Head.objects.all():
        before, _ = merkle.grow(Edge(), leaves[: head.tree_size])
        assert before.root == bytes(head.root)


def test_three_sequencers_and_eight_writers_make_one_unbroken_log(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sequencer, "BATCH_MAX", 7)  # many small batches, many meetings
    monkeypatch.setattr(sequencer, "IDLE_SECONDS", 0.001)
    stop = threading.Event()

    def write() -> None:
        for number in range(EACH):
            record(number)

    with ThreadPoolExecutor(WRITERS + 3) as pool:
        sequencers = [pool.submit(sequencer.run_sequencer, stop) for _ in range(3)]
        writers = [pool.submit(on_own_connection(write)) for _ in range(WRITERS)]
        for writer in writers:
            writer.result()
        stop.set()
        for one in sequencers:
            one.result()
    while sequencer.sequence_batch(NOON):
        pass
    assert Pending.objects.exists() is False
    assert_one_unbroken_log(WRITERS * EACH)


def test_a_second_sequencer_does_not_wait_for_the_first_and_takes_nothing() -> None:
    record(1)
    locked, release = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            assert sequencer.try_lock() is True
            locked.set()
            release.wait(20)

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(on_own_connection(hold))
        assert locked.wait(20)
        assert sequencer.sequence_batch(NOON) == 0
        release.set()
        first.result()
    assert sequencer.sequence_batch(NOON) == 1
    assert_one_unbroken_log(1)


def test_a_transaction_that_commits_late_still_gets_its_record_sequenced() -> None:
    written, commit = threading.Event(), threading.Event()

    def write_and_linger() -> None:
        with transaction.atomic():
            log.record(event="a.b.lingered", actor="x", subject="late", facts={}, at=NOON)
            written.set()
            commit.wait(20)

    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(on_own_connection(write_and_linger))
        assert written.wait(20)
        for number in range(3):  # these get higher numbers and commit first
            record(number)
        assert sequencer.sequence_batch(NOON) == 3
        commit.set()
        late.result()
    assert sequencer.sequence_batch(NOON) == 1
    assert Record.objects.get(subject="late").leaf.index == 3
    assert_one_unbroken_log(4)


def test_a_writer_waits_for_no_other_writer_and_not_for_the_sequencer() -> None:
    """Every writer holds its transaction open until all have written: a shared lock would hang."""
    together = threading.Barrier(WRITERS, timeout=20)

    def write_together() -> None:
        with transaction.atomic():
            log.record(event="a.b.written", actor="x", subject="s", facts={}, at=NOON)
            together.wait()

    record(0)
    with transaction.atomic():
        assert sequencer.try_lock() is True
        assert len(sequencer.claim(10)) == 1  # a batch in the making, held open
        with ThreadPoolExecutor(WRITERS) as pool:
            for writer in [pool.submit(on_own_connection(write_together)) for _ in range(WRITERS)]:
                writer.result()
        transaction.set_rollback(True)
    assert Record.objects.count() == WRITERS + 1
    assert sequencer.sequence_batch(NOON) == WRITERS + 1
    assert_one_unbroken_log(WRITERS + 1)
