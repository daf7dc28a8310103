"""The lifecycle of a request for data."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from exchange.core.moves import lifecycle


class DemandState(TextChoices):
    """Whether a request still stands on the board."""

    OPEN = "open", _("Open")
    MET = "met", _("Found")
    WITHDRAWN = "withdrawn", _("Withdrawn")


DEMAND_MOVES = lifecycle(
    name="catalog.demand",
    title=_("Request for data"),
    start=DemandState.OPEN,
    moves={
        DemandState.OPEN: frozenset({DemandState.MET, DemandState.WITHDRAWN}),
        DemandState.MET: frozenset[DemandState](),
        DemandState.WITHDRAWN: frozenset[DemandState](),
    },
)
