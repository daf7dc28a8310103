"""Settlements: what became of an order's money when it was released."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from accounts.models import Organisation
from exchange.core.fields import CurrencyField, MinorUnitsField
from exchange.core.formatting import money_shown
from exchange.orders.models import Order
from exchange.payments.distribution_lifecycle import RELEASED
from exchange.payments.models.distributions import Distribution
from exchange.payments.models.payments import ACTOR_CHARS_MAX
from pricing.money import MoneyOf

HASH_CHARS = 71  # "sha256:" and 64 hexadecimal digits


class Settlement(models.Model):
    """The split of one order's money, frozen with the rates in force at the release.

    gross = tax + fee + pool, where the fee is with its own tax, and the shares sum to the pool. What was refunded afterwards stands
    beside each part, never above it. `by_month`: it clears once the distribution of its month is confirmed.
    """

    public_id = PublicIdField(prefix="stl")
    order = models.OneToOneField(
        Order, on_delete=models.PROTECT, verbose_name=_("order"), related_name="settlement"
    )
    title = models.CharField(_("title"), max_length=200, blank=True)
    buyer = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("buyer"), related_name="+"
    )
    seller = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("seller"), related_name="+"
    )
    currency = CurrencyField(verbose_name=_("currency"))
    gross_minor = MinorUnitsField(_("gross"))
    tax_minor = MinorUnitsField(_("tax"))
    fee_minor = MinorUnitsField(_("service fee"))
    fee_tax_minor = MinorUnitsField(_("of it tax on the fee"), default=0)
    pool_minor = MinorUnitsField(_("shared out"))
    tax_refunded_minor = MinorUnitsField(_("tax refunded"), default=0)
    fee_refunded_minor = MinorUnitsField(_("fee refunded"), default=0)
    fee_tax_refunded_minor = MinorUnitsField(_("tax on the fee refunded"), default=0)
    fee_rate = models.DecimalField(_("fee rate"), max_digits=9, decimal_places=6)
    rule_version = models.CharField(_("version of the fee rule"), max_length=120)
    document = models.JSONField(_("document"))
    by = models.CharField(_("by"), max_length=ACTOR_CHARS_MAX)
    settled_at = models.DateTimeField(_("settled"))
    clears_at = models.DateTimeField(_("available from"))
    cleared_at = models.DateTimeField(_("became available"), null=True, blank=True)
    disputed_at = models.DateTimeField(_("in dispute since"), null=True, blank=True)
    by_month = models.BooleanField(_("confirmed by month"), default=False)
    distribution = models.ForeignKey(
        Distribution,
        on_delete=models.PROTECT,
        verbose_name=_("distribution of the month"),
        related_name="settlements",
        null=True,
        blank=True,
    )

    gross = MoneyOf("gross_minor", "currency")
    tax = MoneyOf("tax_minor", "currency")
    fee = MoneyOf("fee_minor", "currency")
    fee_tax = MoneyOf("fee_tax_minor", "currency")
    pool = MoneyOf("pool_minor", "currency")

    class Meta:
        verbose_name = _("settlement")
        verbose_name_plural = _("settlements")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    tax_minor__gte=0,
                    fee_minor__gte=0,
                    pool_minor__gte=0,
                    gross_minor=F("tax_minor") + F("fee_minor") + F("pool_minor"),
                ),
                name="settlement_parts_sum_to_gross",
            ),
            models.CheckConstraint(
                condition=Q(
                    tax_refunded_minor__gte=0,
                    tax_refunded_minor__lte=F("tax_minor"),
                    fee_refunded_minor__gte=0,
                    fee_refunded_minor__lte=F("fee_minor"),
                ),
                name="settlement_refunds_within_parts",
            ),
            models.CheckConstraint(
                condition=Q(
                    fee_tax_minor__gte=0,
                    fee_tax_minor__lte=F("fee_minor"),
                    fee_tax_refunded_minor__gte=0,
                    fee_tax_refunded_minor__lte=F("fee_tax_minor"),
                    fee_refunded_minor__gte=F("fee_tax_refunded_minor"),
                    fee_refunded_minor__lte=F("fee_minor")
                    - F("fee_tax_minor")
                    + F("fee_tax_refunded_minor"),
                ),
                name="settlement_fee_holds_its_tax",
            ),
            models.CheckConstraint(
                condition=Q(clears_at__gte=F("settled_at")), name="settlement_clears_later"
            ),
            models.CheckConstraint(
                condition=Q(distribution=None) | Q(by_month=True),
                name="settlement_is_distributed_by_month",
            ),
        ]
        indexes = [
            models.Index(
                fields=["clears_at"],
                condition=Q(cleared_at__isnull=True),
                name="settlement_to_clear",
            ),
            models.Index(
                fields=["settled_at"],
                condition=Q(by_month=True, distribution=None),
                name="settlement_to_distribute",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} · {money_shown(self.gross)}"

    @property
    def is_confirmed(self) -> bool:
        """Whether its parties do not confirm its month, or have."""
        month = self.distribution
        return not self.by_month or (month is not None and month.state in RELEASED)


class SettlementShare(models.Model):
    """What one party gets of a settlement's pool, and what of it was given back since."""

    settlement = models.ForeignKey(Settlement, on_delete=models.PROTECT, related_name="shares")
    position = models.PositiveSmallIntegerField(_("position"))
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("party"), related_name="+"
    )
    weight = models.PositiveBigIntegerField(_("weight"))
    currency = CurrencyField(verbose_name=_("currency"))
    amount_minor = MinorUnitsField(_("share"))
    refunded_minor = MinorUnitsField(_("refunded"), default=0)

    amount = MoneyOf("amount_minor", "currency")

    class Meta:
        verbose_name = _("share of a settlement")
        verbose_name_plural = _("shares of settlements")
        ordering = ["settlement_id", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["settlement", "position"], name="share_position_is_unique"
            ),
            models.UniqueConstraint(
                fields=["settlement", "organisation"], name="share_is_one_per_party"
            ),
            models.CheckConstraint(
                condition=Q(
                    amount_minor__gte=0,
                    refunded_minor__gte=0,
                    refunded_minor__lte=F("amount_minor"),
                ),
                name="share_refunds_within_share",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} · {money_shown(self.amount)}"
