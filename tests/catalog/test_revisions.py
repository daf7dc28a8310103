"""Revisions: what a file becomes, what the seller may say of it, and how two of them differ."""

import pytest
from django.db import DatabaseError, transaction

from exchange.catalog import revisions
from exchange.catalog.dictionary import Correction, TableCorrection, correct_dictionary
from exchange.catalog.differences import drift_of, is_schema_change, revision_difference
from exchange.catalog.errors import (
    DictionaryRefused,
    FileNotReady,
    GatesShut,
    ProductClosed,
    RevisionMissing,
    RevisionUnchanged,
)
from exchange.catalog.facts import tables_of
from exchange.catalog.lifecycle import RevisionState
from exchange.catalog.models import Product, Revision, RevisionTable
from exchange.core.lifecycle import IllegalTransition
from exchange.vault.lifecycle import FileState
from exchange.vault.models import DataFile
from tests.architecture.lock_order import NO_KEY, Lock, Recorder
from tests.factories.catalog import DAY, Stall, a_column, a_document, a_finding, a_ready_file


def correct(stall: Stall, product: Product, *columns: Correction) -> list[RevisionTable]:
    return correct_dictionary(
        product.public_id,
        actor=stall.selling,
        corrections=(TableCorrection(position=0, columns=columns),),
        now=DAY,
    )


def publish(stall: Stall, product: Product) -> Revision:
    return revisions.publish_revision(product.public_id, actor=stall.selling, note="More", now=DAY)


def test_a_correction_changes_words_and_keeps_what_was_measured(stall: Stall) -> None:
    product = stall.draft()
    stall.attach(product)
    said = Correction("bar", name="pressure", unit="bar", description="At the outlet")
    document = correct(stall, product, said)[0].document
    column = document["columns"][1]
    assert (column["name"], column["original_name"]) == ("pressure", "bar")
    assert (column["unit"], column["description"]) == ("bar", "At the outlet")
    assert (column["type"], column["max"]) == ("decimal", "10")
    assert document["preview"]["columns"] == ["at", "pressure"]


@pytest.mark.parametrize(
    "said",
    [
        Correction("nothing", description="?"),
        Correction("bar", description="x" * 501),
        Correction("bar", unit="\u202ebar"),
        Correction("bar", name="at"),
        Correction("bar", personal=False),
    ],
)
def test_a_refused_correction_changes_nothing(stall: Stall, said: Correction) -> None:
    product = stall.draft()
    stall.attach(product, a_document(a_column("at"), a_column("bar"), findings=[a_finding("bar")]))
    with pytest.raises(DictionaryRefused):
        correct(stall, product, Correction("at", description="Kept?"), said)
    assert RevisionTable.objects.count() == 0


def test_findings_shut_the_gate_until_they_are_answered(stall: Stall) -> None:
    product = stall.complete(a_document(a_column("phone"), findings=[a_finding("phone")]))
    with pytest.raises(GatesShut) as refused:
        stall.submit(product)
    assert [one["code"] for one in refused.value.facts["gates"]] == ["findings_answered"]  # type: ignore[attr-defined]
    correct(stall, product, Correction("phone", personal=True))
    with pytest.raises(GatesShut) as again:
        stall.submit(product)
    assert [one["code"] for one in again.value.facts["gates"]] == ["personal_stated"]  # type: ignore[attr-defined]
    correct(stall, product, Correction("phone", personal=False, why="Generated."))
    assert stall.submit(product).state == "submitted"


def test_quality_below_the_minimum_shuts_its_gate(stall: Stall) -> None:
    poor = a_document(quality={"score": "79.99", "grade": "C", "dimensions": []})
    with pytest.raises(GatesShut) as refused:
        stall.submit(stall.complete(poor))
    assert [one["code"] for one in refused.value.facts["gates"]] == ["quality_reached"]  # type: ignore[attr-defined]


def test_a_file_being_read_is_waited_for_and_a_refused_one_is_refused(stall: Stall) -> None:
    product = stall.complete()
    file = a_ready_file(stall.seller)
    DataFile.objects.filter(pk=file.pk)
    unread = DataFile.objects.create(
        organisation=stall.seller, name="later.csv", blob=file.blob, synthetic=True
    )
    revisions.attach_file(product.public_id, actor=stall.selling, file_id=unread.public_id, now=DAY)
    with pytest.raises(GatesShut):
        stall.submit(product)
    with pytest.raises(FileNotReady):
        correct(stall, product, Correction("bar"))
    DataFile.objects.filter(pk=unread.pk).update(
        state=FileState.REFUSED, refusal_code="empty_file", refusal_text="Empty.", read_at=DAY
    )
    with pytest.raises(FileNotReady, match=r"Empty\."):
        revisions.attach_file(
            product.public_id, actor=stall.selling, file_id=unread.public_id, now=DAY
        )


