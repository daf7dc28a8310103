"""Writes under a key: the first answer stands."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from exchange.core import idempotency, retention
from exchange.core.idempotency import Answer, fingerprint_of
from exchange.core.models import IdempotencyKey, OutboxJob
from exchange.core.refusals import KeyReused, Refusal
from tests.factories.outbox import emit_job, lease_one

pytestmark = pytest.mark.django_db
BODY = fingerprint_of("POST", "/api/v1/orders", {"amount": 5, "currency": "CNY"})


class TooPoor(Refusal):
    code = "too_poor"


def effect(key: str = "effect") -> Callable[[], Answer]:
    """A write whose effect is one row that a test can count."""

    def perform() -> Answer:
        return Answer(status=201, body={"id": emit_job(key=key)})

    return perform


def once(perform: Callable[[], Answer], *, key: str = "k-1", fingerprint: str = BODY) -> Answer:
    return idempotency.once(scope="org:7", key=key, fingerprint=fingerprint, perform=perform)


def test_a_repeated_request_gets_the_first_answer_and_has_no_second_effect() -> None:
    first = once(effect("a"))
    again = once(effect("b"))
    assert first == Answer(status=201, body={"id": OutboxJob.objects.get().pk}, is_replay=False)
    assert again == Answer(status=201, body=first.body, is_replay=True)


def test_a_key_used_for_another_body_is_refused_and_changes_nothing() -> None:
    once(effect("a"))
    with pytest.raises(KeyReused) as refusal:
        once(effect("b"), fingerprint=fingerprint_of("POST", "/api/v1/orders", {"amount": 6}))
    assert (refusal.value.code, refusal.value.http_status) == ("key_reused", 409)
    assert [job.dedupe_key for job in OutboxJob.objects.all()] == ["a"]


def test_a_refused_first_request_leaves_the_key_free_and_no_effect() -> None:
    def refuse() -> Answer:
        emit_job(key="half")
        raise TooPoor("There is not enough money.")

    with pytest.raises(TooPoor):
        once(refuse)
    assert (IdempotencyKey.objects.exists(), OutboxJob.objects.exists()) == (False, False)
    assert once(effect("whole")).is_replay is False


def test_a_request_that_repeats_itself_from_within_is_refused() -> None:
    with pytest.raises(KeyReused):
        once(lambda: once(effect()))
    assert OutboxJob.objects.exists() is False


def test_the_keys_of_two_parties_never_meet() -> None:
    once(effect("a"))
    other = idempotency.once(scope="org:8", key="k-1", fingerprint=BODY, perform=effect("b"))
    assert other.is_replay is False
    assert OutboxJob.objects.count() == 2


@pytest.mark.parametrize("key", ["", " ", "a b", "k" * 201, "键", "a\r\nb", "a\n", "\x00"])
def test_what_is_no_key_is_refused_before_anything_happens(key: str) -> None:
    with pytest.raises(idempotency.KeyMalformed) as refusal:
        once(effect(), key=key)
    assert (refusal.value.code, refusal.value.facts) == ("key_malformed", {"limit": 200})
    assert (IdempotencyKey.objects.exists(), OutboxJob.objects.exists()) == (False, False)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"key": "a b"}, "idempotency_key_is_printable"),
        ({"fingerprint": "x"}, "idempotency_fingerprint_is_sha256"),
        ({"status": 99}, "idempotency_status_is_final"),
    ],
)
def test_the_database_refuses_a_row_that_cannot_be(
    change: dict[str, object], constraint: str
) -> None:
    once(effect())
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        IdempotencyKey.objects.update(**change)


def test_a_fingerprint_is_that_of_the_content_not_of_its_order() -> None:
    assert fingerprint_of("POST", {"a": 1, "b": [1, 2]}) == fingerprint_of(
        "POST", {"b": [1, 2], "a": 1}
    )
    distinct = [
        fingerprint_of("POST", {"a": 1}),
        fingerprint_of("PUT", {"a": 1}),
        fingerprint_of("POST", {"a": "1"}),
        fingerprint_of("POST", {"a": 2**63}),
        fingerprint_of("POST", {"a": [1]}),
        fingerprint_of("POST{", {"a": 1}),
    ]
    assert len(set(distinct)) == len(distinct)


def test_old_answers_are_forgotten_and_young_ones_kept() -> None:
    once(effect("a"), key="old")
    once(effect("b"), key="young")
    IdempotencyKey.objects.filter(key="old").update(created_at=Now() - timedelta(days=31))
    assert retention.purge_idempotency_keys() == 1
    assert [row.key for row in IdempotencyKey.objects.all()] == ["young"]


def test_jobs_done_long_ago_are_forgotten_but_never_dead_or_open_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retention, "BATCH_MAX", 2)
    for number in range(5):
        emit_job(key=f"old-{number}")
    OutboxJob.objects.update(state="done", finished_at=Now() - timedelta(days=91))
    dead = emit_job(key="dead")
    OutboxJob.objects.filter(pk=dead).update(state="dead", finished_at=Now() - timedelta(days=91))
    young = emit_job(key="young")
    OutboxJob.objects.filter(pk=young).update(state="done", finished_at=Now())
    emit_job(key="leased")
    lease_one()
    assert retention.purge_done_jobs() == 5
    assert {job.dedupe_key for job in OutboxJob.objects.all()} == {"dead", "young", "leased"}
