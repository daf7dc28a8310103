"""Orders and the steps that led to where they stand."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from exchange.catalog.models import Offer, Product
from exchange.core.fields import CurrencyField, MinorUnitsField, MoneyOf
from exchange.core.ids import PublicIdField
from exchange.orders.states import Move, OrderState, PaymentMethod, Turn, legal_steps

HASH_CHARS = 71  # "sha256:" and 64 hexadecimal digits
NUMBER_CHARS_MAX = 60
REASON_CHARS_MAX = 2000
ACTOR_CHARS_MAX = 100
CODE_CHARS_MAX = 40


class Order(models.Model):
    """One purchase: who buys what from whom, on which frozen terms, and where it stands.

    Parties, terms and amounts never change once written; `state` and `steps_count` follow the newest
    step. The database refuses anything else. `version` grows with every step and message.
    """

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
    state = models.CharField(_("state"), max_length=20, choices=OrderState.choices)
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
    purchase_number = models.CharField(
        _("buyer's purchase number"), max_length=NUMBER_CHARS_MAX, blank=True
    )
    inspection_ends_at = models.DateTimeField(_("inspection ends"), null=True, blank=True)
    renews = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        verbose_name=_("renews"),
        related_name="renewals",
        null=True,
        blank=True,
    )
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
        return f"{self.public_id} · {self.title}"

    @property
    def is_free(self) -> bool:
        return self.total_minor == 0


class OrderStep(models.Model):
    """What happened to an order, by whom and why. Rows are never changed or deleted."""

    public_id = PublicIdField(prefix="ost")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="steps")
    number = models.PositiveIntegerField(_("number"))
    move = models.CharField(_("step"), max_length=20, choices=Move.choices)
    source = models.CharField(_("from"), max_length=20, blank=True)
    target = models.CharField(_("to"), max_length=20, choices=OrderState.choices)
    actor = models.CharField(_("actor"), max_length=ACTOR_CHARS_MAX)
    by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        verbose_name=_("by"),
        related_name="+",
        null=True,
        blank=True,
    )
    approved_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        verbose_name=_("approved by"),
        related_name="+",
        null=True,
        blank=True,
    )
    reason_code = models.CharField(_("kind of reason"), max_length=CODE_CHARS_MAX, blank=True)
    reason = models.TextField(_("reason"), blank=True, max_length=REASON_CHARS_MAX)
    facts = models.JSONField(_("facts"), default=dict)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("order step")
        verbose_name_plural = _("order steps")
        ordering = ["order_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["order", "number"], name="order_step_number_is_unique"),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("by")),
                name="order_step_is_approved_by_another",
            ),
            models.CheckConstraint(
                condition=Q(
                    *(
                        Q(move=move, source=source, target=target)
                        for move, source, target in legal_steps()
                    ),
                    _connector=Q.OR,
                ),
                name="order_step_is_a_legal_move",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} · {self.get_move_display()}"
