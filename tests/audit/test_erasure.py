"""Personal values can be erased; the log still verifies and says that they were."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from exchange.audit import coverage, disclosures, queries, sequencer, verification
from exchange.audit.findings import Counts
from exchange.audit.models import Disclosure, Record
from tests.factories.audit import NOON, record

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_coverage_rules_of_other_rooms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coverage, "_coverage_rules", {})


def test_erasing_a_subject_takes_its_values_and_leaves_a_log_that_verifies() -> None:
    hers = record(1, subject="user:usr_1", personal={"mail": "li@example.com", "name": "Li"})
    his = record(2, subject="user:usr_2", personal={"mail": "bo@example.com"})
    sequencer.sequence_batch(NOON)
    assert disclosures.erase(subject="user:usr_1", actor="user:usr_9", now=NOON) == 2
    sequencer.sequence_batch(NOON)
    assert queries.values_of(hers) == {}
    assert queries.values_of(his) == {"mail": "bo@example.com"}
    assert list(verification.findings(timezone.now(), Counts())) == []
    erasure = json.loads(bytes(Record.objects.latest("id").canonical))
    assert (erasure["event"], erasure["subject"], erasure["actor"], erasure["facts"]) == (
        "audit.disclosures.erased",
        "user:usr_1",
        "user:usr_9",
        {"record": None, "values": 2},
    )


def test_erasing_one_record_leaves_the_others_of_its_subject() -> None:
    first = record(1, subject="user:usr_1", personal={"mail": "li@example.com"})
    second = record(2, subject="user:usr_1", personal={"mail": "li@example.com"})
    assert disclosures.erase(record=first, actor="user:usr_9", now=NOON) == 1
    assert queries.values_of(second) == {"mail": "li@example.com"}


def test_erasing_again_erases_nothing_and_records_nothing() -> None:
    record(1, subject="user:usr_1", personal={"mail": "li@example.com"})
    disclosures.erase(subject="user:usr_1", actor="user:usr_9", now=NOON)
    before = Record.objects.count()
    assert disclosures.erase(subject="user:usr_1", actor="user:usr_9", now=NOON) == 0
    assert Record.objects.count() == before


def test_an_erasure_of_nothing_in_particular_is_refused() -> None:
    record(1, personal={"mail": "li@example.com"})
    with pytest.raises(disclosures.NothingNamed):
        disclosures.erase(actor="user:usr_9", now=NOON)
    assert Disclosure.objects.count() == 1


def test_the_command_erases_and_says_how_many(capsys: pytest.CaptureFixture[str]) -> None:
    record(1, subject="user:usr_1", personal={"mail": "li@example.com"})
    call_command("erase_disclosures", subject="user:usr_1", by="user:usr_9")
    assert capsys.readouterr().out == "1 value was erased.\n"
    assert Disclosure.objects.count() == 0
    with pytest.raises(CommandError):
        call_command("erase_disclosures", by="user:usr_9")
