"""What each rule is called, its kind, its unit and its bounds: the declarations in rule_packs/keys.json."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import get_language, ngettext_lazy
from django.utils.translation import gettext as _

from exchange.core.refusals import Invalid, NotFound

PACKS = Path(__file__).parent / "rule_packs"
DECLARATIONS = "keys.json"
BIGINT_MAX = 2**63 - 1

Json = str | int

# A figure with its unit. `count` picks the plural, `figure` is the number as the reader writes it.
UNITS: Mapping[str, Promise] = {
    "days": ngettext_lazy("%(figure)s day", "%(figure)s days", "count"),
    "firms": ngettext_lazy("%(figure)s firm", "%(figure)s firms", "count"),
    "months": ngettext_lazy("%(figure)s month", "%(figure)s months", "count"),
    "people": ngettext_lazy("%(figure)s person", "%(figure)s people", "count"),
    "points": ngettext_lazy("%(figure)s point", "%(figure)s points", "count"),
    "working_days": ngettext_lazy("%(figure)s working day", "%(figure)s working days", "count"),
}
# These stand without a word beside them, or speak for themselves.
PLAIN_UNITS = frozenset({"CNY", "fraction"})


class UnknownRule(NotFound):
    """No pack declares this rule, or it has no row at the moment asked for."""

    code = "unknown_rule"


class RuleValueInvalid(Invalid):
    """The value is not of the rule's kind or lies outside its bounds."""

    code = "rule_value_invalid"


class RuleKind(StrEnum):
    """How a rule's JSON value reads."""

    INTEGER = "integer"
    DECIMAL = "decimal"  # a string, so that no digit is lost
    MONEY = "money"  # whole minor units of the currency that is its unit


@dataclass(frozen=True)
class RuleKey:
    """The declaration of one rule. `labels` holds its name by language code."""

    key: str
    kind: RuleKind
    unit: str
    labels: Mapping[str, str]
    minimum: Decimal | None = None
    maximum: Decimal | None = None

    @property
    def label(self) -> str:
        return in_language(self.labels)

    def check(self, value: object) -> Json:
        """The value as it is stored. Raises RuleValueInvalid, naming kind and bounds."""
        checked = _CHECKS[self.kind](self, value)
        if checked is None:
            raise RuleValueInvalid(
                _("“%(value)s” is not a possible value of the rule “%(key)s”.")
                % {"value": value, "key": self.key},
                key=self.key,
                kind=self.kind.value,
                minimum=None if self.minimum is None else str(self.minimum),
                maximum=None if self.maximum is None else str(self.maximum),
            )
        return checked

    def holds(self, number: Decimal) -> bool:
        """Whether the number lies within the declared bounds, both included."""
        above = self.minimum is None or number >= self.minimum
        return above and (self.maximum is None or number <= self.maximum)


def in_language(labels: Mapping[str, str]) -> str:
    """The label in the reader's language, in English where there is none."""
    return labels.get(get_language() or "en", labels["en"])


@cache
def rule_keys() -> Mapping[str, RuleKey]:
    """All declarations by key."""
    rows = json.loads((PACKS / DECLARATIONS).read_text())["rules"]
    return {row["key"]: _declaration(row) for row in rows}


def rule_key(key: str) -> RuleKey:
    """The declaration of a rule. Raises UnknownRule."""
    try:
        return rule_keys()[key]
    except KeyError:
        raise UnknownRule(_("There is no rule named “%(key)s”.") % {"key": key}, key=key) from None


def _declaration(row: Mapping[str, object]) -> RuleKey:
    labels = row["label"]
    if not isinstance(labels, dict):
        raise TypeError(f"{row['key']}: labels are an object")
    if row["unit"] not in UNITS and row["unit"] not in PLAIN_UNITS:
        raise ValueError(f"{row['key']}: unknown unit {row['unit']}")
    return RuleKey(
        key=str(row["key"]),
        kind=RuleKind(str(row["kind"])),
        unit=str(row["unit"]),
        labels=labels,
        minimum=Decimal(str(row["minimum"])) if "minimum" in row else None,
        maximum=Decimal(str(row["maximum"])) if "maximum" in row else None,
    )


def _decimal(value: object) -> Decimal | None:
    """Floats are refused: they have lost digits before they come here. So are NaN and infinity."""
    if isinstance(value, bool | float):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _check_integer(declared: RuleKey, value: object) -> Json | None:
    number = _decimal(value)
    if number is None or abs(number) > BIGINT_MAX or number != number.to_integral_value():
        return None
    return int(number) if declared.holds(number) else None


def _check_decimal(declared: RuleKey, value: object) -> Json | None:
    number = _decimal(value)
    return None if number is None or not declared.holds(number) else format(number, "f")


_CHECKS: Mapping[RuleKind, Callable[[RuleKey, object], Json | None]] = {
    RuleKind.INTEGER: _check_integer,
    RuleKind.DECIMAL: _check_decimal,
    RuleKind.MONEY: _check_integer,
}
