"""One clock: nobody but `core.clock` asks the process what time it is."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CLOCK = "exchange/core/clock.py"
# The clock that accounts goes by until the exchange gives it its own, and the dates of its own rows.
ACCOUNTS = {"accounts/changes.py": 1, "accounts/models.py": 3}
# Providers sign with the time of their own servers; the stand-in for one does as they do.
PROVIDER = {"exchange/payments/gateway/sandbox/messages.py": 1}
# A program of its own, without a database.
LIBRARY = {"pricing/commands.py": 1}
ASKS = frozenset(
    {
        ("timezone", "now"), ("timezone", "localdate"), ("datetime", "now"), ("datetime", "utcnow"),
        ("datetime", "today"), ("date", "today"), ("time", "time"),
    }
)  # fmt: skip


def _asked_in(path: Path) -> list[int]:
    """Lines that take the time of the process."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr) in ASKS
    ]


def test_the_time_is_asked_of_the_databases_clock_alone() -> None:
    found = {
        str(path.relative_to(ROOT)): len(lines)
        for package in ("exchange", "accounts", "pricing")
        for path in (ROOT / package).rglob("*.py")
        if "migrations" not in path.parts and (lines := _asked_in(path))
    }
    found.pop(CLOCK)
    assert found == ACCOUNTS | PROVIDER | LIBRARY
