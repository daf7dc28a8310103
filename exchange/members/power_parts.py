"""The pieces that powers are made of: scopes of keys, leaders, standings, what operators may."""

from accounts.models import MembershipRole
from exchange.members.acts import Bar, Power, Reach
from exchange.members.roles import Role
from exchange.members.states import Standing

SCOPE_READ = "members:read"
SCOPE_LEDGER = "ledger:read"
SCOPE_LOG = "log:read"
SCOPE_CATALOG_READ = "catalog:read"
SCOPE_CATALOG_WRITE = "catalog:write"
SCOPE_VAULT_READ = "vault:read"
SCOPE_VAULT_WRITE = "vault:write"
SCOPE_DELIVERY = "delivery:read"
SCOPE_ORDERS = "orders:read"
SCOPE_PAYMENTS = "payments:read"

SCOPE_ORDERS_WRITE = "orders:write"
SCOPE_USAGE_READ = "usage:read"
SCOPE_USAGE_WRITE = "usage:write"

LEADERS = frozenset({MembershipRole.OWNER, MembershipRole.ADMIN})
OWNERS = frozenset({MembershipRole.OWNER})
BEFORE: frozenset[Standing | None] = frozenset({None, Standing.EXITED})
UNDER_REVIEW: frozenset[Standing | None] = frozenset({Standing.APPLIED, Standing.VERIFIED})
TAKING_PART: frozenset[Standing | None] = frozenset({Standing.ACTIVE, Standing.RESTRICTED})
ACTIVE: frozenset[Standing | None] = frozenset({Standing.ACTIVE})


def for_roles(*roles: Role) -> frozenset[Role]:
    return frozenset(roles)


def operators(*, bars: frozenset[Bar] = frozenset(), four_eyes: bool = False) -> Power:
    """What operators do to everybody's things, never to those of their own house."""
    return Power(
        reach=Reach.EXCHANGE,
        roles=for_roles(Role.OPERATOR),
        standings=ACTIVE,
        bars=bars | {Bar.OWN_ORGANISATION},
        second_factor=True,
        four_eyes=four_eyes,
    )
