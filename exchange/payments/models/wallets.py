"""Wallets that buyers pay into, and the deposits of bidders that are set aside in them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.ids import PublicIdField
from accounts.models import Organisation, User
from exchange.core.fields import CurrencyField, MinorUnitsField
from exchange.core.formatting import money_shown
from exchange.orders.models import Order
from exchange.payments.lifecycle import DEPOSIT, WITHDRAWAL, DepositState, WithdrawalState
from exchange.payments.models.payments import (
    PROVIDER_REF_CHARS_MAX,
    REASON_CHARS_MAX,
    REFERENCE_CHARS_MAX,
)
from pricing.money import MoneyOf

PURPOSE_CHARS_MAX = 80


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


@WITHDRAWAL.governs("wallet__organisation")
class Withdrawal(models.Model):
    """Money that a buyer wants back from its wallet: sent by hand to the account that it came from."""

    public_id = PublicIdField(prefix="wdr")
    wallet = models.ForeignKey(
        Wallet, on_delete=models.PROTECT, verbose_name=_("wallet"), related_name="withdrawals"
    )
    by = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name=_("asked for by"), related_name="+"
    )
    currency = CurrencyField(verbose_name=_("currency"))
    amount_minor = MinorUnitsField(_("amount"))
    hold = models.UUIDField(_("hold in the books"), unique=True)
    token = models.CharField(_("form token"), max_length=64, unique=True)
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=WithdrawalState.choices,
        default=WithdrawalState.PROMISED,
    )
    bank_ref = models.CharField(
        _("the bank's reference"), max_length=PROVIDER_REF_CHARS_MAX, blank=True
    )
    reason = models.CharField(_("reason"), max_length=REASON_CHARS_MAX, blank=True)
    created_at = models.DateTimeField(_("asked for"))
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

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
        ]

    def __str__(self) -> str:
        return f"{self.public_id} · {money_shown(self.amount)}"
