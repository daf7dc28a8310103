"""Rule packs: dated, sourced parameters that the exchange decides by, which is in force, and what one said
before. What each is called, its kind, its unit and its bounds is declared in rule_packs/keys.json."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, QuerySet, Value
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from exchange.core.periods import ends_after_start, in_force
from exchange.core.refusals import Invalid, NotFound
from pricing.exact import SHOWN_MAX, BadValue, number
from pricing.money import Money

PACKS = Path(__file__).parent / "rule_packs"
DECLARATIONS = "keys.json"
BIGINT_MAX = 2**63 - 1
HISTORY_ROWS_MAX = 200

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
PLAIN_UNITS = frozenset({"CNY", "fraction", "times"})


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
                gettext("“%(value)s” is not a possible value of the rule “%(key)s”.")
                % {"value": str(value)[:SHOWN_MAX], "key": self.key},
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
        raise UnknownRule(
            gettext("There is no rule named “%(key)s”.") % {"key": key}, key=key
        ) from None


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
    """As prices are read: finite, with at most eighteen digits on each side of the decimal point, so
    that a tax can be reckoned with it. Floats are refused: they have lost digits before they come here.
    """
    try:
        number(value, "value")
    except BadValue:
        return None
    read = Decimal(str(value).strip())
    return read or abs(read)  # there is no zero below zero


def _check_integer(declared: RuleKey, value: object) -> Json | None:
    read = _decimal(value)
    if read is None or abs(read) > BIGINT_MAX or read != read.to_integral_value():
        return None
    return int(read) if declared.holds(read) else None


def _check_decimal(declared: RuleKey, value: object) -> Json | None:
    read = _decimal(value)
    return None if read is None or not declared.holds(read) else format(read, "f")


_CHECKS: Mapping[RuleKind, Callable[[RuleKey, object], Json | None]] = {
    RuleKind.INTEGER: _check_integer,
    RuleKind.DECIMAL: _check_decimal,
    RuleKind.MONEY: _check_integer,
}


CODE_CHARS_MAX = 40
KEY_CHARS_MAX = 80
SOURCE_CHARS_MAX = 300
REASON_CHARS_MAX = 500
ACTOR_CHARS_MAX = 100


class RuleTag(models.TextChoices):
    """How well founded a value is. Only FACT may be shown as law."""

    FACT = "F", _("From the text")
    MEMORY = "M", _("Not yet checked")
    DESIGN = "D", _("House choice")


class RulePack(models.Model):
    """The rules of one jurisdiction as one body, under a code such as `cn-2026-07`."""

    code = models.SlugField(_("code"), max_length=CODE_CHARS_MAX, unique=True)
    jurisdiction = models.CharField(_("jurisdiction"), max_length=CODE_CHARS_MAX)
    labels = models.JSONField(_("labels"))

    class Meta:
        verbose_name = _("rule pack")
        verbose_name_plural = _("rule packs")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code

    @property
    def label(self) -> str:
        return in_language(self.labels)


class Rule(models.Model):
    """One rule of a pack, whatever its value. Amendments queue on this row."""

    pack = models.ForeignKey(RulePack, on_delete=models.PROTECT, related_name="rules")
    key = models.CharField(_("rule key"), max_length=KEY_CHARS_MAX)

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        ordering = ["pack", "key"]
        constraints = [
            models.UniqueConstraint(fields=["pack", "key"], name="rule_is_once_in_a_pack")
        ]

    def __str__(self) -> str:
        return f"{self.pack}/{self.key}"

    @property
    def declared(self) -> RuleKey:
        return rule_key(self.key)


class RuleVersion(models.Model):
    """What a rule says from `valid_from` up to, not including, `valid_until`.

    A version never changes but for being closed once a successor begins, or taken back before it
    begins (its predecessor goes on then); the database sees to it.
    `version` is the string that a decision keeps.
    """

    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    value = models.JSONField(_("value"))
    tag = models.CharField(_("standing"), max_length=1, choices=RuleTag)
    source = models.CharField(_("source"), max_length=SOURCE_CHARS_MAX)
    valid_from = models.DateTimeField(_("in force from"))
    valid_until = models.DateTimeField(_("in force until"), null=True, blank=True)
    written_by = models.CharField(_("written by"), max_length=ACTOR_CHARS_MAX)
    written_at = models.DateTimeField(_("written"), db_default=Now())
    reason = models.CharField(_("reason"), max_length=REASON_CHARS_MAX, blank=True)
    withdrawn_by = models.CharField(_("taken back by"), max_length=ACTOR_CHARS_MAX, blank=True)
    withdrawn_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    class Meta:
        verbose_name = _("version of a rule")
        verbose_name_plural = _("versions of rules")
        constraints = [
            models.UniqueConstraint(fields=["rule", "number"], name="rule_version_has_one_number"),
            models.CheckConstraint(condition=~Q(source=""), name="rule_version_names_its_source"),
            models.CheckConstraint(
                condition=Q(tag__in=RuleTag.values), name="rule_version_tag_is_known"
            ),
            ends_after_start("rule_version_ends_after_start"),
            # The rule's id as a range of one: equality of scalars in a GiST index would need an
            # extension that not every PostgreSQL ships.
            ExclusionConstraint(
                name="rule_has_one_version_at_a_time",
                condition=Q(withdrawn_at=None),
                expressions=[
                    (Func(F("rule"), F("rule"), Value("[]"), function="int8range"), "&&"),
                    (
                        Func(
                            F("valid_from"),
                            F("valid_until"),
                            RangeBoundary(),
                            function="tstzrange",
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return self.version

    @property
    def version(self) -> str:
        return f"{self.rule.pack.code}/{self.rule.key}@{self.number}"

    @property
    def declared(self) -> RuleKey:
        return self.rule.declared

    @property
    def label(self) -> str:
        return self.declared.label

    @property
    def decision_support_only(self) -> bool:
        """Whether the value must be labelled “decision support” wherever it is shown."""
        return self.tag != RuleTag.FACT

    def as_int(self) -> int:
        """The number of units. A programming error on a rule of another kind."""
        return int(self._of(RuleKind.INTEGER))

    def as_decimal(self) -> Decimal:
        return Decimal(self._of(RuleKind.DECIMAL))

    def as_money(self) -> Money:
        return Money(int(self._of(RuleKind.MONEY)), self.declared.unit)

    def _of(self, kind: RuleKind) -> str | int:
        if self.declared.kind is not kind:
            raise TypeError(f"{self.rule.key} is a rule of kind {self.declared.kind}")
        value: str | int = self.value
        return value


def rule(*, key: str, at: datetime, pack: str = "") -> RuleVersion:
    """The one version in force at `at`, of the default pack unless another is named.

    Raises UnknownRule. A decision keeps the answer's `version`.
    """
    code = pack or settings.DEFAULT_RULE_PACK
    found = _standing().filter(in_force(at), rule__pack__code=code, rule__key=key).first()
    if found is None:
        raise UnknownRule(
            gettext("The rule pack “%(pack)s” has no rule “%(key)s” at that time.")
            % {"pack": code, "key": key},
            pack=code,
            key=key,
            at=at.isoformat(),
        )
    return found


def rules(*, at: datetime, pack: str = "", keys: Collection[str] = ()) -> Mapping[str, RuleVersion]:
    """All rules of a pack in force at `at`, or those of some keys, by key, in one query."""
    code = pack or settings.DEFAULT_RULE_PACK
    rows = _standing().filter(in_force(at), rule__pack__code=code).order_by("rule__key")
    if keys:
        rows = rows.filter(rule__key__in=keys)
    return {row.rule.key: row for row in rows}


def history(*, pack: str, key: str) -> list[RuleVersion]:
    """What a rule said, latest first."""
    rows = _versions().filter(rule__pack__code=pack, rule__key=key)
    return list(rows.order_by("-valid_from")[:HISTORY_ROWS_MAX])


def packs() -> list[RulePack]:
    """All packs, by code."""
    return list(RulePack.objects.order_by("code"))


def _versions() -> QuerySet[RuleVersion]:
    return RuleVersion.objects.select_related("rule__pack")


def _standing() -> QuerySet[RuleVersion]:
    """Without those that were taken back before they began."""
    return _versions().filter(withdrawn_at=None)
