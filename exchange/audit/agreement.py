"""Rows of the business held to the log, both ways: what a record speaks of is there and says the same, and each
row has a record.

A room declares for each kind of subject where its rows stand and which facts of its records repeat columns.
Whatever record of that subject states such a fact is compared with the row; personal values are compared while
they are disclosed. The steps of every lifecycle are declared here for all rooms. One statement walks the log
once, however many kinds there are.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db import DataError, connection, transaction

from exchange.audit.findings import Counts, Finding
from exchange.core.lifecycle import Lifecycle, lifecycles

CHUNK_ROWS = 2000


class Check(Protocol):
    """A check of another shape. `is_deep` says that it may take long."""

    def __call__(self, *, is_deep: bool) -> Iterator[str]: ...


@dataclass(frozen=True)
class RowRule:
    """Where the subjects of a kind stand. `rows` is SQL after FROM, `key` what follows the kind's colon,
    `facts` the SQL of what records say, `actor` and `event` that of who and what, where the row knows it.
    `is_recorded`: each row has a record of its own. `gone_after`: events after which it may be gone."""

    kind: str
    rows: str
    key: str
    facts: Mapping[str, str] = field(default_factory=dict)
    actor: str = "NULL"
    event: str = "NULL"
    is_recorded: bool = True
    gone_after: tuple[str, ...] = ()

    @property
    def statement(self) -> str:
        facts = ", ".join(f"'{name}', {value}" for name, value in self.facts.items())
        return (
            f"SELECT '{self.kind}:' || {self.key}, jsonb_build_object({facts}), {self.actor}::text,"  # noqa: S608 - the rooms' own words
            f" {self.event}::text, {self.is_recorded} FROM {self.rows}"
        )


_rules: dict[tuple[str, str], RowRule] = {}
_kept_elsewhere: dict[str, str] = {}
_step_facts: dict[str, tuple[str, Mapping[str, str]]] = {}
_checks: dict[str, Check] = {}


def rows_of(
    kind: str,
    rows: str,
    *,
    facts: Mapping[str, str] | None = None,
    key: str = "row.public_id",
    actor: str = "NULL",
    is_recorded: bool = True,
    gone_after: tuple[str, ...] = (),
) -> None:
    """Declare where a kind of subject stands, in `AppConfig.ready`. The table is called `row` in `rows`.

    After an event of `gone_after` the row may be gone.
    """
    _rules[kind, rows] = RowRule(
        kind, rows, key, facts or {}, actor=actor, is_recorded=is_recorded, gone_after=gone_after
    )


def facts_of_steps(thing: str, *, joins: str = "", facts: Mapping[str, str]) -> None:
    """Declare what the records of a lifecycle's steps repeat of their subject, which is called `row`."""
    _step_facts[thing] = (joins, facts)


def no_rows_of(kind: str, reason: str) -> None:
    """Declare that subjects of this kind need not stand anywhere."""
    _kept_elsewhere[kind] = reason


def hold(name: str, check: Check) -> None:
    """Declare a check of another shape: it yields a sentence for each thing that is wrong."""
    _checks[name] = check


def kinds() -> frozenset[str]:
    """The kinds of subjects that are declared."""
    return frozenset(rule.kind for rule in row_rules()) | _kept_elsewhere.keys()


def row_rules() -> list[RowRule]:
    """All rules: the declared ones and those of steps."""
    if not _rules:
        return []
    return [*_rules.values(), *(_rule_of_steps(one, steps) for one, steps in _with_steps())]


def _with_steps() -> list[tuple[Lifecycle[Any], str]]:
    """The lifecycles that keep steps, each with the table of these."""
    return [
        (one, one.steps_model._meta.db_table) for one in lifecycles() if one.steps_model is not None
    ]


def _rule_of_steps(lifecycle: Lifecycle[Any], steps: str) -> RowRule:
    link = lifecycle.step_link
    joins, facts = _step_facts.get(lifecycle.thing, ("", {}))
    events = " ".join(
        f"WHEN '{name}' THEN '{row.event}'"
        for name, row in lifecycle.transitions.items()
        if row.event
    )
    return RowRule(
        kind=f"{lifecycle.thing}_step",
        rows=f"{steps} AS step JOIN {lifecycle.model._meta.db_table} AS row"
        f" ON row.id = step.{link}_id {joins}",
        key="step.public_id",
        facts={
            link: "row.public_id",
            "number": "step.number",
            "from": "step.source",
            "to": "step.target",
            "reason": "step.reason",
            **facts,
        },
        actor="step.actor",
        event=f"CASE step.transition {events} END" if events else "NULL",
        is_recorded=bool(events),
    )