def test_the_next_revision_inherits_what_was_said_of_the_last(stall: Stall) -> None:
    product = stall.draft()
    named = a_document(a_column("at"), a_column("tel"), findings=[a_finding("tel")])
    stall.attach(product, named)
    stall.offer(product)
    correct(
        stall,
        product,
        Correction("tel", name="phone", description="Line", personal=False, why="Generated."),
    )
    stall.approve(stall.submit(product))
    stall.attach(product, a_document(*named["columns"], rows=120, findings=[a_finding("tel")]))
    row = tables_of(Revision.objects.get(state=RevisionState.DRAFT))[0]
    column = row.document["columns"][1]
    assert (column["name"], column["original_name"], column["description"]) == (
        "phone",
        "tel",
        "Line",
    )
    assert row.decisions == {"phone": {"personal": False, "why": "Generated."}}
    assert publish(stall, product).difference["rows"] == [100, 120]


def test_only_a_listed_product_publishes_and_only_new_data(stall: Stall) -> None:
    product = stall.complete()
    with pytest.raises(ProductClosed):
        publish(stall, product)
    file = DataFile.objects.get()
    stall.approve(stall.submit(product))
    with pytest.raises(RevisionUnchanged):
        revisions.attach_file(
            product.public_id, actor=stall.selling, file_id=file.public_id, now=DAY
        )
    with pytest.raises(RevisionMissing):
        publish(stall, product)


def test_a_published_revision_is_revoked_once_and_never_changed(stall: Stall) -> None:
    stall.list()
    revision = Revision.objects.get()
    revoked = revisions.revoke_revision(
        revision.public_id, actor=stall.selling, reason="Wrong unit.", now=DAY
    )
    assert (revoked.state, revoked.revoked_reason) == (RevisionState.REVOKED, "Wrong unit.")
    with pytest.raises(IllegalTransition):
        revisions.revoke_revision(revision.public_id, actor=stall.selling, reason="Again.", now=DAY)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        RevisionTable.objects.update(document={})


def test_a_product_is_locked_before_its_revision_is_revoked(stall: Stall) -> None:
    """Who attaches the next revision holds the product and then drops the draft."""
    stall.list()
    revision = Revision.objects.get()
    locks = Recorder()
    with locks.watching():
        revisions.revoke_revision(
            revision.public_id, actor=stall.selling, reason="Wrong unit.", now=DAY
        )
    orders = {(edge.held.table, edge.wanted) for edge in locks.edges}
    assert ("catalog_product", Lock("catalog_revision", NO_KEY)) in orders
    assert ("catalog_revision", Lock("catalog_product", NO_KEY)) not in orders


def test_a_difference_names_columns_rows_types_and_drift() -> None:
    before = a_document(a_column("at", type="datetime"), a_column("bar"), a_column("old"))
    after = a_document(
        a_column("at", type="text"),
        a_column("bar", histogram={"edges": [0, 5, 10], "counts": [0, 100]}, mean="7"),
        a_column("flow"),
        rows=150,
    )
    difference = revision_difference([before], [after])
    table = difference["tables"]["pressure"]
    assert difference["rows"] == [100, 150]
    assert (table["columns_added"], table["columns_removed"]) == (["flow"], ["old"])
    assert table["columns_changed"] == [{"column": "at", "type": ["datetime", "text"]}]
    assert table["drift"] == [{"column": "bar", "drift": "0.500", "mean": ["5", "7"]}]
    assert is_schema_change(difference)
    assert revision_difference([], [after]) == {}


def test_drift_is_nothing_for_the_same_and_all_for_values_apart() -> None:
    low = {"histogram": {"edges": [0, 1], "counts": [10]}}
    high = {"histogram": {"edges": [5, 6], "counts": [3]}}
    assert drift_of(low, low) == 0.0
    assert drift_of(low, high) == 1.0
    days = {"histogram": {"edges": ["2026-01-01 00:00:00", "2026-01-03"], "counts": [4]}}
    later = {"histogram": {"edges": ["2026-01-02", "2026-01-04"], "counts": [4]}}
    assert drift_of(days, days) == 0.0
    assert drift_of(days, later) == 0.5
    assert drift_of(days, {"histogram": {"edges": ["12026-01-01", "now"], "counts": [1]}}) is None
    words = {"top": [["a", 3], ["b", 1]], "histogram": None}
    others = {"top": [["a", 1], ["c", 3]], "histogram": None}
    assert drift_of(words, words) == 0.0
    assert drift_of(words, others) == 0.75
    assert drift_of(low, words) is None
