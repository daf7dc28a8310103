"""Payouts to sellers, the runs that make them, and the accounts that they go to."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from accounts.models import Organisation
from exchange.core.fields import CurrencyField, MinorUnitsField
from exchange.core.formatting import day_shown, money_shown
from exchange.payments.lifecycle import (
    PAYOUT,
    PAYOUT_ACCOUNT,
    PAYOUT_FILE,
    PayoutAccountState,
    PayoutFileState,
    PayoutState,
)
from exchange.payments.models.payments import (
    ACTOR_CHARS_MAX,
    CODE_CHARS_MAX,
    PROVIDER_CHARS_MAX,
    PROVIDER_REF_CHARS_MAX,
)
from pricing.money import MoneyOf

LABEL_CHARS_MAX = 60
NUMBER_CHARS_MAX = 34
BANK_CODE_CHARS_MAX = 12


@PAYOUT_ACCOUNT.governs("organisation")
class PayoutAccount(models.Model):
    """Where an organisation is paid. The number itself stays with the provider, and `label` masks it; here
    it is kept only where the exchange's own bank pays.

    `missing` names, in the provider's own words, what it still asks the organisation for.
    """

    public_id = PublicIdField(prefix="poa")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("organisation"), related_name="+"
    )
    currency = CurrencyField(verbose_name=_("currency"))
    holder = models.CharField(_("account holder"), max_length=200)
    label = models.CharField(_("account"), max_length=LABEL_CHARS_MAX)
    # Only of an account that the exchange's own bank pays to.
    number = models.CharField(_("account number"), max_length=NUMBER_CHARS_MAX, blank=True)
    bank_code = models.CharField(_("bank code"), max_length=BANK_CODE_CHARS_MAX, blank=True)
    provider = models.CharField(_("provider"), max_length=PROVIDER_CHARS_MAX)
    provider_ref = models.CharField(
        _("the provider's account"), max_length=PROVIDER_REF_CHARS_MAX, blank=True
    )
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=PayoutAccountState.choices,
        default=PayoutAccountState.PENDING,
    )
    missing = models.JSONField(_("what the provider asks for"), default=list, blank=True)
    disabled = models.CharField(
        _("why it cannot be paid to"), max_length=CODE_CHARS_MAX, blank=True
    )
    missing_due_at = models.DateTimeField(_("asked for until"), null=True, blank=True)
    seen_at = models.DateTimeField(_("looked at"), null=True, blank=True)
    created_at = models.DateTimeField(_("given"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("payout account")
        verbose_name_plural = _("payout accounts")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "currency"],
                condition=~Q(state=PayoutAccountState.CLOSED),
                name="payout_account_is_one_per_currency",
            ),
            models.CheckConstraint(
                condition=~Q(state=PayoutAccountState.READY) | ~Q(provider_ref=""),
                name="payout_account_ready_is_known_to_provider",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.label}"


class PayoutRun(models.Model):
    """One payout run per day and currency: starting it again does nothing."""

    run_date = models.DateField(_("day"))
    currency = CurrencyField(verbose_name=_("currency"))
    payouts_count = models.PositiveIntegerField(_("payouts"), default=0)
    total_minor = MinorUnitsField(_("total"), default=0)
    created_at = models.DateTimeField(_("run"))

    total = MoneyOf("total_minor", "currency")

    class Meta:
        verbose_name = _("payout run")
        verbose_name_plural = _("payout runs")
        ordering = ["-run_date", "currency"]
        constraints = [
            models.UniqueConstraint(
                fields=["run_date", "currency"], name="payout_run_is_one_per_day"
            )
        ]

    def __str__(self) -> str:
        return f"{day_shown(self.run_date)} · {self.currency}"


@PAYOUT_FILE.governs()
class PayoutFile(models.Model):
    """Payouts that the exchange's own bank makes, in one file."""

    public_id = PublicIdField(prefix="pof")
    currency = CurrencyField(verbose_name=_("currency"))
    payouts_count = models.PositiveIntegerField(_("payouts"))
    total_minor = MinorUnitsField(_("total"))
    state = models.CharField(
        _("state"), max_length=10, choices=PayoutFileState.choices, default=PayoutFileState.MADE
    )
    made_by = models.CharField(_("made by"), max_length=ACTOR_CHARS_MAX)
    made_at = models.DateTimeField(_("made"))
    approved_by = models.CharField(_("approved by"), max_length=ACTOR_CHARS_MAX, blank=True)
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    sent_by = models.CharField(_("sent by"), max_length=ACTOR_CHARS_MAX, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    total = MoneyOf("total_minor", "currency")

    class Meta:
        verbose_name = _("file of payouts")
        verbose_name_plural = _("files of payouts")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(payouts_count__gt=0, total_minor__gt=0),
                name="payout_file_pays_something",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[PayoutFileState.APPROVED, PayoutFileState.SENT])
                | (~Q(approved_by="") & ~Q(approved_by=F("made_by"))),
                name="payout_file_was_approved_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} · {money_shown(self.total)}"


@PAYOUT.governs("organisation", "account", "run")
class Payout(models.Model):
    """Money sent to a seller: all that was available at the run."""

    public_id = PublicIdField(prefix="pyo")
    run = models.ForeignKey(
        PayoutRun, on_delete=models.PROTECT, verbose_name=_("run"), related_name="payouts"
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("seller"), related_name="+"
    )
    account = models.ForeignKey(
        PayoutAccount, on_delete=models.PROTECT, verbose_name=_("account"), related_name="payouts"
    )
    file = models.ForeignKey(
        PayoutFile,
        on_delete=models.PROTECT,
        verbose_name=_("file for the bank"),
        related_name="payouts",
        null=True,
        blank=True,
    )
    currency = CurrencyField(verbose_name=_("currency"))
    amount_minor = MinorUnitsField(_("amount"))
    state = models.CharField(
        _("state"), max_length=10, choices=PayoutState.choices, default=PayoutState.PROMISED
    )
    transfer_ref = models.CharField(
        _("the provider's transfer"), max_length=PROVIDER_REF_CHARS_MAX, blank=True
    )
    provider_ref = models.CharField(
        _("the provider's payout"), max_length=PROVIDER_REF_CHARS_MAX, blank=True
    )
    failure = models.CharField(_("why it failed"), max_length=CODE_CHARS_MAX, blank=True)
    created_at = models.DateTimeField(_("promised"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    asked_at = models.DateTimeField(_("last asked for again"), null=True, blank=True)

    amount = MoneyOf("amount_minor", "currency")

    class Meta:
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=PayoutState.values), name="payout_state_is_known"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payout_sends_something"),
            models.UniqueConstraint(
                fields=["run", "organisation"], name="payout_is_one_per_run_and_seller"
            ),
            models.UniqueConstraint(
                fields=["transfer_ref"],
                condition=~Q(transfer_ref=""),
                name="payout_has_its_own_transfer",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "-id"], name="payout_of_seller"),
            models.Index(
                fields=["asked_at"], condition=Q(state=PayoutState.PAID), name="payout_to_ask_again"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} · {money_shown(self.amount)}"
