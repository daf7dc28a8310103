"""What follows a ruling of the exchange: a side that it goes against appeals once, or it takes effect.

The money stays held until the ruling takes effect. Each side that the ruling goes against may appeal within
its time or accept it before; once all of them have accepted, or nobody appealed, it is final. An appeal is
decided by two operators who took no part in the first ruling (`orders.rulings.check_fresh`), and that is
final. What a final ruling does to order and money is a journey (`journeys/disputes.py`).
"""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from exchange.core.lifecycle import Doer
from exchange.core.refusals import Refusal
from exchange.core.use_case import use_case
from exchange.disputes.endings import end, lock_order
from exchange.disputes.lifecycle import (
    DISPUTE,
    DisputeState,
    DisputeTransition,
    DisputeTurn,
    Outcome,
    Remedy,
)
from exchange.disputes.models import OFFER_FIELDS, Dispute
from exchange.disputes.queries import as_speaker, side_of
from exchange.members.actors import Actor
from exchange.members.permissions import Permission
from exchange.orders.lifecycle import OrderTransition
from exchange.orders.models import Ruling
from pricing.money import Money

X = DisputeTransition
ANSWERS_MAX = 5


class NotAgainstYou(Refusal):
    """A ruling is appealed or accepted by a side that it goes against."""

    code = "not_against_you"


class RulingAccepted(Refusal):
    """A side that accepted a ruling does not appeal against it."""

    code = "ruling_accepted"


class AppealNotYours(Refusal):
    """An appeal is withdrawn by the side that made it, and answered by the other."""

    code = "appeal_not_yours"


class AppealAnswered(Refusal):
    """An appeal is answered only so many times."""

    code = "appeal_answered"


def decision_of(dispute: Dispute) -> DisputeTransition:
    """What the next ruling is: the first one, or that on the appeal."""
    return X.DECIDE_APPEAL if dispute.state == DisputeState.APPEALED else X.DECIDE


def rule(dispute: Dispute, ruling: Ruling, *, actor: Doer, now: datetime) -> Dispute:
    """Have an approved ruling stand in a locked dispute over its locked order: the first may be appealed,
    that on an appeal ends the dispute."""
    name = decision_of(dispute)
    dispute.ruling = ruling
    said: dict[str, Any] = {
        "by_id": ruling.proposed_by_id,
        "approved_by_id": ruling.decided_by_id,
        "reason": ruling.reason,
        "reason_code": ruling.reason_code,
        "facts": {"ruling": ruling.public_id},
    }
    if name == X.DECIDE_APPEAL:
        return _end_as_ruled(dispute, name, actor=actor, now=now, **said)
    dispute.clear_offer()
    return DISPUTE.transition(
        dispute, name, actor=actor, save=("ruling", *OFFER_FIELDS), now=now, **said
    )


@use_case(Permission.DISPUTE_SPEAK, locks=DISPUTE, about=as_speaker)
def appeal(dispute: Dispute, *, actor: Actor, reason: str, now: datetime) -> Dispute:
    """As a side that the ruling goes against, appeal in time: the money stays held, and two other
    operators decide. Raises NotAgainstYou and RulingAccepted."""
    DISPUTE.check(dispute, X.APPEAL)
    dispute.appeal_by = _losing_side(dispute, actor)
    return DISPUTE.transition(
        dispute, X.APPEAL, actor=actor, reason=reason, facts={"side": dispute.appeal_by},
        save=("appeal_by",), now=now,
    )  # fmt: skip


@use_case(Permission.DISPUTE_SPEAK, locks=DISPUTE, about=as_speaker)
def answer(dispute: Dispute, *, actor: Actor, reason: str, now: datetime) -> Dispute:
    """As the other side of an appeal, answer it; the exchange decides when it does. Raises AppealNotYours
    and AppealAnswered."""
    DISPUTE.check(dispute, X.ANSWER_APPEAL)
    side = side_of(dispute, actor)
    if side == dispute.appeal_by:
        raise AppealNotYours(_("The other side answers your appeal."))
    if dispute.steps.filter(transition=X.ANSWER_APPEAL).count() >= ANSWERS_MAX:
        raise AppealAnswered(
            _("An appeal is answered at most %(limit)d times.") % {"limit": ANSWERS_MAX},
            limit=ANSWERS_MAX,
        )
    return DISPUTE.transition(
        dispute, X.ANSWER_APPEAL, actor=actor, reason=reason, facts={"side": side}, now=now
    )


