"""The periods of a subscription by use, and what each was billed."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from exchange.core.fields import CurrencyField, MinorUnitsField, MoneyOf
from exchange.core.ids import PublicIdField
from exchange.metering.models.subscriptions import ORDER_CHARS_MAX, MeteredSubscription

DIGEST_CHARS = 71
RECORD_CHARS_MAX = 40


class UsagePeriod(models.Model):
    """One period, with what was set aside in the wallet for it."""

    subscription = models.ForeignKey(
        MeteredSubscription, on_delete=models.PROTECT, related_name="periods"
    )
    number = models.PositiveIntegerField(_("number"))
    from_at = models.DateTimeField(_("from"))
    until_at = models.DateTimeField(_("until"))
    grace_until = models.DateTimeField(_("final from"))
    hard_cap_minor = models.BigIntegerField(_("hard cap"), null=True, blank=True)
    hold_id = models.UUIDField(_("hold"), null=True, blank=True)
    hold_minor = MinorUnitsField(_("set aside"), default=0)

    class Meta:
        verbose_name = _("period of use")
        verbose_name_plural = _("periods of use")
        ordering = ["subscription_id", "number"]
        indexes = [models.Index(fields=["grace_until"], name="usage_period_closing")]
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "number"], name="usage_period_is_one_row"
            ),
            models.CheckConstraint(
                condition=Q(until_at__gt=F("from_at")) & Q(grace_until__gte=F("until_at")),
                name="usage_period_ends_before_it_is_final",
            ),
            models.CheckConstraint(
                condition=Q(hold_id=None, hold_minor=0)
                | Q(hold_id__isnull=False, hold_minor__gt=0),
                name="usage_period_names_its_hold",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subscription_id} · {self.number}"


class UsageBill(models.Model):
    """The final bill of a period: a document that never changes, and the order that it became.

    What a bill is below zero is carried to the next (`carried_minor`).
    """

    public_id = PublicIdField(prefix="ubl")
    period = models.OneToOneField(UsagePeriod, on_delete=models.PROTECT, related_name="bill")
    document = models.BinaryField(_("document"))
    digest = models.CharField(_("digest"), max_length=DIGEST_CHARS)
    currency = CurrencyField(verbose_name=_("currency"))
    net_minor = MinorUnitsField(_("net amount"))
    net = MoneyOf("net_minor", "currency")
    carried_minor = MinorUnitsField(_("carried to the next bill"))
    order_ref = models.CharField(_("order"), max_length=ORDER_CHARS_MAX, blank=True)
    record_id = models.CharField(_("record in the log"), max_length=RECORD_CHARS_MAX)
    final_at = models.DateTimeField(_("final"))

    class Meta:
        verbose_name = _("bill for use")
        verbose_name_plural = _("bills for use")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(net_minor__gte=0, carried_minor__lte=0), name="usage_bill_is_no_payout"
            ),
            models.CheckConstraint(
                condition=Q(net_minor=0, order_ref="") | (Q(net_minor__gt=0) & ~Q(order_ref="")),
                name="usage_bill_became_an_order",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id
