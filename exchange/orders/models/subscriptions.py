"""Subscriptions: orders that follow each other, period after period, on the same terms."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from exchange.core.ids import PublicIdField
from exchange.orders.models.orders import Order

PERIOD_CHARS_MAX = 8


class Subscription(models.Model):
    """What happens at the end of the period paid for.

    `began_at` is the start of the first period: all others are reckoned from it, so that a month
    begun on the 31st does not drift. `periods_paid` periods of length `period` are paid for, up to
    `paid_until`. With `auto_renew` an order for the next one is placed before that.
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
    auto_renew = models.BooleanField(_("renews by itself"))
    reminded_until = models.DateTimeField(_("reminded of the end at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

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
        ]

    def __str__(self) -> str:
        return f"{self.first.title} · {self.period}"
