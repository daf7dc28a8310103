"""What a product brought in a month, as its parties confirm it before it is available."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from accounts.models import Organisation, User
from exchange.catalog.models import Product
from exchange.core.fields import CurrencyField, MinorUnitsField
from exchange.core.lifecycle import REASON_CHARS_MAX
from exchange.payments.distribution_lifecycle import DISTRIBUTION, DistributionState
from pricing.money import Money, MoneyOf


@DISTRIBUTION.governs("product__seller")
class Distribution(models.Model):
    """The sales of a product that were settled in a month, or before it and in no distribution yet, in one
    currency. `amount` is what they share out less what was given back until it was calculated, and is the sum of
    the parts. `answer` is what the seller, or the exchange, said to the objections last."""

    public_id = PublicIdField(prefix="dst")
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, verbose_name=_("product"), related_name="distributions"
    )
    first_day = models.DateField(_("first day of the month"))
    currency = CurrencyField(verbose_name=_("currency"))
    amount_minor = MinorUnitsField(_("shared out"))
    sales_count = models.PositiveIntegerField(_("sales"))
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=DistributionState.choices,
        default=DistributionState.CALCULATED,
    )
    due_at = models.DateTimeField(_("until"), null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=REASON_CHARS_MAX, blank=True)
    calculated_at = models.DateTimeField(_("calculated"))
    paid_at = models.DateTimeField(_("available since"), null=True, blank=True)

    amount = MoneyOf("amount_minor", "currency")

    class Meta:
        verbose_name = _("distribution of a month")
        verbose_name_plural = _("distributions of months")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "first_day", "currency"], name="distribution_is_one_a_month"
            ),
            models.CheckConstraint(
                condition=Q(first_day__day=1), name="distribution_is_of_a_month"
            ),
            models.CheckConstraint(
                condition=Q(sales_count__gt=0, amount_minor__gte=0),
                name="distribution_has_sales",
            ),
            models.CheckConstraint(
                condition=Q(paid_at__isnull=False, state__in=["paid", "posted"])
                | (Q(paid_at=None) & ~Q(state__in=["paid", "posted"])),
                name="distribution_paid_knows_when",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(due_at__isnull=False),
                name="distribution_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.public_id} · {self.first_day:%Y-%m}"

    @property
    def seller_id(self) -> int:
        """Whom a step of it is told to."""
        return self.product.seller_id


class DistributionParty(models.Model):
    """What a party gets of a distribution. `correction` is what the seller gives it of its own part after an
    objection. The seller's row has no answer and no correction: it is short of the others'."""

    distribution = models.ForeignKey(Distribution, on_delete=models.PROTECT, related_name="parties")
    position = models.PositiveSmallIntegerField(_("position"))
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("party"), related_name="+"
    )
    currency = CurrencyField(verbose_name=_("currency"))
    amount_minor = MinorUnitsField(_("share"))
    correction_minor = MinorUnitsField(_("correction"), default=0)
    agreed_at = models.DateTimeField(_("agreed"), null=True, blank=True)
    agreed_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        verbose_name=_("agreed by"),
        related_name="+",
        null=True,
        blank=True,
    )
    objection = models.CharField(_("objection"), max_length=REASON_CHARS_MAX, blank=True)

    amount = MoneyOf("amount_minor", "currency")
    correction = MoneyOf("correction_minor", "currency")

    class Meta:
        verbose_name = _("party of a distribution")
        verbose_name_plural = _("parties of distributions")
        ordering = ["distribution_id", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["distribution", "position"], name="distribution_position_is_unique"
            ),
            models.UniqueConstraint(
                fields=["distribution", "organisation"], name="distribution_names_a_party_once"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gte=0, correction_minor__gte=0),
                name="distribution_part_is_an_amount",
            ),
            models.CheckConstraint(
                condition=Q(agreed_at=None, agreed_by=None)
                | Q(agreed_at__isnull=False, agreed_by__isnull=False, objection=""),
                name="distribution_party_agrees_or_objects",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.amount}"

    @property
    def whole(self) -> Money:
        """With its correction."""
        return self.amount + self.correction
