"""A person's inbox: what is in it, reading it, and which kinds come by mail."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.models import User
from exchange.core.refusals import NotFound
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


@transaction.atomic
def read_notice(*, user_id: int, notice_id: str, now: datetime) -> Notice:
    """Mark one notice of this person as read. Reading it again changes nothing.

    Raises NotFound for somebody else's.
    """
    notice = Notice.objects.select_for_update().filter(user_id=user_id, public_id=notice_id).first()
    if notice is None:
        raise NotFound(_("There is no such notice."))
    if notice.read_at is None:
        notice.read_at = now
        notice.save(update_fields=["read_at"])
    return notice


def read_all(*, user_id: int, now: datetime) -> int:
    """Mark everything in the inbox as read; return how much was unread."""
    return Notice.objects.filter(user_id=user_id, read_at=None).update(read_at=now)


@transaction.atomic
def choose_mail(*, user_id: int, kinds: Collection[str]) -> None:
    """From now on exactly these kinds come by mail. Names that are no kind are left out."""
    User.objects.select_for_update().get(pk=user_id)  # two saved forms must not mix
    MailWish.objects.filter(user_id=user_id).delete()
    MailWish.objects.bulk_create(
        MailWish(user_id=user_id, kind=code, by_mail=code in kinds)
        for code, kind in KINDS.items()
        if (code in kinds) != kind.by_mail
    )
