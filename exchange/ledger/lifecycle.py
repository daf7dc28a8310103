"""How the months of the books stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy

from exchange.core.lifecycle import NEW, Lifecycle, Transition

if TYPE_CHECKING:
    from exchange.ledger.models import Month


class MonthState(TextChoices):
    """Whether postings may be dated into the month."""

    OPEN = "open", pgettext_lazy("month", "Opened again")
    CLOSED = "closed", pgettext_lazy("month", "Closed")


class MonthTransition(TextChoices):
    """What can happen to a month of the books."""

    CLOSE = "close", pgettext_lazy("month", "Closed")
    REOPEN = "reopen", pgettext_lazy("month", "Opened again")


S, X = MonthState, MonthTransition
MONTH: Lifecycle[Month] = Lifecycle(
    "ledger.month",
    MonthState,
    title=pgettext_lazy("books", "Month"),
    start=S.CLOSED,
    transitions=(
        Transition(X.CLOSE, (NEW, S.OPEN), S.CLOSED, event="ledger.month.closed"),
        # Takes two people.
        Transition(X.REOPEN, S.CLOSED, S.OPEN, event="ledger.month.reopened", needs_reason=True),
    ),
    live=False,
)
