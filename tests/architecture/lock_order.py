"""In which order transactions lock rows, by table, and where two orders could meet in a deadlock.

`Recorder.watching()` looks at every statement: the rows that it locks (SELECT … FOR …, UPDATE, DELETE,
INSERT … ON CONFLICT DO UPDATE, advisory locks), those that the functions and triggers behind it lock as
their source in the database says, and the parents that a foreign key shares at the end. A transaction is
an outermost use case, or what lies so many savepoints below the place where the watching began.

A lock is an edge from each lock that the transaction holds: (table, mode) before (table, mode). Edges that
follow each other where what is waited for conflicts with what is held make a cycle. A row that the
transaction made or holds already takes no new lock; a try-lock or SKIP LOCKED waits for nobody, so that it
is held but no edge leads to it. Rows of one table are in order when their keys rise; a row that is taken
more strongly than it is held is an upgrade, on which two holders wait for each other.
"""

import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from types import FrameType
from typing import Any, NamedTuple

from django.apps import apps
from django.db import connection

from exchange.core.use_case import current as current_use_case

KEY_SHARE, SHARE, NO_KEY, UPDATE = "key share", "share", "no key update", "update"
CALLERS_MAX = 6
EXCLUSIVE = {NO_KEY, UPDATE}
STRENGTH = (KEY_SHARE, SHARE, NO_KEY, UPDATE)
CONFLICTS = {
    KEY_SHARE: {UPDATE},
    SHARE: {NO_KEY, UPDATE},
    NO_KEY: {SHARE, NO_KEY, UPDATE},
    UPDATE: set(STRENGTH),
}

# Rows that are changed only under the lock of the row that they belong to: nobody else can hold them.
OWNED = {
    "orders_licencewindow": "orders_order",
    "contracts_contract": "orders_order",  # of one order; a framework is locked by who calls it off
}

# Locks before and after each other in both orders, on rows that are never the same.
APART = {
    ("orders_order", "members_admission"): "an order that waits for a second person; a restoration"
    " locks orders that are delivered or on their way",
    ("auctions_auction", "orders_order"): "a restored organiser's auctions and then its orders; who"
    " registers with a deposit holds the admission that is restored",
    (
        "auctions_auction",
        "asset_sales_assetsale",
    ): "a restricted organiser's auctions and then"
    " its sales; who registers with a deposit holds the admission that is restricted",
    (
        "asset_sales_assetsale",
        "catalog_product",
    ): "a sale that is concluded has no order yet; who"
    " holds an order waits for the sale that it is of",
}

FOR = re.compile(
    r"\bFOR (?P<mode>NO KEY UPDATE|UPDATE|KEY SHARE|SHARE)(?: OF (?P<of>\"?\w+\"?))?"
    r"(?P<skips> SKIP LOCKED| NOWAIT)?",
    re.IGNORECASE,
)
READ = re.compile(
    r'\b(?:FROM|JOIN) "?(?P<table>\w+_\w+)"?(?: AS)?(?: "?(?!(?:ON|WHERE|INNER|LEFT|JOIN|FOR|ORDER|CROSS)\b)'
    r"(?P<alias>\w+))?",
    re.IGNORECASE,
)
CHANGE = re.compile(
    r'(?<!FOR )(?<!KEY )(?<!DO )\bUPDATE (?:ONLY )?"?(?P<table>\w+_\w+)"?', re.IGNORECASE
)
DELETE = re.compile(r'\bDELETE FROM "?(?P<table>\w+)"?', re.IGNORECASE)
INSERT = re.compile(r'\bINSERT INTO "?(?P<table>\w+)"?', re.IGNORECASE)
UPSERT = re.compile(r"\bON CONFLICT .*?DO UPDATE", re.IGNORECASE)
ADVISORY = re.compile(
    r"\bpg_(?P<tries>try_)?advisory_xact_lock(?P<shared>_shared)?\s*\((?P<name>[^)]*)\)",
    re.IGNORECASE,
)
BY_KEY = re.compile(r'WHERE (?:\("?\w+"?\.)?"?(?:\w+"?\.)?"?id"? (?:=|IN) \(?%s', re.IGNORECASE)
COMMENT = re.compile(r"--[^\n]*")


