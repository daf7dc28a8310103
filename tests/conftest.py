"""What the whole suite needs: append-only tables that a test database may still be emptied of."""

import gc
import os
from collections.abc import Iterable, Iterator

import psycopg
import pytest
from django.core.cache import cache
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from django.utils import translation
from hypothesis import HealthCheck, settings
from psycopg import sql
from pytest_django import DjangoDbBlocker

from exchange.local import postgres
from tests import depth

# Whatever is imported stays: to look through all of it as often as Python does takes a tenth of the time.
gc.set_threshold(100_000, 20, 100)

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


@pytest.fixture(autouse=True)
def no_banners_kept() -> None:
    """No page asks for banners, or shows those of another test; a test that makes one has them read anew."""
    from exchange.notices import banners  # noqa: PLC0415 - models must be loaded first

    cache.set(banners.KEY, [], None)


EMPTYING = 'IF EXISTS (SELECT FROM "{table}") THEN DELETE FROM "{table}"; END IF;'


@pytest.fixture(autouse=True, scope="session")
def emptying_append_only_tables() -> Iterator[None]:
    """Let transactional tests empty the tables that have rows, also those whose triggers refuse it.

    The rows go as for a replica, for which ordinary triggers and foreign keys do not fire. Only a
    superuser may do that, so no setting of a production database role opens the same door. A TRUNCATE of
    all tables takes thirty times as long as looking for the few that have rows.
    """
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setattr(DatabaseOperations, "sql_flush", _emptying)
    yield
    monkeypatch.undo()


def _emptying(
    _operations: object, _style: object, tables: Iterable[str], **_how: object
) -> list[str]:
    """Statements that leave no row in these tables, sent together in one transaction."""
    return [
        "SET session_replication_role = replica",
        f"DO $$BEGIN {' '.join(EMPTYING.format(table=table) for table in tables)} END$$",
        "SET session_replication_role = DEFAULT",
    ]


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
