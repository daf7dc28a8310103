"""The rules of the house that no library checks."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

from tests.architecture.floors import PROJECT, floor_of

SOURCES = ("exchange", "accounts", "pricing", "bench", "tests")
MODULE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
ROOM_DOCSTRING_LINES_MAX = 25
FORBIDDEN_NAMES = {
    "utils",
    "util",
    "helpers",
    "helper",
    "services",
    "managers",
    "signals",
    "common",
}
# The one operation that installs triggers.
DOORS = ("web", "api", "console")
ENGINE_SQL = ("pg_advisory", "pg_notify", "plpgsql", "CREATE TRIGGER")


def modules(*folders: str) -> Iterator[Path]:
    for folder in folders:
        for path in sorted((PROJECT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def name_of(path: Path) -> str:
    return str(path.relative_to(PROJECT))


def test_every_app_of_ours_stands_on_a_floor() -> None:
    ours = [a.name for a in apps.get_app_configs() if a.name.startswith(("exchange", "accounts"))]
    assert [name for name in ours if floor_of(name) is None] == []


def test_modules_are_short_enough_to_read() -> None:
    long = {
        name_of(path): lines
        for path in modules(*SOURCES)
        if (lines := len(path.read_text().splitlines())) > MODULE_LINES_MAX
    }
    assert long == {}


def test_functions_are_short_enough_to_read() -> None:
    long = []
    for path in modules(*SOURCES):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > FUNCTION_LINES_MAX:
                    long.append(f"{name_of(path)}:{node.lineno} {node.name} ({length} lines)")
    assert long == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [name_of(p) for p in modules(*SOURCES) if p.stem in FORBIDDEN_NAMES] == []


def test_no_import_hides_inside_a_function() -> None:
    """An import in a function dodges a circle. The allowed ones say why on their line."""
    found = []
    for path in modules("exchange", "accounts", "pricing"):
        lines = path.read_text().splitlines()
        for function in ast.walk(ast.parse("\n".join(lines))):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for node in ast.walk(function):
                if not isinstance(node, ast.Import | ast.ImportFrom):
                    continue
                if "PLC0415 - " not in lines[node.lineno - 1]:
                    found.append(f"{name_of(path)}:{node.lineno}")
    assert found == []


@pytest.mark.parametrize(
    "room",
    [p.parent for p in sorted((PROJECT / "exchange").glob("*/__init__.py"))],
    ids=lambda p: p.name,
)
def test_every_room_says_what_it_owns(room: Path) -> None:
    said = ast.get_docstring(ast.parse((room / "__init__.py").read_text())) or ""
    assert len(said.splitlines()) <= ROOM_DOCSTRING_LINES_MAX
    if (room / "models.py").exists() or (room / "models").exists():
        assert "Owns:" in said
        assert "Invariants" in said


def test_the_engines_own_sql_stands_in_rooms_and_never_in_doors() -> None:
    found = [
        name_of(path)
        for path in modules("accounts", *(f"exchange/{door}" for door in DOORS))
        for phrase in ENGINE_SQL
        if phrase in path.read_text()
    ]
    assert found == []


def test_the_stripe_kit_is_imported_only_by_the_settlement_gateway() -> None:
    found = [
        name_of(path)
        for path in modules("exchange", "accounts", "pricing")
        if "import stripe" in path.read_text() and "exchange/payments/gateway" not in name_of(path)
    ]
    assert found == []


def test_no_file_of_the_project_names_a_path_of_somebodys_machine() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    homes = ("/ho" + "me/", "/Us" + "ers/", "/ro" + "ot/")
    found = []
    for name in listed.stdout.splitlines():
        path = PROJECT / name
        if (
            path.suffix in {".py", ".md", ".toml", ".html", ".txt", ".json", ".yml"}
            and path.exists()
        ):
            text = path.read_text(errors="replace")
            found += [name for home in homes if home in text]
    assert found == []
