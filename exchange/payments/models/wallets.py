"""Wallets that buyers pay into, by card among others, the deposits of bidders that are set aside in them, and
what goes back."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.ids import PublicIdField
from accounts.models import Organisation, User
from exchange.core.fields import CurrencyField, MinorUnitsField
from exchange.core.formatting import money_shown
from exchange.orders.models import Order
from exchange.payments.card_lifecycle import CARD_TOP_UP, CardTopUpState
from exchange.payments.lifecycle import DEPOSIT, WITHDRAWAL, DepositState, WithdrawalState
from exchange.payments.models.payments import (
    CODE_CHARS_MAX,
    PROVIDER_CHARS_MAX,
    PROVIDER_REF_CHARS_MAX,
    REASON_CHARS_MAX,
    REFERENCE_CHARS_MAX,
)
from pricing.money import Money, MoneyOf

PURPOSE_CHARS_MAX = 80
TOKEN_CHARS_MAX = 64


class Wallet(models.Model):
    """Where an organisation keeps money for purchases in one currency. What is in it stands in the
    books. `reference` is what the payer writes on a bank transfer to fill it, always the same."""

    public_id = PublicIdField(prefix="wal")
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        verbose_name=_("organisation"),
        related_name="wallets",
    )
    currency = CurrencyField(verbose_name=_("currency"))
    reference = models.CharField(
        _("payment reference"), max_length=REFERENCE_CHARS_MAX, unique=True
    )
    created_at = models.DateTimeField(_("opened"))

    class Meta:
        verbose_name = _("wallet")
        verbose_name_plural = _("wallets")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "currency"], name="wallet_is_one_per_currency"
            )
        ]

    def __str__(self) -> str:
        return f"{self.public_id} · {self.currency}"


@DEPOSIT.governs("organisation", "order")
class Deposit(models.Model):
    """What a bidder has set aside in its wallet for one auction or sale, as a hold in the books.

    `order` is the one that it turns into the price of. Only the state and that ever change.
    """

    public_id = PublicIdField(prefix="dep")
    purpose = models.CharField(_("purpose"), max_length=PURPOSE_CHARS_MAX)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("organisation"), related_name="+"
    )
    placed_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        verbose_name=_("placed by"),
        related_name="+",
        null=True,
        blank=True,
    )
    currency = CurrencyField(verbose_name=_("currency"))
    amount_minor = MinorUnitsField(_("amount"))
    hold = models.UUIDField(_("hold in the books"), unique=True)
    state = models.CharField(
        _("state"), max_length=10, choices=DepositState.choices, default=DepositState.HELD
    )
    order = models.ForeignKey(
        Order,
        on_delete=models.PROTECT,
        verbose_name=_("order"),
        related_name="deposits",
        null=True,
        blank=True,
    )
    created_at = models.DateTimeField(pgettext_lazy("deposit", "placed"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    amount = MoneyOf("amount_minor", "currency")

    class Meta:
        verbose_name = _("bid deposit")
        verbose_name_plural = _("bid deposits")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=DepositState.values), name="deposit_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="deposit_sets_something_aside"
            ),
            models.CheckConstraint(
                condition=Q(state=DepositState.HELD, ended_at=None)
                | (~Q(state=DepositState.HELD) & Q(ended_at__isnull=False)),
                name="deposit_ended_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(state=DepositState.APPLIED) | Q(order__isnull=False),
                name="deposit_applied_names_its_order",
            ),
            models.UniqueConstraint(
                fields=["purpose", "organisation"], name="deposit_is_one_per_bidder"
            ),
        ]
        indexes = [
            models.Index(
                fields=["purpose", "id"],
                condition=Q(state=DepositState.HELD),
                name="deposit_held_by_purpose",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} · {money_shown(self.amount)}"


@CARD_TOP_UP.governs("wallet__organisation")
class CardTopUp(models.Model):
    """Money that is paid into a wallet by card, on a page of the provider. `provider_ref` names the provider's
    object once there is one; no card data is kept."""

    public_id = PublicIdField(prefix="ctu")
    wallet = models.ForeignKey(
        Wallet, on_delete=models.PROTECT, verbose_name=_("wallet"), related_name="card_top_ups"
    )
    by = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name=_("asked for by"), related_name="+"
    )
    currency = CurrencyField(verbose_name=_("currency"))
    amount_minor = MinorUnitsField(_("amount"))
    refunded_minor = MinorUnitsField(_("sent back or being sent back"), default=0)
    disputed_minor = MinorUnitsField(_("taken back by the payer's bank"), default=0)
    fee_minor = MinorUnitsField(_("the provider's fee"), default=0)
    token = models.CharField(_("form token"), max_length=TOKEN_CHARS_MAX, unique=True)
    state = models.CharField(
        _("state"), max_length=10, choices=CardTopUpState.choices, default=CardTopUpState.WAITING
    )
    provider = models.CharField(_("provider"), max_length=PROVIDER_CHARS_MAX)
    provider_ref = models.CharField(
        _("the provider's reference"), max_length=PROVIDER_REF_CHARS_MAX, null=True, blank=True
    )
    charge_ref = models.CharField(
        _("the provider's charge"), max_length=PROVIDER_REF_CHARS_MAX, blank=True
    )
    last_refusal = models.CharField(_("last refusal"), max_length=CODE_CHARS_MAX, blank=True)
    created_at = models.DateTimeField(_("asked for"))
    received_at = models.DateTimeField(_("received"), null=True, blank=True)

    amount = MoneyOf("amount_minor", "currency")
    refunded = MoneyOf("refunded_minor", "currency")
    disputed = MoneyOf("disputed_minor", "currency")

    class Meta:
        verbose_name = _("top-up by card")
        verbose_name_plural = _("top-ups by card")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=CardTopUpState.values), name="card_top_up_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="card_top_up_brings_something"
            ),
            models.CheckConstraint(
                condition=Q(
                    refunded_minor__gte=0,
                    disputed_minor__gte=0,
                    amount_minor__gte=F("refunded_minor") + F("disputed_minor"),
                ),
                name="card_top_up_gives_back_within_what_came",
            ),
            models.CheckConstraint(
                condition=Q(refunded_minor=0, disputed_minor=0) | Q(state=CardTopUpState.RECEIVED),
                name="card_top_up_gives_back_only_what_came",
            ),
            models.CheckConstraint(
                condition=Q(state=CardTopUpState.RECEIVED, received_at__isnull=False)
                | (~Q(state=CardTopUpState.RECEIVED) & Q(received_at=None)),
                name="card_top_up_received_says_when",
            ),
            models.UniqueConstraint(
                fields=["provider", "provider_ref"],
                condition=Q(provider_ref__isnull=False),
                name="card_top_up_has_its_own_provider_object",
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=Q(state=CardTopUpState.WAITING),
                name="card_top_up_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.public_id} · {money_shown(self.amount)}"

    @property
    def refundable(self) -> Money:
        """What may still go back to the card: neither sent back, nor with the payer's bank."""
        if self.state != CardTopUpState.RECEIVED:
            return Money(0, self.currency)
        return self.amount - self.refunded - self.disputed

    @property
    def organisation_id(self) -> int:
        """Whose wallet it is."""
        return self.wallet.organisation_id


