"""What a file asks is answered, kept, and taken for the next file; what is published stays."""

from pathlib import Path

import pytest
from django.db import DatabaseError, transaction
from pytest_django import Settings

from exchange.audit.models import Record
from exchange.catalog import file_answers, revisions
from exchange.catalog.dictionary import Correction, TableCorrection, correct_dictionary
from exchange.catalog.errors import GatesShut
from exchange.catalog.facts import draft_revision, tables_of
from exchange.catalog.models import Product
from exchange.core.refusals import NotAllowed
from exchange.members.actors import Actor
from exchange.vault import file_reading
from exchange.vault.errors import FileBeingRead, FileInUse, NoSuchOption, NoSuchQuestion
from exchange.vault.lifecycle import FileState
from exchange.vault.models import DataFile, DataTable
from exchange.vault.reading.questions import Answers, Asked
from tests.factories.accounts import NOON, an_organisation
from tests.factories.catalog import DAY, Stall
from tests.factories.core import SOMEBODY
from tests.factories.vault import TOWNS, a_file, a_read_file, keeper

pytestmark = pytest.mark.django_db


MORE = "city;n\nМосква;1\nКазань;2\nСамара;3\n".encode("cp1251")


@pytest.fixture(autouse=True)
def vault_root(tmp_path: Path, settings: Settings) -> None:
    settings.VAULT_ROOT = str(tmp_path / "vault")


def said(value: str, *, place: str = "towns.csv") -> Answers:
    return Answers({(Asked.ENCODING, place): value})


def answer(file: DataFile, given: Answers, *, actor: Actor | None = None) -> DataFile:
    by = actor or keeper(file.organisation_id)
    return file_answers.answer(file.public_id, actor=by, said=given, now=NOON)


def first_cell(file: DataFile) -> str:
    return str(file.tables.get().document["preview"]["rows"][0][0])


def asking(stall: Stall, content: bytes = TOWNS, name: str = "towns.csv") -> DataFile:
    return a_read_file(stall.seller, content=content, name=name)


def with_file(stall: Stall, file: DataFile) -> Product:
    """A product that lacks nothing but answers."""
    product = stall.draft()
    stall.offer(product)
    revisions.attach_file(product.public_id, actor=stall.selling, file_id=file.public_id, now=DAY)
    product.refresh_from_db()
    return product


def test_a_file_keeps_its_questions_and_is_read_again_as_answered() -> None:
    file = a_read_file(an_organisation(), content=TOWNS, name="towns.csv")
    before = file.tables.get()
    assert (file.open_questions, file.answers) == (1, [])
    taken = file.questions[0]["taken"]
    other = next(one["value"] for one in file.questions[0]["options"] if one["value"] != taken)
    read_as_taken = first_cell(file)
    answered = answer(file, said(other))
    assert (answered.state, answered.rows_read, answered.read_at) == (FileState.STORED, 0, None)
    assert DataTable.objects.filter(pk=before.pk).exists() is False
    file_reading.read_now(file.pk, now=NOON)
    file = DataFile.objects.get(pk=file.pk)
    assert (file.state, file.open_questions) == (FileState.READY, 0)
    assert file.questions[0]["taken"] == other
    assert first_cell(file) != read_as_taken
    record = Record.objects.get(event="vault.file.answered")
    assert record.subject == f"file:{file.public_id}"


def test_the_same_answer_again_changes_nothing() -> None:
    file = a_read_file(an_organisation(), content=TOWNS, name="towns.csv")
    answer(file, said("cp1251"))
    assert answer(file, said("cp1251")).state == FileState.STORED
    file_reading.read_now(file.pk, now=NOON)
    assert answer(file, said("cp1251")).state == FileState.READY
    assert Record.objects.filter(event="vault.file.answered").count() == 1


def test_what_nobody_asked_and_what_is_no_option_is_refused_and_changes_nothing() -> None:
    file = a_read_file(an_organisation(), content=TOWNS, name="towns.csv")
    with pytest.raises(NoSuchQuestion):
        answer(file, said("cp1251", place="other.csv"))
    with pytest.raises(NoSuchOption) as refused:
        answer(file, said("utf-7"))
    assert refused.value.facts["field"] == "encoding:towns.csv"
    file.refresh_from_db()
    assert (file.state, file.answers) == (FileState.READY, [])


def test_another_organisation_answers_nothing() -> None:
    file = a_read_file(an_organisation(), content=TOWNS, name="towns.csv")
    with pytest.raises(NotAllowed):
        answer(file, said("cp1251"), actor=SOMEBODY)
    file.refresh_from_db()
    assert (file.state, file.answers) == (FileState.READY, [])


def test_while_it_is_read_again_another_answer_waits() -> None:
    file = a_read_file(an_organisation(), content=TOWNS, name="towns.csv")
    answer(file, said("cp1251"))
    with pytest.raises(FileBeingRead):
        answer(file, said("gb18030"))


