"""Stored content, and how much of it an organisation may keep."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation

SHA256_PATTERN = r"^[0-9a-f]{64}$"


class Blob(models.Model):
    """Bytes by the hash of their content: stored once, never changed, whoever brings them."""

    sha256 = models.CharField(_("content hash"), max_length=64, unique=True)
    size_bytes = models.BigIntegerField(_("size"))
    created_at = models.DateTimeField(_("stored"), db_default=Now())

    class Meta:
        verbose_name = _("stored content")
        verbose_name_plural = _("stored contents")
        constraints = [
            models.CheckConstraint(
                condition=Q(sha256__regex=SHA256_PATTERN), name="blob_hash_is_sha256"
            ),
            models.CheckConstraint(
                condition=Q(size_bytes__gte=0), name="blob_size_is_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.sha256


class Storage(models.Model):
    """An organisation's space. The row that everything which takes space queues on.

    What is used is never kept as a figure that could drift: it is summed from files and uploads.
    """

    organisation = models.OneToOneField(
        Organisation, on_delete=models.PROTECT, related_name="storage"
    )
    quota_bytes = models.BigIntegerField(_("own limit"), null=True, blank=True)

    class Meta:
        verbose_name = _("storage of an organisation")
        verbose_name_plural = _("storage of organisations")
        constraints = [
            models.CheckConstraint(
                condition=Q(quota_bytes=None) | Q(quota_bytes__gte=0),
                name="storage_quota_is_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return str(self.organisation)
