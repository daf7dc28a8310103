"""The documents say what the code does: commands, options, settings, addresses, folders, words on the screen."""

import ast
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.urls import Resolver404, resolve

from pricing import __main__ as pricing_program
from tests import messages
from tests.architecture.floors import PROJECT

README = PROJECT / "README.md"
GUIDES = [README, *sorted((PROJECT / "docs").rglob("*.md"))]
# Old names stand in these on purpose.
PAST = {PROJECT / "docs" / "moved.md", *(PROJECT / "docs" / "decisions").glob("*.md")}
PRESENT = [path for path in GUIDES if path not in PAST]
# nginx answers there, not we.
FOREIGN_ADDRESSES = {"/vault/"}


def named(pattern: str, *paths: Path) -> Iterator[tuple[str, ...]]:
    """What a pattern finds in the documents, as (document, groups …)."""
    for path in paths or PRESENT:
        for found in re.finditer(pattern, path.read_text(), re.MULTILINE):
            yield (path.name, *found.groups())


def source_text() -> str:
    paths = [
        path
        for top in ("exchange", "pricing", "tests", "bench")
        for path in PROJECT.glob(f"{top}/**/*.py")
    ]
    return "\n".join(path.read_text() for path in [*paths, PROJECT / "Makefile"])


def test_every_target_of_make_exists() -> None:
    targets = set(re.findall(r"^([\w-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    wanted = list(named(r"(?:^    |`)make ([\w-]+)"))
    assert ("README.md", "demo") in wanted
    assert [row for row in wanted if row[1] not in targets] == []


def test_every_command_of_manage_exists() -> None:
    wanted = list(named(r"manage\.py ([a-z_]+)"))
    assert ("README.md", "check_ledger") in wanted
    assert [row for row in wanted if row[1] not in get_commands()] == []


def test_the_guide_says_how_the_console_of_a_new_exchange_is_opened() -> None:
    assert ("operating.md", "found_exchange") in named(r"manage\.py ([a-z_]+)")


def test_every_program_exists() -> None:
    modules = [row[1] for row in named(r"python -m ([\w.]+)")]
    assert "pricing" in modules
    for module in modules:
        assert importlib.util.find_spec(f"{module}.__main__") is not None, module
    objects = list(named(r"\b((?:exchange|accounts|pricing)[\w.]*):(\w+)\b"))
    assert ("operating.md", "exchange.asgi", "application") in objects
    for document, module, name in objects:
        spec = importlib.util.find_spec(module)
        assert spec is not None, (document, module)
        assert spec.origin is not None, (document, module)
        body = ast.parse(Path(spec.origin).read_text()).body
        made = {target.id for node in body if isinstance(node, ast.Assign)
                for target in node.targets if isinstance(target, ast.Name)}  # fmt: skip
        made |= {node.name for node in body if isinstance(node, ast.ClassDef | ast.FunctionDef)}
        assert name in made, (document, module, name)


def test_every_subcommand_of_pricing_takes_the_options_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown = list(named(r"python -m pricing ([a-z]+)([^\n`]*)"))
    assert {row[1] for row in shown} >= {"evaluate", "quote", "lint", "clear", "explain"}
    for document, subcommand, rest in shown:
        with pytest.raises(SystemExit) as ended:
            pricing_program.main([subcommand, "--help"])
        assert ended.value.code == 0, (document, subcommand)
        helped = capsys.readouterr().out
        for option in re.findall(r"--[a-z-]+", rest):
            assert option in helped, (document, subcommand, option)


def test_every_link_leads_somewhere() -> None:
    for path in GUIDES:
        for link in re.findall(r"\]\(([^)#\s]+)", path.read_text()):
            assert link.startswith("http") or (path.parent / link).exists(), (path.name, link)


def test_every_folder_and_file_of_ours_that_is_named_exists() -> None:
    tops = "|".join(
        re.escape(path.name) for path in PROJECT.iterdir() if path.is_dir() and path.name != "var"
    )
    wanted = list(named(rf"`((?:{tops})/[\w./-]*)`"))
    assert ("README.md", "exchange/core/") in wanted
    missing = [row for row in wanted if not (PROJECT / row[1]).exists()]
    missing = [row for row in missing if not (PROJECT / f"{row[1]}.py").exists()]
    assert missing == []


def test_every_address_that_is_named_answers() -> None:
    wanted = [row[1] for row in named(r"`(/[a-z][\w/-]*)`")]
    assert "/help/" in wanted
    for address in set(wanted) - FOREIGN_ADDRESSES:
        try:
            resolve(address)
        except Resolver404:
            resolve(f"{address}/")


def test_every_setting_from_the_environment_is_in_the_operating_guide() -> None:
    read = set()
    for path in (PROJECT / "exchange" / "settings").glob("*.py"):
        read |= set(re.findall(r'env\.\w+\(\s*"(\w+)"', path.read_text()))
    guide = (PROJECT / "docs" / "operating.md").read_text()
    assert sorted(name for name in read if f"`{name}`" not in guide) == []


def test_every_variable_that_is_named_is_read() -> None:
    text = source_text()
    wanted = list(named(r"`([A-Z][A-Z_]{3,})(?:=[^`]*)?`"))
    assert ("operating.md", "SECRET_KEY") in wanted
    assert [row for row in wanted if not re.search(rf"\b{row[1]}\b", text)] == []


def test_every_room_is_on_the_map_of_the_readme() -> None:
    readme = README.read_text()
    rooms = [p.parent.name for p in (PROJECT / "exchange").glob("*/__init__.py")]
    missing = [room for room in rooms if f"`{room}`" not in readme and f"/{room}" not in readme]
    assert sorted(set(missing) - {"settings"}) == []


def test_every_word_on_the_screen_that_the_first_visit_names_is_there() -> None:
    words = [
        row[1] for row in named(r"(?<!\*)\*([^*\n]+)\*(?!\*)", PROJECT / "docs/first-visit.md")
    ]
    assert "Purchases" in words
    spoken = {str(message.id) for message in messages.current()}
    assert sorted({word for word in words if word not in spoken}) == []


def test_every_decision_has_a_number_of_its_own() -> None:
    numbers = sorted(path.name[:4] for path in (PROJECT / "docs" / "decisions").glob("*.md"))
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]
