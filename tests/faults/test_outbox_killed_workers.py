"""Workers that are killed in the middle lose nothing and do nothing twice."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.db import connection

from exchange.core.models import OutboxJob
from exchange.core.outbox_lifecycle import OutboxState
from tests import depth
from tests.factories import workers
from tests.factories.outbox import emit_job
from tests.jobs import probe

pytestmark = [
    pytest.mark.fault,
    pytest.mark.deep,
    depth.ONLY_DEEP,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture(autouse=True)
def probe_tables(transactional_db: None) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(probe.TABLES)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE probe_mark, probe_outside")


def _marks() -> list[str]:
    with workers.connect() as ears:
        return workers.await_marks(ears, 0)


def test_a_worker_killed_at_any_point_neither_loses_nor_doubles_an_effect(tmp_path: Path) -> None:
    points = [(probe.MARK, point) for point in probe.CRASHES_OF_EFFECTS] + [
        (probe.CALL, point) for point in probe.CRASHES_OF_CALLS
    ]
    keys = [f"{topic}/{point}" for topic, point in points]
    for key, (topic, point) in zip(keys, points, strict=True):
        emit_job(topic=topic, key=key, payload={"crash_at": point})

    with ExitStack() as stack:
        doomed = [
            stack.enter_context(workers.worker("tests.jobs.probe", folder=tmp_path))
            for _point in points
        ]
        assert [process.wait(timeout=60) for process in doomed] == [-signal.SIGKILL] * 7
    # Those at "committed" were killed after the effect, the others before it; on a slow machine one
    # that was still to be killed may have taken up what another had left.
    assert set(_marks()) >= {key for key in keys if key.endswith("/committed")}

    with workers.worker("tests.jobs.probe", folder=tmp_path), workers.connect() as ears:
        assert workers.await_marks(ears, 7) == sorted(keys)
    assert _marks() == sorted(keys)
    assert set(OutboxJob.objects.values_list("state", flat=True)) == {OutboxState.DONE}
    with connection.cursor() as cursor:
        cursor.execute("SELECT idempotency_key, calls FROM probe_outside")
        calls = dict(cursor.fetchall())
    # The world outside was asked again only where the outcome had been lost, with the same key.
    assert calls == {
        f"{probe.CALL}:{probe.CALL}/before_call": 1,
        f"{probe.CALL}:{probe.CALL}/after_call": 2,
        f"{probe.CALL}:{probe.CALL}/unrecorded": 2,
        f"{probe.CALL}:{probe.CALL}/committed": 1,
    }


@pytest.fixture(params=["files", "redis"])
def broker_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "files":
        yield ""
        return
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed")
    with workers.redis_server(tmp_path) as (url, _server):
        yield url


def test_celerys_messages_alone_finish_what_a_killed_worker_began(
    broker_url: str, tmp_path: Path
) -> None:
    words = workers.celery_worker_words()
    job_id = emit_job(key="a", payload={"crash_at": "written"})

    with workers.worker(
        *words, folder=tmp_path, REDIS_URL=broker_url, PROBE_LOOPS="clock"
    ) as killed:
        assert killed.wait(timeout=60) == -signal.SIGKILL
        assert workers.is_group_gone(killed)  # its clock went with it
    assert _marks() == []

    with (
        workers.worker(
            *words, folder=tmp_path, REDIS_URL=broker_url, PROBE_LOOPS="clock"
        ) as successor,
        workers.connect() as ears,
    ):
        assert workers.await_marks(ears, 1) == ["a"]
        successor.send_signal(signal.SIGTERM)
        assert successor.wait(timeout=10) == os.EX_OK
        assert workers.is_group_gone(successor)
    assert _marks() == ["a"]
    job = OutboxJob.objects.get(pk=job_id)
    assert (job.state, job.attempts, job.fence) == (OutboxState.DONE, 2, 2)


def test_jobs_are_done_while_redis_is_dead(tmp_path: Path) -> None:
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed")
    words = workers.celery_worker_words()
    with (
        workers.redis_server(tmp_path) as (url, server),
        workers.worker(*words, folder=tmp_path, REDIS_URL=url, PROBE_LOOPS="dispatcher"),
        workers.connect() as ears,
    ):
        emit_job(key="before")
        assert workers.await_marks(ears, 1) == ["before"]
        server.kill()
        server.wait(timeout=10)
        emit_job(key="while")
        assert workers.await_marks(ears, 2) == ["before", "while"]
