"""The lifecycle of a dispute as a table, and the choices that one is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exchange.core.lifecycle import NEW, Lifecycle, Transition
from exchange.orders.lifecycle import RULING_DAYS

if TYPE_CHECKING:
    from exchange.disputes.models import Dispute

ANSWER_DAYS = "disputes.answer_days"
APPEAL_DAYS = "disputes.appeal_days"
COMPLAINT_DAYS = "disputes.complaint_days"


class DisputeKind(TextChoices):
    """What is wrong."""

    NOT_DELIVERED = "not_delivered", _("Not delivered, or not all of it")
    NOT_AS_DESCRIBED = "not_as_described", _("Not as described")
    BELOW_QUALITY = "below_quality", _("Quality below the report")
    RIGHTS_CHALLENGED = "rights_challenged", _("Somebody challenges the rights in the data")
    MISUSE = "misuse", _("The data is used against its terms")
    WRONG_PRICE = "wrong_price", _("Price or metering wrong")


class Remedy(TextChoices):
    """What the opener asks for."""

    REFUND = "refund", _("Refund in full")
    PART = "part", _("Refund of a part")
    END_ACCESS = "end_access", _("End of the access, with no refund")


class OfferKind(TextChoices):
    """How a side offers to end a dispute."""

    REFUND = "refund", _("Refund to the buyer")
    CREDIT = "credit", _("Credit to the buyer's wallet")
    REDELIVER = "redeliver", _("The seller delivers again")
    EXTEND = "extend", _("The access lasts longer")


class Outcome(TextChoices):
    """How a dispute ended."""

    RELEASED = "released", _("The seller keeps the money")
    PART_REFUNDED = "part_refunded", _("Refunded in part")
    REFUNDED = "refunded", _("Refunded in full")
    ACCESS_ENDED = "access_ended", _("The access has ended; the seller keeps the money")
    CREDITED = "credited", _("Credited to the buyer's wallet in part")
    REDELIVERED = "redelivered", _("Delivered again; the money stays held for a new inspection")
    EXTENDED = "extended", _("The access lasts longer; the seller keeps the money")


class DisputeState(TextChoices):
    """Where a dispute stands."""

    OPENED = "opened", _("Waiting for the other side's answer")
    REVIEW = "review", _("Under review by the exchange")
    ASKED = "asked", _("Waiting for an answer to the exchange")
    RULED = "ruled", _("Decided; an appeal is possible")
    APPEALED = "appealed", _("Under appeal")
    ENDED = "ended", pgettext_lazy("dispute", "Ended")


class DisputeTurn(TextChoices):
    """Who has to do the next thing."""

    CLAIMANT = "claimant", _("Who opened the dispute")
    RESPONDENT = "respondent", _("The other side")
    OPERATOR = "operator", _("The exchange")
    APPELLANT = "appellant", _("Who may appeal")
    NOBODY = "nobody", _("Nobody")


class DisputeTransition(TextChoices):
    """What can happen to a dispute. Each is one row of DISPUTE and, when done, one step."""

    OPEN = "open", _("Dispute opened; the money is held")
    ANSWER = "answer", _("Answered by the other side")
    ASK_CLAIMANT = "ask_claimant", _("The exchange asks who opened the dispute")
    ASK_RESPONDENT = "ask_respondent", _("The exchange asks the other side")
    REPLY = "reply", _("The exchange's question answered")
    WITHDRAW = "withdraw", _("Withdrawn")
    CONCEDE = "concede", _("The other side agrees to what is asked for")
    EXPIRE = "expire", _("Ended, since a side did not answer in time")
    DECIDE = "decide", _("Decided by the exchange")
    ACCEPT_RULING = "accept_ruling", _("The ruling is accepted")
    TAKE_EFFECT = "take_effect", _("The ruling is final")
    APPEAL = "appeal", _("Appealed; the money stays held")
    ANSWER_APPEAL = "answer_appeal", _("The appeal is answered")
    WITHDRAW_APPEAL = "withdraw_appeal", _("The appeal is withdrawn; the ruling is final")
    DECIDE_APPEAL = "decide_appeal", _("The appeal is decided by the exchange")
    RETURN_MONEY = "return_money", _("Ended, since all of the money went back")
    OFFER = "offer", _("A settlement is offered")
    DECLINE_OFFER = "decline_offer", _("The offer is declined")
    LAPSE_OFFER = "lapse_offer", _("The offer has lapsed")
    TAKE_OFFER = "take_offer", _("The offer is accepted")


S, X, T = DisputeState, DisputeTransition, DisputeTurn
EITHER = "side"
HEARD = (S.OPENED, S.REVIEW, S.ASKED)
RUNNING = (*HEARD, S.RULED, S.APPEALED)

DISPUTE: Lifecycle[Dispute] = Lifecycle(
    "disputes.trade_dispute",
    DisputeState,
    title=_("Dispute"),
    start=S.OPENED,
    live=False,
    transitions=(
        Transition(
            X.OPEN, NEW, S.OPENED, by=T.CLAIMANT, turn=T.RESPONDENT, term=ANSWER_DAYS,
            event="disputes.dispute.opened", needs_reason=True, notify=(T.RESPONDENT,),
        ),
        Transition(
            X.ANSWER, S.OPENED, S.REVIEW, by=T.RESPONDENT, turn=T.OPERATOR, term=RULING_DAYS,
            in_time=True, event="disputes.dispute.answered", needs_reason=True,
            notify=(T.CLAIMANT,),
        ),
        Transition(
            X.ASK_CLAIMANT, S.REVIEW, S.ASKED, by=T.OPERATOR, turn=T.CLAIMANT, term=ANSWER_DAYS,
            event="disputes.dispute.asked", needs_reason=True, notify=(T.CLAIMANT,),
        ),
        Transition(
            X.ASK_RESPONDENT, S.REVIEW, S.ASKED, by=T.OPERATOR, turn=T.RESPONDENT,
            term=ANSWER_DAYS, event="disputes.dispute.asked", needs_reason=True,
            notify=(T.RESPONDENT,),
        ),
        Transition(
            X.REPLY, S.ASKED, S.REVIEW, by=T.CLAIMANT, turn=T.OPERATOR, term=RULING_DAYS,
            in_time=True, event="disputes.dispute.replied", needs_reason=True,
        ),
        Transition(
            X.WITHDRAW, HEARD, S.ENDED, by=T.CLAIMANT, turn=T.NOBODY,
            event="disputes.dispute.withdrawn", notify=(T.RESPONDENT,),
        ),
        Transition(
            X.CONCEDE, HEARD, S.ENDED, by=T.RESPONDENT, turn=T.NOBODY,
            event="disputes.dispute.conceded", notify=(T.CLAIMANT,),
        ),
        Transition(
            X.EXPIRE, (S.OPENED, S.ASKED), S.ENDED, by="system", turn=T.NOBODY,
            event="disputes.dispute.expired", notify=(T.CLAIMANT, T.RESPONDENT),
        ),
        Transition(
            X.DECIDE, HEARD, S.RULED, by=T.OPERATOR, turn=T.APPELLANT, term=APPEAL_DAYS,
            event="disputes.dispute.decided", needs_reason=True,
            notify=(T.CLAIMANT, T.RESPONDENT),
        ),
        # Once, by a side that the ruling goes against: other operators decide, and it is final.
        Transition(
            X.ACCEPT_RULING, S.RULED, None, by=EITHER, in_time=True, event="disputes.ruling.accepted",
        ),
        Transition(
            X.TAKE_EFFECT, S.RULED, S.ENDED, by="system", turn=T.NOBODY,
            event="disputes.ruling.took_effect", notify=(T.CLAIMANT, T.RESPONDENT),
        ),
        Transition(
            X.APPEAL, S.RULED, S.APPEALED, by=EITHER, turn=T.OPERATOR, term=RULING_DAYS,
            in_time=True, event="disputes.appeal.made", needs_reason=True,
            notify=(T.CLAIMANT, T.RESPONDENT),
        ),
        Transition(
            X.ANSWER_APPEAL, S.APPEALED, None, by=EITHER, event="disputes.appeal.answered",
            needs_reason=True,
        ),
        Transition(
            X.WITHDRAW_APPEAL, S.APPEALED, S.ENDED, by=EITHER, turn=T.NOBODY,
            event="disputes.appeal.withdrawn", notify=(T.CLAIMANT, T.RESPONDENT),
        ),
        Transition(
            X.DECIDE_APPEAL, S.APPEALED, S.ENDED, by=T.OPERATOR, turn=T.NOBODY,
            event="disputes.appeal.decided", needs_reason=True,
            notify=(T.CLAIMANT, T.RESPONDENT),
        ),
        Transition(
            X.RETURN_MONEY, RUNNING, S.ENDED, by="system", turn=T.NOBODY,
            event="disputes.dispute.money_returned", notify=(T.CLAIMANT, T.RESPONDENT),
        ),
        # Either side makes an offer and the other answers it, while nobody's time has passed.
        Transition(
            X.OFFER, RUNNING, None, by=EITHER, in_time=True, event="disputes.offer.made", needs_reason=True,
            notify=(T.CLAIMANT, T.RESPONDENT),
        ),
        Transition(
            X.DECLINE_OFFER, RUNNING, None, by=EITHER, in_time=True, event="disputes.offer.declined",
            notify=(T.CLAIMANT, T.RESPONDENT),
        ),
        Transition(
            X.LAPSE_OFFER, RUNNING, None, by="system", event="disputes.offer.lapsed",
            notify=(T.CLAIMANT, T.RESPONDENT),
        ),
        Transition(
            X.TAKE_OFFER, RUNNING, S.ENDED, by=EITHER, turn=T.NOBODY,
            in_time=True, event="disputes.offer.accepted", notify=(T.CLAIMANT, T.RESPONDENT),
        ),
    ),
    when_due={S.OPENED: X.EXPIRE, S.ASKED: X.EXPIRE, S.RULED: X.TAKE_EFFECT},
)  # fmt: skip