# Facts and hashes of documents are compared as JSON, personal values as the text that is disclosed.
DIFFERING = """
WITH kept (subject, expected, actor, event, is_recorded) AS MATERIALIZED ({rows})
SELECT record.public_id, record.event, record.subject, kept.subject IS NULL AS is_gone, ARRAY(
    SELECT said.key FROM jsonb_each(kept.expected) AS said
    WHERE told.facts ? said.key AND told.facts -> said.key <> said.value
    UNION ALL
    SELECT value.field FROM audit_disclosure AS value
    WHERE value.record_id = record.id AND kept.expected ? value.field
        AND value.value IS DISTINCT FROM kept.expected ->> value.field
    UNION ALL SELECT 'actor' WHERE kept.actor <> record.actor
    UNION ALL SELECT 'event' WHERE kept.event <> record.event
) AS differing
FROM audit_record AS record
CROSS JOIN LATERAL (
    SELECT (document -> 'facts') || coalesce(document -> 'documents', '{{}}') AS facts
    FROM (SELECT convert_from(record.canonical, 'UTF8')::jsonb AS document) AS whole
) AS told
LEFT JOIN kept ON kept.subject = record.subject
WHERE split_part(record.subject, ':', 1) = ANY ('{kinds}')
"""
WRONG = """
SELECT * FROM ({differing}) AS found
WHERE differing <> '{{}}' OR is_gone AND NOT EXISTS (
    SELECT FROM audit_record AS last
    WHERE last.subject = found.subject AND last.event = ANY ('{ends}')
)
ORDER BY 1
"""
UNRECORDED = """
SELECT kept.subject FROM ({rows}) AS kept (subject, expected, actor, event, is_recorded)
WHERE is_recorded AND NOT EXISTS (
    SELECT FROM audit_record AS record WHERE record.subject = kept.subject
)
"""
UNDECLARED = """
SELECT DISTINCT split_part(subject, ':', 1) FROM audit_record
WHERE split_part(subject, ':', 1) <> ALL ('{kinds}')
"""
STATES = """
SELECT '{thing}:' || row.public_id
FROM {table} AS row LEFT JOIN (
    SELECT {link}_id AS owner, count(*) AS steps,
        (array_agg(target ORDER BY number DESC))[1] AS target
    FROM {steps} GROUP BY 1
) AS walked ON walked.owner = row.id
WHERE walked.target IS DISTINCT FROM row.{state} OR walked.steps <> row.steps_count
"""
# A value goes by an erasure, which has a record of its own.
VANISHED = """
SELECT record.public_id, told.field
FROM audit_record AS record
CROSS JOIN LATERAL jsonb_object_keys(
    coalesce(convert_from(record.canonical, 'UTF8')::jsonb -> 'personal', '{{}}')
) AS told (field)
LEFT JOIN audit_disclosure AS value ON value.record_id = record.id AND value.field = told.field
WHERE value.record_id IS NULL AND NOT EXISTS (
    SELECT FROM audit_record AS erasure WHERE erasure.event = 'audit.disclosures.erased'
        AND erasure.subject IN (record.subject, 'record:' || record.public_id)
)
"""


def findings(counts: Counts, *, is_deep: bool = False) -> Iterator[Finding]:
    """Where rows and records do not agree, each with the subject that it concerns. `is_deep` reads files, too."""
    try:
        with transaction.atomic():
            yield from _about_records(counts)
    except DataError as failure:
        yield Finding("row", f"Records cannot be compared with rows: {failure}")
    for lifecycle, steps in _with_steps() if _rules else ():
        for subject in _states(lifecycle, steps):
            yield Finding("row", f"{subject} does not stand where its steps lead.")
    for name, check in sorted(_checks.items()):
        for sentence in check(is_deep=is_deep):
            yield Finding(name, sentence)


def _about_records(counts: Counts) -> Iterator[Finding]:
    rules = row_rules()
    if not rules:
        return
    counts.row_rules = len(rules)
    rows = " UNION ALL ".join(rule.statement for rule in rules)
    held = _array(rule.kind for rule in rules)
    wrong = WRONG.format(
        differing=DIFFERING.format(rows=rows, kinds=held),
        ends=_array(event for rule in rules for event in rule.gone_after),
    )
    for record, event, subject, is_gone, fields in _all(wrong):
        if is_gone:
            yield Finding("row", f"{subject}, of which {event} speaks, is gone.", (record,))
        else:
            said = f"{subject} differs from {event}: {', '.join(sorted(set(fields)))}."
            yield Finding("row", said, (record,))
    for (subject,) in _all(UNRECORDED.format(rows=rows)):
        yield Finding("coverage", f"{subject} has no record at all.")
    for (kind,) in _all(UNDECLARED.format(kinds=_array(kinds()))):
        yield Finding("coverage", f"Nothing says where {kind} of the records stands.")
    for record, name in _all(VANISHED.format()):
        yield Finding("disclosure", f"The value of {name!r} is gone without an erasure.", (record,))


def _states(lifecycle: Lifecycle[Any], steps: str) -> Iterator[str]:
    statement = STATES.format(
        thing=lifecycle.thing,
        table=lifecycle.model._meta.db_table,
        steps=steps,
        link=lifecycle.step_link,
        state=lifecycle.state_field,
    )
    return (subject for (subject,) in _all(statement))


def _array(names: Iterator[str] | frozenset[str]) -> str:
    return "{" + ",".join(sorted(set(names))) + "}"


def _all(statement: str) -> Iterator[tuple[Any, ...]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement)
        while rows := cursor.fetchmany(CHUNK_ROWS):
            yield from rows
