"""Whatever an intruder changes with every guard switched off, the check names the record."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.utils import timezone

from exchange.audit import coverage, merkle, verification
from exchange.audit.findings import Counts, Finding
from exchange.audit.merkle import Edge
from exchange.audit.models import Head, Leaf, Record
from tests.factories.audit import execute, sequenced, tamper

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_coverage_rules_of_other_rooms")]


def check() -> list[Finding]:
    return list(verification.findings(timezone.now(), Counts()))


def named(findings: Sequence[Finding]) -> set[str]:
    return {public_id for finding in findings for public_id in finding.records}


def test_an_untouched_log_is_found_good_and_counted(ids: list[str]) -> None:
    counts = Counts()
    assert list(verification.findings(timezone.now(), counts)) == []
    assert counts == Counts(leaves=7, nodes=4, heads=3, waiting=1, disclosures=1, coverage_rules=0)
    assert len(ids) == 8
    assert list(Head.objects.order_by("tree_size").values_list("tree_size", flat=True)) == [2, 4, 7]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_record SET id = id + 1000 WHERE public_id = %(id)s",
        "UPDATE audit_record SET event = 'orders.auction.opened' WHERE public_id = %(id)s",
        "UPDATE audit_record SET actor = 'user:usr_9' WHERE public_id = %(id)s",
        "UPDATE audit_record SET subject = 'auction:auc_9' WHERE public_id = %(id)s",
        "UPDATE audit_record SET at = at + interval '1 us' WHERE public_id = %(id)s",
        "UPDATE audit_record SET canonical = overlay(canonical placing '6' from 90 for 1) WHERE public_id = %(id)s",
        "UPDATE audit_record SET canonical = '' WHERE public_id = %(id)s",
        "UPDATE audit_leaf SET index = 99 WHERE index = 5",
        "UPDATE audit_leaf SET index = 7 WHERE index = 5",
        "UPDATE audit_leaf SET record_id = 999999 WHERE index = 5",
        "UPDATE audit_leaf SET hash = sha256('forged') WHERE index = 5",
        "UPDATE audit_node SET level = 3, index = 0 WHERE level = 1 AND index = 2",
        "UPDATE audit_node SET index = 77 WHERE level = 1 AND index = 2",
        "UPDATE audit_node SET hash = sha256('forged') WHERE level = 1 AND index = 2",
        "DELETE FROM audit_node WHERE level = 1 AND index = 2",
        "DELETE FROM audit_leaf WHERE index = 5",
    ],
)
def test_a_change_to_a_record_or_its_place_names_the_record(ids: list[str], change: str) -> None:
    tamper(change, id=ids[5])
    assert ids[5] in named(check())


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_head SET root = sha256('forged') WHERE tree_size = 4",
        "UPDATE audit_head SET peaks = peaks || sha256('forged') WHERE tree_size = 4",
        "UPDATE audit_head SET at = at + interval '1 us' WHERE tree_size = 4",
        "UPDATE audit_head SET checkpoint = '' WHERE tree_size = 4",
        "UPDATE audit_head SET checkpoint = replace(checkpoint, '2026', '2025') WHERE tree_size = 4",
        "UPDATE audit_head a SET checkpoint = b.checkpoint FROM audit_head b WHERE (a.tree_size, b.tree_size) = (4, 2)",
    ],
)
def test_a_change_to_a_head_names_its_last_record(ids: list[str], change: str) -> None:
    tamper(change)
    findings = check()
    assert named(findings) == {ids[3]}
    assert {finding.check for finding in findings} == {"head"}


def test_a_head_moved_to_another_size_is_found(ids: list[str]) -> None:
    tamper("UPDATE audit_head SET tree_size = 5 WHERE tree_size = 4")
    assert named(check()) == {ids[4]}


def test_a_dropped_last_head_leaves_records_that_no_head_covers(ids: list[str]) -> None:
    tamper("DELETE FROM audit_head WHERE tree_size = 7")
    assert named(check()) == {ids[4], ids[6]}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_disclosure SET field = 'name'",
        "UPDATE audit_disclosure SET salt = sha256(salt)",
        "UPDATE audit_disclosure SET value = 'mallory@example.com'",
    ],
)
def test_a_changed_disclosure_names_its_record(ids: list[str], change: str) -> None:
    tamper(change)
    assert named(check()) == {ids[2]}


def test_a_disclosure_moved_to_another_record_is_found(ids: list[str]) -> None:
    tamper(
        "UPDATE audit_disclosure SET record_id ="
        " (SELECT id FROM audit_record WHERE public_id = %(id)s)",
        id=ids[0],
    )
    assert named(check()) == {ids[0]}


def test_a_record_taken_out_of_the_queue_is_found(ids: list[str]) -> None:
    tamper("DELETE FROM audit_pending")
    assert named(check()) == {ids[7]}


def test_a_forged_queue_is_found(ids: list[str]) -> None:
    tamper("INSERT INTO audit_pending (record_id) SELECT record_id FROM audit_leaf WHERE index = 5")
    tamper("INSERT INTO audit_pending (record_id) VALUES (999999)")
    assert [(one.detail, one.records) for one in check()] == [
        ("The record waits although it has an index.", (ids[5],)),
        ("Record number 999999 waits and is missing.", ()),
    ]


def test_a_dropped_record_is_named_by_its_index(ids: list[str]) -> None:
    tamper("DELETE FROM audit_record WHERE public_id = %(id)s", id=ids[5])
    assert [(one.check, one.index) for one in check()] == [("leaf", 5)]


def test_a_record_dropped_with_its_leaf_leaves_a_gap(ids: list[str]) -> None:
    tamper("DELETE FROM audit_leaf WHERE index = 5")
    tamper("DELETE FROM audit_record WHERE public_id = %(id)s", id=ids[5])
    assert ("leaf", 5) in [(one.check, one.index) for one in check()]


def test_an_inserted_record_is_named(ids: list[str]) -> None:
    tamper(
        "INSERT INTO audit_record (public_id, event, actor, subject, at, canonical)"
        " SELECT 'rec_forged', event, actor, subject, at,"
        " convert_to(replace(convert_from(canonical, 'UTF8'), public_id, 'rec_forged'), 'UTF8')"
        " FROM audit_record WHERE public_id = %(id)s",
        id=ids[5],
    )
    assert named(check()) == {"rec_forged"}
    tamper(
        "INSERT INTO audit_leaf (index, record_id, hash)"
        " SELECT 7, id, sha256('\\x00' || canonical) FROM audit_record"
        " WHERE public_id = 'rec_forged'"
    )
    assert "rec_forged" in named(check())


def test_two_records_with_swapped_contents_are_both_named(ids: list[str]) -> None:
    tamper(
        "UPDATE audit_record SET canonical = other.canonical FROM audit_record other"
        " WHERE (audit_record.public_id, other.public_id) IN ((%(a)s, %(b)s), (%(b)s, %(a)s))",
        a=ids[1],
        b=ids[5],
    )
    assert named(check()) == {ids[1], ids[5]}


def swap_leaves(first: int, second: int) -> None:
    """Two records change places with their hashes, so that each leaf fits its record."""
    for old, new in ((first, -1), (second, first), (-1, second)):
        tamper("ALTER TABLE audit_leaf DROP CONSTRAINT IF EXISTS leaf_index_from_zero")
        tamper("UPDATE audit_leaf SET index = %(new)s WHERE index = %(old)s", old=old, new=new)


def test_two_records_that_changed_places_are_both_named(ids: list[str]) -> None:
    swap_leaves(1, 5)
    assert {ids[1], ids[5]} <= named(check())


def test_a_forger_who_rebuilds_the_whole_tree_still_lacks_the_key(ids: list[str]) -> None:
    swap_leaves(1, 5)
    _, nodes = merkle.grow(Edge(), [bytes(leaf.hash) for leaf in Leaf.objects.order_by("index")])
    for node in nodes:
        tamper(
            "UPDATE audit_node SET hash = %(hash)s WHERE level = %(level)s AND index = %(offset)s",
            **node._asdict(),
        )
    findings = check()
    assert {finding.check for finding in findings} == {"head"}
    assert findings[0].index == 1
    assert findings[0].records == (ids[5],)


def test_a_record_that_waits_too_long_is_named(ids: list[str]) -> None:
    late = list(verification.findings(timezone.now() + timedelta(days=1), Counts()))
    assert named(late) == {ids[7]}


def test_a_guard_that_was_dropped_is_named(ids: list[str]) -> None:
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    execute("ALTER TABLE audit_leaf DISABLE TRIGGER audit_leaf_is_append_only")
    execute("DROP TRIGGER audit_head_covers_all_leaves ON audit_head")
    assert [finding.detail for finding in check()] == [
        "The database does not enforce audit_head_covers_all_leaves.",
        "The database does not enforce audit_leaf_is_append_only.",
    ]


def test_rows_that_must_have_a_record_and_have_none_are_named(
    ids: list[str],
) -> None:
    other = ["orders.auction.opened", "orders.auction.cancelled"]
    coverage.require_record(
        name="closed auctions",
        rows="VALUES ('auction:auc_1'), ('auction:auc_404')",
        event="orders.auction.closed",
    )
    coverage.require_record(
        name="subjects of records",
        rows=Record.objects.filter(subject="auction:auc_7").values_list("subject", flat=True),
        event=other,
    )
    assert [finding.detail for finding in check()] == [
        "closed auctions: auction:auc_404 has no record orders.auction.closed.",
        f"subjects of records: auction:auc_7 has no record {' or '.join(other)}.",
    ]


def test_the_check_streams_more_leaves_than_one_chunk_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("exchange.audit.verification.CHUNK_ROWS", 3)
    ids = sequenced(20, batches=4)
    assert check() == []
    tamper("UPDATE audit_leaf SET hash = sha256('forged') WHERE index = 17")
    assert ids[17] in named(check())
