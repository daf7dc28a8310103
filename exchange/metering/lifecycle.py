"""The lifecycle of a dispute about use as a table: a report that is held, or an objection of the buyer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from exchange.core.lifecycle import NEW, Lifecycle, Transition
from exchange.orders.lifecycle import RULING_DAYS, Turn

if TYPE_CHECKING:
    from exchange.metering.models import UsageDispute

ANSWER_DAYS = "usage.answer_days"


class DisputeKind(TextChoices):
    """How a dispute began."""

    HELD = "held", _("Report held by the exchange")
    OBJECTION = "objection", _("Objection of the buyer")


class DisputeState(TextChoices):
    """Where a dispute stands."""

    HELD = "held", _("Waiting for the buyer's word")
    OPEN = "open", _("Waiting for the exchange's decision")
    COUNTED = "counted", _("Counted as reported")
    CORRECTED = "corrected", _("Corrected")


class DisputeTransition(TextChoices):
    """What can happen to a dispute about use."""

    HOLD = "hold", _("Report held: far more than before")
    CONFIRM = "confirm", _("Confirmed by the buyer")
    REFUSE = "refuse", _("Refused by the buyer")
    OVERDUE = "overdue", _("Not answered in time")
    OBJECT = "object", _("Objected to by the buyer")
    UPHOLD = "uphold", _("Corrected by the exchange")
    REJECT = "reject", _("Found right by the exchange")


S, X, T = DisputeState, DisputeTransition, Turn
DISPUTE: Lifecycle[UsageDispute] = Lifecycle(
    "metering.dispute",
    DisputeState,
    title=_("Dispute about use"),
    start=S.HELD,
    live=False,
    transitions=(
        Transition(
            X.HOLD, NEW, S.HELD, by="system", turn=T.BUYER, term=ANSWER_DAYS,
            event="metering.dispute.held", notify=(T.BUYER, T.SELLER),
        ),
        Transition(
            X.OBJECT, NEW, S.OPEN, by="buyer", turn=T.OPERATOR, term=RULING_DAYS,
            event="metering.dispute.objected", needs_reason=True, notify=(T.SELLER,),
        ),
        Transition(
            X.CONFIRM, (S.HELD, S.OPEN), S.COUNTED, by="buyer", turn=T.NOBODY,
            event="metering.dispute.confirmed", notify=(T.SELLER,),
        ),
        Transition(
            X.REFUSE, S.HELD, S.OPEN, by="buyer", turn=T.OPERATOR, term=RULING_DAYS,
            event="metering.dispute.refused", needs_reason=True, notify=(T.SELLER,),
        ),
        Transition(
            X.OVERDUE, S.HELD, S.OPEN, by="system", turn=T.OPERATOR, term=RULING_DAYS,
            event="metering.dispute.overdue", notify=(T.BUYER, T.SELLER),
        ),
        Transition(
            X.UPHOLD, S.OPEN, S.CORRECTED, by="operator", turn=T.NOBODY,
            event="metering.dispute.upheld", needs_reason=True, notify=(T.BUYER, T.SELLER),
        ),
        Transition(
            X.REJECT, S.OPEN, S.COUNTED, by="operator", turn=T.NOBODY,
            event="metering.dispute.rejected", needs_reason=True, notify=(T.BUYER, T.SELLER),
        ),
    ),
    when_due={S.HELD: X.OVERDUE},
)  # fmt: skip

# While a dispute stands here, the bill of its period waits.
UNDECIDED: frozenset[DisputeState] = frozenset({S.HELD, S.OPEN})
