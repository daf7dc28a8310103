"""What the whole suite needs: append-only tables that a test database may still be emptied of."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.db.backends.postgresql.operations import DatabaseOperations
from hypothesis import settings

# Nothing in the suite is judged by the clock: a busy machine is no failure.
settings.register_profile("suite", deadline=None)
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
