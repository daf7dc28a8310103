"""The tables of an SQLite database. The file is a stranger's: it is opened to be read and for nothing else,
what it would have the engine compute (views, virtual tables, generated columns) is left alone.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from django.utils.translation import gettext as _

from exchange.vault.reading import errors
from exchange.vault.reading.documents import Note
from exchange.vault.reading.limits import Limits
from exchange.vault.reading.written_sql import Table

ALLOWED = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ})
ALLOWED_PRAGMAS = frozenset({"table_list", "table_xinfo"})
SAFETY = ("PRAGMA trusted_schema = OFF", "PRAGMA query_only = ON", "PRAGMA cell_size_check = ON",
          "PRAGMA temp_store = MEMORY", "PRAGMA mmap_size = 0")  # fmt: skip
# Tables that a database of maps keeps about itself.
OWN_PREFIXES = ("sqlite_", "gpkg_", "rtree_")
STORED, PLAIN = 3, 0
FETCHED_ROWS = 1_000
SQL_BYTES = 1_000_000
NAMES_SHOWN = 5


def tables_in(path: Path, limits: Limits) -> Iterator[Table]:
    """Each table with its rows, while the database is open. Raises UnreadableDatabase."""
    uri = f"file:{quote(str(path))}?mode=ro&immutable=1"
    with _told(), closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as database:
        _secure(database, limits)
        names, left = _names(database)
        if len(names) > limits.tables:
            raise errors.TooManyTables(
                _("The file holds %(found)d tables; a file may hold %(most)d.")
                % {"found": len(names), "most": limits.tables},
                tables_max=limits.tables,
            )
        notes = _left_out(left)
        for name in names:
            yield _table(database, name, notes)
            notes = ()


@contextmanager
def _told() -> Iterator[None]:
    """What the library finds wrong is a refusal."""
    try:
        yield
    except sqlite3.Error:
        raise errors.UnreadableDatabase(
            _("The SQLite database is damaged, or holds what cannot be read safely.")
        ) from None


def _secure(database: sqlite3.Connection, limits: Limits) -> None:
    database.text_factory = lambda text: text.decode("utf-8", "replace")
    for statement in SAFETY:
        database.execute(statement)
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, limits.cell_bytes)
    database.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, SQL_BYTES)
    database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    database.set_authorizer(_is_allowed)


def _is_allowed(action: int, first: str | None, *_rest: str | None) -> int:
    is_pragma = action == sqlite3.SQLITE_PRAGMA and first in ALLOWED_PRAGMAS
    return sqlite3.SQLITE_OK if action in ALLOWED or is_pragma else sqlite3.SQLITE_DENY


def _names(database: sqlite3.Connection) -> tuple[list[str], list[str]]:
    """Tables, and what is none: views and virtual tables."""
    listed = database.execute("PRAGMA table_list").fetchall()
    own = sorted(
        (str(name), str(kind))
        for schema, name, kind, *_rest in listed
        if schema == "main" and not str(name).startswith(OWN_PREFIXES)
    )
    tables = [name for name, kind in own if kind == "table"]
    return tables, [name for name, kind in own if kind in {"view", "virtual"}]


def _left_out(names: list[str]) -> tuple[Note, ...]:
    if not names:
        return ()
    shown = ", ".join(names[:NAMES_SHOWN]) + ("" if len(names) <= NAMES_SHOWN else " …")
    text = _("Views and virtual tables were left out: %(names)s.") % {"names": shown}
    return (Note("views_left_out", text, len(names)),)


def _table(database: sqlite3.Connection, name: str, notes: tuple[Note, ...]) -> Table:
    quoted = _quoted(name)
    described = database.execute(f"PRAGMA table_xinfo({quoted})").fetchall()
    columns = [str(one[1]) for one in described if one[6] in (PLAIN, STORED)]
    computed = len(described) - len(columns)
    if computed:
        text = _("Computed columns were left out.")
        notes = (*notes, Note("computed_columns_left_out", text, computed))
    if not columns:
        return Table((), (), part=name, notes=notes)
    cells = ", ".join(_quoted(one) for one in columns)
    return Table(columns, _rows(database, f"SELECT {cells} FROM {quoted}"), name, notes=notes)  # noqa: S608 - quoted


def _rows(database: sqlite3.Connection, query: str) -> Iterator[list[str | None]]:
    with _told():
        cursor = database.execute(query)
        while rows := cursor.fetchmany(FETCHED_ROWS):
            yield from ([_text(cell) for cell in row] for row in rows)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(cell: object) -> str | None:
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, bytes):
        return "".join(f"\\x{byte:02X}" for byte in cell)
    return repr(cell)
