"""What people do with their inbox."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from exchange.core.refusals import NotFound
from exchange.notices.kinds import KINDS
from exchange.notices.models import MailWish, Notice


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
