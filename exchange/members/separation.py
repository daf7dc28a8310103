"""Separation of duties as data: what one organisation or one person may not be at the same time.

Two moments are guarded. When something is granted, the pairs below are looked up here. When something
is done, `permissions.py` says which roles and which relations to the subject forbid it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exchange.members.roles import DEALING, STAFF, Kind, Role


class Within(Enum):
    """How far a pair of roles of one person is looked for."""

    ORGANISATION = "organisation"
    EXCHANGE = "exchange"


@dataclass(frozen=True)
class KindConflict:
    """One organisation may not hold both qualifications."""

    kind: Kind
    others: frozenset[Kind]
    reason: str | Promise


@dataclass(frozen=True)
class RoleConflict:
    """One person may not hold both roles, within one organisation or anywhere at the exchange."""

    role: Role
    others: frozenset[Role]
    within: Within
    reason: str | Promise


KIND_CONFLICTS: tuple[KindConflict, ...] = (
    KindConflict(
        Kind.EXCHANGE_OPERATOR,
        DEALING,
        _("An exchange operator does not trade as a dealer on its own exchange."),
    ),
    KindConflict(
        Kind.REGULATOR,
        frozenset(Kind) - {Kind.REGULATOR},
        _("A regulator takes no part in what it supervises."),
    ),
)

ROLE_CONFLICTS: tuple[RoleConflict, ...] = (
    RoleConflict(
        Role.DATA_OWNER,
        frozenset({Role.COMMITTEE}),
        Within.ORGANISATION,
        _("A data owner does not approve the price of its own data."),
    ),
    RoleConflict(
        Role.OPERATOR,
        frozenset(Role) - {Role.OPERATOR, Role.FINANCE, Role.LEGAL_OFFICER, Role.SUPPORT},
        Within.EXCHANGE,
        _("Who decides for the exchange does not trade on it, move its money or write its rules."),
    ),
    RoleConflict(
        Role.EXCHANGE_FINANCE,
        frozenset(Role) - {Role.EXCHANGE_FINANCE, Role.FINANCE, Role.LEGAL_OFFICER, Role.SUPPORT},
        Within.EXCHANGE,
        _("Who moves the exchange's money does not trade on it, decide on it or write its rules."),
    ),
    RoleConflict(
        Role.RULE_KEEPER,
        frozenset(Role) - {Role.RULE_KEEPER, Role.LEGAL_OFFICER, Role.SUPPORT},
        Within.EXCHANGE,
        _("Who writes the exchange's rules does not trade by them, decide by them or move money."),
    ),
    RoleConflict(
        Role.SUPPORT,
        frozenset(Role) - STAFF - {Role.FINANCE, Role.LEGAL_OFFICER},
        Within.EXCHANGE,
        _("Who answers for the exchange does not trade on it."),
    ),
    RoleConflict(
        Role.REGULATOR,
        frozenset(Role) - {Role.REGULATOR},
        Within.EXCHANGE,
        _("Who supervises the exchange takes no part in it."),
    ),
)


def conflict_of_kinds(kinds: Iterable[Kind]) -> tuple[Kind, Kind, str] | None:
    """The first two qualifications that one organisation may not hold together, and why."""
    held = frozenset(kinds)
    for conflict in KIND_CONFLICTS:
        both = held & conflict.others
        if conflict.kind in held and both:
            return conflict.kind, min(both), str(conflict.reason)
    return None


def conflict_of_roles(
    role: Role, *, here: Iterable[Role], elsewhere: Iterable[Role]
) -> tuple[Role, str] | None:
    """The first role that its holder may not hold beside the new one, and why.

    `here` are the person's roles in the same organisation, `elsewhere` those in all others.
    """
    near, far = frozenset(here), frozenset(elsewhere)
    for conflict in ROLE_CONFLICTS:
        held = near if conflict.within is Within.ORGANISATION else near | far
        if conflict.role == role:
            found = held & conflict.others
        elif role in conflict.others:
            found = held & {conflict.role}
        else:
            continue
        if found:
            return min(found), str(conflict.reason)
    return None
