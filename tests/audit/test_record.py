"""Writing a record: what is kept, what is refused, what a rollback leaves."""

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from exchange.audit import log
from exchange.audit.log import Json, UnloggableError
from exchange.audit.models import Disclosure, Pending, Record

NOON = datetime(2026, 3, 2, 12, 0, 0, 250, tzinfo=UTC)


def write(
    *,
    event: str = "orders.auction.closed",
    actor: str = "user:usr_1",
    subject: str = "auction:auc_1",
    facts: dict[str, Json] | None = None,
    at: datetime = NOON,
) -> str:
    return log.record(event=event, actor=actor, subject=subject, facts=facts or {}, at=at)


@pytest.mark.django_db
def test_a_record_keeps_its_facts_as_canonical_bytes_and_waits_for_its_index() -> None:
    public_id = write(facts={"b": 1, "a": [True, None, "é"]})
    row = Record.objects.get()
    assert public_id.startswith("rec_")
    assert row.public_id == public_id
    assert (
        bytes(row.canonical)
        == (
            '{"actor":"user:usr_1","at":"2026-03-02T12:00:00.000250Z",'
            '"event":"orders.auction.closed","facts":{"a":[true,null,"é"],"b":1},'
            f'"id":"{public_id}","subject":"auction:auc_1","v":1}}'
        ).encode()
    )
    assert list(Pending.objects.values_list("record_id", flat=True)) == [row.pk]


@pytest.mark.django_db
def test_writing_takes_one_statement_even_with_personal_values() -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        log.record(
            event="accounts.user.joined",
            actor="user:usr_1",
            subject="user:usr_1",
            facts={},
            at=NOON,
            personal={"name": "Li Wei", "mail": "li@example.com"},
        )
    assert len(asked) == 1
    assert Disclosure.objects.count() == 2
    assert Pending.objects.count() == 1


@pytest.mark.django_db
def test_a_personal_value_stands_in_the_record_as_a_salted_commitment_only() -> None:
    log.record(
        event="accounts.user.joined",
        actor="user:usr_1",
        subject="user:usr_1",
        facts={},
        at=NOON,
        personal={"mail": "li@example.com"},
        documents={"mandate": b"%PDF-1.7"},
    )
    row = Record.objects.get()
    disclosed = Disclosure.objects.get()
    content = json.loads(bytes(row.canonical))
    salt = bytes(disclosed.salt)
    assert b"li@example.com" not in bytes(row.canonical)
    assert len(salt) == log.SALT_BYTES
    assert content["personal"] == {
        "mail": hashlib.sha256(salt + b"mail\0li@example.com").hexdigest()
    }
    assert content["documents"] == {"mandate": hashlib.sha256(b"%PDF-1.7").hexdigest()}


@pytest.mark.django_db
def test_the_same_value_gives_another_commitment_each_time() -> None:
    for _ in range(2):
        log.record(
            event="accounts.user.joined",
            actor="user:usr_1",
            subject="user:usr_1",
            facts={},
            at=NOON,
            personal={"mail": "li@example.com"},
        )
    first, second = (json.loads(bytes(row.canonical))["personal"] for row in Record.objects.all())
    assert first != second


@pytest.mark.django_db(transaction=True)
def test_a_record_outside_a_transaction_is_a_programming_error() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        write()
    assert Record.objects.exists() is False


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_transaction_leaves_no_record_and_nothing_in_the_queue() -> None:
    with transaction.atomic():
        write()
        transaction.set_rollback(True)
    assert Record.objects.exists() is False
    assert Pending.objects.exists() is False


@pytest.mark.django_db
def test_moments_are_written_in_utc() -> None:
    write(at=NOON.astimezone(timezone(timedelta(hours=8))))
    assert json.loads(bytes(Record.objects.get().canonical))["at"] == "2026-03-02T12:00:00.000250Z"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "facts",
    [
        {"amount_minor": 2**53},
        {"amount_minor": -(2**53)},
        {"share": float("nan")},
        {"name": "\ud800"},
        {"at": NOON},
        {"blob": b"x"},
        {1: "x"},
        {"text": "x" * log.CANONICAL_BYTES_MAX},
    ],
)
def test_facts_that_the_log_could_not_repeat_exactly_are_refused(facts: dict[str, Json]) -> None:
    with pytest.raises(UnloggableError):
        write(facts=facts)
    assert Record.objects.exists() is False


@pytest.mark.django_db
def test_the_largest_integer_that_every_reader_keeps_is_logged() -> None:
    write(facts={"amount_minor": 2**53 - 1, "more": str(2**63)})
    assert json.loads(bytes(Record.objects.get().canonical))["facts"] == {
        "amount_minor": 9007199254740991,
        "more": "9223372036854775808",
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    "event",
    ["closed", "auction.closed", "Orders.auction.closed", "a.b.c.d", "a..b", "a.b.c\n", ""],
)
def test_an_event_that_is_not_room_thing_past_is_refused(event: str) -> None:
    with pytest.raises(UnloggableError):
        write(event=event)


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["", "a b", "a\r\nb", "x" * 201, "李"])
def test_an_actor_or_subject_that_is_no_plain_name_is_refused(who: str) -> None:
    with pytest.raises(UnloggableError):
        write(actor=who)
    with pytest.raises(UnloggableError):
        write(subject=who)


@pytest.mark.django_db
def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(UnloggableError):
        write(at=NOON.replace(tzinfo=None))


@pytest.mark.django_db
def test_a_personal_field_needs_a_plain_name() -> None:
    with pytest.raises(UnloggableError):
        log.record(
            event="a.b.c", actor="x", subject="y", facts={}, at=NOON, personal={"E-mail": "x"}
        )
