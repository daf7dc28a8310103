"""A person's inbox."""

from dataclasses import dataclass

from django.utils.functional import Promise

from exchange.notices.kinds import KINDS
from exchange.notices.models import MailWish, Notice

UNREAD_SHOWN_MAX = 99


@dataclass(frozen=True)
class Preference:
    """One kind, and whether it comes by mail."""

    kind: str
    label: str | Promise
    by_mail: bool


def notices_of(user_id: int, *, before: int | None = None, limit: int) -> list[Notice]:
    """The newest notices, or those before the one with this key."""
    rows = Notice.objects.filter(user_id=user_id).order_by("-id")
    return list((rows if before is None else rows.filter(pk__lt=before))[:limit])


def unread_count(user_id: int) -> int:
    """How many are unread, counted no further than the badge shows."""
    unread = Notice.objects.filter(user_id=user_id, read_at=None)
    return len(unread.order_by().values_list("pk")[: UNREAD_SHOWN_MAX + 1])


def preferences_of(user_id: int) -> list[Preference]:
    """Every kind with the person's choice, or the kind's own."""
    wishes = dict(MailWish.objects.filter(user_id=user_id).values_list("kind", "by_mail"))
    return [
        Preference(code, kind.label, wishes.get(code, kind.by_mail)) for code, kind in KINDS.items()
    ]
