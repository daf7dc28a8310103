"""API keys: how a program acts for an organisation."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from accounts.lines import CONTROL_CHARACTERS
from accounts.models.invitations import HASH_CHARS
from accounts.models.organisations import Organisation
from accounts.models.people import User

KEY_NAME_CHARS_MAX = 80
SCOPE_CHARS_MAX = 60
SCOPES_MAX = 40
PREFIX_CHARS = 10


class ApiKey(models.Model):
    """A key with scopes and an end. The secret is shown once; its SHA-256 is what stays."""

    public_id = PublicIdField(prefix="key")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="api_keys"
    )
    name = models.CharField(_("name"), max_length=KEY_NAME_CHARS_MAX)
    prefix = models.CharField(_("prefix"), max_length=PREFIX_CHARS, unique=True, editable=False)
    secret_hash = models.CharField(max_length=HASH_CHARS, editable=False)
    scopes = ArrayField(
        models.CharField(max_length=SCOPE_CHARS_MAX), verbose_name=_("scopes"), size=SCOPES_MAX
    )
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="api_keys")
    created_at = models.DateTimeField(_("created"))
    expires_at = models.DateTimeField(_("expires"))
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        constraints = [
            models.CheckConstraint(
                condition=Q(secret_hash__regex="^[0-9a-f]{64}$"),  # noqa: S106 - a shape, no secret
                name="api_key_keeps_a_hash_only",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="api_key_expires_later"
            ),
            models.CheckConstraint(condition=Q(scopes__len__gte=1), name="api_key_has_a_scope"),
            models.CheckConstraint(
                condition=~Q(name__regex=CONTROL_CHARACTERS), name="api_key_name_is_one_line"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} (ask_{self.prefix}…)"

    def usable_at(self, now: datetime) -> bool:
        """Whether the key itself is good; its maker must be active besides."""
        return self.revoked_at is None and now < self.expires_at
