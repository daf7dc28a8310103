"""On what conditions orders are placed and how long they last: limits, discounts, reasons for prices,
subscriptions and licence windows."""

from decimal import Decimal

from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from accounts.models import Organisation, User
from exchange.catalog.models import Product
from exchange.core.fields import CurrencyField
from exchange.core.lifecycle import REASON_CHARS_MAX
from exchange.core.models.steps import ACTOR_CHARS_MAX
from exchange.orders.lifecycle import PriceGround
from exchange.orders.models.orders import Order
from pricing.money import MoneyOf

NAME_CHARS_MAX = 60
WORDS_CHARS_MAX = 1000
PERCENT_MAX = Decimal(90)
PERIOD_CHARS_MAX = 8


class BuyingLimit(models.Model):
    """An order whose total is above the limit waits for a second person of the organisation.

    Where an organisation has a limit in any currency, one without a row counts as a limit of zero.
    A row without an amount was lifted by two people. Without any limit one person buys alone.
    """

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="buying_limits"
    )
    currency = CurrencyField(_("currency"))
    limit_minor = models.BigIntegerField(_("limit"), null=True, blank=True)
    set_by = models.CharField(_("set by"), max_length=100)
    set_at = models.DateTimeField(_("set"))

    limit = MoneyOf("limit_minor", "currency")

    class Meta:
        verbose_name = _("buying limit")
        verbose_name_plural = _("buying limits")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "currency"], name="buying_limit_is_one_per_currency"
            ),
            models.CheckConstraint(
                condition=Q(limit_minor__gte=0), name="buying_limit_is_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.currency}"


class DiscountTier(models.Model):
    """A buyer's discount in percent of the net price, with the ground on which equal buyers are
    treated differently. It holds for orders placed between `granted_at` and `ended_at`."""

    public_id = PublicIdField(prefix="dct")
    seller = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("seller"), related_name="+"
    )
    buyer = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("buyer"), related_name="+"
    )
    name = models.CharField(_("tier"), max_length=NAME_CHARS_MAX)
    percent = models.DecimalField(_("discount in percent"), max_digits=4, decimal_places=2)
    ground = models.CharField(_("ground"), max_length=20, choices=PriceGround.choices)
    words = models.TextField(_("in words"), max_length=WORDS_CHARS_MAX)
    granted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name=_("by"), related_name="+"
    )
    granted_at = models.DateTimeField(_("granted"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("discount tier")
        verbose_name_plural = _("discount tiers")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["seller", "buyer"],
                condition=Q(ended_at=None),
                name="discount_tier_is_one_per_buyer",
            ),
            models.CheckConstraint(
                condition=Q(percent__gt=0, percent__lte=PERCENT_MAX),
                name="discount_tier_is_a_discount",
            ),
            models.CheckConstraint(
                condition=~Q(seller=F("buyer")), name="discount_tier_has_two_parties"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("granted_at")),
                name="discount_tier_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.buyer} · {self.percent} %"


class PriceReason(models.Model):
    """The recorded ground for an order's price. Rows are never changed or deleted."""

    order = models.OneToOneField(
        Order, on_delete=models.PROTECT, verbose_name=_("order"), related_name="price_reason"
    )
    ground = models.CharField(_("ground"), max_length=20, choices=PriceGround.choices)
    words = models.TextField(_("in words"), max_length=REASON_CHARS_MAX)
    by = models.CharField(_("by"), max_length=ACTOR_CHARS_MAX)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("reason for a price")
        verbose_name_plural = _("reasons for prices")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ground__in=PriceGround.values), name="price_reason_ground_is_known"
            ),
            models.CheckConstraint(condition=~Q(words=""), name="price_reason_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.order} · {self.get_ground_display()}"


class Subscription(models.Model):
    """What happens at the end of the period paid for.

    `began_at` is the start of the first period: all others are reckoned from it, so that a month
    begun on the 31st does not drift. `periods_paid` periods of length `period` are paid for, up to
    `paid_until`, later by the days of `extended_days`: those that a seller gave, and those between the end of
    one period and the next where that was renewed late. With `auto_renew` the next one is ordered before that; not where
    the seller lets it end, since `declined_at`, for `declined_reason`.
    """

    public_id = PublicIdField(prefix="sub")
    first = models.OneToOneField(
        Order, on_delete=models.PROTECT, verbose_name=_("first order"), related_name="begins"
    )
    latest = models.OneToOneField(
        Order, on_delete=models.PROTECT, verbose_name=_("latest order"), related_name="continues"
    )
    period = models.CharField(_("period"), max_length=PERIOD_CHARS_MAX)
    began_at = models.DateTimeField(_("began"))
    periods_paid = models.PositiveIntegerField(_("periods paid"), default=1)
    paid_until = models.DateTimeField(_("paid until"))
    extended_days = models.PositiveIntegerField(_("extended by days"), default=0)
    auto_renew = models.BooleanField(_("renews by itself"))
    reminded_until = models.DateTimeField(_("reminded of the end at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    declined_at = models.DateTimeField(_("renewals declined"), null=True, blank=True)
    declined_reason = models.CharField(_("reason"), max_length=REASON_CHARS_MAX, blank=True)

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["paid_until"],
                condition=Q(ended_at__isnull=True),
                name="subscription_running",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(periods_paid__gte=1), name="subscription_has_a_paid_period"
            ),
            models.CheckConstraint(
                condition=Q(paid_until__gt=models.F("began_at")),
                name="subscription_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(declined_at__isnull=True, declined_reason="")
                | Q(declined_at__isnull=False, auto_renew=False) & ~Q(declined_reason=""),
                name="subscription_declined_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first.title} · {self.period}"


class LicenceWindow(models.Model):
    """The time in which an order licenses a product. No other buyer's overlaps an exclusive one.

    It is taken with the order, begins anew at the delivery, and is given free when the order ends
    without a licence. The database refuses an overlap, whoever asks: the exclusion constraint
    `licence_window_respects_exclusive_ones` stands in the migration.
    """

    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="window")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    buyer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    during = DateTimeRangeField(_("during"))
    exclusive = models.BooleanField(_("exclusive"), default=False)
    freed_at = models.DateTimeField(_("given free"), null=True, blank=True)

    class Meta:
        verbose_name = _("licence window")
        verbose_name_plural = _("licence windows")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.product} · {self.during}"
