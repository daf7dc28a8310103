"""The query engine in a cage: it sees the folders and files it is given, loads nothing, and asks for no more
memory than it may have.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any, Self

import duckdb
from django.utils.translation import gettext as _

from exchange.vault.reading import errors
from exchange.vault.reading.casts_sql import literal
from exchange.vault.reading.limits import Limits

POLL_SECONDS = 0.2
Row = tuple[Any, ...]


class Engine:
    """One connection to a database in memory. `told` hears the share (0 to 1) of a long statement."""

    def __init__(
        self,
        folders: Sequence[Path],
        *,
        spill: Path,
        limits: Limits,
        files: Sequence[Path] = (),
    ) -> None:
        self._connection = duckdb.connect(
            ":memory:",
            config={
                "threads": limits.threads,
                "memory_limit": f"{limits.memory_bytes}B",
                "temp_directory": str(spill),
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "allow_community_extensions": False,
            },
        )
        allowed = ", ".join(literal(f"{folder}/") for folder in folders)
        for statement in (
            "SET TimeZone = 'UTC'",
            f"SET allowed_directories = [{allowed}]",
            f"SET allowed_paths = [{', '.join(literal(str(file)) for file in files)}]",
            "SET enable_external_access = false",
            "SET enable_progress_bar = true",
            "SET enable_progress_bar_print = false",
            "SET lock_configuration = true",
        ):
            self._connection.execute(statement)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._connection.close()

    def rows(self, query: str) -> list[Row]:
        """All rows of a query. Raises ReadingTooLarge when memory or disk runs out."""
        try:
            return self._connection.execute(query).fetchall()
        except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
            raise _too_large(error) from error

    def row(self, query: str) -> Row:
        """The first row of a query that has one."""
        return self.rows(query)[0]

    def run(self, statement: str, *, told: Callable[[float], None]) -> None:
        """Execute a long statement; whatever `told` raises interrupts it."""
        with ThreadPoolExecutor(max_workers=1) as one:
            running = one.submit(self.rows, statement)
            while not wait([running], timeout=POLL_SECONDS).done:
                self._tell(told)
            running.result()

    def _tell(self, told: Callable[[float], None]) -> None:
        try:
            told(max(0.0, self._connection.query_progress()) / 100)
        except BaseException:
            self._connection.interrupt()
            raise


def _too_large(error: duckdb.Error) -> errors.Unreadable:
    if isinstance(error, duckdb.IOException) and "space" not in str(error).lower():
        return errors.Unreadable(_("The file could not be read from its place."))
    return errors.ReadingTooLarge(
        _("Reading this table takes more memory than a reading may; split it into several files.")
    )
