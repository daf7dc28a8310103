"""May this actor do this to that, and if not, why: the "must not" column and every check."""

from dataclasses import replace

import pytest
from pytest_django import Settings

from accounts.models import MembershipRole
from exchange.core.refusals import NotAllowed, NotFound
from exchange.members import policy
from exchange.members.actors import NOBODY, Actor, ActorKind, Subject, system_actor
from exchange.members.conflicts import ConflictOfInterest
from exchange.members.lifecycle import Standing
from exchange.members.permissions import (
    PERMISSION_RULES,
    SCOPE_READ,
    Permission,
    Reach,
)
from exchange.members.roles import OVERSEERS, Kind, Role

MINE, THEIRS, THIRD = 1, 2, 3
OWN = Subject(organisation_id=MINE)
FOREIGN = Subject(organisation_id=THEIRS)
CALLED_IN = Subject(organisation_id=THEIRS, engaged=frozenset({MINE}))


def person(*roles: Role, kinds: frozenset[Kind] = frozenset(Kind), **other: object) -> Actor:
    """An active organisation's person with everything that roles do not decide."""
    actor = Actor(
        kind=ActorKind.PERSON,
        name="user:usr_test",
        user_id=7,
        organisation_id=MINE,
        membership=MembershipRole.MEMBER,
        standing=Standing.ACTIVE,
        kinds=kinds,
        roles=frozenset(roles),
        second_factor=True,
    )
    return replace(actor, **other)  # type: ignore[arg-type]  # fields of the actor by name


def why_not(actor: Actor, permission: Permission, subject: Subject | None = None) -> str:
    return policy.allowed(actor, permission, subject).code


@pytest.mark.parametrize(
    ("actor", "permission", "subject", "code"),
    [
        # A data owner does not decide on the sale of its own data, whatever else they are.
        (
            person(Role.COMMITTEE, Role.DATA_OWNER),
            Permission.ASSET_SALE_DECIDE,
            OWN,
            "role_excluded",
        ),
        (
            person(Role.COMMITTEE),
            Permission.ASSET_SALE_DECIDE,
            replace(OWN, made_by=frozenset({7})),
            "own_making",
        ),
        (
            person(Role.COMMITTEE),
            Permission.ASSET_SALE_DECIDE,
            replace(OWN, conflicted=frozenset({7})),
            "declared_conflict",
        ),
        (
            person(Role.COMMITTEE),
            Permission.ASSET_SALE_DECIDE,
            replace(OWN, made_by=frozenset({8})),
            "",
        ),
        # Who made it must be known, or nobody could be the second person.
        (person(Role.COMMITTEE), Permission.ASSET_SALE_DECIDE, OWN, "maker_unknown"),
        # Finance reports no use of data.
        (person(Role.FINANCE), Permission.USAGE_REPORT, OWN, "role_needed"),
        (person(Role.DATA_OPERATOR), Permission.USAGE_REPORT, OWN, ""),
        # A buyer buys of others, where it was called in, never of its own house.
        (person(Role.BUYER_AGENT), Permission.AUCTION_BID, OWN, "own_organisation"),
        (person(Role.BUYER_AGENT), Permission.AUCTION_BID, CALLED_IN, ""),
        # The exchange does not deal, and does not judge its own house.
        (person(Role.OPERATOR), Permission.TRADE_BUY, CALLED_IN, "role_needed"),
        (person(Role.OPERATOR), Permission.OFFER_MAKE, OWN, "role_needed"),
        (person(Role.OPERATOR), Permission.LISTING_REVIEW, OWN, "own_organisation"),
        (person(Role.OPERATOR), Permission.LISTING_REVIEW, FOREIGN, ""),
        (
            person(Role.OPERATOR),
            Permission.ORDER_MODERATE,
            replace(FOREIGN, other_side=frozenset({MINE})),
            "other_side",
        ),
        (person(Role.OPERATOR), Permission.ORDER_MODERATE, FOREIGN, ""),
        # Rows are for those who work with them: no committee, no finance.
        (person(Role.COMMITTEE), Permission.ROWS_SEE, CALLED_IN, "role_needed"),
        (person(Role.FINANCE), Permission.ROWS_SEE, CALLED_IN, "role_needed"),
        (person(Role.BUYER_AGENT), Permission.ROWS_SEE, CALLED_IN, ""),
    ],
)
def test_the_must_not_column_holds(
    actor: Actor, permission: Permission, subject: Subject, code: str
) -> None:
    assert why_not(actor, permission, subject) == code


@pytest.mark.parametrize(
    "permission", [permission for permission in Permission if PERMISSION_RULES[permission].changes]
)
def test_a_regulator_changes_nothing(permission: Permission) -> None:
    """Not even with every other role and an owner's membership."""
    actor = person(*Role, membership=MembershipRole.OWNER)
    for subject in (None, OWN, FOREIGN, CALLED_IN):
        decision = policy.allowed(actor, permission, subject)
        assert (decision.allowed, decision.code) == (False, "read_only")


@pytest.mark.parametrize(
    "permission",
    [
        Permission.ADMISSION_SEE,
        Permission.DOCUMENT_SEE,
        Permission.TEAM_SEE,
        Permission.LEDGER_SEE,
    ],
)
@pytest.mark.parametrize("role", sorted(OVERSEERS))
def test_overseers_read_what_is_others(permission: Permission, role: Role) -> None:
    assert why_not(person(role), permission, FOREIGN) == ""
    suspended = person(role, standing=Standing.SUSPENDED)
    assert why_not(suspended, permission, FOREIGN) == "not_found"


