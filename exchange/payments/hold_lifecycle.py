"""How a hold on a seller's payouts stands, and which steps are legal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exchange.core.lifecycle import NEW, Lifecycle, Transition
from exchange.payments.lifecycle import SELLER

if TYPE_CHECKING:
    from exchange.payments.models import PayoutHold


class PayoutHoldState(TextChoices):
    """Whether the seller's payouts rest."""

    HELD = "held", pgettext_lazy("payouts", "Held")
    RELEASED = "released", pgettext_lazy("payouts", "Released")


class PayoutHoldTransition(TextChoices):
    """What can happen to a hold."""

    HOLD = "hold", pgettext_lazy("payouts", "Held")
    RELEASE = "release", pgettext_lazy("payouts", "Released")


S, X = PayoutHoldState, PayoutHoldTransition
PAYOUT_HOLD: Lifecycle[PayoutHold] = Lifecycle(
    "payments.payout_hold",
    PayoutHoldState,
    title=_("Hold on a seller's payouts"),
    start=S.HELD,
    live=False,
    transitions=(
        Transition(
            X.HOLD, NEW, S.HELD,
            event="payments.payout_hold.made", needs_reason=True, notify=(SELLER,),
        ),
        Transition(
            X.RELEASE, S.HELD, S.RELEASED,
            event="payments.payout_hold.released", needs_reason=True, notify=(SELLER,),
        ),
    ),
)  # fmt: skip
