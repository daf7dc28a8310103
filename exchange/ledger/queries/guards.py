"""Is every guard of the books in place?"""

import hashlib
import time
from functools import cache
from pathlib import Path
from weakref import WeakKeyDictionary

from django.apps import apps
from django.db import connection
from django.utils.translation import gettext as _

from exchange.ledger.errors import GuardsMissing
from exchange.ledger.queries.guards_sql import (
    CONSTRAINTS_MADE,
    FUNCTIONS_MADE,
    TRIGGERS_MADE,
    guards_found,
)

SQL = Path(__file__).parents[1] / "sql"
RECHECK_SECONDS = 60.0

# When each server connection was last found guarded; forgotten with the connection.
_guarded: WeakKeyDictionary[object, float] = WeakKeyDictionary()


@cache
def expected_guards() -> frozenset[str]:
    """Every guard by kind and name; functions with the MD5 of their body, so that none is hollow."""
    text = "\n".join((SQL / name).read_text() for name in ("guards.sql", "post.sql"))
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
