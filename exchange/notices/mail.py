"""The mails that carry a notice or an invitation: outbox work, at least once, never in a use case."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import Invitation
from accounts.sealing import invitation_token
from exchange.core.actions import outbox
from exchange.core.actions.outbox import Lease
from exchange.notices import links
from exchange.notices.models import Notice
from exchange.notices.wording import line_of

TOPIC_INVITATION = "accounts.invitation.offered"


def send_notice(lease: Lease) -> bool:
    """Mail the notice of the lease in its reader's language; False when it was read meanwhile."""
    notice = (
        Notice.objects.filter(user_id=lease.payload["user"], dedupe=lease.payload["dedupe"])
        .select_related("user")
        .first()
    )
    if notice is None or notice.read_at is not None or not notice.user.is_active:
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
                "link": settings.PUBLIC_URL + links.path("invitation", token),
                "expires_at": invitation.expires_at,
            },
        )
    send_mail(subject, text, settings.DEFAULT_FROM_EMAIL, [invitation.email])
    return True


def note_sent(_lease: Lease, _was_sent: object) -> None:
    """Nothing to write down: the job is done."""
