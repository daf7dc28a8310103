"""The lifecycle of promised work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from exchange.core.lifecycle import Lifecycle, Transition

if TYPE_CHECKING:
    from exchange.core.models import OutboxJob


class OutboxState(TextChoices):
    """Where a piece of promised work stands."""

    READY = "ready", _("ready")
    LEASED = "leased", _("leased")
    DONE = "done", _("done")
    DEAD = "dead", _("dead")


class OutboxTransition(TextChoices):
    """What can happen to it."""

    LEASE = "lease", _("leased by a worker")
    RENEW = "renew", _("lease renewed")
    COMPLETE = "complete", _("done")
    POSTPONE = "postpone", _("failed, to be tried again")
    BURY = "bury", _("failed in its last attempt")
    REVIVE = "revive", _("given all its attempts again")


S, T = OutboxState, OutboxTransition
OUTBOX: Lifecycle[OutboxJob] = Lifecycle(
    "core.outbox_job",
    OutboxState,
    title=_("Outbox job"),
    start=S.READY,
    transitions=(
        # From LEASED: another worker takes over what one that vanished had leased.
        Transition(T.LEASE, (S.READY, S.LEASED), S.LEASED),
        Transition(T.RENEW, S.LEASED, None),
        Transition(T.COMPLETE, S.LEASED, S.DONE),
        Transition(T.POSTPONE, S.LEASED, S.READY),
        Transition(T.BURY, S.LEASED, S.DEAD),
        Transition(T.REVIVE, S.DEAD, S.READY, event="core.outbox_job.retried"),
    ),
    live=False,
)
