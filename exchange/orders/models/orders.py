"""Orders and what is written about one: its steps, messages, rulings, its certificate and review."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from accounts.models import Organisation, User
from exchange.catalog.models import Offer, Product
from exchange.contracts.models import Contract
from exchange.core.fields import CurrencyField, MinorUnitsField
from exchange.core.lifecycle import REASON_CHARS_MAX
from exchange.core.models.steps import CODE_CHARS_MAX, Step, step_constraints
from exchange.core.titles import title_of
from exchange.orders.lifecycle import (
    ORDER,
    RULING,
    Decision,
    OrderState,
    OrderTransition,
    PaymentMethod,
    RulingReason,
    Turn,
)
from pricing.money import Money, MoneyOf

HASH_CHARS = 71  # "sha256:" and 64 hexadecimal digits
NUMBER_CHARS_MAX = 60
CERTIFICATE_NUMBER_CHARS_MAX = 20
RECORD_CHARS_MAX = 40
TEXT_CHARS_MAX = 4000
MESSAGES_MAX = 500
STARS_MAX = 5
RULINGS = [OrderTransition.RELEASE, OrderTransition.REFUND]


@ORDER.governs("buyer", "seller")
class Order(models.Model):
    """One purchase: who buys what from whom, on which frozen terms, and where it stands.

    `contract` is the one that both parties have signed, where the order performs or calls off one.
    Parties, terms and amounts never change once written; `state` and `steps_count` follow the newest
    step. The database refuses anything else. `version` grows with every step and message.
    """

    DEADLINE_COLUMNS = ("due_at", "inspection_ends_at")

    public_id = PublicIdField(prefix="ord")
    buyer = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("buyer"), related_name="purchases"
    )
    seller = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("seller"), related_name="sales"
    )
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, verbose_name=_("product"), related_name="orders"
    )
    offer = models.ForeignKey(
        Offer, on_delete=models.PROTECT, verbose_name=_("offer"), related_name="orders"
    )
    contract = models.ForeignKey(
        Contract,
        on_delete=models.PROTECT,
        verbose_name=_("contract"),
        related_name="orders",
        null=True,
        blank=True,
    )
    placed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name=_("placed by"), related_name="+"
    )
    needs_second = models.BooleanField(_("needs a second person"), default=False)
    confirmed_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        verbose_name=_("confirmed by"),
        related_name="+",
        null=True,
        blank=True,
    )
    state = models.CharField(
        _("state"), max_length=20, choices=OrderState.choices, default=ORDER.start
    )
    turn = models.CharField(_("whose turn"), max_length=10, choices=Turn.choices)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    steps_count = models.PositiveIntegerField(_("steps"), default=0)
    version = models.PositiveIntegerField(_("version"), default=0)
    title = models.CharField(_("title"), max_length=200)
    title_zh = models.CharField(_("Chinese title"), max_length=200, blank=True)
    terms = models.JSONField(_("terms"))
    terms_hash = models.CharField(_("hash of the terms"), max_length=HASH_CHARS)
    currency = CurrencyField(_("currency"))
    net_minor = MinorUnitsField(_("net"))
    tax_minor = MinorUnitsField(_("tax"))
    total_minor = MinorUnitsField(_("total"))
    payment_method = models.CharField(
        _("payment method"), max_length=15, choices=PaymentMethod.choices
    )
    po_number = models.CharField(_("buyer's PO number"), max_length=NUMBER_CHARS_MAX, blank=True)
    inspection_ends_at = models.DateTimeField(_("inspection ends"), null=True, blank=True)
    renews = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        verbose_name=_("renews"),
        related_name="renewals",
        null=True,
        blank=True,
    )
    auto_renew = models.BooleanField(_("renews by itself"), default=False)
    period_from = models.DateTimeField(_("period from"), null=True, blank=True)
    period_until = models.DateTimeField(_("period until"), null=True, blank=True)
    created_at = models.DateTimeField(_("placed"))
    changed_at = models.DateTimeField(_("last change"))

    net = MoneyOf("net_minor", "currency")
    tax = MoneyOf("tax_minor", "currency")
    total = MoneyOf("total_minor", "currency")

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["buyer", "-id"], name="order_of_buyer"),
            models.Index(fields=["seller", "-id"], name="order_of_seller"),
            models.Index(fields=["state", "due_at"], name="order_due"),
            models.Index(fields=["created_at"], name="order_by_time"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=OrderState.values), name="order_state_is_known"
            ),
            models.CheckConstraint(condition=~Q(buyer=F("seller")), name="order_has_two_parties"),
            models.CheckConstraint(
                condition=Q(
                    net_minor__gte=0, tax_minor__gte=0, total_minor=F("net_minor") + F("tax_minor")
                ),
                name="order_total_is_net_and_tax",
            ),
            models.CheckConstraint(
                condition=Q(total_minor=0, payment_method=PaymentMethod.NONE)
                | (Q(total_minor__gt=0) & ~Q(payment_method=PaymentMethod.NONE)),
                name="order_without_price_needs_no_payment",
            ),
            models.CheckConstraint(
                condition=Q(needs_second=False)
                | Q(state__in=[OrderState.CREATED, OrderState.CANCELLED])
                | (Q(confirmed_by__isnull=False) & ~Q(confirmed_by=F("placed_by"))),
                name="order_above_the_limit_has_a_second_person",
            ),
            models.CheckConstraint(
                condition=Q(period_from__isnull=True, period_until__isnull=True)
                | Q(period_until__gt=F("period_from")),
                name="order_period_ends_after_start",
            ),
            models.CheckConstraint(
                condition=~Q(state=OrderState.DELIVERED) | Q(inspection_ends_at__isnull=False),
                name="order_under_inspection_knows_its_end",
            ),
            models.UniqueConstraint(
                fields=["renews"],
                condition=Q(renews__isnull=False) & ~Q(state=OrderState.CANCELLED),
                name="order_is_renewed_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} · {title_of(self)}"


@ORDER.keeps_steps("order")
class OrderStep(Step):
    """What happened to an order, by whom and why. Rows are never changed or deleted."""

    lifecycle = ORDER

    public_id = PublicIdField(prefix="ost")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="steps")

    class Meta:
        verbose_name = _("order step")
        verbose_name_plural = _("order steps")
        ordering = ["order_id", "number"]
        constraints = step_constraints(ORDER, "order")


class OrderMessage(models.Model):
    """One message; read by buyer, seller and the exchange. Rows are never changed or deleted."""

    public_id = PublicIdField(prefix="msg")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="messages")
    by = models.ForeignKey(User, on_delete=models.PROTECT, verbose_name=_("by"), related_name="+")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("for"), related_name="+"
    )
    text = models.TextField(_("message"), max_length=TEXT_CHARS_MAX)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="order_message_says_something")
        ]

    def __str__(self) -> str:
        return self.text[:60]


@RULING.governs("order")
class Ruling(models.Model):
    """What one operator proposes to do with an order's money, and a second decides. A release may refund
    a part, `refund_minor`, of which the parties give in proportion, or end the access of the buyer."""

    public_id = PublicIdField(prefix="rul")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="rulings")
    transition = models.CharField(_("ruling"), max_length=20, choices=OrderTransition.choices)
    refund_minor = models.BigIntegerField(_("refund of a part"), null=True, blank=True)
    ends_access = models.BooleanField(_("ends the access"), default=False)
    reason_code = models.CharField(
        _("kind of reason"), max_length=CODE_CHARS_MAX, choices=RulingReason.choices
    )
    reason = models.TextField(_("reason"), max_length=REASON_CHARS_MAX)
    decision = models.CharField(
        _("decision"), max_length=10, choices=Decision.choices, default=RULING.start
    )
    proposed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name=_("proposed by"), related_name="+"
    )
    proposed_at = models.DateTimeField(_("proposed"))
    decided_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        verbose_name=_("decided by"),
        related_name="+",
        null=True,
        blank=True,
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    class Meta:
        verbose_name = _("ruling")
        verbose_name_plural = _("rulings")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=Q(decision=Decision.OPEN), name="ruling_is_open_once"
            ),
            models.CheckConstraint(
                condition=Q(transition__in=[one.value for one in RULINGS]),
                name="ruling_is_release_or_refund",
            ),
            models.CheckConstraint(
                condition=Q(refund_minor=None)
                | Q(refund_minor__gt=0, transition=OrderTransition.RELEASE),
                name="ruling_refunds_a_part_where_it_releases_the_rest",
            ),
            models.CheckConstraint(
                condition=Q(ends_access=False)
                | Q(refund_minor=None, transition=OrderTransition.RELEASE),
                name="ruling_ends_access_where_it_releases_all",
            ),
            models.CheckConstraint(
                condition=Q(decision=Decision.OPEN, decided_by=None, decided_at=None)
                | (
                    ~Q(decision=Decision.OPEN)
                    & Q(decided_by__isnull=False, decided_at__isnull=False)
                    & ~Q(decided_by=F("proposed_by"))
                ),
                name="ruling_is_decided_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_transition_display()} · {self.get_decision_display()}"

    @property
    def refund(self) -> Money | None:
        if self.refund_minor is None:
            return None
        return Money(self.refund_minor, self.order.currency)


class CertificateSeries(models.Model):
    """The one row per year that issuing queues on. Reading the highest number instead would give two
    certificates one number."""

    year = models.PositiveIntegerField(_("year"), unique=True)
    issued_count = models.PositiveIntegerField(_("issued"), default=0)

    class Meta:
        verbose_name = _("series of certificates")
        verbose_name_plural = _("series of certificates")

    def __str__(self) -> str:
        return str(self.year)


class Certificate(models.Model):
    """The exchange's word that a trade took place, numbered without gaps within its year.

    `document` says what; `document_hash` is the SHA-256 of its canonical JSON, which `record_id`, a
    record of the transparency log, carries too. Rows are never changed or deleted.
    """

    public_id = PublicIdField(prefix="crt")
    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="certificate")
    year = models.PositiveIntegerField(_("year"))
    serial = models.PositiveIntegerField(_("serial number"))
    number = models.CharField(_("number"), max_length=CERTIFICATE_NUMBER_CHARS_MAX, unique=True)
    document = models.JSONField(_("document"))
    document_hash = models.CharField(_("hash"), max_length=HASH_CHARS)
    record_id = models.CharField(_("record in the log"), max_length=RECORD_CHARS_MAX, unique=True)
    issued_at = models.DateTimeField(_("issued"))

    class Meta:
        verbose_name = _("trading certificate")
        verbose_name_plural = _("trading certificates")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["year", "serial"], name="certificate_serial_is_unique"),
            models.CheckConstraint(
                condition=Q(serial__gte=1), name="certificate_serial_begins_at_one"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Review(models.Model):
    """What a buyer says of the product that it bought with an order, and the seller's one reply."""

    public_id = PublicIdField(prefix="rev")
    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="review")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    stars = models.PositiveSmallIntegerField(_("stars"))
    text = models.TextField(_("review"), max_length=TEXT_CHARS_MAX)
    at = models.DateTimeField(_("written"))
    reply = models.TextField(_("seller's reply"), max_length=TEXT_CHARS_MAX, blank=True)
    replied_at = models.DateTimeField(_("replied"), null=True, blank=True)

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(stars__range=(1, STARS_MAX)), name="review_has_one_to_five_stars"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="review_says_something"),
            models.CheckConstraint(
                condition=Q(reply="", replied_at=None)
                | (~Q(reply="") & Q(replied_at__isnull=False)),
                name="review_reply_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order}: {self.stars}"
