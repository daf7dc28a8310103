"""Rule packs: dated, sourced parameters that the exchange decides by."""

from datetime import datetime
from decimal import Decimal

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from exchange.core.periods import ends_after_start
from exchange.core.rule_keys import RuleKey, RuleKind, in_language, rule_key
from pricing.money import Money

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

    A version never changes but for being closed once a successor begins; the database sees to it.
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

    def in_force_at(self, moment: datetime) -> bool:
        return self.valid_from <= moment and (self.valid_until is None or moment < self.valid_until)

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
