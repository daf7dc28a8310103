"""What metering keeps: subscriptions by use, events, totals by day, periods, bills, receipts."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.enums import TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from accounts.models import Organisation, User
from exchange.catalog.lifecycle import Period
from exchange.catalog.models import Offer
from exchange.core.fields import CurrencyField, MinorUnitsField
from exchange.core.lifecycle import REASON_CHARS_MAX
from exchange.metering.lifecycle import DISPUTE, DisputeKind, DisputeState
from exchange.orders.lifecycle import Turn
from exchange.orders.models import Order
from pricing.money import MoneyOf

SOURCE_CHARS_MAX = 60
EVENT_CHARS_MAX = 100
METER_CHARS_MAX = 120
QUANTITY_MAX = 10**12
DIGEST_CHARS = 71
RECORD_CHARS_MAX = 40
# A ruling's correction is an event like any other, and may be below zero.
RULING_SOURCE = "assay.ruling"
ALERT_PERCENTS = (50, 80, 100)


class MeteredSubscription(models.Model):
    """An order whose use is billed period by period.

    `plan` is the offer's, frozen with the order. All periods up to `final_no` are closed for good:
    intake reads it under a shared lock of this row, closing writes it under an exclusive one.
    The caps are net of tax and per period; reaching the hard one stops access and billing, reaching
    the soft one only tells the buyer. `hard_cap_minor` and `soft_cap_minor` are what the buyer set;
    without a hard cap of its own a period has `default_cap_minor`.
    """

    public_id = PublicIdField(prefix="mtr")
    order = models.OneToOneField(
        Order, on_delete=models.PROTECT, verbose_name=_("order"), related_name="metered"
    )
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="+")
    buyer = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("buyer"), related_name="+"
    )
    seller = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("seller"), related_name="+"
    )
    taken_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    plan = models.JSONField(_("price plan"))
    tax_percent = models.CharField(_("tax in percent"), max_length=12)
    currency = CurrencyField(verbose_name=_("currency"))
    period = models.CharField(_("period"), max_length=10, choices=Period.choices)
    hard_cap_minor = models.BigIntegerField(_("hard cap"), null=True, blank=True)
    soft_cap_minor = models.BigIntegerField(_("soft cap"), null=True, blank=True)
    default_cap_minor = models.BigIntegerField(
        _("cap unless another is set"), null=True, blank=True
    )
    receipted_until = models.DateField(_("receipts made until"), null=True, blank=True)
    final_no = models.PositiveIntegerField(_("periods closed for good"), default=0)
    began_at = models.DateTimeField(_("began"))
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)

    class Meta:
        verbose_name = _("subscription by use")
        verbose_name_plural = _("subscriptions by use")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(hard_cap_minor=None) | Q(hard_cap_minor__gt=0),
                name="metered_hard_cap_is_above_nothing",
            ),
            models.CheckConstraint(
                condition=Q(soft_cap_minor=None) | Q(soft_cap_minor__gt=0),
                name="metered_soft_cap_is_above_nothing",
            ),
            models.CheckConstraint(
                condition=Q(default_cap_minor=None) | Q(default_cap_minor__gt=0),
                name="metered_default_cap_is_above_nothing",
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("began_at")),
                name="metered_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def cap_minor(self) -> int | None:
        """The hard cap of a period that begins now."""
        return self.default_cap_minor if self.hard_cap_minor is None else self.hard_cap_minor


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
                condition=Q(quantity__range=(0, QUANTITY_MAX))
                | Q(source=RULING_SOURCE, quantity__range=(-QUANTITY_MAX, QUANTITY_MAX)),
                name="usage_event_counts_whole_units",
            ),
            models.CheckConstraint(
                condition=Q(bill_no__gte=F("period_no")) & Q(period_no__gt=0),
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

    What a bill is below zero is carried to the next (`carried_minor`); of the last one it is paid back.
    """

    public_id = PublicIdField(prefix="ubl")
    period = models.OneToOneField(UsagePeriod, on_delete=models.PROTECT, related_name="bill")
    document = models.BinaryField(_("document"))
    digest = models.CharField(_("digest"), max_length=DIGEST_CHARS)
    currency = CurrencyField(verbose_name=_("currency"))
    net_minor = MinorUnitsField(_("net amount"))
    net = MoneyOf("net_minor", "currency")
    carried_minor = MinorUnitsField(_("carried to the next bill"))
    order = models.OneToOneField(
        Order,
        on_delete=models.PROTECT,
        verbose_name=_("order"),
        related_name="usage_bill",
        null=True,
        blank=True,
    )
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
                condition=Q(net_minor=0, order=None) | Q(net_minor__gt=0, order__isnull=False),
                name="usage_bill_became_an_order",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


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


@DISPUTE.governs("subscription__buyer", "subscription__seller", "subscription__offer__product")
class UsageDispute(models.Model):
    """What a meter counted on a day (UTC) and somebody doubts: a report that is held until the buyer's
    word, or an objection to what was counted.

    `reported` is what is in doubt, `accepted` what the buyer would accept of it, `decided` what counts
    once a ruling says so. The bill of the period waits for the decision.
    """

    public_id = PublicIdField(prefix="udp")
    subscription = models.ForeignKey(
        MeteredSubscription, on_delete=models.PROTECT, related_name="disputes"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=DisputeKind.choices)
    state = models.CharField(_("state"), max_length=10, choices=DisputeState.choices)
    turn = models.CharField(_("whose turn"), max_length=10, choices=Turn.choices)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    period_no = models.PositiveIntegerField(_("period"))
    day = models.DateField(_("day"))
    meter = models.CharField(_("meter"), max_length=METER_CHARS_MAX)
    reported = models.BigIntegerField(_("reported"))
    accepted = models.BigIntegerField(_("the buyer accepts"), null=True, blank=True)
    decided = models.BigIntegerField(_("decided"), null=True, blank=True)
    reason = models.TextField(_("the buyer's reason"), blank=True, max_length=REASON_CHARS_MAX)
    ruling = models.TextField(_("the exchange's reason"), blank=True, max_length=REASON_CHARS_MAX)
    created_at = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("dispute about use")
        verbose_name_plural = _("disputes about use")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(due_at__isnull=False), name="usage_dispute_due"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "period_no", "day", "meter"],
                condition=Q(kind=DisputeKind.OBJECTION, state=DisputeState.OPEN),
                name="usage_objection_is_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(decided=None) | Q(decided__gte=0, decided__lte=F("reported")),
                name="usage_dispute_is_decided_within_the_report",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def buyer_id(self) -> int:
        return self.subscription.buyer_id

    @property
    def seller_id(self) -> int:
        return self.subscription.seller_id


class UsageHeldEvent(models.Model):
    """An event of a held report: not counted, and known, so that sending it again changes nothing."""

    dispute = models.ForeignKey(UsageDispute, on_delete=models.PROTECT, related_name="events")
    seller = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    source = models.CharField(_("source"), max_length=SOURCE_CHARS_MAX)
    event_id = models.CharField(_("id of the event"), max_length=EVENT_CHARS_MAX)
    quantity = models.BigIntegerField(_("quantity"))
    at = models.DateTimeField(_("happened"))

    class Meta:
        verbose_name = _("held usage event")
        verbose_name_plural = _("held usage events")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["seller", "source", "event_id"], name="usage_held_event_is_one_row"
            ),
            models.CheckConstraint(
                condition=Q(quantity__range=(0, QUANTITY_MAX)),
                name="usage_held_event_counts_whole_units",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}/{self.event_id}"
