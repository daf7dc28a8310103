"""The mail that carries a notice: outbox work, at least once."""

from django.conf import settings
from django.core.mail import send_mail
from django.utils.translation import gettext as _
from django.utils.translation import override

from exchange.core.actions.outbox import Lease
from exchange.notices.models import Notice
from exchange.notices.wording import line_of


def send(lease: Lease) -> bool:
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


def note_sent(_lease: Lease, _was_sent: object) -> None:
    """Nothing to write down: the job is done."""
