"""What takes two operators, and what one of them alone can do."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from exchange.audit.models import Record
from exchange.core.lifecycle import IllegalTransition, ReasonMissing
from exchange.core.refusals import NotAllowed
from exchange.members import admission, approvals, founding, proposals
from exchange.members.actors import system_actor
from exchange.members.lifecycle import AdmissionTransition, Check, Decision, Standing
from exchange.members.models import Admission, Proposal, Qualification
from exchange.members.roles import Kind
from tests.factories import accounts
from tests.factories.members import (
    NOON,
    Exchange,
    acting,
    an_application,
    an_exchange,
    minutes,
    newest,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def exchange() -> Exchange:
    return an_exchange()


def events() -> list[str]:
    return list(Record.objects.order_by("id").values_list("event", flat=True))


def test_the_proposer_may_not_approve_by_policy_or_by_plain_sql(
    exchange: Exchange,
) -> None:
    active = exchange.admit(accounts.an_organisation(), Kind.SELLER)
    proposal = proposals.propose(
        active.public_id,
        transition=AdmissionTransition.SUSPEND,
        actor=exchange.proposer,
        reason="A breach.",
        now=NOON + minutes(7),
    )
    with pytest.raises(NotAllowed) as refusal:
        proposals.approve(proposal.public_id, actor=exchange.proposer, now=NOON + minutes(8))
    assert refusal.value.facts["reason"] == "own_making"
    with (
        pytest.raises(IntegrityError, match="proposal_is_decided_by_another"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE members_proposal SET decision = 'approved', decided_by_id = proposed_by_id,"
            " decided_at = now() WHERE id = %s",
            [proposal.pk],
        )
    proposal.refresh_from_db()
    active.refresh_from_db()
    assert (proposal.decision, active.standing) == (Decision.OPEN, Standing.ACTIVE)


def test_a_decided_proposal_is_final(exchange: Exchange) -> None:
    active = exchange.admit(accounts.an_organisation(), Kind.SELLER)
    suspended = exchange.suspend(active)
    assert suspended.standing == Standing.SUSPENDED
    proposal = suspended.proposals.first()
    assert proposal is not None
    with pytest.raises(IllegalTransition):
        proposals.decline(
            proposal.public_id,
            actor=exchange.approver,
            note="Too late.",
            now=NOON + minutes(9),
        )
    for statement in (
        "UPDATE members_proposal SET note = 'other'",
        "DELETE FROM members_proposal",
    ):
        with (
            pytest.raises(IntegrityError, match="never changed"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_declining_needs_a_reason_and_moves_nothing(exchange: Exchange) -> None:
    active = exchange.admit(accounts.an_organisation(), Kind.SELLER)
    proposal = proposals.propose(
        active.public_id,
        transition=AdmissionTransition.EXIT,
        actor=exchange.proposer,
        reason="Out.",
        now=NOON,
    )
    with pytest.raises(ReasonMissing):
        proposals.decline(proposal.public_id, actor=exchange.approver, note="", now=NOON)
    declined = proposals.decline(
        proposal.public_id, actor=exchange.approver, note="No ground.", now=NOON
    )
    active.refresh_from_db()
    assert (declined.decision, active.standing) == (Decision.DECLINED, Standing.ACTIVE)
    assert events()[-1] == "members.proposal.declined"


def test_only_its_proposer_takes_a_proposal_back(exchange: Exchange) -> None:
    active = exchange.admit(accounts.an_organisation(), Kind.SELLER)
    proposal = proposals.propose(
        active.public_id,
        transition=AdmissionTransition.EXIT,
        actor=exchange.proposer,
        reason="Out.",
        now=NOON,
    )
    with pytest.raises(approvals.NotProposer):
        proposals.withdraw(proposal.public_id, actor=exchange.approver, note="Mine?", now=NOON)
    taken = proposals.withdraw(
        proposal.public_id, actor=exchange.proposer, note="A mistake.", now=NOON
    )
    assert taken.decision == Decision.WITHDRAWN


def test_one_proposal_at_a_time_waits_about_an_organisation(exchange: Exchange) -> None:
    active = exchange.admit(accounts.an_organisation(), Kind.SELLER)
    proposals.propose(
        active.public_id,
        transition=AdmissionTransition.EXIT,
        actor=exchange.proposer,
        reason="Out.",
        now=NOON,
    )
    with pytest.raises(proposals.ProposalOpen):
        proposals.propose(
            active.public_id,
            transition=AdmissionTransition.SUSPEND,
            actor=exchange.approver,
            reason="Stop.",
            now=NOON,
        )
    assert Proposal.objects.filter(decision=Decision.OPEN).count() == 1


def test_approval_needs_a_proposer_who_still_is_an_operator(exchange: Exchange) -> None:
    active = exchange.admit(accounts.an_organisation(), Kind.SELLER)
    proposal = proposals.propose(
        active.public_id,
        transition=AdmissionTransition.EXIT,
        actor=exchange.proposer,
        reason="Out.",
        now=NOON,
    )
    exchange.first.is_active = False
    exchange.first.save(update_fields=["is_active"])
    with pytest.raises(approvals.ProposerLeft):
        exchange.approve(proposal, now=NOON + minutes(9))
    active.refresh_from_db()
    assert active.standing == Standing.ACTIVE


def test_a_restriction_takes_one_operator_and_lifting_it_two(exchange: Exchange) -> None:
    active = exchange.admit(accounts.an_organisation(), Kind.SELLER)
    restricted = admission.restrict(
        active.public_id,
        actor=exchange.proposer,
        reason="Odd orders.",
        now=NOON + minutes(9),
    )
    assert restricted.standing == Standing.RESTRICTED
    proposal = proposals.propose(
        active.public_id,
        transition=AdmissionTransition.RESTORE,
        actor=exchange.proposer,
        reason="Explained.",
        now=NOON + minutes(10),
    )
    active.refresh_from_db()
    assert active.standing == Standing.RESTRICTED
    assert exchange.approve(proposal, now=NOON + minutes(11)).standing == Standing.ACTIVE


def test_requalifying_ends_some_qualifications_and_begins_others(exchange: Exchange) -> None:
    active = exchange.admit(accounts.an_organisation(), Kind.SELLER, Kind.BUYER)
    proposal = proposals.propose(
        active.public_id,
        transition=AdmissionTransition.REQUALIFY,
        actor=exchange.proposer,
        kinds=[Kind.BUYER, Kind.DATA_DEALER],
        reason="A new licence.",
        now=NOON + minutes(9),
    )
    after = exchange.approve(proposal, now=NOON + minutes(10))
    assert after.standing == Standing.ACTIVE
    assert {
        (one.kind, one.valid_until) for one in Qualification.objects.filter(admission=after)
    } == {("seller", NOON + minutes(10)), ("buyer", None), ("data_dealer", None)}


def test_the_exchanges_own_operator_is_not_subject_to_its_own_decisions(
    exchange: Exchange,
) -> None:
    own = newest(exchange.organisation)
    with pytest.raises(NotAllowed) as refusal:
        proposals.propose(
            own.public_id,
            transition=AdmissionTransition.EXIT,
            actor=exchange.proposer,
            reason="?",
            now=NOON,
        )
    assert refusal.value.facts["reason"] == "own_organisation"
    with pytest.raises(proposals.OperatorStays):
        proposals.propose(
            own.public_id,
            transition=AdmissionTransition.EXIT,
            reason="?",
            actor=system_actor("test"),
            now=NOON,
        )


def test_an_operator_without_second_factor_decides_nothing(
    exchange: Exchange, settings: Any
) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    applied = an_application(accounts.an_organisation())
    weak = acting(exchange.first, exchange.organisation, second_factor=False)
    with pytest.raises(NotAllowed) as refusal:
        admission.verify(applied.public_id, actor=weak, checks=list(Check), now=NOON)
    assert refusal.value.facts["reason"] == "second_factor_needed"
    applied.refresh_from_db()
    assert applied.standing == Standing.APPLIED


def test_an_exchange_is_founded_once_by_two_people() -> None:
    organisation = accounts.an_organisation()
    owner = accounts.owner_of(organisation)
    for people in ([owner], [owner, owner], [owner, accounts.a_user()]):
        with pytest.raises(founding.FoundersTooFew):
            founding.found_exchange(
                organisation=organisation, operators=people, reason="", now=NOON
            )
    assert not Admission.objects.exists()
    exchange = an_exchange()
    with pytest.raises(founding.ExchangeFounded):
        founding.found_exchange(
            organisation=exchange.organisation,
            operators=[exchange.first, exchange.second],
            reason="Again.",
            now=NOON,
        )
