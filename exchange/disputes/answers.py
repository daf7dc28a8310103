"""What both sides say in a dispute, and what the exchange asks them."""

from datetime import datetime

from django.utils.translation import gettext as _

from exchange.core.refusals import Refusal
from exchange.core.use_case import use_case
from exchange.disputes.lifecycle import DISPUTE, DisputeTransition, DisputeTurn
from exchange.disputes.models import Dispute
from exchange.disputes.queries import as_asked, as_respondent
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission
from exchange.orders.queries import subject_of

QUESTIONS_MAX = 20
QUESTIONS = (DisputeTransition.ASK_CLAIMANT, DisputeTransition.ASK_RESPONDENT)


class AskedEnough(Refusal):
    """The exchange asks the sides of a dispute only so many questions."""

    code = "asked_enough"


def _of_order(dispute: Dispute, **_said: object) -> Subject:
    return subject_of(dispute.order)


@use_case(Permission.DISPUTE_SPEAK, locks=DISPUTE, about=as_respondent)
def answer(dispute: Dispute, *, actor: Actor, reason: str, now: datetime) -> Dispute:
    """As the side that a dispute was opened against, answer it in time: the exchange decides next."""
    dispute.answered_at = now
    return DISPUTE.transition(
        dispute,
        DisputeTransition.ANSWER,
        actor=actor,
        reason=reason,
        save=("answered_at",),
        now=now,
    )


@use_case(Permission.ORDER_MODERATE, locks=DISPUTE, about=_of_order)
def ask(dispute: Dispute, *, actor: Actor, whom: str, reason: str, now: datetime) -> Dispute:
    """As an operator, ask one side a question, which it has the time of an answer for. Raises
    AskedEnough."""
    if dispute.steps.filter(transition__in=QUESTIONS).count() >= QUESTIONS_MAX:
        raise AskedEnough(
            _("At most %(limit)d questions are asked in a dispute; decide it now.")
            % {"limit": QUESTIONS_MAX},
            limit=QUESTIONS_MAX,
        )
    asks_claimant = whom == DisputeTurn.CLAIMANT
    name = DisputeTransition.ASK_CLAIMANT if asks_claimant else DisputeTransition.ASK_RESPONDENT
    return DISPUTE.transition(dispute, name, actor=actor, reason=reason, now=now)


@use_case(Permission.DISPUTE_SPEAK, locks=DISPUTE, about=as_asked)
def reply(dispute: Dispute, *, actor: Actor, reason: str, now: datetime) -> Dispute:
    """As the side that the exchange asked, answer it in time."""
    return DISPUTE.transition(dispute, DisputeTransition.REPLY, actor=actor, reason=reason, now=now)
