"""Documents that an organisation hands in with its application."""

from pathlib import PurePosixPath

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from exchange.core.ids import PublicIdField
from exchange.members.models.admissions import Admission
from exchange.members.states import DocumentKind

SIZE_BYTES_MAX = 10 * 1024 * 1024
NAME_CHARS_MAX = 120
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
}


def storage_name(sha256: str) -> str:
    """Where a file with this content lies. The same content is kept once."""
    return str(PurePosixPath("admissions") / sha256[:2] / sha256)


class AdmissionDocument(models.Model):
    """A file by the hash of its content. The name is for people only and never a path."""

    public_id = PublicIdField(prefix="doc")
    admission = models.ForeignKey(Admission, on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField(_("kind"), max_length=20, choices=DocumentKind.choices)
    name = models.CharField(_("name"), max_length=NAME_CHARS_MAX)
    media_type = models.CharField(_("type"), max_length=40)
    size_bytes = models.PositiveIntegerField(_("size"))
    sha256 = models.CharField(_("content hash"), max_length=64)
    uploaded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name=_("by"), related_name="+"
    )
    uploaded_at = models.DateTimeField(_("handed in"), default=timezone.now)

    class Meta:
        verbose_name = _("document of an admission")
        verbose_name_plural = _("documents of admissions")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["admission", "kind", "sha256"], name="admission_document_is_kept_once"
            ),
            models.CheckConstraint(
                condition=Q(size_bytes__gt=0, size_bytes__lte=SIZE_BYTES_MAX),
                name="admission_document_size_is_bounded",
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"),
                name="admission_document_hash_is_sha256",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def stored_as(self) -> str:
        return storage_name(self.sha256)