class Lock(NamedTuple):
    """Rows of one table, in one mode."""

    table: str
    mode: str


class Taken(NamedTuple):
    """What a statement locks: `waits` says whether it queues for who holds it."""

    lock: Lock
    waits: bool


class Edge(NamedTuple):
    """A lock that is held while another is asked for, which waits for those who hold one of these modes."""

    held: Lock
    wanted: Lock
    waits_for: frozenset[str]


@cache
def locks_in(sql: str) -> tuple[Taken, ...]:
    """What the text of a statement or of a function locks by itself."""
    text = " ".join(COMMENT.sub("", sql).split())
    found = [
        Taken(Lock(table, match["mode"].lower()), not match["skips"])
        for match in FOR.finditer(text)
        for table in _read_before(text, match)
    ]
    found += [Taken(Lock(match["table"], NO_KEY), True) for match in CHANGE.finditer(text)]
    found += [Taken(Lock(match["table"], UPDATE), True) for match in DELETE.finditer(text)]
    if UPSERT.search(text) and (into := INSERT.search(text)):
        found.append(Taken(Lock(into["table"], NO_KEY), True))
    for match in ADVISORY.finditer(text):
        mode = SHARE if match["shared"] else UPDATE
        found.append(Taken(Lock(f"advisory {match['name']}", mode), not match["tries"]))
    return tuple(found)


def _read_before(text: str, clause: "re.Match[str]") -> list[str]:
    """The tables whose rows a FOR clause locks: those of its own SELECT, or the one that it names."""
    before = text[: clause.start()]
    reads = list(READ.finditer(before, before.upper().rfind("SELECT ")))
    of = (clause["of"] or "").strip('"')
    if of and of.upper() not in {"SKIP", "NOWAIT"}:
        reads = [one for one in reads if of in (one["alias"], one["table"])]
    return [one["table"] for one in reads]


@dataclass
class Behind:
    """What the functions and triggers of the database lock, as their source says."""

    functions: dict[str, tuple[Taken, ...]]
    triggers: dict[tuple[str, str], list[Taken]]  # by table and INSERT, UPDATE or DELETE
    parents: dict[str, tuple[str, ...]]
    known: dict[str, list[Taken]] = field(default_factory=dict)

    @classmethod
    def read(cls) -> "Behind":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
                " AND prolang IN (SELECT oid FROM pg_language WHERE lanname IN ('plpgsql', 'sql'))"
            )
            functions = {name: locks_in(source) for name, source in cursor.fetchall()}
            cursor.execute(
                "SELECT c.relname, p.proname, t.tgtype FROM pg_trigger t"
                " JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid"
                " WHERE NOT t.tgisinternal"
            )
            triggers: dict[tuple[str, str], list[Taken]] = defaultdict(list)
            for table, name, kind in cursor.fetchall():
                for bit, event in ((4, "INSERT"), (8, "DELETE"), (16, "UPDATE")):
                    if kind & bit:
                        triggers[table, event] += functions.get(name, ())
        parents = {
            model._meta.db_table: tuple(
                one.related_model._meta.db_table
                for one in model._meta.concrete_fields
                if one.is_relation and one.related_model is not None
            )
            for model in apps.get_models(include_auto_created=True)
        }
        return cls({name: taken for name, taken in functions.items() if taken}, triggers, parents)

    def locks_of(self, sql: str) -> list[Taken]:
        """What the statement locks through functions that it calls and triggers that it fires."""
        if sql not in self.known:
            self.known[sql] = self._locks_of(" ".join(sql.split()))
        return self.known[sql]

    def _locks_of(self, text: str) -> list[Taken]:
        found = [
            taken for name, locks in self.functions.items() if f"{name}(" in text for taken in locks
        ]
        for pattern, event in ((INSERT, "INSERT"), (CHANGE, "UPDATE"), (DELETE, "DELETE")):
            for match in pattern.finditer(text):
                found += self.triggers.get((match["table"], event), [])
        return found


