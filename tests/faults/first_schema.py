"""A database as the first migration of each of our apps left it, filled with what a running exchange holds
and that schema has a place for: what an exchange that began with it would upgrade.

`python -m tests.faults.first_schema` makes the schema in the database of DATABASE_URL.
"""

import os
from collections.abc import Mapping, Sequence

import psycopg
from psycopg import sql


def make() -> None:
    """Migrate to the first migration of each app of ours, and to whatever those need of others."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exchange.settings.demo")
    import django  # noqa: PLC0415 - after the settings are named

    django.setup()
    from django.apps import apps  # noqa: PLC0415 - after the setup
    from django.db import connection  # noqa: PLC0415
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415

    executor = MigrationExecutor(connection)
    ours = {
        one.label
        for one in apps.get_app_configs()
        if one.name.startswith(("exchange.", "accounts"))
    }
    first = [
        (app, name)
        for app, name in executor.loader.graph.nodes
        if app in ours and name.startswith("0001_")
    ]
    others = [leaf for leaf in executor.loader.graph.leaf_nodes() if leaf[0] not in ours]
    graph = executor.loader.graph
    # What another of them needs comes with it: named by itself it would be migrated back to.
    needed = {node for one in (*first, *others) for node in graph.forwards_plan(one) if node != one}
    executor.migrate([one for one in (*first, *others) if one not in needed])


# A dispute that was ruled on has steps that the first schema does not know.
LATER = frozenset({"disputes_dispute", "disputes_disputestep"})
COLUMNS = """
    SELECT c.table_name, array_agg(c.column_name::text ORDER BY c.ordinal_position)
    FROM information_schema.columns c
    JOIN information_schema.tables t USING (table_schema, table_name)
    WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.is_generated = 'NEVER'
      AND c.table_name <> 'django_migrations'
    GROUP BY c.table_name
"""
WORDS_NEEDED = """
    SELECT c.table_name, c.column_name FROM information_schema.columns c
    WHERE c.table_schema = 'public' AND c.is_nullable = 'NO' AND c.column_default IS NULL
      AND c.data_type IN ('character varying', 'text')
"""
SERIES = """
    SELECT c.table_name, c.column_name FROM information_schema.columns c
    WHERE c.table_schema = 'public' AND c.is_identity = 'YES'
"""


def fill(*, source: str, target: str) -> dict[str, int]:
    """Copy the columns that both have, table by table; how many rows each got."""
    copied = {}
    with psycopg.connect(source) as current, psycopg.connect(target) as first:
        there: dict[str, list[str]] = dict(current.execute(COLUMNS).fetchall())
        # Rows come in any order: their foreign keys hold in the source.
        first.execute("SET session_replication_role = replica")
        tables = first.execute(COLUMNS).fetchall()
        names = sql.SQL(", ").join(sql.Identifier(table) for table, _columns in tables)
        first.execute(sql.SQL("TRUNCATE {}").format(names))
        _leave_empty(first, there)
        for table, columns in tables:
            common = [name for name in columns if name in there.get(table, ())]
            if common and table not in LATER:
                copied[table] = _copy(current, first, table, common)
        for table, column in first.execute(SERIES).fetchall():
            first.execute(
                sql.SQL(
                    "SELECT setval(pg_get_serial_sequence({name}, {column}), max({it})) FROM {table}"
                ).format(
                    name=sql.Literal(f'"{table}"'),
                    column=sql.Literal(column),
                    it=sql.Identifier(column),
                    table=sql.Identifier(table),
                )
            )
    return copied


def _leave_empty(
    first: "psycopg.Connection[tuple[object, ...]]", there: Mapping[str, Sequence[str]]
) -> None:
    """What was a text and is kept no more is empty."""
    for table, column in first.execute(WORDS_NEEDED).fetchall():
        if str(column) not in there.get(str(table), ()):
            first.execute(
                sql.SQL("ALTER TABLE {} ALTER {} SET DEFAULT ''").format(
                    sql.Identifier(str(table)), sql.Identifier(str(column))
                )
            )


def _copy(
    current: "psycopg.Connection[tuple[object, ...]]",
    first: "psycopg.Connection[tuple[object, ...]]",
    table: str,
    columns: Sequence[str],
) -> int:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    rows = sql.SQL("COPY {} ({})").format(sql.Identifier(table), names)
    with first.cursor() as into, current.cursor() as out:
        with (
            out.copy(rows + sql.SQL(" TO STDOUT")) as reading,
            into.copy(rows + sql.SQL(" FROM STDIN")) as writing,
        ):
            for piece in reading:
                writing.write(piece)
        return into.rowcount


if __name__ == "__main__":
    make()
