"""Every kind of event is held to rows: a new one without a rule fails here."""

import ast
from collections.abc import Iterator

import pytest

from exchange.audit import agreement
from exchange.core.lifecycle import lifecycles
from tests.architecture.floors import PROJECT
from tests.factories.audit import record

LITERALS = {"subject", "of"}
# Postings of the books and mails have a subject of their own, which is none of the log's.
NO_RECORDS = {"transfer"}


def kinds_recorded() -> Iterator[tuple[str, str]]:
    """The kind of each subject that some call names together with an event, and where."""
    for top in ("exchange", "accounts"):
        for path in sorted((PROJECT / top).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if not isinstance(node, ast.Call):
                    continue
                words = {word.arg: word.value for word in node.keywords if word.arg}
                is_event = "event" in words or ast.unparse(node.func).endswith("announce")
                for name in LITERALS & words.keys() if is_event else ():
                    value = words[name]
                    begin = value.values[0] if isinstance(value, ast.JoinedStr) else value
                    if isinstance(begin, ast.Constant) and ":" in str(begin.value):
                        yield str(begin.value).partition(":")[0], f"{path.name}:{node.lineno}"


def test_each_subject_of_an_event_stands_somewhere_or_says_why_not() -> None:
    found = list(kinds_recorded())
    assert len(found) > 30
    declared = agreement.kinds()
    assert [row for row in found if row[0] not in declared | NO_RECORDS] == []


@pytest.mark.parametrize("lifecycle", lifecycles(), ids=lambda one: one.name)
def test_each_lifecycle_with_events_is_held_to_rows(lifecycle: object) -> None:
    name, has_steps = lifecycle.thing, lifecycle.steps_model is not None  # type: ignore[attr-defined]
    if lifecycle.events:  # type: ignore[attr-defined]
        assert (f"{name}_step" if has_steps else name) in agreement.kinds()


@pytest.mark.django_db
def test_a_record_of_a_kind_that_nobody_declared_is_found() -> None:
    from exchange.audit.findings import Counts  # noqa: PLC0415 - beside its use

    record(1, subject="planet:mars")
    assert "Nothing says where planet of the records stands." in [
        finding.detail for finding in agreement.findings(Counts())
    ]
