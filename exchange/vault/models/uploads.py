"""Uploads that arrive in pieces."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from accounts.models import Organisation, User
from exchange.core import clock
from exchange.vault.lifecycle import UPLOAD, UploadState
from exchange.vault.models.files import NAME_CHARS_MAX, DataFile


@UPLOAD.governs()
class Upload(models.Model):
    """A file on its way. While it is received its declared size is reserved from the quota.

    `received_bytes` are on disk for certain; a cut request may have left more, which is overwritten.
    """

    public_id = PublicIdField(prefix="upl")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="uploads")
    created_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        verbose_name=_("by"),
        related_name="+",
        null=True,
        blank=True,
    )
    name = models.CharField(_("name"), max_length=NAME_CHARS_MAX)
    declared_bytes = models.BigIntegerField(_("declared size"))
    received_bytes = models.BigIntegerField(_("received"), default=0)
    state = models.CharField(
        _("state"), max_length=10, choices=UploadState.choices, default=UploadState.RECEIVING
    )
    file = models.ForeignKey(
        DataFile,
        on_delete=models.SET_NULL,
        verbose_name=_("file"),
        related_name="uploads",
        null=True,
        blank=True,
    )
    created_at = models.DateTimeField(_("begun"), default=clock.now)
    expires_at = models.DateTimeField(_("expires"))

    class Meta:
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["expires_at"],
                condition=Q(state=UploadState.RECEIVING),
                name="upload_receiving",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="upload_has_a_name"),
            models.CheckConstraint(
                condition=Q(declared_bytes__gt=0), name="upload_declares_something"
            ),
            models.CheckConstraint(
                condition=Q(received_bytes__gte=0, received_bytes__lte=F("declared_bytes")),
                name="upload_receives_no_more_than_declared",
            ),
            models.CheckConstraint(
                condition=~Q(state=UploadState.STORED) | Q(received_bytes=F("declared_bytes")),
                name="upload_is_stored_when_complete",
            ),
        ]

    def __str__(self) -> str:
        return self.name
