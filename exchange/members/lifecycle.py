"""The lifecycles of an admission and of a proposal, and what an admission is checked by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from exchange.core.lifecycle import NEW, Lifecycle, Transition

if TYPE_CHECKING:
    from exchange.members.models import (
        Admission,
        ApprovalRequest,
        Deactivation,
        IdentityRequest,
        Proposal,
    )


class Standing(TextChoices):
    """Where an organisation stands at the exchange."""

    APPLIED = "applied", _("Applied")
    VERIFIED = "verified", _("Verified")
    QUALIFIED = "qualified", _("Qualified")
    ACTIVE = "active", _("Active")
    RESTRICTED = "restricted", _("Restricted")
    SUSPENDED = "suspended", _("Suspended")
    EXITED = "exited", _("Exited")


# Members whose name others may know: they trade, or may go on with what they have begun.
PRESENT = frozenset({Standing.ACTIVE, Standing.RESTRICTED})


class AdmissionTransition(TextChoices):
    """What can happen to an admission. Each is one row of the table and, when done, one step."""

    APPLY = "apply", _("Application received")
    ASK = "ask", _("More information asked for")
    ANSWER = "answer", _("Information supplied")
    VERIFY = "verify", _("Identity verified")
    QUALIFY = "qualify", _("Qualified")
    ACCEPT_RULES = "accept_rules", _("Rules accepted, trading opened")
    REQUALIFY = "requalify", _("Qualifications changed")
    RESTRICT = "restrict", _("Restricted")
    SUSPEND = "suspend", _("Suspended")
    RESTORE = "restore", _("Restored")
    WITHDRAW = "withdraw", _("Application withdrawn")
    EXIT = "exit", _("Exited")
    FOUND = "found", _("Exchange founded")


class Turn(TextChoices):
    """Who has to do the next thing."""

    MEMBER = "member", _("The organisation")
    OPERATOR = "operator", _("The exchange")
    NOBODY = "nobody", _("Nobody")


class Decision(TextChoices):
    """What became of a proposal."""

    OPEN = "open", _("Waiting for a second person")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn by its proposer")


# How long the exchange, or the organisation, has for its next act. They are choices of the house,
# not law, and are shown as such.
REVIEW_TIME = timedelta(days=10)
ANSWER_TIME = timedelta(days=15)

S, X = Standing, AdmissionTransition
_UNDER_REVIEW = (S.APPLIED, S.VERIFIED)
_OPEN = tuple(standing for standing in S if standing is not S.EXITED)

# What takes two operators: one proposes, another decides (and two found the exchange).
FOUR_EYES = frozenset({X.QUALIFY, X.REQUALIFY, X.SUSPEND, X.RESTORE, X.EXIT, X.FOUND})
PROPOSABLE = FOUR_EYES - {X.FOUND}

ADMISSION: Lifecycle[Admission] = Lifecycle(
    "members.admission",
    Standing,
    title=_("Admission of an organisation"),
    start=S.APPLIED,
    state_field="standing",
    live=False,
    transitions=(
        Transition(
            X.APPLY, NEW, S.APPLIED,
            turn=Turn.OPERATOR, term=REVIEW_TIME, event="members.admission.applied",
        ),
        Transition(
            X.ASK, _UNDER_REVIEW, None, needs_reason=True,
            turn=Turn.MEMBER, term=ANSWER_TIME, event="members.admission.queried",
        ),
        Transition(
            X.ANSWER, _UNDER_REVIEW, None, needs_reason=True,
            turn=Turn.OPERATOR, term=REVIEW_TIME, event="members.admission.answered",
        ),
        Transition(
            X.VERIFY, S.APPLIED, S.VERIFIED,
            turn=Turn.OPERATOR, term=REVIEW_TIME, event="members.admission.verified",
        ),
        Transition(
            X.QUALIFY, S.VERIFIED, S.QUALIFIED,
            turn=Turn.MEMBER, term=ANSWER_TIME, event="members.admission.qualified",
        ),
        Transition(
            X.ACCEPT_RULES, S.QUALIFIED, S.ACTIVE,
            turn=Turn.NOBODY, event="members.admission.activated",
        ),
        Transition(
            X.REQUALIFY, (S.ACTIVE, S.RESTRICTED), None, event="members.admission.requalified"
        ),
        # One person may act at once, since waiting may cost others; lifting it takes two.
        Transition(
            X.RESTRICT, S.ACTIVE, S.RESTRICTED, needs_reason=True,
            turn=Turn.OPERATOR, term=REVIEW_TIME, event="members.admission.restricted",
        ),
        Transition(
            X.SUSPEND, (S.ACTIVE, S.RESTRICTED), S.SUSPENDED,
            turn=Turn.NOBODY, event="members.admission.suspended",
        ),
        Transition(
            X.RESTORE, (S.RESTRICTED, S.SUSPENDED), S.ACTIVE,
            turn=Turn.NOBODY, event="members.admission.restored",
        ),
        Transition(
            X.WITHDRAW, (*_UNDER_REVIEW, S.QUALIFIED), S.EXITED, needs_reason=True,
            turn=Turn.NOBODY, event="members.admission.withdrawn",
        ),
        Transition(X.EXIT, _OPEN, S.EXITED, turn=Turn.NOBODY, event="members.admission.exited"),
        Transition(X.FOUND, NEW, S.ACTIVE, turn=Turn.NOBODY, event="members.admission.founded"),
    ),
)  # fmt: skip


class ProposalTransition(TextChoices):
    """What can happen to a proposal."""

    MAKE = "make", _("Proposed")
    APPROVE = "approve", _("Approved by a second person")
    DECLINE = "decline", _("Declined by a second person")
    WITHDRAW = "withdraw", _("Taken back by its proposer")


PROPOSAL: Lifecycle[Proposal] = Lifecycle(
    "members.proposal",
    Decision,
    title=_("Proposal that needs a second person"),
    start=Decision.OPEN,
    transitions=(
        Transition(
            ProposalTransition.MAKE, NEW, Decision.OPEN,
            event="members.proposal.made", needs_reason=True,
        ),
        # Approved: the record is that of the step which is made at once.
        Transition(ProposalTransition.APPROVE, Decision.OPEN, Decision.APPROVED),
        Transition(
            ProposalTransition.DECLINE, Decision.OPEN, Decision.DECLINED,
            event="members.proposal.declined",
        ),
        Transition(
            ProposalTransition.WITHDRAW, Decision.OPEN, Decision.WITHDRAWN,
            event="members.proposal.withdrawn",
        ),
    ),
    state_field="decision",
    live=False,
)  # fmt: skip


APPROVAL: Lifecycle[ApprovalRequest] = Lifecycle(
    "members.approval",
    Decision,
    title=_("Act that needs a second person"),
    start=Decision.OPEN,
    transitions=(
        Transition(
            ProposalTransition.MAKE, NEW, Decision.OPEN,
            event="members.approval.requested",
        ),
        Transition(
            ProposalTransition.APPROVE, Decision.OPEN, Decision.APPROVED,
            event="members.approval.approved",
        ),
        Transition(
            ProposalTransition.DECLINE, Decision.OPEN, Decision.DECLINED,
            event="members.approval.declined",
        ),
        Transition(
            ProposalTransition.WITHDRAW, Decision.OPEN, Decision.WITHDRAWN,
            event="members.approval.withdrawn",
        ),
    ),
    state_field="decision",
    live=False,
)  # fmt: skip


class DocumentKind(TextChoices):
    """What a document of an admission shows."""

    LICENCE = "licence", _("Business licence or register extract")
    LEGAL_PERSON = "legal_person", _("Identity of the legal person")
    MANDATE = "mandate", _("Mandate of the person who applies")
    QUALIFICATION = "qualification", _("Evidence of a qualification")
    OTHER = "other", _("Other")


class Check(TextChoices):
    """What verification establishes; all of them must hold."""

    CREDIT_CODE = "credit_code", _("The credit code belongs to the organisation")
    LEGAL_PERSON = "legal_person", _("The legal person is who the register names")
    MANDATE = "mandate", _("The applicant has the mandate of the legal person")


# Which document each check rests on.
EVIDENCE: Mapping[Check, DocumentKind] = {
    Check.CREDIT_CODE: DocumentKind.LICENCE,
    Check.LEGAL_PERSON: DocumentKind.LEGAL_PERSON,
    Check.MANDATE: DocumentKind.MANDATE,
}


class RequestState(TextChoices):
    """What became of a request to change an organisation's identity."""

    OPEN = "open", _("Waiting for the exchange")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn by the organisation")


