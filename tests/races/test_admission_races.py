"""Two people at the same moment: one wins, the other is told, and nothing happens twice."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from accounts.refusals import AccountRefusal
from exchange.audit.models import Record
from exchange.core.refusals import Refusal
from exchange.members import admission, proposals, team
from exchange.members.actors import Actor
from exchange.members.lifecycle import AdmissionTransition, Standing
from exchange.members.models import Admission, AdmissionStep, RoleGrant
from exchange.members.roles import Kind, Role
from tests.factories import accounts
from tests.factories.members import NOON, a_role, acting, an_exchange, minutes

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
        except (Refusal, AccountRefusal) as refusal:
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
    a_role(exchange.organisation, third, Role.OPERATOR)
    active = exchange.admit(accounts.an_organisation(), Kind.SELLER)
    proposal = proposals.propose(
        active.public_id,
        transition=AdmissionTransition.SUSPEND,
        actor=exchange.proposer,
        reason="A breach.",
        now=NOON + minutes(20),
    )

    def approve(actor: Actor) -> Callable[[], object]:
        return lambda: proposals.approve(proposal.public_id, actor=actor, now=NOON + minutes(21))

    outcomes = at_once(approve(exchange.approver), approve(acting(third, exchange.organisation)))
    assert outcomes == ["done", "illegal_transition"]
    active.refresh_from_db()
    assert active.standing == Standing.SUSPENDED
    assert AdmissionStep.objects.filter(admission=active, transition="suspend").count() == 1
    assert Record.objects.filter(event="members.admission.suspended").count() == 1


def test_approval_and_decline_at_once_come_to_one_decision() -> None:
    exchange = an_exchange()
    active = exchange.admit(accounts.an_organisation(), Kind.SELLER)
    proposal = proposals.propose(
        active.public_id,
        transition=AdmissionTransition.EXIT,
        actor=exchange.proposer,
        reason="Out.",
        now=NOON,
    )
    outcomes = at_once(
        lambda: exchange.approve(proposal, now=NOON + minutes(21)),
        lambda: proposals.decline(
            proposal.public_id,
            actor=exchange.approver,
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
    actor = acting(accounts.owner_of(organisation), organisation)

    def apply() -> None:
        admission.apply(actor=actor, kinds=[Kind.SELLER], legal_person="Wang Fang", now=NOON)

    assert at_once(apply, apply, apply) == ["admission_open", "admission_open", "done"]
    assert Admission.objects.filter(organisation=organisation).count() == 1


def test_conflicting_roles_given_at_once_by_two_hands_do_not_both_pass() -> None:
    exchange = an_exchange()
    organisation = accounts.an_organisation()
    exchange.admit(organisation, Kind.SELLER)
    person = accounts.a_member(organisation)
    actor = acting(accounts.owner_of(organisation), organisation)

    def grant(role: Role) -> Callable[[], object]:
        return lambda: team.grant_role(
            actor=actor,
            user_id=person.public_id,
            role=role,
            reason="Their work.",
            now=NOON + minutes(10),
        )

    outcomes = at_once(grant(Role.DATA_OWNER), grant(Role.COMMITTEE))
    assert outcomes == ["done", "roles_conflict"]
    assert RoleGrant.objects.filter(user=person).count() == 1


def test_three_operators_who_take_each_others_role_at_once_leave_two() -> None:
    exchange = an_exchange()
    third = accounts.a_member(exchange.organisation)
    a_role(exchange.organisation, third, Role.OPERATOR)
    grants = list(RoleGrant.objects.filter(role=Role.OPERATOR).order_by("pk"))

    def revoke(grant: RoleGrant, actor: Actor) -> Callable[[], object]:
        return lambda: team.revoke_role(
            actor=actor, grant_id=grant.public_id, reason="Enough.", now=NOON + minutes(30)
        )

    outcomes = at_once(
        *(
            revoke(grant, acting(grants[place - 1].user, exchange.organisation))
            for place, grant in enumerate(grants)
        )
    )
    assert outcomes == ["done", "operators_too_few", "operators_too_few"]
    assert RoleGrant.objects.filter(role=Role.OPERATOR, valid_until=None).count() == 2
