"""What the exchange tells both sides of a subscription by use: alerts, and a signed receipt each day."""

from django.db import models
from django.db.models import Q
from django.db.models.enums import TextChoices
from django.utils.translation import gettext_lazy as _

from exchange.metering.models.bills import DIGEST_CHARS, RECORD_CHARS_MAX, UsagePeriod
from exchange.metering.models.subscriptions import MeteredSubscription

ALERT_PERCENTS = (50, 80, 100)


class Limit(TextChoices):
    """Which limit of a period an alert is about."""

    HARD = "hard", _("hard cap")
    SOFT = "soft", _("soft cap")


class UsageAlert(models.Model):
    """A part of a limit that a period has reached. Each is told once."""

    period = models.ForeignKey(UsagePeriod, on_delete=models.PROTECT, related_name="alerts")
    limit = models.CharField(_("limit"), max_length=4, choices=Limit.choices)
    limit_minor = models.BigIntegerField(_("amount of the limit"))
    percent = models.PositiveSmallIntegerField(_("percent"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("alert of use")
        verbose_name_plural = _("alerts of use")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["period", "limit", "limit_minor", "percent"],
                name="usage_alert_is_told_once",
            ),
            models.CheckConstraint(
                condition=Q(limit_minor__gt=0, percent__in=ALERT_PERCENTS),
                name="usage_alert_is_of_a_known_part",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period} · {self.percent} %"


class UsageReceipt(models.Model):
    """What came in on a day (UTC, by its arrival) as one canonical document, signed by the exchange.

    The document has the SHA-256 of the day's events as NDJSON and the digest of the receipt before
    it; its own digest stands in the log. It never changes.
    """

    subscription = models.ForeignKey(
        MeteredSubscription, on_delete=models.PROTECT, related_name="receipts"
    )
    day = models.DateField(_("day"))
    document = models.BinaryField(_("document"))
    digest = models.CharField(_("digest"), max_length=DIGEST_CHARS)
    note = models.TextField(_("signed note"))
    events = models.BigIntegerField(_("events"))
    record_id = models.CharField(_("record in the log"), max_length=RECORD_CHARS_MAX)
    made_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("receipt of use")
        verbose_name_plural = _("receipts of use")
        ordering = ["-day"]
        constraints = [
            models.UniqueConstraint(fields=["subscription", "day"], name="usage_receipt_of_a_day"),
            models.CheckConstraint(condition=Q(events__gt=0), name="usage_receipt_is_of_something"),
        ]

    def __str__(self) -> str:
        return f"{self.subscription_id} · {self.day}"
