"""Notices as tests read them."""

from exchange.notices.models import Notice


def told(kind: str) -> list[str]:
    """Who was told it, by name of the organisation, in order."""
    rows = Notice.objects.filter(kind=kind).order_by("pk")
    return [one.user.memberships.get().organisation.name for one in rows]
