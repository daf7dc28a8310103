"""Files that organisations keep, and the tables read from them."""

import unicodedata

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from accounts.models import Organisation, User
from exchange.core import clock
from exchange.vault.lifecycle import FILE, FileState
from exchange.vault.models.content import Blob

NAME_CHARS_MAX = 200
CODE_CHARS_MAX = 60
TEXT_CHARS_MAX = 500


@FILE.governs("blob")
class DataFile(models.Model):
    """A file as it came, under the name that its people gave it. The name is never a path.

    `rows_read` and `bytes_read` tell how far its reading is; once it is ready, how much there was.
    `questions` are those of its last reading, `answers` what its people said to them.
    """

    public_id = PublicIdField(prefix="fil")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="data_files"
    )
    created_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        verbose_name=_("by"),
        related_name="+",
        null=True,
        blank=True,
    )
    name = models.CharField(_("name"), max_length=NAME_CHARS_MAX)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="files")
    format = models.CharField(_("format"), max_length=40, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=FileState.choices, default=FileState.STORED
    )
    refusal_code = models.CharField(_("code"), max_length=CODE_CHARS_MAX, blank=True)
    refusal_text = models.CharField(_("reason"), max_length=TEXT_CHARS_MAX, blank=True)
    rows_read = models.BigIntegerField(_("rows read"), default=0)
    bytes_read = models.BigIntegerField(_("bytes read"), default=0)
    readings = models.PositiveIntegerField(_("readings begun"), default=0)
    questions = models.JSONField(_("questions"), default=list, blank=True)
    answers = models.JSONField(_("answers"), default=list, blank=True)
    synthetic = models.BooleanField(_("synthetic"), default=False)
    created_at = models.DateTimeField(_("stored"), default=clock.now)
    read_at = models.DateTimeField(_("read"), null=True, blank=True)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        ordering = ["-id"]
        indexes = [models.Index(fields=["organisation", "-id"], name="data_file_newest")]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "blob", "synthetic"], name="data_file_is_kept_once"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="data_file_has_a_name"),
            models.CheckConstraint(
                condition=Q(rows_read__gte=0, bytes_read__gte=0),
                name="data_file_progress_is_not_negative",
            ),
            models.CheckConstraint(
                condition=(Q(state=FileState.REFUSED) & ~Q(refusal_code="") & ~Q(refusal_text=""))
                | (~Q(state=FileState.REFUSED) & Q(refusal_code="", refusal_text="")),
                name="data_file_refusal_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[FileState.READY, FileState.REFUSED], read_at__isnull=False)
                | Q(state__in=[FileState.STORED, FileState.READING], read_at__isnull=True),
                name="data_file_is_read_when_ready_or_refused",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def open_questions(self) -> int:
        """How many questions of its reading nobody has answered."""
        return sum(not one["is_answered"] for one in self.questions)


class DataTable(models.Model):
    """A table read from a file: its rows as Parquet, and the document that describes them.

    Written once, with the file's move to ready, and never changed: where its file is read in another way,
    others come in its place.
    """

    public_id = PublicIdField(prefix="tab")
    file = models.ForeignKey(DataFile, on_delete=models.PROTECT, related_name="tables")
    position = models.PositiveIntegerField(_("position"))
    name = models.CharField(_("name"), max_length=NAME_CHARS_MAX)
    rows = models.BigIntegerField(_("rows"))
    parquet = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    sample = models.ForeignKey(
        Blob, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    document = models.JSONField(_("document"))

    class Meta:
        verbose_name = _("table")
        verbose_name_plural = _("tables")
        ordering = ["file", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["file", "position"], name="data_table_position_is_unique"
            ),
            models.CheckConstraint(
                condition=Q(rows__gte=0), name="data_table_rows_are_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.name


def clean_name(name: str) -> str:
    """A name that is safe to show and to offer: no folders, no control or direction characters."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C")
    cleaned = " ".join(shown.split()).strip(". ")
    stem, dot, ending = cleaned.rpartition(".")
    if not dot:
        return cleaned[:NAME_CHARS_MAX] or "file"
    kept = max(1, NAME_CHARS_MAX - len(ending) - 1)
    return f"{stem[:kept]}.{ending}"[:NAME_CHARS_MAX]