@use_case(Permission.DISPUTE_SPEAK, locks=DISPUTE, about=as_speaker, before=lock_order)
def accept(dispute: Dispute, *, actor: Actor, now: datetime) -> Dispute:
    """As a side that the ruling goes against, accept it; it takes effect once all such sides have. Raises
    NotAgainstYou and RulingAccepted."""
    DISPUTE.check(dispute, X.ACCEPT_RULING)
    side = _losing_side(dispute, actor)
    left = set(losing_sides(dispute)) - accepted_by(dispute) - {side}
    DISPUTE.transition(dispute, X.ACCEPT_RULING, actor=actor, facts={"side": side}, now=now)
    return dispute if left else take_effect(dispute, actor=actor, now=now)


@use_case(Permission.DISPUTE_SPEAK, locks=DISPUTE, about=as_speaker, before=lock_order)
def withdraw(dispute: Dispute, *, actor: Actor, now: datetime) -> Dispute:
    """As the side that appealed, withdraw the appeal: the first ruling is final. Raises AppealNotYours."""
    DISPUTE.check(dispute, X.WITHDRAW_APPEAL)
    side = side_of(dispute, actor)
    if side != dispute.appeal_by:
        raise AppealNotYours(_("The other side made this appeal."))
    return _end_as_ruled(dispute, X.WITHDRAW_APPEAL, actor=actor, facts={"side": side}, now=now)


def take_effect(dispute: Dispute, *, actor: Doer, now: datetime) -> Dispute:
    """End a locked dispute as it was ruled, which nobody appealed against."""
    return _end_as_ruled(dispute, X.TAKE_EFFECT, actor=actor, now=now)


def standing(dispute: Dispute) -> Ruling:
    """The ruling that stands in a dispute that has one."""
    if dispute.ruling is None:
        raise ValueError("There is no ruling in this dispute.")
    return dispute.ruling


def ruled(dispute: Dispute, ruling: Ruling) -> tuple[Outcome, Money]:
    """How the dispute ends by a ruling, and how much goes back."""
    if ruling.transition == OrderTransition.REFUND:
        return Outcome.REFUNDED, dispute.order.total
    if ruling.ends_access:
        return Outcome.ACCESS_ENDED, Money(0, dispute.currency)
    if ruling.refund_minor is None:
        return Outcome.RELEASED, Money(0, dispute.currency)
    return Outcome.PART_REFUNDED, Money(ruling.refund_minor, dispute.currency)


def losing_sides(dispute: Dispute) -> tuple[DisputeTurn, ...]:
    """Whom the ruling goes against: who opened the dispute and gets less than it asked for, and the other side
    where it gives anything of that."""
    if dispute.ruling is None:
        return ()
    outcome, back = ruled(dispute, dispute.ruling)
    if dispute.remedy == Remedy.END_ACCESS:
        is_as_asked = outcome == Outcome.ACCESS_ENDED
    else:
        is_as_asked = outcome == Outcome.REFUNDED or back >= dispute.wanted
    loses = {
        DisputeTurn.CLAIMANT: not is_as_asked,
        DisputeTurn.RESPONDENT: outcome != Outcome.RELEASED,
    }
    return tuple(side for side, is_against in loses.items() if is_against)


def accepted_by(dispute: Dispute) -> set[DisputeTurn]:
    """The sides that have accepted the ruling."""
    steps = dispute.steps.filter(transition=X.ACCEPT_RULING)
    return {DisputeTurn(facts["side"]) for facts in steps.values_list("facts", flat=True)}


def may_appeal(dispute: Dispute, side: DisputeTurn) -> bool:
    """Whether a side can appeal against the ruling, or accept it, still."""
    is_open = DISPUTE.may(dispute, X.APPEAL)
    return is_open and side in losing_sides(dispute) and side not in accepted_by(dispute)


def _losing_side(dispute: Dispute, actor: Actor) -> DisputeTurn:
    side = side_of(dispute, actor)
    if side not in losing_sides(dispute):
        raise NotAgainstYou(_("The ruling gives your side what it asked for."))
    if side in accepted_by(dispute):
        raise RulingAccepted(_("Your side has accepted the ruling."))
    return side


def _end_as_ruled(
    dispute: Dispute, name: DisputeTransition, *, actor: Doer, now: datetime, **said: Any
) -> Dispute:
    outcome, back = ruled(dispute, standing(dispute))
    if outcome == Outcome.PART_REFUNDED:
        dispute.refund_minor = back.minor
    return end(dispute, name, outcome, actor=actor, now=now, save=("ruling",), **said)
