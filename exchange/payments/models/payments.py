"""Payments, refunds, and the messages of payment providers."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from accounts.models import Organisation
from exchange.core.fields import CurrencyField, MinorUnitsField
from exchange.core.formatting import money_shown
from exchange.ledger.models.accounts import CODE_CHARS_MAX as ACCOUNT_CHARS_MAX
from exchange.orders.lifecycle import PaymentMethod
from exchange.orders.models import Order
from exchange.payments.lifecycle import (
    EVENT,
    LIVE_PAYMENTS,
    PAYMENT,
    REFUND,
    Bearer,
    EventState,
    PaymentState,
    RefundState,
)
from pricing.money import Money, MoneyOf

PROVIDER_CHARS_MAX = 40
PROVIDER_REF_CHARS_MAX = 80
REFERENCE_CHARS_MAX = 20
REASON_CHARS_MAX = 500
PAID_BY = [choice for choice in PaymentMethod.choices if choice[0] != PaymentMethod.NONE]
CODE_CHARS_MAX = 60
ACTOR_CHARS_MAX = 200


@PAYMENT.governs("payer")
class Payment(models.Model):
    """Money asked for an order. An order has one that is not cancelled, at most.

    `provider_ref` names the provider's object once there is one; no card data is kept.
    `reference` is what the payer writes on a bank transfer. `saved_card` is the one that was last tried while
    the payer was away, `attempts` how often that was due; `is_trying` while its answer is to come.
    """

    public_id = PublicIdField(prefix="pay")
    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, verbose_name=_("order"), related_name="payments"
    )
    payer = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("payer"), related_name="+"
    )
    method = models.CharField(_("method"), max_length=15, choices=PAID_BY)
    state = models.CharField(
        _("state"), max_length=12, choices=PaymentState.choices, default=PaymentState.WAITING
    )
    currency = CurrencyField(verbose_name=_("currency"))
    amount_minor = MinorUnitsField(_("amount"))
    refunded_minor = MinorUnitsField(_("refunded or being refunded"), default=0)
    disputed_minor = MinorUnitsField(_("taken back by the payer's bank"), default=0)
    fee_minor = MinorUnitsField(_("the provider's fee"), default=0)
    provider = models.CharField(_("provider"), max_length=PROVIDER_CHARS_MAX, blank=True)
    provider_ref = models.CharField(
        _("the provider's reference"), max_length=PROVIDER_REF_CHARS_MAX, null=True, blank=True
    )
    charge_ref = models.CharField(
        _("the provider's charge"), max_length=PROVIDER_REF_CHARS_MAX, blank=True
    )
    reference = models.CharField(
        _("payment reference"), max_length=REFERENCE_CHARS_MAX, unique=True
    )
    last_refusal = models.CharField(_("last refusal"), max_length=CODE_CHARS_MAX, blank=True)
    declines = models.PositiveIntegerField(_("refusals"), default=0)
    saved_card = models.ForeignKey(
        "payments.SavedCard",
        on_delete=models.PROTECT,
        verbose_name=_("saved card"),
        related_name="+",
        null=True,
        blank=True,
    )
    attempts = models.PositiveSmallIntegerField(_("attempts on a saved card"), default=0)
    is_trying = models.BooleanField(_("an attempt is under way"), default=False)
    created_at = models.DateTimeField(_("asked for"))
    expires_at = models.DateTimeField(_("to be paid until"), null=True, blank=True)
    received_at = models.DateTimeField(_("received"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True)

    amount = MoneyOf("amount_minor", "currency")
    refunded = MoneyOf("refunded_minor", "currency")
    disputed = MoneyOf("disputed_minor", "currency")

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=PaymentState.values), name="payment_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="payment_asks_for_something"
            ),
            models.CheckConstraint(
                condition=Q(
                    refunded_minor__gte=0,
                    disputed_minor__gte=0,
                    amount_minor__gte=F("refunded_minor") + F("disputed_minor"),
                ),
                name="payment_refunds_within_what_came",
            ),
            models.CheckConstraint(
                condition=Q(refunded_minor=0) | Q(state=PaymentState.RECEIVED),
                name="payment_refunds_only_what_came",
            ),
            models.CheckConstraint(
                condition=Q(state=PaymentState.RECEIVED, received_at__isnull=False)
                | (~Q(state=PaymentState.RECEIVED) & Q(received_at__isnull=True)),
                name="payment_received_says_when",
            ),
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(state__in=sorted(LIVE_PAYMENTS)),
                name="payment_is_one_per_order",
            ),
            models.UniqueConstraint(
                fields=["provider", "provider_ref"],
                condition=Q(provider_ref__isnull=False),
                name="payment_has_its_own_provider_object",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "expires_at"], name="payment_by_expiry"),
            models.Index(
                fields=["currency", "amount_minor"],
                condition=Q(state=PaymentState.WAITING, method=PaymentMethod.BANK_TRANSFER),
                name="payment_waiting_by_amount",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} · {money_shown(self.amount)}"

    @property
    def refundable(self) -> Money:
        """What may still be given back: neither refunded, nor with the payer's bank."""
        if self.state != PaymentState.RECEIVED:
            return Money(0, self.currency)
        return self.amount - self.refunded - self.disputed


