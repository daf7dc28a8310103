"""Invitations to act for an organisation."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from accounts.lines import CONTROL_CHARACTERS
from accounts.models.organisations import MembershipRole, Organisation
from accounts.models.people import User

HASH_CHARS = 64


class InvitationOutcome(models.TextChoices):
    """How an invitation ended. One that is open, or ran out unused, has none."""

    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    REVOKED = "revoked", _("Revoked")


class Invitation(models.Model):
    """An offer of a role to an address, good once and until it expires. Its token is not stored."""

    public_id = PublicIdField(prefix="inv")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="invitations"
    )
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=10, choices=MembershipRole.choices)
    language = models.CharField(_("language"), max_length=10, blank=True)
    token_hash = models.CharField(max_length=HASH_CHARS, unique=True, editable=False)
    invited_by = models.CharField(_("invited by"), max_length=60)
    created_at = models.DateTimeField(_("created"))
    expires_at = models.DateTimeField(_("expires"))
    outcome = models.CharField(
        _("outcome"), max_length=10, choices=InvitationOutcome.choices, blank=True, default=""
    )
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(
                "organisation",
                Lower("email"),
                condition=Q(outcome=""),
                name="invitation_is_open_once_per_address",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", closed_at__isnull=True)
                | Q(outcome__in=InvitationOutcome.values, closed_at__isnull=False),
                name="invitation_closes_with_an_outcome",
            ),
            models.CheckConstraint(
                condition=Q(outcome="accepted", accepted_by__isnull=False)
                | ~Q(outcome="accepted") & Q(accepted_by__isnull=True),
                name="invitation_accepted_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="invitation_expires_later"
            ),
            models.CheckConstraint(
                condition=~Q(email__regex=CONTROL_CHARACTERS), name="invitation_email_is_one_line"
            ),
            models.CheckConstraint(
                condition=Q(role__in=MembershipRole.values), name="invitation_role_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} → {self.organisation}"
