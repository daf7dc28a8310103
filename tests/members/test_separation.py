"""What one organisation or one person may not be at the same time."""

import itertools

import pytest

from exchange.members.actors import countable
from exchange.members.roles import DEALING, ROLE_NEEDS, Kind, Role
from exchange.members.separation import (
    KIND_CONFLICTS,
    ROLE_CONFLICTS,
    Within,
    conflict_of_kinds,
    conflict_of_roles,
)


@pytest.mark.parametrize("kind", sorted(DEALING))
def test_an_exchange_operator_does_not_deal(kind: Kind) -> None:
    found = conflict_of_kinds([Kind.EXCHANGE_OPERATOR, kind])
    assert found is not None
    assert found[:2] == (Kind.EXCHANGE_OPERATOR, kind)


@pytest.mark.parametrize("kind", sorted(set(Kind) - {Kind.REGULATOR}))
def test_a_regulator_is_nothing_else(kind: Kind) -> None:
    assert conflict_of_kinds([kind, Kind.REGULATOR]) is not None


def test_one_may_sell_buy_and_deal() -> None:
    assert conflict_of_kinds(DEALING) is None


def test_every_conflict_is_found_whichever_comes_first() -> None:
    for conflict in ROLE_CONFLICTS:
        for other in conflict.others:
            for one, two in ((conflict.role, other), (other, conflict.role)):
                found = conflict_of_roles(one, here=[two], elsewhere=[])
                assert found is not None, (one, two)
                assert found[0] == two


def test_roles_in_another_organisation_count_only_where_the_table_says_so() -> None:
    for conflict in ROLE_CONFLICTS:
        for other in conflict.others:
            found = conflict_of_roles(conflict.role, here=[], elsewhere=[other])
            assert (found is not None) == (conflict.within is Within.EXCHANGE)


def test_roles_that_no_row_keeps_apart_may_be_held_together() -> None:
    apart = {
        frozenset((conflict.role, other))
        for conflict in ROLE_CONFLICTS
        for other in conflict.others
    }
    for one, two in itertools.combinations(Role, 2):
        found = conflict_of_roles(one, here=[two], elsewhere=[])
        assert (found is not None) == (frozenset((one, two)) in apart)


def test_no_row_keeps_a_thing_apart_from_itself() -> None:
    assert all(conflict.kind not in conflict.others for conflict in KIND_CONFLICTS)
    assert all(conflict.role not in conflict.others for conflict in ROLE_CONFLICTS)


def test_every_role_needs_a_qualification_and_counts_only_with_it() -> None:
    assert set(ROLE_NEEDS) == set(Role)
    assert countable(Role.OPERATOR, frozenset({Kind.EXCHANGE_OPERATOR}))
    assert not countable(Role.OPERATOR, frozenset(Kind) - {Kind.EXCHANGE_OPERATOR})
    assert not countable(Role.DATA_OWNER, frozenset({Kind.BUYER}))
