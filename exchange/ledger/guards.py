"""Is every guard of the books in place?"""

import hashlib
import re
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from django.apps import apps
from django.core.checks import CheckMessage, Error
from django.db import connection, connections
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext as _

from exchange.ledger.errors import GuardsMissing

SQL = Path(__file__).parent / "sql"
RECHECK_SECONDS = 60.0

# When each server connection was last found guarded; forgotten with the connection.
_guarded: WeakKeyDictionary[object, float] = WeakKeyDictionary()


@cache
def expected_guards() -> frozenset[str]:
    """Every guard by kind and name; functions with the MD5 of their body, so that none is hollow."""
    text = "\n".join((SQL / name).read_text() for name in ("guards.sql", "post.sql", "months.sql"))
    constraints = [
        constraint.name
        for model in apps.get_app_config("ledger").get_models()
        for constraint in model._meta.constraints
    ]
    return frozenset(
        [
            "setting session_replication_role=origin",
            *(f"trigger {name}" for name in TRIGGERS_MADE.findall(text)),
            *(f"constraint {name}" for name in (*constraints, *CONSTRAINTS_MADE.findall(text))),
            *(
                f"function {name} {hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()}"
                for name, body in FUNCTIONS_MADE.findall(text)
            ),
        ]
    )


def missing_guards() -> list[str]:
    """The guards that the database lacks or has disabled or altered, by kind and name."""
    return sorted(expected_guards() - guards_found())


def require_guards() -> None:
    """Raise GuardsMissing unless this connection's database is guarded.

    Looked up once for a connection and again after RECHECK_SECONDS, so it costs a posting nothing.
    """
    connection.ensure_connection()
    checked = _guarded.get(connection.connection)
    if checked is not None and time.monotonic() - checked < RECHECK_SECONDS:
        return
    missing = missing_guards()
    if missing:
        raise GuardsMissing(
            _("The books are not guarded as they must be. Nothing is posted until they are."),
            missing=missing,
        )
    _guarded[connection.connection] = time.monotonic()


GUARDS = ("ledger", "0003_months_are_closed")


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


FUNCTIONS_MADE = re.compile(r"CREATE FUNCTION (\w+)\(.*?AS \$\$(.*?)\$\$;", re.DOTALL)
TRIGGERS_MADE = re.compile(r"^CREATE TRIGGER (\w+)$", re.MULTILINE)
CONSTRAINTS_MADE = re.compile(r"ADD CONSTRAINT (\w+)")

FOUND = """
SELECT 'trigger ' || t.tgname
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relname LIKE 'ledger\\_%%' AND pg_table_is_visible(c.oid) AND t.tgenabled IN ('O', 'A')
UNION ALL
SELECT 'constraint ' || k.conname
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE c.relname LIKE 'ledger\\_%%' AND pg_table_is_visible(c.oid) AND k.convalidated
UNION ALL
SELECT 'constraint ' || i.relname
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
WHERE c.relname LIKE 'ledger\\_%%' AND pg_table_is_visible(c.oid) AND x.indisunique AND x.indisvalid
UNION ALL
SELECT 'function ' || p.proname || ' ' || md5(p.prosrc)
FROM pg_proc p
WHERE p.proname LIKE 'ledger\\_%%' AND pg_function_is_visible(p.oid)
UNION ALL
SELECT 'setting session_replication_role=' || current_setting('session_replication_role')
"""


def guards_found() -> frozenset[str]:
    """Triggers that fire, constraints that are validated, functions with the MD5 of their body."""
    with connection.cursor() as cursor:
        cursor.execute(FOUND, [])
        return frozenset(row[0] for row in cursor.fetchall())
