"""Which business rows must have a record: the rooms say so once, `verify_audit` holds them to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Concat

Rows = str | QuerySet[Any, Any]


@dataclass(frozen=True)
class CoverageRule:
    """Every subject that `rows` yields must have a record of one of `events`."""

    name: str
    rows: Rows
    events: tuple[str, ...]


_coverage_rules: dict[str, CoverageRule] = {}


def require_record(*, name: str, rows: Rows, event: str | Sequence[str]) -> None:
    """Declare a duty, in `AppConfig.ready`. Declaring the same name again replaces it.

    `rows` yields one column of subjects, written as the record writes them: a lazy
    `values_list(…, flat=True)` or one SELECT (double any % in it). `event` may be several, of which
    any one will do.
    """
    events = (event,) if isinstance(event, str) else tuple(event)
    _coverage_rules[name] = CoverageRule(name=name, rows=rows, events=events)


def coverage_rules() -> list[CoverageRule]:
    """All declared rules, by name."""
    return [_coverage_rules[name] for name in sorted(_coverage_rules)]


def subjects(kind: str, rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    """Rows with a public id as subjects of the log, such as `payment:pay_…`."""
    named = rows.order_by().annotate(
        subject=Concat(Value(f"{kind}:"), F("public_id"), output_field=CharField())
    )
    rows_of_subjects: QuerySet[Any, Any] = named.values_list("subject", flat=True)
    return rows_of_subjects
