"""Where the source writes a lifecycle's state: syntax trees for the ORM, text for SQL.

A state column is a model's field whose choices are the states of a declared lifecycle, or that is called `state`. Rows
of steps are no such column: they are written once, by the machine that takes the step.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from django.apps import apps
from django.db.models import Model

from exchange.core import lifecycle
from tests.architecture.floors import PROJECT

MACHINE = "exchange/core/lifecycle.py"
SOURCES = ("exchange", "accounts")
CREATING = {"create", "acreate", "get_or_create", "aget_or_create"}
UPDATING = {"update", "aupdate", "update_or_create", "aupdate_or_create"}
DEFAULTS = {"defaults", "create_defaults"}
ENDS_SET = re.compile(r"\b(?:WHERE|FROM|RETURNING)\b|;", re.IGNORECASE)
STARTS_SET = re.compile(r"\bSET\s", re.IGNORECASE)
INSERT = re.compile(r"\bINSERT\s+INTO\s+\S+\s*\(([^()]*)\)", re.IGNORECASE)

Columns = Mapping[str, frozenset[str]]


def _states(model: type[Model]) -> frozenset[str]:
    declared = {frozenset(state.value for state in row.states) for row in lifecycle.lifecycles()}
    return frozenset(
        field.name
        for field in model._meta.concrete_fields
        if field.choices
        and (
            field.name == "state"
            or frozenset(value for value, _label in field.flatchoices) in declared
        )
    )


@cache
def state_columns() -> Columns:
    """The state columns of our models, by the model's name."""
    ours = [
        model
        for model in apps.get_models()
        if model.__module__.startswith(SOURCES) and not model.__name__.endswith("Step")
    ]
    return {model.__name__: names for model in ours if (names := _states(model))}


def _source_files(suffix: str) -> Iterator[Path]:
    for folder in SOURCES:
        for path in sorted((PROJECT / folder).rglob(f"*{suffix}")):
            if "migrations" not in path.parts and str(path.relative_to(PROJECT)) != MACHINE:
                yield path


def _names_in(node: ast.AST | None, names: frozenset[str]) -> set[str]:
    """State columns named by string constants below the node."""
    if node is None:
        return set()
    return {
        part.value
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value in names
    }


def _targets(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.Assign):
        yield from node.targets
    elif isinstance(node, ast.AugAssign) or (isinstance(node, ast.AnnAssign) and node.value):
        yield node.target


def _assigned(node: ast.AST, names: frozenset[str]) -> set[str]:
    return {
        part.attr
        for target in _targets(node)
        for part in ast.walk(target)
        if isinstance(part, ast.Attribute)
        and isinstance(part.ctx, ast.Store)
        and part.attr in names
    }


def _called(call: ast.Call) -> str:
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _keywords(call: ast.Call, names: frozenset[str]) -> set[str]:
    given = {word.arg for word in call.keywords if word.arg in names}
    for word in call.keywords:
        if word.arg in DEFAULTS or word.arg is None:  # None: **{"state": …}
            given |= _names_in(word.value, names)
    return {name for name in given if name}


def _written_by_call(call: ast.Call, columns: Columns, names: frozenset[str]) -> set[str]:
    called = _called(call)
    if called in CREATING | UPDATING and isinstance(call.func, ast.Attribute):
        return _keywords(call, names)
    if called in columns:
        return _keywords(call, columns[called])
    if called in {"save", "asave"}:
        fields = next((word.value for word in call.keywords if word.arg == "update_fields"), None)
        return _names_in(fields, names)
    if called in {"bulk_update", "abulk_update", "setattr"}:
        written: set[str] = set()
        for argument in [*call.args[1:], *(word.value for word in call.keywords)]:
            written |= _names_in(argument, names)
        return written
    return set()


def _own_attributes(tree: ast.AST, columns: Columns) -> set[ast.AST]:
    """Assignments to `self` in classes that are no models with a state."""
    return {
        node
        for owner in ast.walk(tree)
        if isinstance(owner, ast.ClassDef) and owner.name not in columns
        for node in ast.walk(owner)
        for target in _targets(node)
        if any(isinstance(part, ast.Name) and part.id == "self" for part in ast.walk(target))
    }


def writes_by_orm(text: str, columns: Columns) -> list[tuple[int, str]]:
    """Line and column of every write of a state in a module's text."""
    names = frozenset[str]().union(*columns.values())
    tree = ast.parse(text)
    own = _own_attributes(tree, columns)
    found = []
    for node in ast.walk(tree):
        if node in own:
            continue
        if isinstance(node, ast.Call):
            written = _written_by_call(node, columns, names)
        else:
            written = _assigned(node, names)
        found += [(node.lineno, name) for name in written if hasattr(node, "lineno")]
    return sorted(found)


def _text_of(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values
        )
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def sql_writes_state(sql: str, names: Iterable[str]) -> bool:
    """Whether a statement sets or inserts one of the columns."""
    column = re.compile(rf'(?<![\w.\'"])"?(?:{"|".join(sorted(names))})"?\b', re.IGNORECASE)
    sets = re.compile(rf"{column.pattern}[^=<>!]*?=(?!=)", re.IGNORECASE)
    for start in STARTS_SET.finditer(sql):
        rest = sql[start.end() :]
        end = ENDS_SET.search(rest)
        if sets.search(rest[: end.start()] if end else rest):
            return True
    return any(column.search(insert.group(1)) for insert in INSERT.finditer(sql))


def orm_places() -> list[str]:
    """Every write by the ORM outside the machine, as path:line column."""
    columns = state_columns()
    return [
        f"{path.relative_to(PROJECT)}:{line} {name}"
        for path in _source_files(".py")
        for line, name in writes_by_orm(path.read_text(), columns)
    ]


def sql_places() -> list[str]:
    """Every statement outside the machine that writes a state, as path:line."""
    names = frozenset[str]().union(*state_columns().values())
    found = [
        f"{path.relative_to(PROJECT)}:1"
        for path in _source_files(".sql")
        if sql_writes_state(path.read_text(), names)
    ]
    found += [
        f"{path.relative_to(PROJECT)}:{node.lineno}"
        for path in _source_files(".py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant | ast.JoinedStr)
        and sql_writes_state(_text_of(node), names)
    ]
    return sorted(found)
