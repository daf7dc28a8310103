"""The lifecycle of an admission, of a proposal, and the moves between standings as a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from exchange.core.lifecycle import NEW, Lifecycle, Transition
from exchange.core.moves import lifecycle

if TYPE_CHECKING:
    from exchange.members.models import Proposal


class Standing(TextChoices):
    """Where an organisation stands at the exchange."""

    APPLIED = "applied", _("Applied")
    VERIFIED = "verified", _("Verified")
    QUALIFIED = "qualified", _("Qualified")
    ACTIVE = "active", _("Active")
    RESTRICTED = "restricted", _("Restricted")
    SUSPENDED = "suspended", _("Suspended")
    EXITED = "exited", _("Exited")


class Move(TextChoices):
    """What can happen to an admission. Each is one row of MOVES and, when done, one step."""

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


@dataclass(frozen=True)
class MoveRule:
    """From where a move may be made, where it leads (None: it stays), whether two must agree,
    whose turn it is afterwards (None: as before) and for how many days."""

    sources: frozenset[Standing]
    target: Standing | None = None
    four_eyes: bool = False
    turn: Turn | None = None
    days: int | None = None


def _from(*sources: Standing) -> frozenset[Standing]:
    return frozenset(sources)


S, T = Standing, Turn
# How long the exchange, or the organisation, has for its next act. They are choices of the house,
# not law, and are shown as such.
REVIEW_DAYS = 10
ANSWER_DAYS = 15

MOVES: Mapping[Move, MoveRule] = {
    Move.APPLY: MoveRule(_from(), S.APPLIED, turn=T.OPERATOR, days=REVIEW_DAYS),
    Move.ASK: MoveRule(_from(S.APPLIED, S.VERIFIED), turn=T.MEMBER, days=ANSWER_DAYS),
    Move.ANSWER: MoveRule(_from(S.APPLIED, S.VERIFIED), turn=T.OPERATOR, days=REVIEW_DAYS),
    Move.VERIFY: MoveRule(_from(S.APPLIED), S.VERIFIED, turn=T.OPERATOR, days=REVIEW_DAYS),
    Move.QUALIFY: MoveRule(
        _from(S.VERIFIED), S.QUALIFIED, four_eyes=True, turn=T.MEMBER, days=ANSWER_DAYS
    ),
    Move.ACCEPT_RULES: MoveRule(_from(S.QUALIFIED), S.ACTIVE, turn=T.NOBODY),
    Move.REQUALIFY: MoveRule(_from(S.ACTIVE, S.RESTRICTED), four_eyes=True),
    Move.RESTRICT: MoveRule(
        _from(S.ACTIVE), S.RESTRICTED, turn=T.OPERATOR, days=REVIEW_DAYS
    ),  # one person may act at once, since waiting may cost others; lifting it takes two
    Move.SUSPEND: MoveRule(
        _from(S.ACTIVE, S.RESTRICTED), S.SUSPENDED, four_eyes=True, turn=T.NOBODY
    ),
    Move.RESTORE: MoveRule(
        _from(S.RESTRICTED, S.SUSPENDED), S.ACTIVE, four_eyes=True, turn=T.NOBODY
    ),
    Move.WITHDRAW: MoveRule(_from(S.APPLIED, S.VERIFIED, S.QUALIFIED), S.EXITED, turn=T.NOBODY),
    Move.EXIT: MoveRule(
        _from(S.APPLIED, S.VERIFIED, S.QUALIFIED, S.ACTIVE, S.RESTRICTED, S.SUSPENDED),
        S.EXITED,
        four_eyes=True,
        turn=T.NOBODY,
    ),
    Move.FOUND: MoveRule(_from(), S.ACTIVE, four_eyes=True, turn=T.NOBODY),
}

STANDING_MOVES: Mapping[Standing, frozenset[Standing]] = lifecycle(
    name="members.admission",
    title=_("Admission of an organisation"),
    start=Standing.APPLIED,
    moves={
        standing: frozenset(
            rule.target
            for rule in MOVES.values()
            if rule.target is not None and standing in rule.sources
        )
        for standing in Standing
    },
)


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

# The name under which each step is known outside: in the log, the outbox and webhooks.
EVENTS: Mapping[Move, str] = {
    Move.APPLY: "members.admission.applied",
    Move.ASK: "members.admission.queried",
    Move.ANSWER: "members.admission.answered",
    Move.VERIFY: "members.admission.verified",
    Move.QUALIFY: "members.admission.qualified",
    Move.ACCEPT_RULES: "members.admission.activated",
    Move.REQUALIFY: "members.admission.requalified",
    Move.RESTRICT: "members.admission.restricted",
    Move.SUSPEND: "members.admission.suspended",
    Move.RESTORE: "members.admission.restored",
    Move.WITHDRAW: "members.admission.withdrawn",
    Move.EXIT: "members.admission.exited",
    Move.FOUND: "members.admission.founded",
}

FOUR_EYES: frozenset[Move] = frozenset(move for move, rule in MOVES.items() if rule.four_eyes)
PROPOSABLE: frozenset[Move] = FOUR_EYES - {Move.FOUND}


def legal_steps() -> list[tuple[Move, str, Standing]]:
    """Every (move, from, to) that a step may record; `from` is empty for the first step."""
    steps: list[tuple[Move, str, Standing]] = []
    for move, rule in MOVES.items():
        if not rule.sources and rule.target is not None:
            steps.append((move, "", rule.target))
        steps.extend((move, source, rule.target or source) for source in sorted(rule.sources))
    return steps


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
