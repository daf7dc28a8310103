"""Rules and calendars for tests."""

from datetime import UTC, datetime

from exchange.core.actions import rules
from exchange.core.models import RuleVersion

NOON = datetime(2026, 8, 3, 12, tzinfo=UTC)
OPERATOR = "user:usr_operator"


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
        "actor": OPERATOR,
        "now": NOON,
    } | changes
    return rules.amend_rule(**wanted)  # type: ignore[arg-type]  # tests send wrong types on purpose
