"""Chargebacks: payments and top-ups that the payer's bank takes back until it is decided whose the money is."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from exchange.core.fields import CurrencyField, MinorUnitsField
from exchange.core.formatting import money_shown
from exchange.payments.lifecycle import CHARGEBACK, ChargebackState
from exchange.payments.models.payments import (
    CODE_CHARS_MAX,
    PROVIDER_CHARS_MAX,
    PROVIDER_REF_CHARS_MAX,
    Payment,
)
from exchange.payments.models.wallets import CardTopUp
from pricing.money import Money, MoneyOf

EVIDENCE_CHARS_MAX = 4000


@CHARGEBACK.governs("payment__order")
class Chargeback(models.Model):
    """What the payer's bank took back of a payment, and how the sale bears it if it is lost; or of the top-up
    of a wallet, whose owner bears it.

    `covered_minor` is what was not refunded before: only that is the sale's, and it is tax, fee and shares,
    as those of a refund. `sources` names the accounts that give it, `holds` what is set aside in them. Once it
    is lost, refunds that failed give `set_off_minor` of the rest.
    """

    public_id = PublicIdField(prefix="cbk")
    payment = models.ForeignKey(
        Payment,
        on_delete=models.PROTECT,
        verbose_name=_("payment"),
        related_name="chargebacks",
        null=True,
        blank=True,
    )
    top_up = models.ForeignKey(
        CardTopUp,
        on_delete=models.PROTECT,
        verbose_name=_("top-up"),
        related_name="chargebacks",
        null=True,
        blank=True,
    )
    state = models.CharField(
        _("state"), max_length=14, choices=ChargebackState.choices, default=ChargebackState.OPENED
    )
    provider_ref = models.CharField(
        _("the provider's reference"), max_length=PROVIDER_REF_CHARS_MAX
    )
    provider = models.CharField(_("provider"), max_length=PROVIDER_CHARS_MAX)
    reason = models.CharField(_("the bank's reason"), max_length=CODE_CHARS_MAX, blank=True)
    currency = CurrencyField(verbose_name=_("currency"))
    amount_minor = MinorUnitsField(_("amount"))
    bank_fee_minor = MinorUnitsField(_("the provider's fee"), default=0)
    covered_minor = MinorUnitsField(_("of it the sale's"))
    tax_minor = MinorUnitsField(_("out of the tax"), default=0)
    fee_minor = MinorUnitsField(_("out of the service fee"), default=0)
    fee_tax_minor = MinorUnitsField(_("of it tax on the fee"), default=0)
    shares_minor = models.JSONField(_("out of each share"), default=list)
    set_off_minor = MinorUnitsField(_("of it refunds that failed"), default=0)
    sources = models.JSONField(_("accounts that give it"), default=list)
    evidence = models.TextField(_("evidence"), blank=True, max_length=EVIDENCE_CHARS_MAX)
    due_at = models.DateTimeField(_("evidence is due"), null=True, blank=True)
    opened_at = models.DateTimeField(_("opened"))
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    amount = MoneyOf("amount_minor", "currency")
    of_sale = MoneyOf("covered_minor", "currency")
    set_off = MoneyOf("set_off_minor", "currency")

    class Meta:
        verbose_name = _("chargeback")
        verbose_name_plural = _("chargebacks")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ChargebackState.values), name="chargeback_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    amount_minor__gt=0,
                    covered_minor__gte=F("tax_minor") + F("fee_minor"),
                    covered_minor__lte=F("amount_minor"),
                ),
                name="chargeback_parts_are_within_it",
            ),
            models.CheckConstraint(
                condition=Q(fee_tax_minor__gte=0, fee_tax_minor__lte=F("fee_minor")),
                name="chargeback_fee_holds_its_tax",
            ),
            models.CheckConstraint(
                condition=Q(
                    set_off_minor__gte=0,
                    amount_minor__gte=F("covered_minor") + F("set_off_minor"),
                ),
                name="chargeback_sets_off_within_it",
            ),
            models.CheckConstraint(
                condition=Q(set_off_minor=0) | Q(state=ChargebackState.LOST),
                name="chargeback_sets_off_once_lost",
            ),
            models.CheckConstraint(
                condition=Q(payment__isnull=False, top_up=None)
                | Q(payment=None, top_up__isnull=False),
                name="chargeback_is_of_one_thing",
            ),
            models.UniqueConstraint(
                fields=["provider", "provider_ref"], name="chargeback_is_kept_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} · {money_shown(self.amount)}"

    @property
    def sale(self) -> Payment:
        """The payment, of a chargeback that is not of a top-up."""
        if self.payment is None:
            raise TypeError(f"{self.public_id} is of a top-up")
        return self.payment

    @property
    def seller_id(self) -> int:
        """Whose sale it is."""
        return self.sale.order.seller_id

    @property
    def uncovered(self) -> Money:
        """What the bank took and nobody gives: refunded before, or being refunded."""
        return self.amount - self.of_sale - self.set_off

    @property
    def exchange(self) -> Money:
        """The exchange bears nothing of what the sale gives."""
        return Money(0, self.currency)
