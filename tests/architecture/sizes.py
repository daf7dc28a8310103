"""How long modules and template lines are."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.architecture.floors import PROJECT

SOURCES = ("exchange", "accounts", "pricing")
# Fixed by the framework: what stands in them says nothing about how the house is cut.
NOT_COUNTED = {"__init__", "apps", "urls"}
CRUMB_LINES = 40
MODULE_LINES_MAX = 500
TEMPLATE_COLUMNS_MAX = 160


@dataclass(frozen=True)
class Module:
    name: str
    lines: int


def source_files() -> Iterator[Path]:
    """Python files of the source without migrations."""
    for folder in SOURCES:
        for path in sorted((PROJECT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def source_lines() -> int:
    """Lines of the source, all files counted."""
    return sum(len(path.read_text().splitlines()) for path in source_files())


def modules() -> list[Module]:
    """Modules whose size counts, shortest first."""
    counted = [
        Module(str(path.relative_to(PROJECT)), len(path.read_text().splitlines()))
        for path in source_files()
        if path.stem not in NOT_COUNTED
    ]
    return sorted(counted, key=lambda module: module.lines)


def median_lines(counted: list[Module]) -> float:
    return median(module.lines for module in counted)


def long_template_lines() -> list[str]:
    """Every template line over the limit as path:line (columns)."""
    return [
        f"{path.relative_to(PROJECT)}:{number} ({len(line)})"
        for path in sorted((PROJECT / "templates").rglob("*.html"))
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if len(line) > TEMPLATE_COLUMNS_MAX
    ]
