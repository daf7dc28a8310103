"""Sealed auctions as an operator should look at them: what independent bidders would hardly do.

Nothing here acts: the figures have innocent explanations too, and a person decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from exchange.auctions.queries.contests import contests_since
from exchange.core.queries.rules import rule
from exchange.members import policy
from exchange.members.actors import Actor
from exchange.members.permissions import Permission
from pricing.mechanisms import screens
from pricing.mechanisms.screens import Clustering, Missing, Rotation

RING_DAYS = "fair.ring_days"
P_MAX = 0.01


@dataclass(frozen=True)
class Rings:
    """The screens over the sealed auctions of one organiser."""

    organiser_id: int
    contests_count: int
    missing: Missing
    clustering: Clustering
    rotations: Sequence[Rotation]

    @property
    def is_conspicuous(self) -> bool:
        """Whether a screen finds what chance would do at most once in a hundred times."""
        least = min(self.missing.p_value, self.clustering.p_value)
        return least <= P_MAX or bool(self.rotations)


def look(*, actor: Actor, now: datetime) -> list[Rings]:
    """Per organiser, the conspicuous first. Changes nothing."""
    policy.require(actor, Permission.CONSOLE_OPEN)
    since = now - timedelta(days=rule(key=RING_DAYS, at=now).as_int())
    found = [
        Rings(
            organiser_id=organiser,
            contests_count=len(contests),
            missing=screens.missing_near(contests),
            clustering=screens.clustering(contests),
            rotations=screens.rotations(contests, p_max=P_MAX),
        )
        for organiser, contests in contests_since(since).items()
    ]
    return sorted(
        found, key=lambda one: (not one.is_conspicuous, -one.contests_count, one.organiser_id)
    )