class IdentityTransition(TextChoices):
    """What can happen to such a request."""

    ASK = "ask", _("Change asked for")
    APPROVE = "approve", _("Change approved")
    DECLINE = "decline", _("Change declined")
    WITHDRAW = "withdraw", _("Request taken back")


N, R = IdentityTransition, RequestState
IDENTITY: Lifecycle[IdentityRequest] = Lifecycle(
    "members.identity_request",
    RequestState,
    title=_("Change of an organisation's identity"),
    start=R.OPEN,
    live=False,
    transitions=(
        Transition(N.ASK, NEW, R.OPEN, event="members.identity.asked", needs_reason=True),
        Transition(N.APPROVE, R.OPEN, R.APPROVED, event="members.identity.approved"),
        Transition(
            N.DECLINE, R.OPEN, R.DECLINED, event="members.identity.declined", needs_reason=True
        ),
        Transition(N.WITHDRAW, R.OPEN, R.WITHDRAWN, event="members.identity.withdrawn"),
    ),
)


class Use(TextChoices):
    """Whether a person's account is out of use."""

    OUT = "out", _("Out of use")
    BACK = "back", _("In use again")


class UseTransition(TextChoices):
    """What can happen to a person's account."""

    DEACTIVATE = "deactivate", _("Taken out of use")
    RESTORE = "restore", _("Brought back into use")


# One operator acts at once, since waiting may cost others; bringing back takes two.
DEACTIVATION: Lifecycle[Deactivation] = Lifecycle(
    "members.deactivation",
    Use,
    title=_("Account of a person out of use"),
    start=Use.OUT,
    live=False,
    transitions=(
        Transition(
            UseTransition.DEACTIVATE, NEW, Use.OUT,
            event="members.person.deactivated", needs_reason=True,
        ),
        Transition(
            UseTransition.RESTORE, Use.OUT, Use.BACK,
            event="members.person.restored", needs_reason=True,
        ),
    ),
)  # fmt: skip
