"""Rules and calendars for tests."""

from datetime import UTC, datetime

from exchange.core.models import RuleVersion
from exchange.members import rule_packs
from exchange.members.actors import Actor, ActorKind
from exchange.members.lifecycle import Standing
from exchange.members.roles import Kind, Role

NOON = datetime(2026, 8, 3, 12, tzinfo=UTC)
OPERATOR = "user:usr_operator"
# A rule keeper who approves what another one asked for.
SOMEBODY = Actor(
    kind=ActorKind.PERSON,
    name=OPERATOR,
    user_id=1,
    organisation_id=1,
    standing=Standing.ACTIVE,
    kinds=frozenset({Kind.EXCHANGE_OPERATOR}),
    roles=frozenset({Role.RULE_KEEPER}),
    second_factor=True,
    proposer_id=2,
)


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
