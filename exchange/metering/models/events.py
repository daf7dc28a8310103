"""What was used: single events, and their totals by day."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from exchange.metering.models.subscriptions import MeteredSubscription

SOURCE_CHARS_MAX = 60
EVENT_CHARS_MAX = 100
METER_CHARS_MAX = 120
QUANTITY_MAX = 10**12


class UsageEvent(models.Model):
    """One event, known by the seller, the source that counted it and the source's own id.

    `period_no` is the period in which it happened, `bill_no` the one whose bill has it: a later one
    when it came after the bill was final. Rows are written by one statement under a lock of their
    subscription, from which both keys are read: a check of each row again would double the price.
    """

    seller = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    subscription = models.ForeignKey(
        MeteredSubscription,
        on_delete=models.PROTECT,
        related_name="events",
        db_constraint=False,
        db_index=False,
    )
    source = models.CharField(_("source"), max_length=SOURCE_CHARS_MAX)
    event_id = models.CharField(_("id of the event"), max_length=EVENT_CHARS_MAX)
    meter = models.CharField(_("meter"), max_length=METER_CHARS_MAX)
    quantity = models.BigIntegerField(_("quantity"))
    at = models.DateTimeField(_("happened"))
    arrived_at = models.DateTimeField(_("arrived"))
    period_no = models.PositiveIntegerField(_("period"))
    bill_no = models.PositiveIntegerField(_("billed with period"))

    class Meta:
        verbose_name = _("usage event")
        verbose_name_plural = _("usage events")
        ordering = ["id"]
        indexes = [
            models.Index(fields=["subscription", "bill_no"], name="usage_event_of_a_bill"),
            # Rows lie in the order in which they came: receipts find a day for almost nothing.
            BrinIndex(fields=["arrived_at"], name="usage_event_of_a_day"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["seller", "source", "event_id"], name="usage_event_is_counted_once"
            ),
            models.CheckConstraint(
                condition=Q(quantity__range=(0, QUANTITY_MAX)),
                name="usage_event_counts_whole_units",
            ),
            models.CheckConstraint(
                condition=Q(bill_no__gte=models.F("period_no")) & Q(period_no__gt=0),
                name="usage_event_is_never_billed_early",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}/{self.event_id}"


class UsageDay(models.Model):
    """The total of a meter on a day (UTC): a projection of the events, written with them."""

    subscription = models.ForeignKey(
        MeteredSubscription, on_delete=models.PROTECT, related_name="days"
    )
    bill_no = models.PositiveIntegerField(_("billed with period"))
    period_no = models.PositiveIntegerField(_("period"))
    day = models.DateField(_("day"))
    meter = models.CharField(_("meter"), max_length=METER_CHARS_MAX)
    quantity = models.BigIntegerField(_("quantity"))
    events = models.BigIntegerField(_("events"))

    class Meta:
        verbose_name = _("usage of a day")
        verbose_name_plural = _("usage by day")
        ordering = ["subscription_id", "day", "meter"]
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "bill_no", "period_no", "day", "meter"],
                name="usage_day_is_one_row",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} · {self.meter}"
