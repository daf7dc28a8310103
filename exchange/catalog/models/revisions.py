"""Revisions of a product: which tables it consisted of at a time, as their seller described them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from accounts.models import User
from exchange.catalog.lifecycle import FLAG, REVISION, FlagState, Party, RevisionState
from exchange.catalog.models.products import Product
from exchange.core import clock
from exchange.core.lifecycle import REASON_CHARS_MAX
from exchange.vault.models import DataFile, DataTable

NOTE_CHARS_MAX = 1_000
COLUMN_CHARS_MAX = 200


@REVISION.governs("product__seller")
class Revision(models.Model):
    """One state of the data. Published it never changes; revoking only stops new deliveries.

    `file` is what the draft is being made of, until its tables are there. One that the exchange has to
    look at is `submitted_at` a time and stays a draft until its change is accepted. `difference` says
    how it differs from the revision before, written when it is published. `described` is what its seller
    said of the tables of a draft whose file is read again.
    """

    public_id = PublicIdField(prefix="rvn")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField(_("number"))
    state = models.CharField(
        _("state"), max_length=10, choices=RevisionState.choices, default=RevisionState.DRAFT
    )
    note = models.CharField(_("note"), max_length=NOTE_CHARS_MAX, blank=True)
    file = models.ForeignKey(
        DataFile,
        on_delete=models.PROTECT,
        verbose_name=_("file"),
        related_name="revisions",
        null=True,
        blank=True,
    )
    created_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        verbose_name=_("by"),
        related_name="+",
        null=True,
        blank=True,
    )
    created_at = models.DateTimeField(_("begun"), default=clock.now)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    revoked_reason = models.CharField(_("why revoked"), max_length=REASON_CHARS_MAX, blank=True)
    described = models.JSONField(_("descriptions"), default=list, blank=True)
    difference = models.JSONField(_("difference to the last"), default=dict, blank=True)

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ["product_id", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["product", "number"], name="revision_number_is_unique"),
            models.UniqueConstraint(
                fields=["product"],
                condition=Q(state=RevisionState.DRAFT),
                name="revision_draft_is_one_per_product",
            ),
            models.CheckConstraint(
                condition=Q(state=RevisionState.DRAFT, published_at=None)
                | (~Q(state=RevisionState.DRAFT) & Q(published_at__isnull=False)),
                name="revision_published_knows_when",
            ),
            models.CheckConstraint(
                condition=(
                    Q(state=RevisionState.REVOKED, revoked_at__isnull=False) & ~Q(revoked_reason="")
                )
                | (~Q(state=RevisionState.REVOKED) & Q(revoked_at=None, revoked_reason="")),
                name="revision_revoked_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} · {self.number}"


class RevisionTable(models.Model):
    """A table of a revision. `document` is what the vault found out, corrected by the seller.

    `decisions` say of columns whether they are personal, with a finding or without:
    `{"lat": {"personal": false, "why": "…"}}`.
    """

    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="tables")
    table = models.ForeignKey(DataTable, on_delete=models.PROTECT, related_name="uses")
    position = models.PositiveIntegerField(_("position"))
    document = models.JSONField(_("document"))
    decisions = models.JSONField(_("answers to findings"), default=dict, blank=True)

    class Meta:
        verbose_name = _("table of a revision")
        verbose_name_plural = _("tables of revisions")
        ordering = ["revision_id", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["revision", "position"], name="revision_table_position_is_unique"
            ),
            models.UniqueConstraint(
                fields=["revision", "table"], name="revision_holds_a_table_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.revision} · {self.position}"


@FLAG.governs("product__seller")
class ColumnFlag(models.Model):
    """A column of a product that somebody holds to be personal, in all of its revisions.

    `column` is its name in the data, which stays when a seller renames it in the dictionary. `answer` is
    what the exchange said last to a seller who asked to show it. A flag
    that was lifted stays as the exchange's word on what was published until then.
    """

    public_id = PublicIdField(prefix="flg")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="flags")
    column = models.CharField(_("column"), max_length=COLUMN_CHARS_MAX)
    party = models.CharField(
        _("flagged by"),
        max_length=10,
        choices=[(Party.SELLER.value, _("The seller")), (Party.OPERATOR.value, _("The exchange"))],
    )
    state = models.CharField(
        _("state"), max_length=10, choices=FlagState.choices, default=FlagState.FLAGGED
    )
    reason = models.CharField(_("reason"), max_length=REASON_CHARS_MAX)
    lift_reason = models.CharField(_("why to show it"), max_length=REASON_CHARS_MAX, blank=True)
    answer = models.CharField(_("answer"), max_length=REASON_CHARS_MAX, blank=True)
    created_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    created_at = models.DateTimeField(_("flagged"), default=clock.now)
    lifted_at = models.DateTimeField(_("taken off"), null=True, blank=True)

    class Meta:
        verbose_name = _("personal column")
        verbose_name_plural = _("personal columns")
        ordering = ["product_id", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "column"],
                condition=~Q(state=FlagState.LIFTED),
                name="column_is_flagged_once",
            ),
            models.CheckConstraint(
                condition=Q(state=FlagState.LIFTED, lifted_at__isnull=False)
                | (~Q(state=FlagState.LIFTED) & Q(lifted_at=None)),
                name="column_flag_lifted_knows_when",
            ),
            models.CheckConstraint(
                condition=~Q(state=FlagState.LIFT_ASKED) | ~Q(lift_reason=""),
                name="column_flag_lift_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.column

    @property
    def seller_id(self) -> int:
        """Whom a step of the flag is told to."""
        return self.product.seller_id
