"""Two roles of the database: the owner migrates, the runtime role reads and writes rows and no more.

A table's owner may disable its triggers and so rewrite what the database promises never to change. So
the processes that serve and work sign in as a role that owns nothing: it has SELECT and INSERT
everywhere, UPDATE and DELETE only where no guard refuses them anyway, and neither TRUNCATE nor TRIGGER.
`manage.py migrate` signs in as the owner (DATABASE_OWNER_URL) and renews the grants afterwards; tables
that are made otherwise are granted by default privileges.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection, connections
from psycopg import sql

# Triggers that refuse each change (16) or each deletion (8) of a table, whatever the row says.
GUARDED = """
SELECT c.relname, bool_or(t.tgtype & 16 > 0), bool_or(t.tgtype & 8 > 0)
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
WHERE NOT t.tgisinternal AND t.tgqual IS NULL AND cardinality(t.tgattr::int2[]) = 0
    AND c.relnamespace = current_schema()::regnamespace
    AND p.proname IN ('core_refuse_rewriting', 'audit_refuse_rewriting', 'ledger_refuse')
GROUP BY c.relname
"""
KEYS = """
SELECT c.relname, a.attname
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
WHERE i.indisprimary AND c.relname = ANY (%s) AND c.relnamespace = current_schema()::regnamespace
"""
GRANTS = (
    "REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC",
    "GRANT USAGE ON SCHEMA {schema} TO {role}",
    "REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT USAGE, SELECT ON SEQUENCES TO {role}",
    """ALTER DEFAULT PRIVILEGES IN SCHEMA {schema}
       GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}""",
)
POWERS = """
SELECT power FROM (VALUES
    ('is a superuser', (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)),
    ('may make roles', (SELECT rolcreaterole FROM pg_roles WHERE rolname = current_user)),
    ('may replicate', (SELECT rolreplication FROM pg_roles WHERE rolname = current_user)),
    ('owns the database or belongs to its owner', (
        SELECT pg_has_role(current_user, datdba, 'MEMBER')
        FROM pg_database WHERE datname = current_database())),
    ('owns tables or belongs to their owner', EXISTS (
        SELECT FROM pg_class
        WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace
            AND pg_has_role(current_user, relowner, 'MEMBER'))),
    ('may empty tables or give them triggers', EXISTS (
        SELECT FROM pg_class
        WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace
            AND has_table_privilege(current_user, oid, 'TRUNCATE, TRIGGER'))),
    ('may change or delete records of the log', EXISTS (
        SELECT FROM pg_class
        WHERE relname IN ('audit_record', 'audit_leaf', 'audit_node', 'audit_head')
            AND relnamespace = current_schema()::regnamespace
            AND has_table_privilege(current_user, oid, 'UPDATE, DELETE'))),
    ('may make tables', has_schema_privilege(current_user, current_schema(), 'CREATE')),
    ('may switch triggers off', has_parameter_privilege('session_replication_role', 'SET'))
) AS held (power, is_held)
WHERE is_held
"""


def grant_runtime(role: str, *, using: str = "default") -> None:
    """Give `role` what serving takes, and nothing else. For the owner of the tables; safe to repeat.

    Of a table whose rows are never changed the role may update the first column of the key: no
    update passes the guard, but a row that cannot be updated cannot be locked either. The log's own
    rows are never locked.
    """
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        names = {"schema": sql.Identifier(cursor.fetchone()[0]), "role": sql.Identifier(role)}
        for statement in GRANTS:
            cursor.execute(sql.SQL(statement).format(**names))
        cursor.execute(GUARDED)
        guarded = list(cursor.fetchall())
        cursor.execute(KEYS, [[table for table, is_final, _kept in guarded if is_final]])
        keys = dict(cursor.fetchall())
        for table, is_final, is_kept in guarded:
            named = names | {"table": sql.Identifier(table)}
            if is_kept:
                cursor.execute(sql.SQL("REVOKE DELETE ON {table} FROM {role}").format(**named))
            if is_final:
                cursor.execute(sql.SQL("REVOKE UPDATE ON {table} FROM {role}").format(**named))
            if is_final and table in keys and not table.startswith("audit_"):
                named["key"] = sql.Identifier(keys[table])
                cursor.execute(sql.SQL("GRANT UPDATE ({key}) ON {table} TO {role}").format(**named))
        cursor.execute(
            sql.SQL(
                "REVOKE INSERT, UPDATE, DELETE ON {schema}.django_migrations FROM {role}"
            ).format(**names)
        )


def powers_too_many() -> list[str]:
    """What the role that is signed in may do and must not, as sentences about it; empty when it is safe."""
    with connection.cursor() as cursor:
        cursor.execute(POWERS)
        return [power for (power,) in cursor.fetchall()]


@contextmanager
def as_owner(using: str = "default") -> Iterator[str | None]:
    """Have this connection sign in as the owner that DATABASE_OWNER_URL names; yields the runtime role.

    Without one nothing changes and None is yielded: one role does everything, as in tests.
    """
    owner: dict[str, Any] = settings.DATABASE_OWNER
    wrapper = connections[using]
    if not owner:
        yield None
        return
    runtime = dict(wrapper.settings_dict)
    _sign_in_as(
        wrapper, runtime | {key: owner[key] for key in ("USER", "PASSWORD", "HOST", "PORT")}
    )
    try:
        yield str(runtime["USER"])
    finally:
        _sign_in_as(wrapper, runtime)


def _sign_in_as(wrapper: Any, place: dict[str, Any]) -> None:
    wrapper.close()
    wrapper.close_pool()
    wrapper.settings_dict.clear()
    wrapper.settings_dict.update(place)
