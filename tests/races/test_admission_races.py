"""Two people at the same moment: one wins, the other is told, and nothing happens twice."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from exchange.audit.models import Record
from exchange.core.refusals import Refusal
from exchange.flows import approvals
from exchange.members.actions import admissions, roles
from exchange.members.actors import Actor
from exchange.members.models import Admission, AdmissionStep, RoleGrant
from exchange.members.roles import Kind, Role
from exchange.members.states import Standing
from tests.factories import accounts
from tests.factories.members import NOON, acting, an_exchange, minutes

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def at_once(*deeds: Callable[[], object]) -> list[str]:
    """Run the deeds in threads that start together; what each came to, sorted."""
    barrier = threading.Barrier(len(deeds), timeout=20)
    outcomes: list[str] = []

    def perform(deed: Callable[[], object]) -> None:
        try:
            connection.ensure_connection()
            barrier.wait()
            deed()
            outcomes.append("done")
        except Refusal as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=perform, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return sorted(outcomes)


def test_two_operators_approve_at_once_and_one_wins() -> None:
    exchange = an_exchange()
    third = accounts.a_member(exchange.organisation)
    grant_operator(exchange.organisation.pk, third.pk, exchange.first.pk)
    active = exchange.admit(accounts.an_organisation(), Kind.SELLER)
    proposal = approvals.propose_suspension(
        actor=exchange.proposer,
        admission_id=active.public_id,
        reason="A breach.",
        now=NOON + minutes(20),
    )

    def approve(actor: Actor) -> Callable[[], object]:
        return lambda: approvals.approve_proposal(
            actor=actor, proposal_id=proposal.public_id, now=NOON + minutes(21)
        )

    outcomes = at_once(approve(exchange.approver), approve(acting(third, exchange.organisation)))
    assert outcomes == ["done", "illegal_transition"]
    active.refresh_from_db()
    assert active.standing == Standing.SUSPENDED
    assert AdmissionStep.objects.filter(admission=active, move="suspend").count() == 1
    assert Record.objects.filter(event="members.admission.suspended").count() == 1


def test_approval_and_decline_at_once_come_to_one_decision() -> None:
    exchange = an_exchange()
    active = exchange.admit(accounts.an_organisation(), Kind.SELLER)
    proposal = approvals.propose_exit(
        actor=exchange.proposer, admission_id=active.public_id, reason="Out.", now=NOON
    )
    outcomes = at_once(
        lambda: exchange.approve(proposal, now=NOON + minutes(21)),
        lambda: approvals.decline_proposal(
            actor=exchange.approver,
            proposal_id=proposal.public_id,
            note="No.",
            now=NOON + minutes(21),
        ),
    )
    assert outcomes == ["done", "illegal_transition"]
    active.refresh_from_db()
    proposal.refresh_from_db()
    expected = Standing.EXITED if proposal.decision == "approved" else Standing.ACTIVE
    assert active.standing == expected


def test_two_applications_at_once_open_one_admission() -> None:
    organisation = accounts.an_organisation()
    owner = accounts.owner_of(organisation)

    def apply() -> None:
        admissions.apply(
            organisation_id=organisation.pk,
            kinds=[Kind.SELLER],
            legal_person="Wang Fang",
            by_id=owner.pk,
            now=NOON,
        )

    assert at_once(apply, apply, apply) == ["admission_open", "admission_open", "done"]
    assert Admission.objects.filter(organisation=organisation).count() == 1


def test_conflicting_roles_given_at_once_by_two_hands_do_not_both_pass() -> None:
    exchange = an_exchange()
    organisation = accounts.an_organisation()
    exchange.admit(organisation, Kind.SELLER)
    person = accounts.a_member(organisation)
    owner = accounts.owner_of(organisation)

    def grant(role: Role) -> Callable[[], object]:
        return lambda: roles.grant_role(
            organisation_id=organisation.pk,
            user_id=person.pk,
            role=role,
            reason="Their work.",
            by_id=owner.pk,
            now=NOON + minutes(10),
        )

    outcomes = at_once(grant(Role.DATA_OWNER), grant(Role.COMMITTEE))
    assert outcomes == ["done", "roles_conflict"]
    assert RoleGrant.objects.filter(user=person).count() == 1


def test_three_operators_who_take_each_others_role_at_once_leave_two() -> None:
    exchange = an_exchange()
    third = accounts.a_member(exchange.organisation)
    grant_operator(exchange.organisation.pk, third.pk, exchange.first.pk)
    grants = list(RoleGrant.objects.filter(role=Role.OPERATOR).order_by("pk"))

    def revoke(grant: RoleGrant, by_id: int) -> Callable[[], object]:
        return lambda: roles.revoke_role(
            grant_id=grant.pk, reason="Enough.", by_id=by_id, now=NOON + minutes(30)
        )

    outcomes = at_once(
        *(revoke(grant, grants[place - 1].user_id) for place, grant in enumerate(grants))
    )
    assert outcomes == ["done", "operators_too_few", "operators_too_few"]
    assert RoleGrant.objects.filter(role=Role.OPERATOR, valid_until=None).count() == 2


def grant_operator(organisation_id: int, user_id: int, by_id: int) -> None:
    roles.grant_role(
        organisation_id=organisation_id,
        user_id=user_id,
        role=Role.OPERATOR,
        reason="A third operator.",
        by_id=by_id,
        now=NOON + minutes(10),
    )
