"""Fees that the exchange has agreed with one seller, in the place of the schedule for all."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from accounts.models import Organisation, User
from exchange.core.fields import CurrencyField, MinorUnitsField
from exchange.core.lifecycle import REASON_CHARS_MAX
from exchange.core.periods import ends_after_start
from pricing.money import MoneyOf

RATE_PLACES = 6


class FeeAgreement(models.Model):
    """What one seller pays on orders placed from `valid_from` up to, not including, `valid_until`.

    Minimum and cap are in `currency`, hold for sales in it alone, and are zero where there is none. A row never changes but for ending
    sooner, or being withdrawn before it begins; the database sees to it.
    """

    public_id = PublicIdField(prefix="fee")
    seller = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("seller"), related_name="+"
    )
    rate = models.DecimalField(_("fee rate"), max_digits=9, decimal_places=RATE_PLACES)
    currency = CurrencyField(verbose_name=_("currency"))
    minimum_minor = MinorUnitsField(_("at least"), default=0)
    cap_minor = MinorUnitsField(_("at most"), default=0)
    valid_from = models.DateTimeField(_("in force from"))
    valid_until = models.DateTimeField(_("in force until"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=REASON_CHARS_MAX)
    proposed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name=_("proposed by"), related_name="+"
    )
    approved_by = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name=_("approved by"), related_name="+"
    )
    approved_at = models.DateTimeField(_("approved"))
    withdrawn_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        verbose_name=_("withdrawn by"),
        related_name="+",
        null=True,
        blank=True,
    )
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    minimum = MoneyOf("minimum_minor", "currency")
    cap = MoneyOf("cap_minor", "currency")

    class Meta:
        verbose_name = _("agreed fee")
        verbose_name_plural = _("agreed fees")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(rate__gte=0, rate__lte=1), name="agreed_fee_is_a_share"
            ),
            models.CheckConstraint(
                condition=Q(minimum_minor__gte=0)
                & (Q(cap_minor=0) | Q(cap_minor__gte=F("minimum_minor"))),
                name="agreed_fee_has_bounds_in_order",
            ),
            models.CheckConstraint(
                condition=Q(valid_from__gte=F("approved_at")), name="agreed_fee_is_of_no_past_day"
            ),
            models.CheckConstraint(
                condition=~Q(proposed_by=F("approved_by")), name="agreed_fee_takes_two_people"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__lt=F("valid_from"), withdrawn_by__isnull=False),
                name="agreed_fee_is_withdrawn_before_it_begins",
            ),
            ends_after_start("agreed_fee_ends_after_start"),
            # The seller's id as a range of one, as in the rules.
            ExclusionConstraint(
                name="seller_has_one_agreed_fee_at_a_time",
                condition=Q(withdrawn_at=None),
                expressions=[
                    (
                        Func(F("seller"), F("seller"), Value("[]"), function="int8range"),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func(
                            F("valid_from"),
                            F("valid_until"),
                            RangeBoundary(),
                            function="tstzrange",
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seller} · {self.public_id}"
