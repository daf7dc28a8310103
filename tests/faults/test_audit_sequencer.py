"""A sequencer that is killed in the middle of a batch."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.db import connection

from exchange.audit import merkle, queries, sequencer
from exchange.audit.merkle import Edge
from exchange.audit.models import Head, Leaf, Node, Pending
from exchange.local.postgres import PROJECT
from tests.factories.audit import NOON, record, sequenced

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True)]

# Runs one batch on the test's database and stops for ever at the step named in argv.
SEQUENCER = """
import signal, sys
from datetime import UTC, datetime
import django
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from exchange.audit import sequencer
step = sys.argv[2]
work = getattr(sequencer, step)
def work_then_stop(*given):
    answer = work(*given)
    print("there", flush=True)
    signal.pause()
    return answer
setattr(sequencer, step, work_then_stop)
sequencer.sequence_batch(datetime.now(UTC))
"""


@pytest.fixture
def stopped_at(request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    """A sequencer process that stands still after the step that the test names."""
    sequenced(3)
    for number in range(5):
        record(number)
    process = subprocess.Popen(
        [sys.executable, "-c", SEQUENCER, str(connection.settings_dict["NAME"]), request.param],
        cwd=PROJECT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "exchange.settings.test"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "there\n"
    yield process
    process.stdout.close()
    process.kill()
    process.wait()


@pytest.mark.parametrize(
    "stopped_at", ["try_lock", "claim", "append_leaves", "append_nodes"], indirect=True
)
def test_a_sequencer_killed_in_the_middle_leaves_the_batch_to_the_next(
    stopped_at: subprocess.Popen[str],
) -> None:
    assert sequencer.sequence_batch(NOON) == 0  # it lives and holds the lock
    stopped_at.send_signal(signal.SIGKILL)
    stopped_at.wait()
    wait_until_the_server_noticed()
    assert (Leaf.objects.count(), Pending.objects.count(), Head.objects.count()) == (3, 5, 1)
    assert sequencer.sequence_batch(NOON) == 5
    leaves = [bytes(leaf.hash) for leaf in Leaf.objects.order_by("index")]
    edge, nodes = merkle.grow(Edge(), leaves)
    assert len(leaves) == 8
    assert {(row.level, row.index, bytes(row.hash)) for row in Node.objects.all()} == set(nodes)
    assert queries.newest_edge() == edge


def wait_until_the_server_noticed() -> None:
    """Wait for the dead client's transaction to end: its lock is free once it has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", sequencer.LOCK)
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", sequencer.LOCK)
