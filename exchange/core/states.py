"""Lifecycles of what core itself keeps."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from exchange.core.moves import lifecycle


class OutboxState(TextChoices):
    """Where a piece of promised work stands."""

    READY = "ready", _("ready")
    LEASED = "leased", _("leased")
    DONE = "done", _("done")
    DEAD = "dead", _("dead")


OUTBOX_MOVES = lifecycle(
    name="core.outbox_job",
    title=_("Outbox job"),
    start=OutboxState.READY,
    moves={
        OutboxState.READY: frozenset({OutboxState.LEASED}),
        # To itself: another worker takes over what one that vanished had leased.
        OutboxState.LEASED: frozenset(
            {OutboxState.LEASED, OutboxState.READY, OutboxState.DONE, OutboxState.DEAD}
        ),
        OutboxState.DONE: frozenset(),
        OutboxState.DEAD: frozenset({OutboxState.READY}),
    },
)
