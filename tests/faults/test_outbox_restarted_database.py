"""The database goes away under the dispatcher and comes back."""

import os
import signal
import subprocess
import sys
import warnings
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from exchange.local import postgres
from tests import depth
from tests.factories import workers
from tests.jobs import probe

pytestmark = [pytest.mark.fault, pytest.mark.deep, depth.ONLY_DEEP]

PROMISE = "INSERT INTO core_outboxjob (topic, dedupe_key, payload) VALUES (%s, %s, '{}')"


def _connect_again(url: str) -> "psycopg.Connection[tuple[object, ...]]":
    for _attempt in range(600):
        try:
            return workers.connect(url)
        except psycopg.OperationalError:
            signal.sigtimedwait([], 0.05)
    raise TimeoutError("The database did not come back.")


def test_a_dispatcher_goes_on_after_the_database_was_stopped_at_once(tmp_path: Path) -> None:
    # A server of its own, so that no other test loses its connection.
    instance = postgres.locate(f"{settings.INSTANCE_DIR.name}-restarted")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # its keeper is meant to run on
        url = postgres.attach(instance.home.name)
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "core", "--verbosity=0", "--skip-checks"],
        cwd=workers.PROJECT,
        env={**os.environ, "DATABASE_URL": url},
        check=True,
        timeout=120,
    )
    with workers.connect(url) as setup:
        setup.execute("DROP TABLE IF EXISTS probe_mark, probe_outside; TRUNCATE core_outboxjob")
        setup.execute(probe.TABLES)

    with workers.worker("tests.jobs.probe", folder=tmp_path, url=url) as dispatcher:
        with workers.connect(url) as before:
            before.execute(PROMISE, [probe.MARK, "before"])
            assert workers.await_marks(before, 1) == ["before"]
            server = int((instance.cluster / "postmaster.pid").read_text().split()[0])
            before.execute(PROMISE, [probe.MARK, "during"])
            os.kill(server, signal.SIGQUIT)  # immediate shutdown, as after a loss of power
        with _connect_again(url) as after:
            after.execute(PROMISE, [probe.MARK, "after"])
            assert workers.await_marks(after, 3) == ["after", "before", "during"]
        dispatcher.send_signal(signal.SIGTERM)
        assert dispatcher.wait(timeout=10) == os.EX_OK
