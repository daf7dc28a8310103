"""Changing a rule: the old version is closed, a new one begins."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from exchange.core.models.rules import Rule, RuleTag, RuleVersion
from exchange.core.refusals import Invalid, Refusal
from exchange.core.rule_keys import UnknownRule


class AmendmentInThePast(Refusal):
    """A rule changes from now on or later; what was decided by it stays explained by it."""

    code = "amendment_in_the_past"


class AmendmentCollides(Refusal):
    """Another version begins at the very same moment."""

    code = "amendment_collides"


class RuleUnchanged(Refusal):
    """The new version would say what the rule says already."""

    code = "rule_unchanged"


class AmendmentUnfounded(Invalid):
    """An amendment names its source, its standing and its reason."""

    code = "amendment_unfounded"


def amend_rule(
    *,
    pack: str,
    key: str,
    value: object,
    tag: str,
    source: str,
    reason: str,
    valid_from: datetime,
    actor: str,
    now: datetime,
) -> RuleVersion:
    """Close the version in force at `valid_from` and open one with the new value.

    A version that was to begin later still does; the new one ends there. Raises UnknownRule,
    RuleValueInvalid, AmendmentUnfounded, AmendmentInThePast, AmendmentCollides, RuleUnchanged.
    """
    if valid_from < now:
        raise AmendmentInThePast(_("A rule cannot change in the past."), earliest=now.isoformat())
    with transaction.atomic():
        rule = _lock(pack, key)
        stored = rule.declared.check(value)
        _check_foundation(tag, source, reason)
        old = _version_to_close(rule, valid_from)
        if (old.value, old.tag, old.source) == (stored, tag, source):
            raise RuleUnchanged(
                _("The rule says this already."), version=old.version, value=old.value
            )
        until, old.valid_until = old.valid_until, valid_from
        old.save(update_fields=["valid_until"])
        latest = rule.versions.aggregate(latest=Max("number"))["latest"]
        return RuleVersion.objects.create(
            rule=rule,
            number=latest + 1,
            value=stored,
            tag=tag,
            source=source,
            reason=reason,
            valid_from=valid_from,
            valid_until=until,
            written_by=actor,
            written_at=now,
        )


def _lock(pack: str, key: str) -> Rule:
    """The rule's one row, on which amendments queue."""
    rows = Rule.objects.select_for_update(of=("self",)).select_related("pack")
    rule = rows.filter(pack__code=pack, key=key).first()
    if rule is None:
        raise UnknownRule(
            _("The rule pack “%(pack)s” has no rule “%(key)s”.") % {"pack": pack, "key": key},
            pack=pack,
            key=key,
        )
    return rule


def _version_to_close(rule: Rule, valid_from: datetime) -> RuleVersion:
    still = Q(valid_until__isnull=True) | Q(valid_until__gt=valid_from)
    old = rule.versions.filter(still, valid_from__lte=valid_from).first()
    if old is None:
        raise UnknownRule(
            _("The rule “%(key)s” is not in force at that time.") % {"key": rule.key},
            key=rule.key,
            at=valid_from.isoformat(),
        )
    old.rule = rule
    if old.valid_from == valid_from:
        raise AmendmentCollides(
            _("Another version of this rule begins at the same moment."),
            version=old.version,
        )
    return old


def _check_foundation(tag: str, source: str, reason: str) -> None:
    missing = [
        name
        for name, present in (
            ("tag", tag in RuleTag.values),
            ("source", bool(source.strip())),
            ("reason", bool(reason.strip())),
        )
        if not present
    ]
    if missing:
        raise AmendmentUnfounded(
            _("An amendment needs a source, its standing and a reason."), missing=missing
        )
