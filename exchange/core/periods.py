"""Half-open periods: from `valid_from`, up to but not including `valid_until` (None: no end)."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q


def in_force(at: datetime, *, prefix: str = "") -> Q:
    """The condition that a row's period contains the moment `at`."""
    still = Q(**{f"{prefix}valid_until__isnull": True}) | Q(**{f"{prefix}valid_until__gt": at})
    return Q(**{f"{prefix}valid_from__lte": at}) & still


def ends_after_start(name: str) -> models.CheckConstraint:
    """The constraint that a period, when it ends, ends after it begins."""
    return models.CheckConstraint(
        condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")), name=name
    )
