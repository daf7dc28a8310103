"""The mail that carries an invitation. It runs as outbox work: at least once, never inside a flow."""

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import Invitation
from accounts.tokens import invitation_token
from exchange.core.actions.outbox import Lease


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
                "link": settings.PUBLIC_URL + reverse("web:invitation", kwargs={"token": token}),
                "expires_at": invitation.expires_at,
            },
        )
    send_mail(subject, text, settings.DEFAULT_FROM_EMAIL, [invitation.email])
    return True


def note_sent(_lease: Lease, _was_sent: object) -> None:
    """Nothing to write down: the invitation says all there is, and the job is done."""
