"""Django's system check: `manage.py check --database default` and every `migrate` name missing guards."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

from exchange.ledger.queries.guards import missing_guards

GUARDS = ("ledger", "0002_guards")


def guards_in_place(
    *, databases: Sequence[str] | None = None, **_options: Any
) -> list[CheckMessage]:
    """An error for each guard that a migrated database lacks; before its migration none is asked for."""
    if (
        not databases
        or GUARDS not in MigrationRecorder(connections["default"]).applied_migrations()
    ):
        return []
    return [
        Error(
            f"The books lack a guard: {guard}",
            hint="Nothing is posted until it is back.",
            id="ledger.E001",
        )
        for guard in missing_guards()
    ]
