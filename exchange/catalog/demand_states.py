"""The lifecycle of a request for data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from exchange.core.lifecycle import NEW, Lifecycle, Transition

if TYPE_CHECKING:
    from exchange.catalog.models import Demand


class DemandState(TextChoices):
    """Whether a request still stands on the board."""

    OPEN = "open", _("Open")
    MET = "met", _("Found")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class DemandTransition(TextChoices):
    """What can happen to a request."""

    POST = "post", _("Posted")
    MEET = "meet", _("Found")
    WITHDRAW = "withdraw", _("Withdrawn")


S, T = DemandState, DemandTransition
DEMAND: Lifecycle[Demand] = Lifecycle(
    "catalog.demand",
    DemandState,
    title=_("Request for data"),
    start=S.OPEN,
    transitions=(
        Transition(T.POST, NEW, S.OPEN, event="catalog.demand.posted"),
        Transition(T.MEET, S.OPEN, S.MET, event="catalog.demand.closed"),
        Transition(T.WITHDRAW, S.OPEN, S.WITHDRAWN, event="catalog.demand.closed"),
    ),
    live=False,
)
