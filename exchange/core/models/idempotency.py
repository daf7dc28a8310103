"""Keys that make a write safe to repeat."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

SCOPE_CHARS_MAX = 200
KEY_CHARS_MAX = 200
KEY_PATTERN = r"^[!-~]{1,200}$"
FINGERPRINT_PATTERN = r"^[0-9a-f]{64}$"


class IdempotencyKey(models.Model):
    """The first answer to a write, kept under the caller's key.

    The row is written first and answered last in the transaction of the write itself: whoever can
    see it sees its answer, and a write that rolled back has left no row.
    """

    scope = models.CharField(_("scope"), max_length=SCOPE_CHARS_MAX)
    key = models.CharField(_("key"), max_length=KEY_CHARS_MAX)
    fingerprint = models.CharField(_("fingerprint"), max_length=64)
    status = models.PositiveSmallIntegerField(_("status"), null=True, blank=True)
    answer = models.JSONField(_("answer"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        constraints = [
            models.UniqueConstraint(fields=["scope", "key"], name="idempotency_key_has_one_answer"),
            models.CheckConstraint(
                condition=Q(key__regex=KEY_PATTERN), name="idempotency_key_is_printable"
            ),
            models.CheckConstraint(
                condition=Q(fingerprint__regex=FINGERPRINT_PATTERN),
                name="idempotency_fingerprint_is_sha256",
            ),
            models.CheckConstraint(
                condition=Q(status__isnull=True) | Q(status__gte=200, status__lt=600),
                name="idempotency_status_is_final",
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_key_age")]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"
