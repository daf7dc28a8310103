"""What is declared is used: rules, permissions, scopes, roles, qualifications, refusals, notices.

What waits for a room that is not there yet comes with that room.
"""

import ast
import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from exchange.core import rule_keys
from tests.architecture.sizes import source_files


@cache
def texts() -> Counter[str]:
    """How often each string stands in the source, docstrings left out."""
    return Counter(
        node.value
        for path in source_files()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def packs() -> Iterator[Path]:
    for path in sorted(rule_keys.PACKS.glob("*.json")):
        if path.name != rule_keys.DECLARATIONS:
            yield path


def test_every_rule_is_asked_for() -> None:
    assert [key for key in rule_keys.rule_keys() if not texts()[key]] == []


def test_every_kind_and_unit_of_a_rule_has_a_rule() -> None:
    declared = rule_keys.rule_keys().values()
    assert {row.kind for row in declared} == set(rule_keys.RuleKind)
    assert {row.unit for row in declared} == set(rule_keys.UNITS) | rule_keys.PLAIN_UNITS


def test_no_pack_holds_a_rule_that_nobody_declares() -> None:
    held = [row["key"] for path in packs() for row in json.loads(path.read_text())["rules"]]
    assert [key for key in held if key not in rule_keys.rule_keys()] == []
