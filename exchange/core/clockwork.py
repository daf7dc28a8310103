"""The schedule of what runs by the clock, kept in the database; signs of life of our processes.

Each worker looks every second for tasks that are due. Which of them starts one is decided by the row's
lock, when it is due next by the database's clock: no file and no process holds the schedule, so that
none can lose it or carry a date of another clock into it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from exchange.core import clock
from exchange.core.models.clockwork import Heartbeat, ProcessKind, ScheduledTask

BEAT_EVERY_SECONDS = 10
SILENT_SECONDS = 60
HEARTBEATS_KEPT = timedelta(days=1)

DECLARE = """
    INSERT INTO core_scheduledtask (name) SELECT unnest(%(names)s::text[])
    ON CONFLICT (name) DO NOTHING
"""
# A date further away than the task's own rhythm was written by a clock that stood wrong.
TAKE_DUE = """
    UPDATE core_scheduledtask AS task
    SET started_at = statement_timestamp(), due_at = statement_timestamp() + plan.every
    FROM (SELECT unnest(%(names)s::text[]) AS name,
                 make_interval(secs => unnest(%(seconds)s::int[])) AS every) AS plan
    WHERE task.name = plan.name AND task.id = ANY (ARRAY(
        SELECT due.id FROM core_scheduledtask AS due
        JOIN (SELECT unnest(%(names)s::text[]) AS name,
                     make_interval(secs => unnest(%(seconds)s::int[])) AS every) AS rhythm
          ON rhythm.name = due.name
        WHERE due.due_at <= statement_timestamp()
           OR due.due_at > statement_timestamp() + 2 * rhythm.every
        ORDER BY due.due_at FOR UPDATE OF due SKIP LOCKED))
    RETURNING task.name
"""
BEAT = """
    INSERT INTO core_heartbeat (process, kind, ahead_ms)
    VALUES (%(process)s, %(kind)s, %(ahead_ms)s)
    ON CONFLICT (process) DO UPDATE
    SET beat_at = statement_timestamp(), ahead_ms = excluded.ahead_ms
"""


def declare(names: list[str]) -> None:
    """Make sure that each task has its row. One that is new is due at once."""
    with connection.cursor() as cursor:
        cursor.execute(DECLARE, {"names": names})


def take_due(every_seconds: Mapping[str, int]) -> list[str]:
    """The tasks that are due and that nobody else takes; each is due again after its rhythm."""
    parameters: dict[str, list[str] | list[int]] = {
        "names": list(every_seconds),
        "seconds": list(every_seconds.values()),
    }
    with connection.cursor() as cursor:
        cursor.execute(TAKE_DUE, parameters)
        return [name for (name,) in cursor.fetchall()]


def hurry(name: str) -> None:
    """Have the task run at once, whenever it is due."""
    ScheduledTask.objects.filter(name=name).update(due_at=Now())


def note_end(name: str, *, failed: bool) -> None:
    """A run of the task ended. A task that is not on the schedule is none of ours."""
    ended = {"failures": F("failures") + 1} if failed else {"failures": 0, "finished_at": Now()}
    ScheduledTask.objects.filter(name=name).update(**ended)


def beat(*, process: str, kind: ProcessKind) -> None:
    """Note that the process lives, and by how much its clock differs."""
    ahead_ms = int(clock.DIFFERENCE.measure() / timedelta(milliseconds=1))
    parameters: dict[str, str | int] = {"process": process, "kind": kind, "ahead_ms": ahead_ms}
    with connection.cursor() as cursor:
        cursor.execute(BEAT, parameters)


def forget_old_heartbeats() -> int:
    """Delete what processes left that are gone; return how many."""
    deleted, _kinds = Heartbeat.objects.filter(beat_at__lt=Now() - HEARTBEATS_KEPT).delete()
    return deleted


def alive(*, now: datetime) -> QuerySet[Heartbeat]:
    """The processes that gave a sign of life in the last SILENT_SECONDS."""
    return Heartbeat.objects.filter(beat_at__gte=now - timedelta(seconds=SILENT_SECONDS)).order_by(
        "kind", "process"
    )


@dataclass(frozen=True)
class Health:
    """What is wrong with the work in the background: codes for programs, names for people."""

    no_worker: bool
    late_tasks: tuple[str, ...]
    wrong_clocks: tuple[str, ...]

    @property
    def warnings(self) -> list[str]:
        """One code for each kind of trouble; empty when all is well."""
        troubles = {
            "no_worker_alive": self.no_worker,
            "scheduled_tasks_late": self.late_tasks,
            "process_clocks_differ": self.wrong_clocks,
        }
        return [code for code, is_so in troubles.items() if is_so]


def health(*, now: datetime) -> Health:
    """Whether workers live and every task of the schedule runs.

    A task is late once it has not ended well for its rhythm and SILENT_SECONDS more.
    """
    heard_since = now - timedelta(seconds=SILENT_SECONDS)
    beats = list(alive(now=now))
    every = settings.CLOCK_TASKS
    late = [
        task.name
        for task in ScheduledTask.objects.filter(name__in=every).order_by("name")
        if (task.finished_at or task.created_at) < heard_since - timedelta(seconds=every[task.name])
    ]
    tolerated_ms = clock.TOLERATED / timedelta(milliseconds=1)
    wrong = [row.process for row in beats if abs(row.ahead_ms) > tolerated_ms]
    return Health(
        not any(row.kind == ProcessKind.WORKER for row in beats), tuple(late), tuple(sorted(wrong))
    )