@REFUND.governs("payment__order")
class Refund(models.Model):
    """Money given back on a payment. `source` is the account of the books in which it was set aside;
    `attempt` grows when an operator asks again after a failure. What the exchange gave of it, and what
    tax, fee and each party's share, stands beside it and never changes. `to_wallet`: it goes into the payer's
    wallet, whatever was paid with. `set_off_minor` of it the payer's bank took back by a chargeback."""

    public_id = PublicIdField(prefix="rfd")
    payment = models.ForeignKey(
        Payment, on_delete=models.PROTECT, verbose_name=_("payment"), related_name="refunds"
    )
    state = models.CharField(
        _("state"), max_length=10, choices=RefundState.choices, default=RefundState.PROMISED
    )
    currency = CurrencyField(verbose_name=_("currency"))
    amount_minor = MinorUnitsField(_("amount"))
    bearer = models.CharField(
        _("borne by"), max_length=10, choices=Bearer.choices, default=Bearer.SELLER
    )
    to_wallet = models.BooleanField(_("into the wallet"), default=False)
    exchange_minor = MinorUnitsField(_("borne by the exchange"), default=0)
    tax_minor = MinorUnitsField(_("out of the tax"), default=0)
    fee_minor = MinorUnitsField(_("out of the service fee"), default=0)
    fee_tax_minor = MinorUnitsField(_("of it tax on the fee"), default=0)
    shares_minor = models.JSONField(_("out of each share"), default=list)
    reason = models.CharField(_("reason"), max_length=REASON_CHARS_MAX)
    source = models.CharField(_("set aside from the account"), max_length=ACCOUNT_CHARS_MAX)
    by = models.CharField(_("by"), max_length=ACTOR_CHARS_MAX)
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=1)
    set_off_minor = MinorUnitsField(_("set off against chargebacks"), default=0)
    provider_ref = models.CharField(
        _("the provider's or the bank's reference"),
        max_length=PROVIDER_REF_CHARS_MAX,
        blank=True,
    )
    failure = models.CharField(_("why it failed"), max_length=CODE_CHARS_MAX, blank=True)
    created_at = models.DateTimeField(_("promised"))
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    asked_at = models.DateTimeField(_("last asked for again"), null=True, blank=True)

    amount = MoneyOf("amount_minor", "currency")
    exchange = MoneyOf("exchange_minor", "currency")
    set_off = MoneyOf("set_off_minor", "currency")

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["asked_at"],
                condition=Q(state=RefundState.SUCCEEDED),
                name="refund_to_ask_again",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=RefundState.values), name="refund_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="refund_gives_something_back"
            ),
            models.CheckConstraint(
                condition=Q(
                    exchange_minor__gte=0,
                    tax_minor__gte=0,
                    fee_minor__gte=0,
                    amount_minor__gte=F("exchange_minor") + F("tax_minor") + F("fee_minor"),
                ),
                name="refund_parts_are_within_it",
            ),
            models.CheckConstraint(
                condition=Q(fee_tax_minor__gte=0, fee_tax_minor__lte=F("fee_minor")),
                name="refund_fee_holds_its_tax",
            ),
            models.CheckConstraint(
                condition=Q(state=RefundState.SET_OFF, set_off_minor=F("amount_minor"))
                | Q(
                    ~Q(state=RefundState.SET_OFF),
                    set_off_minor__gte=0,
                    set_off_minor__lt=F("amount_minor"),
                ),
                name="refund_is_set_off_in_full_or_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} · {money_shown(self.amount)}"

    @property
    def buyer_id(self) -> int:
        """Who has the money back."""
        return self.payment.payer_id

    @property
    def of_sale(self) -> Money:
        """What the sale gave of it, by which its price fell."""
        return self.amount - self.exchange

    @property
    def to_give(self) -> Money:
        """What the buyer gets of it: not what its bank took back already."""
        return self.amount - self.set_off


@EVENT.governs()
class ProviderEvent(models.Model):
    """A signed message of a provider, kept once. It only says which object to look at again."""

    provider = models.CharField(_("provider"), max_length=PROVIDER_CHARS_MAX)
    event_id = models.CharField(_("message"), max_length=PROVIDER_REF_CHARS_MAX)
    kind = models.CharField(_("kind"), max_length=100)
    object_type = models.CharField(_("object type"), max_length=60)
    object_id = models.CharField(_("object"), max_length=PROVIDER_REF_CHARS_MAX)
    account = models.CharField(_("account"), max_length=PROVIDER_REF_CHARS_MAX, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=EventState.choices, default=EventState.RECEIVED
    )
    outcome = models.CharField(_("outcome"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("sent"))
    received_at = models.DateTimeField(_("received"))
    handled_at = models.DateTimeField(_("handled"), null=True, blank=True)

    class Meta:
        verbose_name = _("message of the provider")
        verbose_name_plural = _("messages of the provider")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "event_id"], name="provider_event_is_kept_once"
            ),
            models.CheckConstraint(
                condition=Q(state=EventState.RECEIVED, handled_at__isnull=True)
                | (~Q(state=EventState.RECEIVED) & Q(handled_at__isnull=False)),
                name="provider_event_handled_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} · {self.event_id}"
