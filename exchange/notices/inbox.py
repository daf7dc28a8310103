"""A person's inbox, what comes by mail, and the mail itself."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import Invitation, User
from accounts.sealing import invitation_token
from exchange.core import outbox
from exchange.core.outbox import Lease
from exchange.core.refusals import NotFound
from exchange.notices import notify
from exchange.notices.kinds import KINDS
from exchange.notices.models import MailPreference, Notice
from exchange.notices.notify import line_of

UNREAD_SHOWN_MAX = 99


@dataclass(frozen=True)
class Preference:
    """One kind, and whether it comes by mail."""

    kind: str
    label: str | Promise
    by_mail: bool


def notices_of(user_id: int, *, before: int | None = None, limit: int) -> list[Notice]:
    """The notices that were told last, or those that follow the one with this key in their order."""
    mine = Notice.objects.filter(user_id=user_id)
    rows = mine.order_by("-at", "-id")
    edge = None if before is None else mine.filter(pk=before).values_list("at", flat=True).first()
    if edge is not None:
        rows = rows.filter(at__lte=edge).exclude(at=edge, pk__gte=before)
    return list(rows[:limit])


def unread_count(user_id: int) -> int:
    """How many are unread, counted no further than the badge shows."""
    unread = Notice.objects.filter(user_id=user_id, read_at=None)
    return len(unread.order_by().values_list("pk")[: UNREAD_SHOWN_MAX + 1])


def preferences_of(user_id: int) -> list[Preference]:
    """Every kind with the person's choice, or the kind's own."""
    commands = dict(MailPreference.objects.filter(user_id=user_id).values_list("kind", "by_mail"))
    return [
        Preference(code, kind.label, commands.get(code, kind.by_mail))
        for code, kind in KINDS.items()
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
    User.objects.select_for_update(no_key=True).get(pk=user_id)  # two saved forms must not mix
    MailPreference.objects.filter(user_id=user_id).delete()
    MailPreference.objects.bulk_create(
        MailPreference(user_id=user_id, kind=code, by_mail=code in kinds)
        for code, kind in KINDS.items()
        if (code in kinds) != kind.by_mail
    )


TOPIC_INVITATION = "accounts.invitation.offered"


def send_notice(lease: Lease) -> bool:
    """Mail the notice of the lease in its reader's language; False when it was read meanwhile."""
    notice = (
        Notice.objects.filter(user_id=lease.payload["user"], dedupe=lease.payload["dedupe"])
        .select_related("user")
        .first()
    )
    if notice is None or notice.read_at is not None:
        return False
    kind = KINDS.get(notice.kind)
    if not notice.user.is_active and not (kind is not None and kind.is_told_to_all):
        return False
    with override(notice.user.language or settings.LANGUAGE_CODE):
        line = line_of(notice.kind, notice.facts)
        text = _("%(line)s\n\nMore: %(url)s\n\nChoose what comes by mail: %(preferences)s\n") % {
            "line": line,
            "url": settings.PUBLIC_URL + notice.url,
            "preferences": f"{settings.PUBLIC_URL}/notices/preferences/",
        }
    send_mail(" ".join(line.split()), text, settings.DEFAULT_FROM_EMAIL, [notice.user.email])
    return True


def mail_invitation(*, event: str, facts: Mapping[str, Any], **_told: object) -> None:
    """Have an invitation mailed once its offer is committed. Listens to accounts."""
    if event == TOPIC_INVITATION:
        public_id = facts["invitation"]
        outbox.emit(topic=TOPIC_INVITATION, key=public_id, payload={"invitation": public_id})


def send_invitation(lease: Lease) -> bool:
    """Mail the invitation of the lease; False when it was closed before it could be sent.

    A mail sent twice carries the same link, good once.
    """
    invitation = Invitation.objects.select_related("organisation").get(
        public_id=lease.payload["invitation"]
    )
    if invitation.outcome:
        return False
    token = invitation_token(invitation.public_id)
    with override(invitation.language or settings.LANGUAGE_CODE):
        subject = _("%(organisation)s invites you") % {"organisation": invitation.organisation}
        text = render_to_string(
            "accounts/mail/invitation.txt",
            {
                "organisation": invitation.organisation.name,
                "role": invitation.get_role_display(),
                "link": settings.PUBLIC_URL + notify.path("invitation", token),
                "expires_at": invitation.expires_at,
            },
        )
    send_mail(subject, text, settings.DEFAULT_FROM_EMAIL, [invitation.email])
    return True


def note_sent(_lease: Lease, _was_sent: object) -> None:
    """Nothing to write down: the job is done."""
