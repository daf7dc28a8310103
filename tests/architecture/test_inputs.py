"""One reading of amounts, numbers, days and moments: no form, serializer or import has its own."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Doors and imports: where what people and programs write comes in.
DOORS = (
    "web",
    "console",
    "api",
    "metering",
    "payments",
    "members",
    "catalog",
    "negotiation",
    "notices",
)
# The one reading and the fields that stand on it.
READING = {"exchange/api/fields.py"}
FIELDS = frozenset({"DecimalField", "DateField", "DateTimeField", "TimeField"})
READERS = frozenset({"fromisoformat", "strptime", "parse_datetime", "parse_date", "parse"})
# Text that we have written ourselves: what our database, log and documents hold.
OWN = {
    "exchange/catalog/differences.py": "cells of a table that was read before",
    "exchange/members/rule_packs.py": "what waits for a second person",
    "exchange/metering/focus.py": "our own bills",
    "exchange/notices/notify.py": "facts of our own notices",
    "exchange/payments/by_hand.py": "what waits for a second person",
    "exchange/payments/statements.py": "our own documents",
    "exchange/web/catalogue/cards.py": "the search index",
    "exchange/web/documents/wording.py": "facts of our own documents",
    "exchange/web/product/evidence.py": "our own reports",
}


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for door in DOORS:
        for path in (ROOT / "exchange" / door).rglob("*.py"):
            if "migrations" not in path.parts and "models" not in path.parts:
                yield str(path.relative_to(ROOT)), ast.parse(path.read_text())


def _of_models(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "models"


def test_no_form_or_serializer_has_a_reading_of_its_own() -> None:
    found = {
        f"{name}:{node.lineno} {node.attr}"
        for name, module in _modules()
        if name not in READING
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute) and node.attr in FIELDS and not _of_models(node)
    }
    assert found == set()


def test_what_is_sent_is_read_by_the_one_reading() -> None:
    found = {
        name
        for name, module in _modules()
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and _name_of(node.func) in READERS and not _is_json(node.func)
    }
    assert found == set(OWN)


def test_every_whole_number_of_minor_units_of_the_api_is_one_field() -> None:
    found = {
        f"{name}:{node.lineno}"
        for name, module in _modules()
        if name.startswith("exchange/api/")
        for node in ast.walk(module)
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id.endswith("_minor")
        and isinstance(node.value, ast.Call)
        and _name_of(node.value.func) not in {"MinorField", "SerializerMethodField"}
    }
    assert found == set()


def _name_of(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _is_json(function: ast.expr) -> bool:
    """`parse` of other things than money: addresses, models of the API."""
    return (
        isinstance(function, ast.Attribute)
        and function.attr == "parse"
        and not (isinstance(function.value, ast.Name) and function.value.id == "Money")
    )
