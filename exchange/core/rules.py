"""Which rule is in force, and what a rule said before."""

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from exchange.core.models.rules import RulePack, RuleVersion, UnknownRule
from exchange.core.periods import in_force

HISTORY_ROWS_MAX = 200


def rule(*, key: str, at: datetime, pack: str = "") -> RuleVersion:
    """The one version in force at `at`, of the default pack unless another is named.

    Raises UnknownRule. A decision keeps the answer's `version`.
    """
    code = pack or settings.DEFAULT_RULE_PACK
    found = _versions().filter(in_force(at), rule__pack__code=code, rule__key=key).first()
    if found is None:
        raise UnknownRule(
            _("The rule pack “%(pack)s” has no rule “%(key)s” at that time.")
            % {"pack": code, "key": key},
            pack=code,
            key=key,
            at=at.isoformat(),
        )
    return found


def rules(*, at: datetime, pack: str = "") -> Mapping[str, RuleVersion]:
    """All rules of a pack in force at `at`, by key, in one query."""
    code = pack or settings.DEFAULT_RULE_PACK
    rows = _versions().filter(in_force(at), rule__pack__code=code).order_by("rule__key")
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
