"""What a signed contract lets its buyer do, as limits that a delivery can ask for."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from exchange.catalog.models import Product
from exchange.contracts.models.contracts import Contract
from exchange.core.ids import PublicIdField

PURPOSE_CHARS_MAX = 500
CODE_CHARS_MAX = 100


class Permit(models.Model):
    """A grant of use: which acts, how often, until when, what for, where. Empty or None: no limit."""

    public_id = PublicIdField(prefix="pmt")
    contract = models.OneToOneField(Contract, on_delete=models.PROTECT, related_name="permit")
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, verbose_name=_("product"), related_name="permits"
    )
    holder = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("holder"), related_name="permits"
    )
    actions = ArrayField(models.CharField(max_length=40), verbose_name=_("may"), default=list)
    forbidden = ArrayField(models.CharField(max_length=40), verbose_name=_("may not"), default=list)
    uses_max = models.PositiveIntegerField(_("number of uses"), null=True, blank=True)
    used = models.PositiveIntegerField(_("uses so far"), default=0)
    purpose = models.CharField(_("purpose"), max_length=PURPOSE_CHARS_MAX, blank=True)
    environment = models.CharField(_("environment"), max_length=20, blank=True)
    territory = models.CharField(_("territory"), max_length=CODE_CHARS_MAX, blank=True)
    valid_from = models.DateTimeField(_("valid from"))
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)

    class Meta:
        verbose_name = _("permit")
        verbose_name_plural = _("permits")
        ordering = ["id"]
        indexes = [
            models.Index(fields=["holder", "product"], name="permit_of_holder"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")),
                name="permit_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(uses_max=None) | Q(uses_max__gt=0), name="permit_counts_from_one"
            ),
            models.CheckConstraint(
                condition=Q(uses_max=None) | Q(used__lte=F("uses_max")),
                name="permit_is_not_used_up_twice",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holder} · {self.product}"