@WITHDRAWAL.governs("wallet__organisation", "top_up")
class Withdrawal(models.Model):
    """Money that a buyer wants back from its wallet: sent by hand to the account that it came from, or by the
    provider to the card that a top-up came from. One that was made at the provider's own pages is by nobody
    of ours."""

    public_id = PublicIdField(prefix="wdr")
    wallet = models.ForeignKey(
        Wallet, on_delete=models.PROTECT, verbose_name=_("wallet"), related_name="withdrawals"
    )
    top_up = models.ForeignKey(
        CardTopUp,
        on_delete=models.PROTECT,
        verbose_name=_("top-up that it goes back to"),
        related_name="withdrawals",
        null=True,
        blank=True,
    )
    by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        verbose_name=_("asked for by"),
        related_name="+",
        null=True,
        blank=True,
    )
    currency = CurrencyField(verbose_name=_("currency"))
    amount_minor = MinorUnitsField(_("amount"))
    hold = models.UUIDField(_("hold in the books"), unique=True)
    token = models.CharField(_("form token"), max_length=TOKEN_CHARS_MAX, unique=True)
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=WithdrawalState.choices,
        default=WithdrawalState.PROMISED,
    )
    bank_ref = models.CharField(
        _("the bank's or the provider's reference"), max_length=PROVIDER_REF_CHARS_MAX, blank=True
    )
    reason = models.CharField(_("reason"), max_length=REASON_CHARS_MAX, blank=True)
    created_at = models.DateTimeField(_("asked for"))
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    asked_at = models.DateTimeField(_("last asked for again"), null=True, blank=True)

    amount = MoneyOf("amount_minor", "currency")

    class Meta:
        verbose_name = _("withdrawal")
        verbose_name_plural = _("withdrawals")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=WithdrawalState.values), name="withdrawal_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="withdrawal_takes_something_out"
            ),
            models.CheckConstraint(
                condition=Q(state=WithdrawalState.PROMISED, decided_at=None)
                | (~Q(state=WithdrawalState.PROMISED) & Q(decided_at__isnull=False)),
                name="withdrawal_decided_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(state=WithdrawalState.SENT) | ~Q(bank_ref=""),
                name="withdrawal_sent_has_the_banks_reference",
            ),
            models.CheckConstraint(
                condition=Q(by__isnull=False) | Q(top_up__isnull=False),
                name="withdrawal_was_asked_for",
            ),
        ]
        indexes = [
            models.Index(
                fields=["asked_at"],
                condition=Q(state=WithdrawalState.SENT, top_up__isnull=False),
                name="withdrawal_to_ask_again",
            )
        ]

    def __str__(self) -> str:
        return f"{self.public_id} · {money_shown(self.amount)}"
