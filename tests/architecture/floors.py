"""The floors as the import contract states them, read from the one place where they are written."""

import re
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def floors() -> list[list[str]]:
    """Rooms by floor, lowest first; optional rooms (in brackets) included."""
    contracts = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
    exchange = next(c for c in contracts if c.get("containers") == ["exchange"])
    rows = [[room.strip(" ()") for room in re.split(r"[|:]", row)] for row in exchange["layers"]]
    return [["accounts", "pricing"], *reversed(rows)]


def floor_of(module: str) -> int | None:
    """The floor of an app by its dotted name; None when it is not one of ours."""
    parts = module.split(".")
    name = parts[1] if parts[0] == "exchange" and len(parts) > 1 else parts[0]
    for number, rooms in enumerate(floors()):
        if name in rooms:
            return number
    return None
