"""May this actor do this to that, and if not, why: the "must not" column and every kind of obstacle."""

from dataclasses import replace

import pytest
from pytest_django import Settings

from accounts.models import MembershipRole
from exchange.core.refusals import NotAllowed, NotFound
from exchange.members import policy
from exchange.members.actors import Actor, ActorKind, Subject, system_actor
from exchange.members.acts import Bar, Reach
from exchange.members.policy import NOBODY, Act
from exchange.members.power_parts import SCOPE_READ
from exchange.members.powers import POWERS
from exchange.members.roles import OVERSEERS, Kind, Role
from exchange.members.states import Standing

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


def why_not(actor: Actor, act: Act, subject: Subject | None = None) -> str:
    return policy.allowed(actor, act, subject).code


@pytest.mark.parametrize(
    ("actor", "act", "subject", "code"),
    [
        # A data owner does not approve its own price, whatever else they are.
        (person(Role.COMMITTEE, Role.DATA_OWNER), Act.PRICE_APPROVE, OWN, "role_bars"),
        (
            person(Role.COMMITTEE),
            Act.PRICE_APPROVE,
            replace(OWN, made_by=frozenset({7})),
            "own_making",
        ),
        (
            person(Role.COMMITTEE),
            Act.PRICE_APPROVE,
            replace(OWN, conflicted=frozenset({7})),
            "declared_conflict",
        ),
        (person(Role.COMMITTEE), Act.PRICE_APPROVE, OWN, ""),
        # A data operator signs no valuation.
        (person(Role.EVALUATOR, Role.DATA_OPERATOR), Act.VALUATION_SIGN, CALLED_IN, "role_bars"),
        (person(Role.EVALUATOR), Act.VALUATION_SIGN, CALLED_IN, ""),
        # Finance edits no meters.
        (person(Role.DATA_OPERATOR, Role.FINANCE), Act.METER_CORRECT, OWN, "role_bars"),
        (person(Role.FINANCE), Act.METER_CORRECT, OWN, "role_needed"),
        (person(Role.DATA_OPERATOR), Act.METER_CORRECT, OWN, ""),
        # An evaluator serves one side, and never its own house.
        (
            person(Role.EVALUATOR),
            Act.OPINION_ISSUE,
            replace(CALLED_IN, other_side=frozenset({MINE})),
            "other_side",
        ),
        (person(Role.EVALUATOR), Act.OPINION_ISSUE, OWN, "own_organisation"),
        (person(Role.EVALUATOR), Act.OPINION_ISSUE, CALLED_IN, ""),
        # A registration body does not register its own data.
        (person(Role.REGISTRAR), Act.REGISTRATION_DECIDE, OWN, "own_organisation"),
        (person(Role.REGISTRAR), Act.REGISTRATION_DECIDE, CALLED_IN, ""),
        # The exchange does not deal, and does not judge its own house.
        (person(Role.OPERATOR), Act.TRADE_BUY, CALLED_IN, "role_needed"),
        (person(Role.OPERATOR), Act.OFFER_MAKE, OWN, "role_needed"),
        (person(Role.OPERATOR), Act.LISTING_REVIEW, OWN, "own_organisation"),
        (person(Role.OPERATOR), Act.LISTING_REVIEW, FOREIGN, ""),
        # Neither algorithm partners nor banks see rows.
        (person(Role.ALGORITHM_PARTNER), Act.ROWS_SEE, CALLED_IN, "role_needed"),
        (person(Role.BUYER_AGENT, Role.ALGORITHM_PARTNER), Act.ROWS_SEE, CALLED_IN, "role_bars"),
        (person(Role.BUYER_AGENT, Role.BANK_OFFICER), Act.ROWS_SEE, CALLED_IN, "role_bars"),
        (person(Role.BUYER_AGENT), Act.ROWS_SEE, CALLED_IN, ""),
    ],
)
def test_the_must_not_column_holds(actor: Actor, act: Act, subject: Subject, code: str) -> None:
    assert why_not(actor, act, subject) == code


@pytest.mark.parametrize("act", [act for act in Act if POWERS[act].changes])
def test_a_regulator_changes_nothing(act: Act) -> None:
    """Not even with every other role and an owner's membership."""
    actor = person(*Role, membership=MembershipRole.OWNER)
    for subject in (None, OWN, FOREIGN, CALLED_IN):
        decision = policy.allowed(actor, act, subject)
        assert (decision.allowed, decision.code) == (False, "read_only")


@pytest.mark.parametrize(
    "act", [Act.ADMISSION_SEE, Act.DOCUMENT_SEE, Act.TEAM_SEE, Act.LEDGER_SEE, Act.LOG_READ]
)
@pytest.mark.parametrize("role", sorted(OVERSEERS))
def test_overseers_read_what_is_others(act: Act, role: Role) -> None:
    assert why_not(person(role), act, FOREIGN) == ""
    suspended = person(role, standing=Standing.SUSPENDED)
    assert why_not(suspended, act, FOREIGN) == "not_found"


