"""In which order use cases lock rows, by table, as their statements say.

`recorded(…)` looks at every statement of the outermost use case that runs: what SELECT … FOR UPDATE, UPDATE
and DELETE name is locked until its transaction ends, so each table locked before stands before it in the order.
Several rows of one table are another question: they are locked by rising key.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from exchange.core.use_case import current

LOCKING = (
    re.compile(r'^\s*UPDATE "?(?P<table>\w+)"?', re.IGNORECASE),
    re.compile(r'^\s*DELETE FROM "?(?P<table>\w+)"?', re.IGNORECASE),
    re.compile(r'^\s*WITH .*? UPDATE "?(?P<table>\w+)"?', re.IGNORECASE | re.DOTALL),
    re.compile(
        r'^\s*SELECT .*? FROM "?(?P<table>\w+)"?.* FOR (NO KEY )?UPDATE', re.IGNORECASE | re.DOTALL
    ),
)

Order = dict[tuple[str, str], str]


def table_locked(sql: str) -> str | None:
    """The table whose rows the statement locks; None where it locks none."""
    found = next((match for kind in LOCKING if (match := kind.match(sql))), None)
    return found["table"] if found else None


@contextmanager
def recorded(order: Order) -> Iterator[None]:
    """Add to `order` each pair of tables (before, after), with the statement that locked the second."""
    locked: list[str] = []
    during: list[object] = []

    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 - Django's own
        work = current()
        if [work] != during:
            during[:], locked[:] = [work], []
        table = table_locked(str(sql)) if work is not None else None
        if table is not None and table not in locked:
            for before in locked:
                order.setdefault((before, table), str(sql)[:160])
            locked.append(table)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield


def cycles(order: Order) -> list[tuple[str, ...]]:
    """The groups of tables that are locked in more than one order, each sorted."""
    after: dict[str, set[str]] = defaultdict(set)
    for first, second in order:
        after[first].add(second)
    reach = {table: _reached(table, after) for table in after}
    groups = {
        tuple(sorted({other for other in reach[table] if table in reach.get(other, set())}))
        for table in after
        if table in reach[table]
    }
    return sorted(groups)


def _reached(table: str, after: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = [table]
    while waiting:
        for other in after.get(waiting.pop(), ()):
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return seen
