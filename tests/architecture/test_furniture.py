"""What is declared is used: rules, permissions, scopes, roles, qualifications, refusals, notices.

What waits for a room that is not there yet comes with that room.
"""

import ast
import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from exchange.core import rules
from exchange.core.refusals import Refusal
from exchange.members.permissions import PERMISSION_RULES, SCOPES, Permission
from exchange.members.roles import ROLE_NEEDS, Kind, Role
from exchange.notices.kinds import KINDS
from tests.architecture.floors import PROJECT
from tests.architecture.sizes import source_files

PERMISSIONS = PROJECT / "exchange" / "members" / "permissions.py"
NOTICES = sorted((PROJECT / "exchange" / "notices").glob("kinds*.py"))


@cache
def nodes(path: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text())))


def nodes_but_of(*left_out: Path) -> Iterator[ast.AST]:
    for path in source_files():
        if path not in left_out:
            yield from nodes(path)


def texts(*left_out: Path) -> Counter[str]:
    """How often each string stands alone in the source."""
    return Counter(
        node.value
        for node in nodes_but_of(*left_out)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def composed(*left_out: Path) -> list[re.Pattern[str]]:
    """What the dotted f-strings of the source may become."""
    return [
        re.compile(
            "".join(
                re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"\w+"
                for part in node.values
            )
        )
        for node in nodes_but_of(*left_out)
        if isinstance(node, ast.JoinedStr)
        and isinstance(node.values[0], ast.Constant)
        and "." in str(node.values[0].value)
    ]


def members_named(enum: str, *left_out: Path) -> set[str]:
    """Members of an enum that the source names, as `Enum.MEMBER`."""
    return {
        node.attr
        for node in nodes_but_of(*left_out)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == enum
    }


def packs() -> Iterator[Path]:
    for path in sorted(rules.PACKS.glob("*.json")):
        if path.name != rules.DECLARATIONS:
            yield path


def test_every_rule_is_asked_for() -> None:
    asked = texts()
    assert [key for key in rules.rule_keys() if not asked[key]] == []


def test_every_kind_and_unit_of_a_rule_has_a_rule() -> None:
    declared = rules.rule_keys().values()
    assert {row.kind for row in declared} == set(rules.RuleKind)
    assert {row.unit for row in declared} == set(rules.UNITS) | rules.PLAIN_UNITS


def test_no_pack_holds_a_rule_that_nobody_declares() -> None:
    held = [row["key"] for path in packs() for row in json.loads(path.read_text())["rules"]]
    assert [key for key in held if key not in rules.rule_keys()] == []


def test_every_permission_is_asked_for_outside_the_table() -> None:
    asked = members_named("Permission", PERMISSIONS)
    assert [row.name for row in Permission if row.name not in asked] == []


def test_every_role_gives_a_permission() -> None:
    given = frozenset[Role]().union(*(rule.roles for rule in PERMISSION_RULES.values()))
    assert set(Role) - given == set()


def test_every_qualification_is_asked_for_by_a_permission_or_a_role_of_its_own() -> None:
    by_permission = frozenset[Kind]().union(*(rule.kinds for rule in PERMISSION_RULES.values()))
    by_role = frozenset[Kind]().union(*(kinds for kinds in ROLE_NEEDS.values() if len(kinds) == 1))
    assert set(Kind) - by_permission - by_role == set()


def test_every_scope_that_a_key_can_have_opens_something() -> None:
    asked = {rule.scope for rule in PERMISSION_RULES.values()} | set(texts())
    assert {scope for scope in SCOPES if scope not in asked} == set()
    assert {rule.scope for rule in PERMISSION_RULES.values() if rule.scope} - set(SCOPES) == set()


def refusals(kind: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    for below in kind.__subclasses__():
        yield below
        yield from refusals(below)


def test_every_refusal_is_raised() -> None:
    named = {node.id for node in nodes_but_of() if isinstance(node, ast.Name)}
    named |= {node.attr for node in nodes_but_of() if isinstance(node, ast.Attribute)}
    ours = [row for row in refusals() if row.__module__.startswith(("exchange.", "accounts."))]
    assert [row.__qualname__ for row in ours if row.__name__ not in named] == []


def test_every_kind_of_notice_is_sent() -> None:
    sent, patterns = texts(*NOTICES), composed(*NOTICES)
    silent = [
        kind
        for kind in KINDS
        if not sent[kind] and not any(pattern.fullmatch(kind) for pattern in patterns)
    ]
    assert silent == []
