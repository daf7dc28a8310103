"""What the whole suite needs: append-only tables that a test database may still be emptied of."""

import os
from collections.abc import Iterable, Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from django.utils import translation
from hypothesis import HealthCheck, settings
from psycopg import sql
from pytest_django import DjangoDbBlocker

from exchange.local import postgres
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
def forgetful_server() -> None:
    """Have the tests' own server not wait for the disk: what they write is not missed after a power cut. A
    server that is killed and started again still has all of it. One that others keep is left as it is."""
    instance = postgres.locate(os.environ.get("ASSAY_INSTANCE", "test"))
    if os.environ["DATABASE_URL"] != instance.url:
        return
    with psycopg.connect(instance.url, autocommit=True) as server:
        for name in ("fsync", "full_page_writes"):
            server.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(name)))
        server.execute("SELECT pg_reload_conf()")


@pytest.fixture(scope="session")
def django_db_setup(
    forgetful_server: None, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """End the sessions that processes killed by a test have left, so that the database can go."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
