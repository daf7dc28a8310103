"""What an asset sale rests on: documents by their hash, valuations, consents, declared conflicts."""

from pathlib import PurePosixPath

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from accounts.models import User
from exchange.asset_sales.lifecycle import DocumentKind
from exchange.asset_sales.models.asset_sales import NUMBER_CHARS_MAX, AssetSale
from exchange.core.fields import MinorUnitsField
from exchange.core.lifecycle import REASON_CHARS_MAX

NAME_CHARS_MAX = 120
FIRM_CHARS_MAX = 200


def storage_name(sha256: str) -> str:
    """Where a document with this content lies. The same content is kept once."""
    return str(PurePosixPath("asset_sales") / sha256[:2] / sha256)


class Document(models.Model):
    """A file by the hash of its content. Rows are never changed or deleted."""

    public_id = PublicIdField(prefix="dpd")
    asset_sale = models.ForeignKey(AssetSale, on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField(_("kind"), max_length=10, choices=DocumentKind.choices)
    name = models.CharField(_("name"), max_length=NAME_CHARS_MAX)
    media_type = models.CharField(_("type"), max_length=40)
    size_bytes = models.PositiveIntegerField(_("size"))
    sha256 = models.CharField(_("content hash"), max_length=64)
    by = models.ForeignKey(User, on_delete=models.PROTECT, verbose_name=_("by"), related_name="+")
    at = models.DateTimeField(_("handed in"))

    class Meta:
        verbose_name = _("document of an asset sale")
        verbose_name_plural = _("documents of asset sales")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$", size_bytes__gt=0),
                name="asset_sale_document_has_a_hash",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Valuation(models.Model):
    """What the asset is worth, by an appraisal or, where none can be made, by a memo on the firms that
    were consulted. Valid up to, not including, `valid_until`. Never changed; redoing it adds one."""

    asset_sale = models.ForeignKey(AssetSale, on_delete=models.PROTECT, related_name="valuations")
    number = models.PositiveIntegerField(_("number"))
    value_minor = MinorUnitsField(_("value"))
    base_date = models.DateField(_("base date"))
    valid_until = models.DateField(_("valid until"))
    firm = models.CharField(_("firm"), max_length=FIRM_CHARS_MAX, blank=True)
    appraisers = models.JSONField(_("appraisers"), default=list)
    report_no = models.CharField(_("report number"), max_length=NUMBER_CHARS_MAX, blank=True)
    firms = models.JSONField(_("consulted firms"), default=list)
    reasons = models.TextField(_("reasons"), max_length=REASON_CHARS_MAX, blank=True)
    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("handed in"))

    class Meta:
        verbose_name = _("valuation for an asset sale")
        verbose_name_plural = _("valuations for asset sales")
        ordering = ["asset_sale_id", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["asset_sale", "number"], name="asset_sale_valuation_number_is_unique"
            ),
            models.CheckConstraint(
                condition=Q(value_minor__gt=0, valid_until__gt=F("base_date")),
                name="asset_sale_valuation_is_of_something",
            ),
            models.CheckConstraint(
                condition=(~Q(firm="") & ~Q(report_no="") & Q(firms=[]))
                | (Q(firm="", report_no="") & ~Q(firms=[]) & ~Q(reasons="")),
                name="asset_sale_valuation_is_report_or_memo",
            ),
        ]

    def __str__(self) -> str:
        return self.report_no or str(self.document)


class Consent(models.Model):
    """The approver's word that the floor of this valuation may go down to `floor_minor`."""

    valuation = models.ForeignKey(Valuation, on_delete=models.PROTECT, related_name="consents")
    floor_minor = MinorUnitsField(_("lowest floor"))
    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("handed in"))

    class Meta:
        verbose_name = _("consent to a lower floor")
        verbose_name_plural = _("consents to lower floors")
        constraints = [
            models.CheckConstraint(
                condition=Q(floor_minor__gt=0), name="asset_sale_consent_is_to_something"
            ),
        ]

    def __str__(self) -> str:
        return str(self.document)


class Conflict(models.Model):
    """A person's own word that they have a conflict of interest in the matter."""

    asset_sale = models.ForeignKey(AssetSale, on_delete=models.PROTECT, related_name="conflicts")
    user = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name=_("person"), related_name="+"
    )
    words = models.TextField(_("in words"), max_length=REASON_CHARS_MAX)
    at = models.DateTimeField(_("declared"))

    class Meta:
        verbose_name = _("declared conflict")
        verbose_name_plural = _("declared conflicts")
        constraints = [
            models.UniqueConstraint(
                fields=["asset_sale", "user"], name="asset_sale_conflict_is_declared_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)
