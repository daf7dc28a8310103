"""How top-ups of a wallet by card and saved cards stand, and which steps are legal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exchange.core.lifecycle import NEW, Lifecycle, Transition
from exchange.payments.lifecycle import BUYER

if TYPE_CHECKING:
    from exchange.payments.models import CardTopUp, SavedCard


class CardTopUpState(TextChoices):
    """Where a top-up stands. A declined card leaves it waiting: another card may be tried."""

    WAITING = "waiting", _("Waiting for the card")
    RECEIVED = "received", pgettext_lazy("top-up", "In the wallet")
    CANCELLED = "cancelled", _("Cancelled")


class CardTopUpTransition(TextChoices):
    """What can happen to a top-up."""

    ASK = "ask", _("Asked for")
    DECLINE = "decline", _("Declined")
    RECEIVE = "receive", _("Received")
    EXPIRE = "expire", _("Expired at the provider")
    TAKE_BACK = "take_back", _("Taken back by the payer's bank")
    REGAIN = "regain", _("Given back by the payer's bank")


T, X = CardTopUpState, CardTopUpTransition
CARD_TOP_UP: Lifecycle[CardTopUp] = Lifecycle(
    "payments.card_top_up",
    CardTopUpState,
    title=_("Top-up of a wallet by card"),
    start=T.WAITING,
    transitions=(
        Transition(X.ASK, NEW, T.WAITING, event="payments.card_top_up.asked"),
        Transition(X.DECLINE, T.WAITING, None, event="payments.card_top_up.declined"),
        # Money that comes although the page had closed is the wallet's all the same.
        Transition(
            X.RECEIVE, (T.WAITING, T.CANCELLED), T.RECEIVED, event="payments.card_top_up.received"
        ),
        Transition(X.EXPIRE, T.WAITING, T.CANCELLED, event="payments.card_top_up.cancelled"),
        Transition(
            X.TAKE_BACK, T.RECEIVED, None, event="payments.card_top_up.taken_back", notify=(BUYER,)
        ),
        Transition(
            X.REGAIN, T.RECEIVED, None, event="payments.card_top_up.regained", notify=(BUYER,)
        ),
    ),
    live=False,
)


class SavedCardState(TextChoices):
    """Where a saved card stands. While it is asked for, its page is open at the provider."""

    ASKED = "asked", _("Waiting for the card")
    SAVED = "saved", pgettext_lazy("card", "Saved")
    REMOVED = "removed", pgettext_lazy("card", "Removed")
    ABANDONED = "abandoned", pgettext_lazy("card", "Not given")


class SavedCardTransition(TextChoices):
    """What can happen to a saved card."""

    ASK = "ask", _("Asked for")
    SAVE = "save", pgettext_lazy("card", "Saved")
    CHOOSE = "choose", _("Made the default")
    REMOVE = "remove", pgettext_lazy("card", "Removed")
    ABANDON = "abandon", pgettext_lazy("card", "Not given")


C, CX = SavedCardState, SavedCardTransition
SAVED_CARD: Lifecycle[SavedCard] = Lifecycle(
    "payments.saved_card",
    SavedCardState,
    title=_("Saved card"),
    start=C.ASKED,
    transitions=(
        Transition(CX.ASK, NEW, C.ASKED, event="payments.saved_card.asked"),
        Transition(CX.SAVE, C.ASKED, C.SAVED, event="payments.saved_card.saved"),
        Transition(CX.CHOOSE, C.SAVED, None, event="payments.saved_card.chosen"),
        Transition(CX.REMOVE, C.SAVED, C.REMOVED, event="payments.saved_card.removed"),
        # The page ran out without a card.
        Transition(CX.ABANDON, C.ASKED, C.ABANDONED),
    ),
    live=False,
)