@pytest.mark.parametrize("act", [act for act in Act if POWERS[act].reach is not Reach.EXCHANGE])
def test_what_others_own_is_not_known_to_exist(act: Act) -> None:
    actor = person(*(set(Role) - OVERSEERS), membership=MembershipRole.OWNER)
    assert why_not(actor, act, FOREIGN) == "not_found"
    with pytest.raises(NotFound):
        policy.permit(actor, act, FOREIGN)


@pytest.mark.parametrize("act", list(Act))
def test_nobody_may_nothing_and_who_acts_for_none_may_nothing(act: Act) -> None:
    assert why_not(NOBODY, act, OWN) == "sign_in_needed"
    alone = Actor(kind=ActorKind.PERSON, name="user:usr_x", user_id=1)
    assert why_not(alone, act) == "organisation_needed"
    assert why_not(alone, act, OWN) == "not_found"


@pytest.mark.parametrize("act", list(Act))
def test_a_key_may_only_what_its_scope_names(act: Act) -> None:
    key = Actor(
        kind=ActorKind.KEY,
        name="key:key_1",
        organisation_id=MINE,
        standing=Standing.ACTIVE,
        kinds=frozenset(Kind),
        scopes=frozenset({"other:read"}),
    )
    scope = POWERS[act].scope
    if scope is None:
        all_scopes = frozenset(power.scope for power in POWERS.values() if power.scope)
        assert why_not(replace(key, scopes=all_scopes), act, OWN) == "person_needed"
    else:
        with pytest.raises(NotAllowed) as refusal:
            policy.permit(key, act, OWN)
        assert refusal.value.facts == {
            "reason": "scope_needed",
            "act": act.value,
            "scope": scope,
        }
        dealing_with_itself = Bar.OWN_ORGANISATION in POWERS[act].bars
        subject = CALLED_IN if dealing_with_itself else OWN
        assert why_not(replace(key, scopes=frozenset({scope})), act, subject) == ""


@pytest.mark.parametrize("act", [act for act in Act if POWERS[act].four_eyes])
def test_the_exchanges_clock_never_counts_as_a_person(act: Act) -> None:
    clock = system_actor("clock")
    assert why_not(clock, act, OWN) == "person_needed"
    assert why_not(clock, Act.PAYMENTS_RUN, OWN) == ""


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
    assert why_not(actor, Act.OFFER_MAKE, OWN) == offer
    assert why_not(actor, Act.PRICE_PROPOSE, OWN) == price
    assert why_not(actor, Act.ADMISSION_SEE, OWN) == see


def test_a_refusal_says_what_would_be_needed() -> None:
    with pytest.raises(NotAllowed) as refusal:
        policy.permit(person(), Act.LEDGER_SEE, OWN)
    assert refusal.value.facts == {
        "reason": "role_needed",
        "act": "ledger.see",
        "roles": ["finance"],
        "memberships": ["admin", "owner"],
    }
    with pytest.raises(NotAllowed) as refusal:
        policy.permit(person(Role.DATA_OWNER, kinds=frozenset({Kind.BUYER})), Act.OFFER_MAKE, OWN)
    assert refusal.value.facts == {
        "reason": "qualification_needed",
        "act": "catalog.offer.make",
        "qualifications": ["data_dealer", "seller"],
    }
    assert str(refusal.value) == "Your organisation is not qualified for this."


def test_the_second_factor_is_asked_for_unless_the_setting_says_no(
    settings: Settings,
) -> None:
    weak = person(Role.OPERATOR, second_factor=False)
    assert why_not(weak, Act.CONSOLE_OPEN) == "second_factor_needed"
    settings.SECOND_FACTOR_REQUIRED = False
    assert why_not(weak, Act.CONSOLE_OPEN) == ""


def test_every_act_has_its_power_and_every_four_eyes_act_bars_its_maker() -> None:
    assert set(POWERS) == set(Act)
    for act, power in POWERS.items():
        assert not power.four_eyes or Bar.OWN_MAKING in power.bars, act
        assert not power.overseen or not power.changes, act
        assert power.scope is None or not power.changes or power.scope.endswith(":write"), act


def test_a_plain_member_reads_and_does_not_lead() -> None:
    assert why_not(person(), Act.ADMISSION_SEE, OWN) == ""
    assert why_not(person(), Act.ROLE_GRANT, OWN) == "role_needed"
    assert why_not(person(membership=MembershipRole.ADMIN), Act.ROLE_GRANT, OWN) == ""
    assert SCOPE_READ == "members:read"
