"""Where somebody is led after signing in or confirming an address."""

from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from accounts.invitations import open_invitation
from accounts.models import Invitation, User
from accounts.sealing import invitation_token
from exchange.core import clock


class InvitedAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Leads who was invited to the invitation, from whichever browser or device they come, and writes mails
    that name this exchange and its own address.

    The link of an invitation is lost between sign-up and the confirmation of the address, which is
    often read elsewhere. The address itself says who is invited: it is confirmed when it is asked.
    """

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """With the name and the address of the exchange, whatever host the request named."""
        named = self.request.build_absolute_uri("/")
        own = {
            name: f"{settings.PUBLIC_URL}/{value.removeprefix(named)}"
            for name, value in context.items()
            if isinstance(value, str) and value.startswith(named)
        }
        site = SimpleNamespace(name="Assay", domain=urlsplit(settings.PUBLIC_URL).netloc)
        super().send_mail(template_prefix, email, {**context, **own, "current_site": site})

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """An open invitation of somebody who acts for nobody yet; otherwise as usual."""
        return _waiting_for(request) or str(super().get_login_redirect_url(request))

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        """The same, when the confirmation of the address ends the sign-up."""
        return _waiting_for(request) or str(super().get_signup_redirect_url(request))

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        """Behind the sign-in, the invitation that was sent to the address confirmed just now."""
        invitation = open_invitation(email_address.email, now=clock.now())
        if invitation is None or self.request.user.is_authenticated:
            return str(super().get_email_verification_redirect_url(email_address))
        next_page = urlencode({"next": invitation_path(invitation)})
        return f"{reverse('account_login')}?{next_page}"


def _waiting_for(request: HttpRequest) -> str:
    user = request.user
    if not isinstance(user, User) or user.memberships.exists():
        return ""
    invitation = open_invitation(user.email, now=clock.now())
    return "" if invitation is None else invitation_path(invitation)


def invitation_path(invitation: Invitation) -> str:
    """Where the invited person reads the invitation and answers it."""
    return reverse("web:invitation", args=[invitation_token(invitation.public_id)])
