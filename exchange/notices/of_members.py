"""Whom what happens to members' people tells, and who is told that something waits for a second person, of the
exchange or of an organisation, and how it was decided."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import override

from accounts.models import Membership, MembershipRole, User
from exchange.core.lifecycle import Change
from exchange.core.periods import in_force
from exchange.members import approvals
from exchange.members.actors import grants_of_members
from exchange.members.lifecycle import (
    APPROVAL,
    DEACTIVATION,
    PROPOSAL,
    ProposalTransition,
    UseTransition,
)
from exchange.members.models import ApprovalRequest, Deactivation, Proposal
from exchange.members.permissions import PERMISSION_RULES
from exchange.notices import notify
from exchange.notices.notify import notify_operators


@dataclass(frozen=True)
class _InBoth:
    """Words of the exchange in both languages: a notice is read in its reader's."""

    title: str
    title_zh: str


def declare() -> None:
    """Add the reactions. For `AppConfig.ready`."""
    APPROVAL.on(ProposalTransition.MAKE, _tell_approvers)
    APPROVAL.on(ProposalTransition.DECLINE, _tell_who_asked)
    APPROVAL.on(ProposalTransition.APPROVE, _tell_who_asked_at_home)
    PROPOSAL.on(ProposalTransition.MAKE, _tell_operators)
    DEACTIVATION.on(UseTransition, _tell_person, _tell_owners)


def _tell_approvers(request: ApprovalRequest, change: Change) -> None:
    """Tell those who can be the second person: of the exchange, or of the organisation that it is for."""
    notify.tell(
        user_ids=_seconds(request, change.at),
        kind=f"members.approval.{_whose(request, 'requested', 'asked')}",
        facts={"person": str(request.proposed_by), **_asked(request)},
        url=_decided_at(request),
        dedupe=f"approval:{request.public_id}",
        now=change.at,
    )


def _tell_who_asked(request: ApprovalRequest, change: Change) -> None:
    notify.tell(
        user_ids=[request.proposed_by_id],
        kind=f"members.approval.{_whose(request, 'declined', 'refused')}",
        facts={"reason": request.note, **_asked(request)},
        url=_decided_at(request),
        dedupe=f"approval:{request.public_id}:declined",
        now=change.at,
    )


def _tell_who_asked_at_home(request: ApprovalRequest, change: Change) -> None:
    """Tell who asked for something of the organisation that it is done; the exchange's own people see it
    on their lists."""
    if request.organisation_id is None:
        return
    notify.tell(
        user_ids=[request.proposed_by_id],
        kind="members.approval.agreed",
        facts=_asked(request),
        url=_decided_at(request),
        dedupe=f"approval:{request.public_id}:approved",
        now=change.at,
    )


def _seconds(request: ApprovalRequest, at: datetime) -> set[int]:
    """Who holds a role, or of an organisation a membership, that may approve; but not who asked."""
    rule = PERMISSION_RULES[approvals.act_named(request.act).do]
    grants = grants_of_members().filter(in_force(at), role__in=[str(role) for role in rule.roles])
    if request.organisation_id is None:
        return set(grants.exclude(user=request.proposed_by_id).values_list("user_id", flat=True))
    members = Membership.objects.filter(
        organisation_id=request.organisation_id, role__in=[str(one) for one in rule.memberships]
    )
    grants = grants.filter(organisation_id=request.organisation_id)
    people = grants.values_list("user_id", flat=True).union(
        members.values_list("user_id", flat=True)
    )
    return set(people) - {request.proposed_by_id}


def _whose(request: ApprovalRequest, of_exchange: str, of_organisation: str) -> str:
    return of_exchange if request.organisation_id is None else of_organisation


def _decided_at(request: ApprovalRequest) -> str:
    """The page on which it is approved or declined."""
    if request.organisation_id is None:
        return notify.path("approval", str(request.pk))
    return notify.path("buying_limit", request.public_id)


def _asked(request: ApprovalRequest) -> dict[str, _InBoth]:
    """What the act is called and what it is done to; of a statement with hundreds of lines the first."""
    return {
        "act": _in_both(lambda: approvals.label(request)),
        "what": _in_both(lambda: approvals.shown(request).partition("\n")[0]),
    }


def _in_both(words: Callable[[], str]) -> _InBoth:
    with override("en"):
        english = words()
    with override("zh-hans"):
        return _InBoth(english, words())


def _tell_operators(proposal: Proposal, change: Change) -> None:
    """Tell the exchange's operators of a decision that a second one of them makes."""
    notify_operators(
        kind="members.proposal.made",
        facts={
            "person": str(proposal.proposed_by),
            "organisation": proposal.admission.organisation.name,
            "step": _in_both(proposal.get_transition_display),
        },
        url=notify.path("proposal", str(proposal.pk)),
        dedupe=f"proposal:{proposal.public_id}",
        now=change.at,
        but=proposal.proposed_by_id,
    )


def _tell_person(deactivation: Deactivation, change: Change) -> None:
    notify.tell(
        user_ids=[deactivation.user_id],
        kind=f"members.account.{_done(change)}",
        facts={"reason": change.reason},
        url=notify.path("help", ""),
        dedupe=f"deactivation:{deactivation.public_id}:{_done(change)}",
        now=change.at,
    )


def _tell_owners(deactivation: Deactivation, change: Change) -> None:
    """Tell the owners of each organisation that the person belongs to."""
    person = deactivation.user
    for membership in person.memberships.select_related("organisation").order_by("pk"):
        organisation = membership.organisation
        owners = User.objects.filter(
            memberships__organisation=organisation, memberships__role=MembershipRole.OWNER
        )
        notify.tell(
            user_ids=owners.exclude(pk=person.pk).values_list("pk", flat=True),
            kind=f"members.person.{_done(change)}",
            facts={"person": str(person), "reason": change.reason},
            url=notify.path("organisation", organisation.public_id),
            dedupe=f"deactivation:{deactivation.public_id}:{_done(change)}",
            now=change.at,
        )


def _done(change: Change) -> str:
    return DEACTIVATION.transitions[change.transition].event.rpartition(".")[2]
