"""Rules and calendars for tests."""

from datetime import UTC, datetime

from exchange.core.models import RuleVersion
from exchange.members import rule_packs
from exchange.members.actors import Actor, ActorKind

NOON = datetime(2026, 8, 3, 12, tzinfo=UTC)
OPERATOR = "user:usr_operator"
SOMEBODY = Actor(kind=ActorKind.SYSTEM, name=OPERATOR)  # whom every permission is given


def amend(**changes: object) -> RuleVersion:
    """Amend `soe.extension_days` of the national pack to 7 working days, but for what is given."""
    wanted: dict[str, object] = {
        "pack": "cn-2026-07",
        "key": "soe.extension_days",
        "value": 7,
        "tag": "D",
        "source": "Resolution 12 of the exchange",
        "reason": "More time for small firms",
        "valid_from": NOON,
        "actor": SOMEBODY,
        "now": NOON,
    } | changes
    return rule_packs.amend_rule(**wanted)  # type: ignore[arg-type]  # tests send wrong types on purpose
