"""What the whole suite needs: append-only tables that a test database may still be emptied of."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from django.utils import translation
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

from tests import depth

# Nothing in the suite is judged by the clock: a busy machine is no failure.
settings.register_profile(
    "suite",
    deadline=None,
    max_examples=depth.examples(),
    derandomize=depth.SAME_EACH_TIME,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
)
settings.load_profile("suite")


@pytest.fixture(autouse=True, scope="session")
def emptying_append_only_tables() -> Iterator[None]:
    """Let transactional tests empty tables whose triggers refuse TRUNCATE.

    The flush runs as a replica, for which ordinary triggers do not fire. Only a superuser may do
    that, so no setting of a production database role opens the same door.
    """
    monkeypatch = pytest.MonkeyPatch()
    empty = DatabaseOperations.execute_sql_flush

    def empty_as_replica(self: Any, sql_list: Iterable[str]) -> None:
        empty(
            self,
            [
                "SET session_replication_role = replica;",
                *sql_list,
                "SET session_replication_role = DEFAULT;",
            ],
        )

    monkeypatch.setattr(DatabaseOperations, "execute_sql_flush", empty_as_replica)
    yield
    monkeypatch.undo()


@pytest.fixture(autouse=True)
def speaking_english() -> Iterator[None]:
    """Start each test in English: a page asked for in Chinese leaves its thread in Chinese."""
    with translation.override("en"):
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """End the sessions that processes killed by a test have left, so that the database can go."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