def test_a_listing_with_an_open_question_cannot_be_submitted(stall: Stall) -> None:
    file = asking(stall)
    product = with_file(stall, file)
    with pytest.raises(GatesShut) as shut:
        stall.submit(product)
    assert "questions_answered" in [one["code"] for one in shut.value.facts["gates"]]  # type: ignore[attr-defined]
    answer(file, said("cp1251"))
    file_reading.read_now(file.pk, now=NOON)
    assert stall.submit(product).state == "submitted"


def test_what_a_seller_said_of_the_columns_outlives_the_reading(stall: Stall) -> None:
    file = asking(stall)
    product = with_file(stall, file)
    correct_dictionary(
        product.public_id,
        actor=stall.selling,
        corrections=(TableCorrection(0, (Correction("n", name="people", description="Counted"),)),),
        now=DAY,
    )
    answer(file, said("cp1251"))
    assert tables_of(draft_revision(product)) == []
    file_reading.read_now(file.pk, now=NOON)
    (row,) = tables_of(draft_revision(product))
    column = row.document["columns"][1]
    assert (column["name"], column["description"]) == ("people", "Counted")


def test_what_is_with_the_exchange_stays_as_it_was_read(stall: Stall) -> None:
    file = asking(stall)
    answer(file, said("cp1251"))
    file_reading.read_now(file.pk, now=NOON)
    product = with_file(stall, file)
    stall.submit(product)
    with pytest.raises(FileInUse):
        answer(file, said("gb18030"))
    stall.approve(product)
    with pytest.raises(FileInUse):
        answer(file, said("gb18030"))
    file.refresh_from_db()
    assert (file.state, file.tables.count()) == (FileState.READY, 1)
    assert answer(file, said("cp1251")).state == FileState.READY


def test_the_answer_is_taken_for_the_next_file_of_the_product(stall: Stall) -> None:
    file = asking(stall)
    product = with_file(stall, file)
    answer(file, said("cp1251"))
    file_reading.read_now(file.pk, now=NOON)
    waiting = a_file(stall.seller, content=MORE, name="towns-2.csv")
    revisions.attach_file(
        product.public_id, actor=stall.selling, file_id=waiting.public_id, now=DAY
    )
    following = file_reading.read_now(waiting.pk, now=NOON)
    assert (following.open_questions, following.questions[0]["taken"]) == (0, "cp1251")
    assert following.readings == 1


def test_a_file_that_was_read_already_is_read_again_by_the_answer_before(stall: Stall) -> None:
    file = asking(stall)
    product = with_file(stall, file)
    answer(file, said("cp1251"))
    file_reading.read_now(file.pk, now=NOON)
    ready = asking(stall, MORE, "towns-2.csv")
    revisions.attach_file(product.public_id, actor=stall.selling, file_id=ready.public_id, now=DAY)
    ready.refresh_from_db()
    assert ready.state == FileState.STORED
    assert file_reading.read_now(ready.pk, now=NOON).open_questions == 0


def test_an_answer_that_comes_while_the_file_is_read_is_taken_at_its_end(stall: Stall) -> None:
    file = asking(stall)
    product = with_file(stall, file)
    answer(file, said("cp1251"))
    file_reading.read_now(file.pk, now=NOON)
    slow = a_file(stall.seller, content=MORE, name="towns-2.csv")
    outcome = file_reading.read_file(file_reading.begin_reading(slow.pk, now=NOON))
    revisions.attach_file(product.public_id, actor=stall.selling, file_id=slow.public_id, now=DAY)
    assert file_reading.record_reading(slow.pk, outcome, now=NOON).state == FileState.STORED
    assert file_reading.read_now(slow.pk, now=NOON).open_questions == 0


def test_an_answer_to_other_options_is_not_taken(stall: Stall) -> None:
    key = (Asked.ENCODING, "towns.csv")
    among = Answers({key: "cp1251"}, {key: ["cp1251", "koi8-r"]})
    assert among.of(*key, ["koi8-r", "cp1251"]) == "cp1251"
    assert among.of(*key, ["gb18030", "cp1251"]) is None
    assert Answers.of_rows(among.rows()).of(*key, ["gb18030", "cp1251"]) is None
    assert among.with_all(said("gb18030")).of(*key, ["gb18030", "cp1251"]) == "gb18030"


def test_the_database_keeps_a_file_with_tables_ready() -> None:
    file = a_read_file(an_organisation(), content=TOWNS, name="towns.csv")
    with pytest.raises(DatabaseError, match="stays ready"), transaction.atomic():
        DataFile.objects.filter(pk=file.pk).update(state=FileState.STORED, read_at=None)
    with pytest.raises(DatabaseError), transaction.atomic():
        DataFile.objects.filter(pk=file.pk).update(name="other.csv")