@pytest.mark.parametrize(
    "permission",
    [
        permission
        for permission in Permission
        if PERMISSION_RULES[permission].reach is not Reach.EXCHANGE
    ],
)
def test_what_others_own_is_not_known_to_exist(permission: Permission) -> None:
    actor = person(*(set(Role) - OVERSEERS), membership=MembershipRole.OWNER)
    assert why_not(actor, permission, FOREIGN) == "not_found"
    with pytest.raises(NotFound):
        policy.require(actor, permission, FOREIGN)


@pytest.mark.parametrize("permission", list(Permission))
def test_nobody_may_nothing_and_who_acts_for_none_may_nothing(permission: Permission) -> None:
    assert why_not(NOBODY, permission, OWN) == "sign_in_needed"
    alone = Actor(kind=ActorKind.PERSON, name="user:usr_x", user_id=1)
    assert why_not(alone, permission) == "organisation_needed"
    assert why_not(alone, permission, OWN) == "not_found"


@pytest.mark.parametrize("permission", list(Permission))
def test_a_key_may_only_what_its_scope_names(permission: Permission) -> None:
    key = Actor(
        kind=ActorKind.KEY,
        name="key:key_1",
        organisation_id=MINE,
        standing=Standing.ACTIVE,
        kinds=frozenset(Kind),
        scopes=frozenset({"other:read"}),
    )
    scope = PERMISSION_RULES[permission].scope
    if scope is None:
        all_scopes = frozenset(rule.scope for rule in PERMISSION_RULES.values() if rule.scope)
        assert why_not(replace(key, scopes=all_scopes), permission, OWN) == "person_needed"
    else:
        with pytest.raises(NotAllowed) as refusal:
            policy.require(key, permission, OWN)
        assert refusal.value.facts == {
            "reason": "scope_needed",
            "permission": permission.value,
            "scope": scope,
        }
        dealing_with_itself = (
            ConflictOfInterest.OWN_ORGANISATION in PERMISSION_RULES[permission].conflicts
        )
        subject = CALLED_IN if dealing_with_itself else OWN
        assert why_not(replace(key, scopes=frozenset({scope})), permission, subject) == ""


@pytest.mark.parametrize(
    "permission",
    [p for p in Permission if PERMISSION_RULES[p].four_eyes or PERMISSION_RULES[p].two_people],
)
def test_the_exchanges_clock_never_counts_as_a_person(permission: Permission) -> None:
    clock = system_actor("clock")
    assert why_not(clock, permission, OWN) == "person_needed"
    assert why_not(clock, Permission.PAYMENTS_HANDLE, OWN) == ""


@pytest.mark.parametrize(
    ("standing", "offer", "price", "see"),
    [
        (None, "standing_needed", "standing_needed", ""),
        (Standing.APPLIED, "standing_needed", "standing_needed", ""),
        (Standing.ACTIVE, "", "", ""),
        (Standing.RESTRICTED, "standing_needed", "", ""),
        (Standing.SUSPENDED, "standing_needed", "standing_needed", ""),
        (Standing.EXITED, "standing_needed", "standing_needed", ""),
    ],
)
def test_standing_decides_what_remains_possible(
    standing: Standing | None, offer: str, price: str, see: str
) -> None:
    actor = person(Role.DATA_OWNER, standing=standing)
    assert why_not(actor, Permission.OFFER_MAKE, OWN) == offer
    assert why_not(actor, Permission.PRICE_PROPOSE, OWN) == price
    assert why_not(actor, Permission.ADMISSION_SEE, OWN) == see


def test_a_refusal_says_what_would_be_needed() -> None:
    with pytest.raises(NotAllowed) as refusal:
        policy.require(person(), Permission.LEDGER_SEE, OWN)
    assert refusal.value.facts == {
        "reason": "role_needed",
        "permission": "ledger.see",
        "roles": ["finance"],
        "memberships": ["admin", "owner"],
    }
    with pytest.raises(NotAllowed) as refusal:
        policy.require(
            person(Role.DATA_OWNER, kinds=frozenset({Kind.BUYER})), Permission.OFFER_MAKE, OWN
        )
    assert refusal.value.facts == {
        "reason": "qualification_needed",
        "permission": "catalog.offer.make",
        "qualifications": ["data_dealer", "seller"],
    }
    assert str(refusal.value) == "Your organisation is not qualified for this."


def test_the_second_factor_is_asked_for_unless_the_setting_says_no(
    settings: Settings,
) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    weak = person(Role.OPERATOR, second_factor=False)
    assert why_not(weak, Permission.CONSOLE_OPEN) == "second_factor_needed"
    settings.SECOND_FACTOR_REQUIRED = False
    assert why_not(weak, Permission.CONSOLE_OPEN) == ""


def test_every_permission_has_its_rule_and_four_eyes_exclude_the_maker() -> None:
    assert set(PERMISSION_RULES) == set(Permission)
    for permission, rule in PERMISSION_RULES.items():
        assert not rule.four_eyes or ConflictOfInterest.OWN_MAKING in rule.conflicts, permission
        assert not rule.overseen or not rule.changes, permission
        assert rule.scope is None or not rule.changes or rule.scope.endswith((":write", ":buy")), (
            permission
        )


def test_a_plain_member_reads_and_does_not_lead() -> None:
    assert why_not(person(), Permission.ADMISSION_SEE, OWN) == ""
    assert why_not(person(), Permission.ROLE_GRANT, OWN) == "role_needed"
    assert why_not(person(membership=MembershipRole.ADMIN), Permission.ROLE_GRANT, OWN) == ""
    assert SCOPE_READ == "members:read"
