"""Promises: made with their cause, once, and announced after it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from exchange.core import outbox
from exchange.core.models import OutboxJob
from exchange.core.outbox_lifecycle import OutboxState
from exchange.core.refusals import KeyReused
from tests.factories.outbox import (
    TOPIC,
    emit_job,
    lease_one,
    make_ready_jobs_due,
)

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_a_promise_is_ready_at_once_and_never_tried() -> None:
    job = OutboxJob.objects.get(pk=emit_job())

    assert (job.topic, job.dedupe_key, job.payload) == (TOPIC, "1", {"mark": "1"})
    assert (job.state, job.fence, job.attempts) == (OutboxState.READY, 0, 0)
    assert (job.lease_until, job.finished_at) == (None, None)


@pytest.mark.django_db(transaction=True)
def test_a_promise_outside_a_transaction_is_a_programming_error() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        outbox.emit(topic=TOPIC, key="1", payload={})
    assert OutboxJob.objects.exists() is False


def test_a_promise_in_a_transaction_that_rolls_back_never_existed() -> None:
    with transaction.atomic():
        outbox.emit(topic=TOPIC, key="1", payload={})
        transaction.set_rollback(True)

    assert OutboxJob.objects.exists() is False
    assert outbox.lease(worker="first") == []


def test_the_same_promise_twice_is_one_job() -> None:
    assert emit_job() == emit_job()
    assert OutboxJob.objects.count() == 1


def test_the_same_key_under_another_topic_is_another_job() -> None:
    assert emit_job() != emit_job(topic="probe.other.wanted")


def test_a_key_that_stands_for_another_payload_is_refused_and_changes_nothing() -> None:
    job_id = emit_job(payload={"amount_minor": 1})
    with pytest.raises(KeyReused) as refusal:
        emit_job(payload={"amount_minor": 2})
    assert refusal.value.code == "key_reused"
    assert OutboxJob.objects.get(pk=job_id).payload == {"amount_minor": 1}


@pytest.mark.parametrize(
    ("key", "payload"), [("k" * 201, {}), ("k", {"text": "x" * outbox.PAYLOAD_BYTES_MAX})]
)
def test_what_is_too_long_for_the_outbox_is_not_written(key: str, payload: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="too long"):
        outbox.emit(topic=TOPIC, key=key, payload=payload)
    assert OutboxJob.objects.exists() is False


@pytest.mark.parametrize("topic", ["nodots", "Upper.case", "", "a.b;c"])
def test_a_topic_that_is_no_dotted_name_is_refused_by_the_database(topic: str) -> None:
    with pytest.raises(IntegrityError, match="outbox_job_topic_is_dotted"), transaction.atomic():
        outbox.emit(topic=topic, key="1", payload={})


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"state": "lost"}, "outbox_job_finishes_when_done_or_dead"),
        ({"lease_until": NOON}, "outbox_job_lease_ends_while_leased"),
        ({"state": "leased"}, "outbox_job_lease_ends_while_leased"),
        ({"state": "done"}, "outbox_job_finishes_when_done_or_dead"),
        ({"finished_at": NOON}, "outbox_job_finishes_when_done_or_dead"),
        ({"dedupe_key": ""}, "outbox_job_key_is_not_empty"),
    ],
)
def test_the_database_refuses_a_state_that_cannot_be(
    change: dict[str, object], constraint: str
) -> None:
    emit_job()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        OutboxJob.objects.update(**change)


def test_one_poke_follows_the_commit_however_many_promises_it_holds(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks() as hooks:
        emit_job(key="1")
        emit_job(key="2")
    assert hooks == [outbox.poke]


def test_a_poke_registered_in_a_savepoint_that_fell_is_registered_again(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks() as hooks:
        with transaction.atomic():
            outbox.emit(topic=TOPIC, key="1", payload={})
            transaction.set_rollback(True)
        emit_job(key="2")
    assert hooks == [outbox.poke]


def test_a_promise_for_later_does_not_poke_and_waits_for_its_hour(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks() as hooks:
        outbox.emit(topic=TOPIC, key="1", payload={}, run_after=timezone.now() + timedelta(hours=1))
    assert hooks == []
    assert outbox.lease(worker="first") == []
    make_ready_jobs_due()
    assert lease_one().key == "1"
