"""How the distribution of what a product brought in a month stands, and which steps are legal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exchange.core.lifecycle import NEW, Lifecycle, Transition
from exchange.payments.lifecycle import SELLER

if TYPE_CHECKING:
    from exchange.payments.models import Distribution

CONFIRMATION_DAYS = "settlement.confirmation_days"


class DistributionState(TextChoices):
    """Where a distribution stands. No sale of it is available to anybody before it is confirmed."""

    CALCULATED = "calculated", pgettext_lazy("distribution", "Calculated")
    REVIEWED = "reviewed", pgettext_lazy("distribution", "With the parties")
    OBJECTED = "objected", pgettext_lazy("distribution", "Objected to")
    CONFIRMED = "confirmed", pgettext_lazy("distribution", "Confirmed")
    PAID = "paid", pgettext_lazy("distribution", "Available to the parties")
    POSTED = "posted", pgettext_lazy("distribution", "In closed books")


class DistributionTransition(TextChoices):
    """What can happen to a distribution."""

    CALCULATE = "calculate", pgettext_lazy("distribution", "Calculated")
    REVIEW = "review", pgettext_lazy("distribution", "Checked by the seller")
    SEND = (
        "send",
        pgettext_lazy("distribution", "Sent to the parties, the time to check it being over"),
    )
    AGREE = "agree", pgettext_lazy("distribution", "Agreed to by a party")
    OBJECT = "object", pgettext_lazy("distribution", "Objected to")
    ANSWER = "answer", pgettext_lazy("distribution", "Objections answered")
    RESUME = "resume", pgettext_lazy("distribution", "Objections taken back")
    CONFIRM = "confirm", pgettext_lazy("distribution", "Confirmed")
    UPHOLD = "uphold", pgettext_lazy("distribution", "Upheld by the exchange")
    PAY = "pay", pgettext_lazy("distribution", "Made available")
    POST = "post", pgettext_lazy("distribution", "Month of the books closed")


S, X = DistributionState, DistributionTransition
DISTRIBUTION: Lifecycle[Distribution] = Lifecycle(
    "payments.distribution",
    DistributionState,
    title=_("Distribution of a month"),
    start=S.CALCULATED,
    transitions=(
        Transition(
            X.CALCULATE, NEW, S.CALCULATED, term=CONFIRMATION_DAYS,
            event="payments.distribution.calculated", notify=(SELLER,),
        ),
        Transition(
            X.REVIEW, S.CALCULATED, S.REVIEWED, term=CONFIRMATION_DAYS,
            event="payments.distribution.reviewed",
        ),
        # A seller that says nothing keeps nobody from the money.
        Transition(
            X.SEND, S.CALCULATED, S.REVIEWED, term=CONFIRMATION_DAYS,
            event="payments.distribution.sent",
        ),
        Transition(
            X.AGREE, (S.REVIEWED, S.OBJECTED), None, in_time=True,
            event="payments.distribution.agreed",
        ),
        Transition(
            X.OBJECT, (S.REVIEWED, S.OBJECTED), S.OBJECTED, in_time=True, needs_reason=True,
            event="payments.distribution.objected", notify=(SELLER,),
        ),
        Transition(
            X.ANSWER, S.OBJECTED, S.REVIEWED, term=CONFIRMATION_DAYS, needs_reason=True,
            event="payments.distribution.answered",
        ),
        Transition(
            X.RESUME, S.OBJECTED, S.REVIEWED, term=CONFIRMATION_DAYS,
            event="payments.distribution.resumed",
        ),
        # By the last party that agrees, or once the time to object is over.
        Transition(
            X.CONFIRM, S.REVIEWED, S.CONFIRMED, event="payments.distribution.confirmed",
            notify=(SELLER,),
        ),
        Transition(
            X.UPHOLD, S.OBJECTED, S.CONFIRMED, needs_reason=True,
            event="payments.distribution.upheld", notify=(SELLER,),
        ),
        Transition(X.PAY, S.CONFIRMED, S.PAID, event="payments.distribution.paid"),
        Transition(X.POST, S.PAID, S.POSTED, event="payments.distribution.posted"),
    ),
    when_due={S.CALCULATED: X.SEND, S.REVIEWED: X.CONFIRM},
    live=False,
)  # fmt: skip
# Where its sales clear.
RELEASED = frozenset({S.CONFIRMED, S.PAID, S.POSTED})
