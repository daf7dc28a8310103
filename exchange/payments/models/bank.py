"""Money that came by bank, differences that somebody looks into, and the provider's own account."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from exchange.core.fields import CurrencyField, MinorUnitsField
from exchange.core.formatting import money_shown
from exchange.payments.lifecycle import (
    DIFFERENCE,
    INCOMING,
    DifferenceKind,
    DifferenceState,
    IncomingState,
    MatchOutcome,
)
from exchange.payments.models.payments import (
    ACTOR_CHARS_MAX,
    PROVIDER_CHARS_MAX,
    PROVIDER_REF_CHARS_MAX,
    Payment,
)
from exchange.payments.models.wallets import Wallet
from pricing.money import Money, MoneyOf

BANK_REF_CHARS_MAX = 80
TEXT_CHARS_MAX = 300
EXPLANATION_CHARS_MAX = 1000


@INCOMING.governs()
class IncomingTransfer(models.Model):
    """One line of the bank's statement. What it says never changes; what it is used for does."""

    public_id = PublicIdField(prefix="inc")
    bank_ref = models.CharField(
        _("the bank's reference"), max_length=BANK_REF_CHARS_MAX, unique=True
    )
    received_on = models.DateField(_("day"))
    currency = CurrencyField(verbose_name=_("currency"))
    amount_minor = MinorUnitsField(_("amount"))
    payer_name = models.CharField(_("payer"), max_length=TEXT_CHARS_MAX, blank=True)
    text = models.CharField(_("text"), max_length=TEXT_CHARS_MAX, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=IncomingState.choices, default=IncomingState.NEW
    )
    outcome = models.CharField(
        _("outcome"), max_length=12, choices=MatchOutcome.choices, blank=True
    )
    payment = models.ForeignKey(
        Payment,
        on_delete=models.PROTECT,
        verbose_name=_("payment"),
        related_name="incoming",
        null=True,
        blank=True,
    )
    wallet = models.ForeignKey(
        Wallet,
        on_delete=models.PROTECT,
        verbose_name=_("wallet"),
        related_name="incoming",
        null=True,
        blank=True,
    )
    entered_by = models.CharField(_("entered by"), max_length=ACTOR_CHARS_MAX)
    entered_at = models.DateTimeField(_("entered"))
    matched_by = models.CharField(_("matched by"), max_length=ACTOR_CHARS_MAX, blank=True)
    matched_at = models.DateTimeField(_("matched"), null=True, blank=True)

    amount = MoneyOf("amount_minor", "currency")

    class Meta:
        verbose_name = _("incoming bank transfer")
        verbose_name_plural = _("incoming bank transfers")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="incoming_transfer_brings_something"
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[IncomingState.MATCHED, IncomingState.USED], payment__isnull=False
                )
                | Q(
                    state__in=[IncomingState.NEW, IncomingState.RETURNED, IncomingState.FILLED],
                    payment__isnull=True,
                ),
                name="incoming_transfer_matched_names_its_payment",
            ),
            models.CheckConstraint(
                condition=Q(state=IncomingState.FILLED, wallet__isnull=False)
                | (~Q(state=IncomingState.FILLED) & Q(wallet__isnull=True)),
                name="incoming_transfer_filled_names_its_wallet",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bank_ref} · {money_shown(self.amount)}"


@DIFFERENCE.governs()
class Difference(models.Model):
    """Something that does not add up. It has an owner and ends with words that say why: of two people who
    explain it, or of what resolved it."""

    public_id = PublicIdField(prefix="dif")
    kind = models.CharField(_("kind"), max_length=20, choices=DifferenceKind.choices)
    state = models.CharField(
        _("state"), max_length=10, choices=DifferenceState.choices, default=DifferenceState.OPEN
    )
    subject = models.CharField(_("about"), max_length=200)
    detail = models.CharField(_("detail"), max_length=TEXT_CHARS_MAX, blank=True)
    currency = CurrencyField(verbose_name=_("currency"))
    amount_minor = MinorUnitsField(_("amount"))
    owner = models.CharField(_("owner"), max_length=ACTOR_CHARS_MAX, blank=True)
    opened_at = models.DateTimeField(_("found"))
    closed_at = models.DateTimeField(_("ended"), null=True, blank=True)
    closed_by = models.CharField(_("ended by"), max_length=ACTOR_CHARS_MAX, blank=True)
    explanation = models.TextField(_("explanation"), blank=True, max_length=EXPLANATION_CHARS_MAX)

    amount = MoneyOf("amount_minor", "currency")

    class Meta:
        verbose_name = _("open difference")
        verbose_name_plural = _("open differences")
        ordering = ["-id"]
        indexes = [models.Index(fields=["kind", "subject"], name="difference_by_subject")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=Q(closed_at__isnull=True),
                name="difference_is_open_once",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | (~Q(explanation="") & ~Q(closed_by="")),
                name="difference_ends_with_an_explanation",
            ),
            models.CheckConstraint(
                condition=Q(state=DifferenceState.OPEN, closed_at__isnull=True)
                | Q(
                    state__in=[DifferenceState.EXPLAINED, DifferenceState.RESOLVED],
                    closed_at__isnull=False,
                ),
                name="difference_stands_open_or_ended",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.subject}"


