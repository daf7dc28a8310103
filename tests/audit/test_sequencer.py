"""Indexes, stored nodes, signed heads: one batch after another."""

import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from exchange.audit import keys, merkle, queries, sequencer, verify
from exchange.audit.merkle import Edge
from exchange.audit.models import Head, Leaf, Node, Pending, Record
from tests.factories.audit import NOON, execute, record, sequenced

pytestmark = pytest.mark.django_db


def test_records_get_indexes_without_gap_in_the_order_of_the_queue() -> None:
    ids = sequenced(11, batches=3)
    assert list(Leaf.objects.order_by("index").values_list("index", "record__public_id")) == list(
        enumerate(ids)
    )
    assert Pending.objects.exists() is False


def test_the_stored_tree_is_the_tree_of_the_records() -> None:
    sequenced(13, batches=4)
    leaves = [
        verify.leaf_hash(bytes(row.canonical)) for row in Record.objects.order_by("leaf__index")
    ]
    edge, nodes = merkle.grow(Edge(), leaves)
    assert [bytes(leaf.hash) for leaf in Leaf.objects.order_by("index")] == leaves
    assert {(row.level, row.index, bytes(row.hash)) for row in Node.objects.all()} == set(nodes)
    assert queries.newest_edge() == edge
    newest = queries.newest()
    assert newest is not None
    assert bytes(newest.root) == edge.root


def test_each_batch_signs_a_head_that_continues_the_one_before() -> None:
    sequenced(9, batches=3)
    assert list(Head.objects.order_by("tree_size").values_list("tree_size", flat=True)) == [3, 6, 9]
    for head in Head.objects.all():
        signed = verify.open_checkpoint(head.checkpoint, [keys.verifier_key()])
        assert (signed.origin, signed.size, signed.root, signed.time) == (
            "log.test/log",
            head.tree_size,
            bytes(head.root),
            "2026-03-02T12:00:00.000000Z",
        )


def test_an_empty_queue_signs_nothing() -> None:
    assert sequencer.sequence_batch(NOON) == 0
    assert Head.objects.exists() is False


def test_a_batch_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequencer, "BATCH_MAX", 4)
    for number in range(6):
        record(number)
    assert [sequencer.sequence_batch(NOON) for _ in range(3)] == [4, 2, 0]


def test_a_batch_has_its_limit_however_the_claim_is_planned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Joined in a nested loop, a subquery with a limit may run once for each row."""
    monkeypatch.setattr(sequencer, "BATCH_MAX", 4)
    for number in range(6):
        record(number)
    with connection.cursor() as cursor:
        for way in ("hashjoin", "mergejoin", "hashagg", "sort", "material", "memoize"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
    assert [sequencer.sequence_batch(NOON) for _ in range(3)] == [4, 2, 0]


def test_a_clock_that_is_a_day_off_moves_times_and_not_the_order() -> None:
    first = record(1, at=NOON + timedelta(days=1))
    sequencer.sequence_batch(NOON + timedelta(days=1))
    second = record(2, at=NOON)
    sequencer.sequence_batch(NOON)
    assert list(Leaf.objects.order_by("index").values_list("record__public_id", flat=True)) == [
        first,
        second,
    ]
    assert list(Head.objects.order_by("tree_size").values_list("at", flat=True)) == [
        (NOON + timedelta(days=1)).replace(microsecond=0),
        NOON.replace(microsecond=0),
    ]


def test_the_alarm_names_the_oldest_record_that_waits() -> None:
    assert queries.oldest_unsequenced(NOON) is None
    waiting = record(1)
    record(2)
    queued_at = Pending.objects.order_by("record_id")[0].queued_at
    fresh = queries.oldest_unsequenced(queued_at + timedelta(seconds=10))
    late = queries.oldest_unsequenced(queued_at + timedelta(seconds=11))
    assert fresh == queries.Unsequenced(waiting, queued_at, 10.0, is_late=False)
    assert late == queries.Unsequenced(waiting, queued_at, 11.0, is_late=True)
    sequencer.sequence_batch(NOON)
    assert queries.oldest_unsequenced(queued_at + timedelta(days=1)) is None


@pytest.mark.parametrize("table", ["audit_record", "audit_leaf", "audit_node", "audit_head"])
@pytest.mark.parametrize(
    "statement",
    ["UPDATE {} SET {column} = {column}", "DELETE FROM {}", "TRUNCATE {} CASCADE"],
)
def test_the_database_refuses_to_rewrite_the_log(table: str, statement: str) -> None:
    sequenced(3)
    column = {"audit_record": "event", "audit_head": "root"}.get(table, "hash")
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        execute(statement.format(table, column=column))
    assert [model.objects.count() for model in (Record, Leaf, Node, Head)] == [3, 3, 1, 1]


def test_the_database_refuses_a_leaf_that_leaves_a_gap() -> None:
    sequenced(2)
    record(3)
    waiting = Record.objects.latest("id")
    with pytest.raises(DatabaseError, match="do not continue"), transaction.atomic():
        Leaf.objects.create(index=3, record=waiting, hash=b"x" * 32)
    assert Leaf.objects.count() == 2


def test_the_database_refuses_a_head_over_other_leaves_than_there_are() -> None:
    sequenced(2)
    with pytest.raises(DatabaseError, match="does not cover"), transaction.atomic():
        Head.objects.create(tree_size=3, root=b"x" * 32, peaks=b"", at=NOON, checkpoint="")
    assert Head.objects.count() == 1


def test_the_database_refuses_a_second_leaf_for_a_record() -> None:
    sequenced(1)
    with pytest.raises(DatabaseError), transaction.atomic():
        Leaf.objects.create(index=1, record=Record.objects.get(), hash=b"x" * 32)
    assert Leaf.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_loop_sequences_what_is_committed_and_stops_when_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stop, done = threading.Event(), threading.Event()
    batch = sequencer.sequence_batch
    failures = iter([DatabaseError("the server went away")])

    def failing_once_then_telling(now: object) -> int:
        for failure in failures:
            raise failure
        count = batch(NOON)
        if count:
            done.set()
        return count

    monkeypatch.setattr(sequencer, "sequence_batch", failing_once_then_telling)
    record(1)
    loop = threading.Thread(target=sequencer.run_sequencer, args=[stop])
    loop.start()
    assert done.wait(20)
    stop.set()
    loop.join(20)
    assert loop.is_alive() is False
    assert Leaf.objects.count() == 1