@dataclass
class Work:
    """What one transaction holds so far."""

    held: dict[Lock, str] = field(default_factory=dict)
    rows: dict[tuple[str, int], str] = field(default_factory=dict)  # with the strongest mode
    last: dict[str, int] = field(default_factory=dict)
    new: set[tuple[str, int]] = field(default_factory=set)
    parents: set[str] = field(default_factory=set)


@dataclass
class Recorder:
    """Every pair of locks in the order in which some transaction took them."""

    edges: dict[Edge, str] = field(default_factory=dict)
    falling: dict[str, str] = field(
        default_factory=dict
    )  # tables whose rows were not taken by rising key
    transactions: int = 0
    label: str = ""

    @contextmanager
    def watching(self, *, inside: int | None = None) -> Iterator[None]:
        """Look at what runs here. A transaction is what begins `inside` savepoints below this place, or
        (None) an outermost use case."""
        behind = Behind.read()
        base = len(connection.savepoint_ids) + (inside or 0)
        current: dict[str, Any] = {"name": None, "work": Work()}

        def watch(
            execute: Callable[..., Any],
            sql: Any,
            params: Any,
            many: bool,  # noqa: FBT001 - Django's own
            context: Any,
        ) -> Any:
            names = connection.savepoint_ids
            if inside is None:
                name = current_use_case()
            else:
                name = names[base] if len(names) > base else None
            if name != current["name"]:
                self._end(current["work"])
                current.update(name=name, work=Work())
            text = str(sql)
            result = execute(sql, params, many, context)
            if name is not None and not text.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
                self._note(current["work"], behind, text, params, context)
            return result

        with connection.execute_wrapper(watch):
            yield
        self._end(current["work"])

    def _note(self, work: Work, behind: Behind, sql: str, params: Any, context: Any) -> None:
        own, others = locks_in(sql), behind.locks_of(sql)
        into = INSERT.search(sql)
        if not own and not others and into is None:
            return
        if context["cursor"].rowcount == 0:
            return  # it found no row
        keys = _keys(sql, params, context)
        if into is not None:
            work.new |= {(into["table"], key) for key in keys}
            work.parents |= set(behind.parents.get(into["table"], ()))
        for taken in own:
            of_one = keys if len({one.lock.table for one in own}) == 1 else ()
            self._take(work, taken, of_one if into is None else (), sql)
        for taken in others:
            self._take(work, taken, (), sql)

    def _take(self, work: Work, taken: Taken, keys: Sequence[int], sql: str) -> None:
        lock = taken.lock
        rows = [(lock.table, key) for key in keys if (lock.table, key) not in work.new]
        held_so_far: set[str | None] = {work.rows.get(row) for row in rows}
        if not keys:
            held_so_far = {one.mode for one in work.held if one.table == lock.table} or {None}
        waits_for = {
            mode
            for former in held_so_far
            for mode in CONFLICTS[lock.mode] - (CONFLICTS[former] if former else set())
        }
        if not waits_for:
            return
        if _is_owned(work, lock):
            waits_for -= EXCLUSIVE
        where = f"{self.label}: {_callers()}: {' '.join(sql.split())[:60]}"
        if taken.waits and waits_for:
            is_upgrade = None not in held_so_far
            for held in work.held:
                if held.table != lock.table or is_upgrade:
                    edge = Edge(held, lock, frozenset(waits_for))
                    self.edges.setdefault(edge, f"{work.held[held]} | {where}")
            self._look_at_order(work, lock, [key for _table, key in rows], where)
        work.held.setdefault(lock, where)
        work.rows |= {row: _stronger(work.rows.get(row), lock.mode) for row in rows}

    def _look_at_order(self, work: Work, lock: Lock, keys: Sequence[int], where: str) -> None:
        """Shared locks among themselves wait for nobody, whatever their order."""
        for key in keys:
            if (lock.table, key) in work.rows:
                continue
            if key < work.last.get(lock.table, 0) and lock.mode in EXCLUSIVE:
                self.falling.setdefault(lock.table, f"{work.last[lock.table]} then {key} {where}")
            work.last[lock.table] = max(key, work.last.get(lock.table, 0))

    def _end(self, work: Work) -> None:
        """The transaction ends: what was written shares the rows that its foreign keys name."""
        self.transactions += bool(work.held)
        for parent in work.parents:
            lock = Lock(parent, KEY_SHARE)
            for held, where in work.held.items():
                if held.table != parent:
                    edge = Edge(held, lock, frozenset({UPDATE}))
                    self.edges.setdefault(edge, f"{where} | a foreign key at the end")

    def cycles(self) -> list[tuple[str, ...]]:
        """The groups of tables whose locks could wait for each other, each sorted."""
        return cycles(
            [one for one in self.edges if (one.held.table, one.wanted.table) not in APART]
        )

    def explained(self) -> str:
        """The edges between the tables of each cycle, with the statements that made them."""
        return "\n".join(
            f"{edge.held} before {edge.wanted}: {where}"
            for group in self.cycles()
            for edge, where in self.edges.items()
            if edge.held.table in group and edge.wanted.table in group
        )