class ProviderMovement(models.Model):
    """One line of the provider's account with us, as the provider tells it."""

    provider = models.CharField(_("provider"), max_length=PROVIDER_CHARS_MAX)
    movement_id = models.CharField(_("movement"), max_length=PROVIDER_REF_CHARS_MAX)
    kind = models.CharField(_("kind"), max_length=40)
    source_ref = models.CharField(_("source"), max_length=PROVIDER_REF_CHARS_MAX)
    currency = CurrencyField(verbose_name=_("currency"))
    amount_minor = MinorUnitsField(_("amount"))
    fee_minor = MinorUnitsField(_("fee"))
    created_at = models.DateTimeField(_("made"))
    available_at = models.DateTimeField(_("available"))
    seen_at = models.DateTimeField(_("read"))

    amount = MoneyOf("amount_minor", "currency")

    class Meta:
        verbose_name = _("movement at the provider")
        verbose_name_plural = _("movements at the provider")
        ordering = ["-id"]
        indexes = [models.Index(fields=["provider", "source_ref"], name="movement_by_source")]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "movement_id"], name="provider_movement_is_kept_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} · {self.movement_id}"


class TopUp(models.Model):
    """Money moved from the bank to the provider, so that it can pay sellers."""

    public_id = PublicIdField(prefix="top")
    currency = CurrencyField(verbose_name=_("currency"))
    amount_minor = MinorUnitsField(_("amount"))
    provider_ref = models.CharField(
        _("the provider's reference"), max_length=PROVIDER_REF_CHARS_MAX, blank=True
    )
    by = models.CharField(_("by"), max_length=ACTOR_CHARS_MAX)
    created_at = models.DateTimeField(_("promised"))
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    failure = models.CharField(_("why it failed"), max_length=60, blank=True)

    amount = MoneyOf("amount_minor", "currency")

    class Meta:
        verbose_name = _("top-up of the provider's balance")
        verbose_name_plural = _("top-ups of the provider's balance")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="top_up_moves_something")
        ]

    def __str__(self) -> str:
        return f"{self.public_id} · {money_shown(self.amount)}"


class BankDay(models.Model):
    """The closing balance of a day at the bank, as its statement has it, beside the books at that day's end."""

    public_id = PublicIdField(prefix="bkd")
    day = models.DateField(_("day"))
    currency = CurrencyField(verbose_name=_("currency"))
    statement = models.CharField(_("statement"), max_length=40, blank=True)
    closing_minor = models.BigIntegerField(_("closing balance of the bank"))
    books_minor = models.BigIntegerField(_("in the books"))
    entered_by = models.CharField(_("entered by"), max_length=ACTOR_CHARS_MAX)
    entered_at = models.DateTimeField(_("entered"))
    held_at = models.DateTimeField(_("held against the books"))

    closing = MoneyOf("closing_minor", "currency")
    in_books = MoneyOf("books_minor", "currency")

    class Meta:
        verbose_name = _("close of a day at the bank")
        verbose_name_plural = _("closes of days at the bank")
        ordering = ["-day", "currency"]
        constraints = [
            models.UniqueConstraint(fields=["currency", "day"], name="bank_day_is_closed_once")
        ]

    def __str__(self) -> str:
        return f"{self.day} · {self.currency}"

    @property
    def differs(self) -> Money:
        """By how much the bank has more than the books say."""
        return self.closing - self.in_books
