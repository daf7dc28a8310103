"""Qualifications of organisations and roles of people, each for a period that may be open."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from exchange.core.ids import PublicIdField
from exchange.core.periods import ends_after_start
from exchange.members.models.admissions import REASON_CHARS_MAX, Admission
from exchange.members.roles import Kind, Role


class Qualification(models.Model):
    """What an organisation may be at the exchange, under one admission."""

    admission = models.ForeignKey(
        Admission, on_delete=models.PROTECT, related_name="qualifications"
    )
    kind = models.CharField(_("qualification"), max_length=20, choices=Kind.choices)
    valid_from = models.DateTimeField(_("from"))
    valid_until = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("qualification")
        verbose_name_plural = _("qualifications")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["admission", "kind"],
                condition=Q(valid_until=None),
                name="qualification_is_held_once",
            ),
            ends_after_start("qualification_ends_after_start"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class RoleGrant(models.Model):
    """A person's role in an organisation, given and perhaps taken away with a reason."""

    public_id = PublicIdField(prefix="rol")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="role_grants"
    )
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="role_grants")
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    reason = models.TextField(_("reason"), max_length=REASON_CHARS_MAX)
    granted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name=_("granted by"), related_name="+"
    )
    revoked_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        verbose_name=_("revoked by"),
        related_name="+",
        null=True,
        blank=True,
    )
    revoke_reason = models.TextField(
        _("reason of the end"), blank=True, max_length=REASON_CHARS_MAX
    )
    valid_from = models.DateTimeField(_("from"))
    valid_until = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "user", "role"],
                condition=Q(valid_until=None),
                name="role_is_held_once",
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None, revoked_by=None)
                | Q(valid_until__isnull=False, revoked_by__isnull=False),
                name="role_ends_by_somebody",
            ),
            ends_after_start("role_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"