def _keys(sql: str, params: Any, context: Any) -> list[int]:
    """Which rows: as the answer says, or as the key in the condition does."""
    answer = getattr(context["cursor"].cursor, "pgresult", None)
    if answer is not None and answer.ntuples and answer.fname(0) == b"id":
        values = [answer.get_value(row, 0) for row in range(answer.ntuples)]
        return [int(value) for value in values if value is not None and value.isdigit()]
    match = BY_KEY.search(sql)
    if match and isinstance(params, tuple | list) and not sql.upper().startswith("SELECT"):
        start = sql[: match.end()].count("%s") - 1
        return [one for one in params[start:] if isinstance(one, int)]
    return []


def _callers() -> str:
    """Which functions of the exchange led here, innermost first."""
    frame: FrameType | None = sys._getframe(2)
    names: list[str] = []
    while frame is not None and len(names) < CALLERS_MAX:
        module = str(frame.f_globals.get("__name__", ""))
        if module.startswith("exchange.") and not module.startswith("exchange.core."):
            names.append(f"{module.removeprefix('exchange.')}.{frame.f_code.co_name}")
        frame = frame.f_back
    return " < ".join(names)


def _is_owned(work: Work, lock: Lock) -> bool:
    """Whether the transaction holds, or has made, the row to which this one belongs."""
    owner = OWNED.get(lock.table, "")
    return any(one.table == owner and one.mode in EXCLUSIVE for one in work.held) or any(
        table == owner for table, _key in work.new
    )


def _stronger(former: str | None, mode: str) -> str:
    return mode if former is None else max(former, mode, key=STRENGTH.index)


def cycles(edges: Iterable[Edge]) -> list[tuple[str, ...]]:
    """The groups of tables on a way that leads from an edge back to it."""
    after = {
        edge: [
            other
            for other in edges
            if other.held.table == edge.wanted.table and other.held.mode in edge.waits_for
        ]
        for edge in edges
    }
    reach = {edge: _reached(edge, after) for edge in edges}
    groups = {
        tuple(sorted({one.held.table for one in reach[edge] if edge in reach[one]}))
        for edge in edges
        if edge in reach[edge]
    }
    return sorted(groups)


def _reached(start: Edge, after: dict[Edge, list[Edge]]) -> set[Edge]:
    seen: set[Edge] = set()
    waiting = [start]
    while waiting:
        for other in after[waiting.pop()]:
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return seen
