"""Every legal transition of an admission is possible, and no other is."""

import itertools
from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction

from exchange.core.lifecycle import IllegalTransition, Named
from exchange.members.lifecycle import ADMISSION, FOUR_EYES, AdmissionTransition, Standing, Turn
from exchange.members.models import Admission, AdmissionStep
from tests.factories import accounts
from tests.factories.members import NOON, minutes

pytestmark = pytest.mark.django_db

X = AdmissionTransition
LATER = [X(name) for name, row in ADMISSION.transitions.items() if None not in row.sources]


def sources(transition: X) -> frozenset[Standing]:
    return frozenset(
        Standing(one.value) for one in ADMISSION.transitions[transition].sources if one
    )


def take(admission: Admission, transition: X, *, at: int, approved_by_id: int | None) -> None:
    ADMISSION.transition(
        admission,
        transition,
        actor=Named("user:usr_test", admission.contact_id),
        approved_by_id=approved_by_id,
        reason="Why not.",
        now=NOON + minutes(at),
    )


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
    for number, transition in enumerate(_way_to(standing)):
        approver = other.pk if transition in FOUR_EYES else None
        take(admission, transition, at=number, approved_by_id=approver)
    return admission


def _way_to(standing: Standing) -> list[X]:
    straight = [X.APPLY, X.VERIFY, X.QUALIFY, X.ACCEPT_RULES]
    order = [Standing.APPLIED, Standing.VERIFIED, Standing.QUALIFIED, Standing.ACTIVE]
    if standing in order:
        return straight[: order.index(standing) + 1]
    last = {
        Standing.RESTRICTED: X.RESTRICT,
        Standing.SUSPENDED: X.SUSPEND,
        Standing.EXITED: X.EXIT,
    }
    return [*straight, last[standing]]


@pytest.mark.parametrize(
    ("standing", "transition"),
    [(s, x) for s, x in itertools.product(Standing, LATER) if s in sources(x)],
)
def test_a_legal_transition_is_made_and_written_down(standing: Standing, transition: X) -> None:
    admission = an_admission_at(standing)
    before = admission.steps_count
    approver = _another(admission) if transition in FOUR_EYES else None
    take(admission, transition, at=30, approved_by_id=approver)
    target = Standing((ADMISSION.transitions[transition].target or standing).value)
    admission.refresh_from_db()
    step = admission.steps.get(number=before + 1)
    assert (admission.standing, admission.steps_count) == (target, before + 1)
    assert (step.transition, step.source, step.target) == (transition, standing, target)
    connection.check_constraints()


@pytest.mark.parametrize(
    ("standing", "transition"),
    [(s, x) for s, x in itertools.product(Standing, LATER) if s not in sources(x)],
)
def test_an_illegal_transition_is_refused_and_changes_nothing(
    standing: Standing, transition: X
) -> None:
    admission = an_admission_at(standing)
    written = AdmissionStep.objects.count()
    with pytest.raises(IllegalTransition) as refusal:
        take(admission, transition, at=30, approved_by_id=_another(admission))
    assert refusal.value.facts["current"] == standing.value
    assert refusal.value.facts["target"] == transition.value
    admission.refresh_from_db()
    assert admission.standing == standing
    assert AdmissionStep.objects.count() == written


@pytest.mark.parametrize("transition", sorted(FOUR_EYES))
def test_the_database_refuses_a_shared_step_of_one_person(transition: X) -> None:
    admission = an_admission_at(Standing.ACTIVE)
    source = min(sources(transition), default="")
    for approver, guard in (
        (None, "admission_step_needs_four_eyes"),
        (admission.contact_id, "admission_step_is_approved_by_another"),
    ):
        with (
            pytest.raises(IntegrityError, match=guard),
            transaction.atomic(),
        ):
            AdmissionStep.objects.create(
                admission=admission,
                number=99,
                transition=transition,
                source=source,
                target=str(ADMISSION.transitions[transition].target or source),
                by_id=admission.contact_id,
                approved_by_id=approver,
                at=NOON,
            )


def test_the_database_refuses_a_step_that_the_table_does_not_have() -> None:
    admission = an_admission_at(Standing.APPLIED)
    with (
        pytest.raises(IntegrityError, match="admission_step_is_legal"),
        transaction.atomic(),
    ):
        AdmissionStep.objects.create(
            admission=admission,
            number=2,
            transition=X.VERIFY,
            source=Standing.APPLIED,
            target=Standing.ACTIVE,
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
        transition=X.VERIFY,
        source=Standing.APPLIED,
        target=Standing.VERIFIED,
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
    assert list(admission.steps.values_list("transition", flat=True)) == [X.APPLY, X.VERIFY]


def test_the_picture_shows_the_table() -> None:
    led_to = {
        (str(source), str(target))
        for _name, source, target in ADMISSION.legal_steps()
        if source and source != target
    }
    drawn = {
        (str(source), str(target))
        for source, targets in ADMISSION.moves.items()
        for target in targets
    }
    assert led_to == drawn
    assert ADMISSION.ended == {Standing.EXITED}


def test_the_turn_and_its_deadline_follow_the_moves() -> None:
    admission = an_admission_at(Standing.APPLIED)
    assert (admission.turn, admission.due_at) == (Turn.OPERATOR, NOON + minutes(10 * 24 * 60))
    take(admission, X.ASK, at=0, approved_by_id=None)
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
