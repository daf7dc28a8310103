"""The keys with which organisations sign."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation

PUBLIC_CHARS = 44  # 32 bytes in base64


class SigningKey(models.Model):
    """An Ed25519 key of an organisation, kept by the exchange. The seed lies sealed under the
    server's key; the public half is told to everybody. Rows are retired, never changed otherwise.
    """

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="signing_keys"
    )
    public = models.CharField(_("public key"), max_length=PUBLIC_CHARS, unique=True)
    sealed_seed = models.TextField(_("sealed seed"))
    made_at = models.DateTimeField(_("made"))
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True)

    class Meta:
        verbose_name = _("signing key")
        verbose_name_plural = _("signing keys")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"],
                condition=Q(retired_at=None),
                name="signing_key_in_use_is_one",
            ),
            models.CheckConstraint(
                condition=Q(retired_at=None) | Q(retired_at__gte=F("made_at")),
                name="signing_key_is_retired_after_it_was_made",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.public}"
