"""Organisations and who acts for them."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from accounts.lines import CONTROL_CHARACTERS
from accounts.models.people import NAME_CHARS_MAX, User

CREDIT_CODE_CHARS = 18
COUNTRY_CHARS = 2


class OrganisationKind(models.TextChoices):
    """What an organisation is in law; the exchange's rules for state assets look at it."""

    STATE_OWNED = "state_owned", _("State-owned enterprise")
    PRIVATE = "private", _("Private enterprise")
    INSTITUTE = "institute", _("Research institute or university")
    PUBLIC_BODY = "public_body", _("Public body")
    OTHER = "other", _("Other")


class Organisation(models.Model):
    """A legal person whose members act for it.

    The database checks the check digit of the credit code and refuses to lose the last owner
    (migration 0002).
    """

    public_id = PublicIdField(prefix="org")
    name = models.CharField(_("name"), max_length=NAME_CHARS_MAX)
    credit_code = models.CharField(
        _("unified social credit code"),
        max_length=CREDIT_CODE_CHARS,
        unique=True,
        null=True,
        blank=True,
    )
    country = models.CharField(_("country"), max_length=COUNTRY_CHARS, default="CN")
    kind = models.CharField(_("kind"), max_length=20, choices=OrganisationKind.choices)
    sme = models.BooleanField(_("small or medium-sized enterprise"), default=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    members: "models.ManyToManyField[User, Membership]" = models.ManyToManyField(
        User, through="Membership", related_name="organisations"
    )

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(name__regex=CONTROL_CHARACTERS), name="organisation_name_is_one_line"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="organisation_has_a_name"),
            models.CheckConstraint(
                condition=Q(country__regex="^[A-Z]{2}$"), name="organisation_country_is_iso"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=OrganisationKind.values), name="organisation_kind_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MembershipRole(models.TextChoices):
    """What a member may do to the organisation itself, not at the exchange."""

    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Administrator")
    MEMBER = "member", _("Member")


class Membership(models.Model):
    """A user acts for an organisation."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="memberships"
    )
    role = models.CharField(
        _("role"), max_length=10, choices=MembershipRole.choices, default=MembershipRole.MEMBER
    )
    joined_at = models.DateTimeField(_("joined"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["user", "organisation"], name="membership_is_unique"),
            models.CheckConstraint(
                condition=Q(role__in=MembershipRole.values), name="membership_role_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.organisation}"
