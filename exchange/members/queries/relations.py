"""Which organisations are related."""

from datetime import datetime

from django.db.models import Q, QuerySet

from exchange.members.models import RelatedParty


def related_to(organisation_id: int, *, at: datetime) -> frozenset[int]:
    """The organisations that are related to this one at `at`, whoever declared it."""
    pairs = _in_force(at).filter(Q(organisation_id=organisation_id) | Q(other_id=organisation_id))
    found = pairs.values_list("organisation_id", "other_id")
    return frozenset(one for pair in found for one in pair) - {organisation_id}


def are_related(first_id: int, second_id: int, *, at: datetime) -> bool:
    """Whether two organisations are one, or were declared to be related."""
    if first_id == second_id:
        return True
    pairs = _in_force(at).filter(
        Q(organisation_id=first_id, other_id=second_id)
        | Q(organisation_id=second_id, other_id=first_id)
    )
    return pairs.exists()


def _in_force(at: datetime) -> QuerySet[RelatedParty]:
    return RelatedParty.objects.filter(declared_at__lte=at).filter(
        Q(ended_at=None) | Q(ended_at__gt=at)
    )
