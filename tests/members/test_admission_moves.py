"""Every legal move of an admission is possible, and no other is."""

import itertools
from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction

from exchange.core.moves import IllegalMove
from exchange.members.actions import steps
from exchange.members.models import Admission, AdmissionStep
from exchange.members.states import (
    FOUR_EYES,
    MOVES,
    STANDING_MOVES,
    Move,
    Standing,
    Turn,
    legal_steps,
)
from tests.factories import accounts
from tests.factories.members import NOON, minutes

pytestmark = pytest.mark.django_db

LATER = [move for move, rule in MOVES.items() if rule.sources]


def an_admission_at(standing: Standing) -> Admission:
    """An admission led to a standing along a shortest legal way."""
    organisation = accounts.an_organisation()
    owner = accounts.owner_of(organisation)
    other = accounts.a_member(organisation)
    admission = Admission(
        organisation=organisation,
        wanted=["seller"],
        legal_person="Wang Fang",
        contact=owner,
        rules_version="test",
        applied_at=NOON,
    )
    for number, move in enumerate(_way_to(standing)):
        steps.take_step(
            admission=admission,
            move=move,
            by_id=owner.pk,
            approved_by_id=other.pk if move in FOUR_EYES else None,
            now=NOON + minutes(number),
        )
    return admission


def _way_to(standing: Standing) -> list[Move]:
    straight = [Move.APPLY, Move.VERIFY, Move.QUALIFY, Move.ACCEPT_RULES]
    order = [Standing.APPLIED, Standing.VERIFIED, Standing.QUALIFIED, Standing.ACTIVE]
    if standing in order:
        return straight[: order.index(standing) + 1]
    last = {
        Standing.RESTRICTED: Move.RESTRICT,
        Standing.SUSPENDED: Move.SUSPEND,
        Standing.EXITED: Move.EXIT,
    }
    return [*straight, last[standing]]


@pytest.mark.parametrize(
    ("standing", "move"),
    [(s, m) for s, m in itertools.product(Standing, LATER) if s in MOVES[m].sources],
)
def test_a_legal_move_is_made_and_written_down(standing: Standing, move: Move) -> None:
    admission = an_admission_at(standing)
    before = admission.steps_count
    step = steps.take_step(
        admission=admission,
        move=move,
        by_id=admission.contact_id,
        approved_by_id=_another(admission) if move in FOUR_EYES else None,
        now=NOON + minutes(30),
    )
    target = MOVES[move].target or standing
    admission.refresh_from_db()
    assert (admission.standing, admission.steps_count) == (target, before + 1)
    assert (step.number, step.from_standing, step.to_standing) == (before + 1, standing, target)
    connection.check_constraints()


@pytest.mark.parametrize(
    ("standing", "move"),
    [(s, m) for s, m in itertools.product(Standing, LATER) if s not in MOVES[m].sources],
)
def test_an_illegal_move_is_refused_and_changes_nothing(standing: Standing, move: Move) -> None:
    admission = an_admission_at(standing)
    written = AdmissionStep.objects.count()
    with pytest.raises(IllegalMove) as refusal:
        steps.take_step(
            admission=admission,
            move=move,
            by_id=admission.contact_id,
            approved_by_id=_another(admission),
            now=NOON + minutes(30),
        )
    assert refusal.value.facts["current"] == standing.value
    assert refusal.value.facts["target"] == move.value
    admission.refresh_from_db()
    assert admission.standing == standing
    assert AdmissionStep.objects.count() == written


@pytest.mark.parametrize("move", sorted(FOUR_EYES))
def test_the_database_refuses_a_shared_step_of_one_person(move: Move) -> None:
    admission = an_admission_at(Standing.ACTIVE)
    source = min(MOVES[move].sources) if MOVES[move].sources else ""
    for approver in (None, admission.contact_id):
        with (
            pytest.raises(IntegrityError, match="admission_step_needs_four_eyes"),
            transaction.atomic(),
        ):
            AdmissionStep.objects.create(
                admission=admission,
                number=99,
                move=move,
                from_standing=source,
                to_standing=MOVES[move].target or source,
                by_id=admission.contact_id,
                approved_by_id=approver,
                at=NOON,
            )


def test_the_database_refuses_a_step_that_the_table_does_not_have() -> None:
    admission = an_admission_at(Standing.APPLIED)
    with (
        pytest.raises(IntegrityError, match="admission_step_is_a_legal_move"),
        transaction.atomic(),
    ):
        AdmissionStep.objects.create(
            admission=admission,
            number=2,
            move=Move.VERIFY,
            from_standing=Standing.APPLIED,
            to_standing=Standing.ACTIVE,
            by_id=admission.contact_id,
            at=NOON,
        )


def test_the_database_refuses_a_standing_that_no_step_led_to() -> None:
    admission = an_admission_at(Standing.APPLIED)
    connection.check_constraints()
    rows = Admission.objects.filter(pk=admission.pk)
    with pytest.raises(IntegrityError, match="does not stand where its steps lead"):
        _commit(lambda: rows.update(standing=Standing.VERIFIED))
    admission.refresh_from_db()
    assert admission.standing == Standing.APPLIED


def test_the_database_refuses_a_step_that_the_admission_does_not_follow() -> None:
    admission = an_admission_at(Standing.APPLIED)
    step = AdmissionStep(
        admission=admission,
        number=2,
        move=Move.VERIFY,
        from_standing=Standing.APPLIED,
        to_standing=Standing.VERIFIED,
        by_id=admission.contact_id,
        at=NOON,
    )
    with pytest.raises(IntegrityError, match="does not stand where its steps lead"):
        _commit(step.save)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE members_admissionstep SET reason = 'other'",
        "DELETE FROM members_admissionstep",
        "TRUNCATE members_admissionstep",
        "DELETE FROM members_admission",
    ],
)
def test_the_database_refuses_to_rewrite_steps(statement: str) -> None:
    admission = an_admission_at(Standing.VERIFIED)
    connection.check_constraints()
    with pytest.raises(IntegrityError), connection.cursor() as cursor:
        _commit(lambda: cursor.execute(statement))
    assert list(admission.steps.values_list("move", flat=True)) == [Move.APPLY, Move.VERIFY]


def test_the_pictures_table_is_the_table_of_moves() -> None:
    led_to = {
        (source, target) for _move, source, target in legal_steps() if source and source != target
    }
    drawn = {(source, target) for source, targets in STANDING_MOVES.items() for target in targets}
    assert led_to == drawn
    assert STANDING_MOVES[Standing.EXITED] == frozenset()


def test_the_turn_and_its_deadline_follow_the_moves() -> None:
    admission = an_admission_at(Standing.APPLIED)
    assert (admission.turn, admission.due_at) == (Turn.OPERATOR, NOON + minutes(10 * 24 * 60))
    steps.take_step(admission=admission, move=Move.ASK, by_id=admission.contact_id, now=NOON)
    assert (admission.turn, admission.due_at) == (Turn.MEMBER, NOON + minutes(15 * 24 * 60))
    assert (an_admission_at(Standing.ACTIVE).turn, an_admission_at(Standing.ACTIVE).due_at) == (
        Turn.NOBODY,
        None,
    )


def _commit(change: Callable[[], object]) -> None:
    """Make the change and ask what the database asks at commit."""
    with transaction.atomic():
        change()
        connection.check_constraints()


def _another(admission: Admission) -> int:
    return accounts.a_member(admission.organisation).pk
