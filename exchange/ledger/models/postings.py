"""Postings, their transfers, open holds, and references to facts outside."""

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from exchange.core.fields import CurrencyField, MinorUnitsField
from exchange.ledger.models.accounts import ACTOR_CHARS_MAX, Account, Phase
from pricing.money import MoneyOf

SCOPE_CHARS_MAX = 60
KEY_CHARS_MAX = 200
KIND_CHARS_MAX = 60
SUBJECT_CHARS_MAX = 200
FINGERPRINT_BYTES = 32


class JournalEntry(models.Model):
    """One business event: its transfers are in the books together or not at all.

    `scope` and `key` name the event for ever; `fingerprint` is the SHA-256 of what was asked for.
    `effective_at` is the time of the business, `created_at` that of the database.
    """

    scope = models.CharField(_("scope"), max_length=SCOPE_CHARS_MAX)
    key = models.CharField(_("key"), max_length=KEY_CHARS_MAX)
    fingerprint = models.BinaryField(_("fingerprint"), max_length=FINGERPRINT_BYTES)
    kind = models.CharField(_("kind"), max_length=KIND_CHARS_MAX)
    subject = models.CharField(_("subject"), max_length=SUBJECT_CHARS_MAX, blank=True)
    actor = models.CharField(_("actor"), max_length=ACTOR_CHARS_MAX)
    effective_at = models.DateTimeField(_("effective"))
    created_at = models.DateTimeField(_("entered"), db_default=TransactionNow())

    # Not stored: whether the call that returned this posting made it, or found it made.
    is_new = False

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        indexes = [models.Index(fields=["effective_at"], name="posting_by_effective_time")]
        constraints = [
            models.UniqueConstraint(fields=["scope", "key"], name="posting_key_names_one_request"),
        ]

    def __str__(self) -> str:
        return f"{self.scope}:{self.key}"


class Transfer(models.Model):
    """An amount from one account to another. Every row balances by itself.

    `id` follows from the posting's scope and key and the step in it, so whoever asked knows it
    without reading. `seq` orders the transfers of an account as they took effect.
    """

    id = models.UUIDField(primary_key=True)
    seq = models.BigIntegerField(
        _("number"),
        db_default=Func(
            Value("ledger_transfer_seq"), function="nextval", output_field=models.BigIntegerField()
        ),
        editable=False,
    )
    posting = models.ForeignKey(
        JournalEntry, models.PROTECT, related_name="transfers", db_index=False, db_constraint=False
    )
    step = models.PositiveSmallIntegerField(_("step"))
    debit = models.ForeignKey(
        Account, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    credit = models.ForeignKey(
        Account, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    currency = CurrencyField(verbose_name=_("currency"))
    amount_minor = MinorUnitsField(_("amount"))
    phase = models.CharField(_("phase"), max_length=7, choices=Phase.choices)
    kind = models.CharField(_("kind"), max_length=KIND_CHARS_MAX, blank=True)
    pending_of = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="resolutions",
        db_index=False,
        db_constraint=False,
    )
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    created_at = models.DateTimeField(_("entered"), db_default=TransactionNow())

    amount = MoneyOf("amount_minor", "currency")

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        indexes = [
            models.Index(fields=["debit", "seq"], name="transfer_by_debit"),
            models.Index(fields=["credit", "seq"], name="transfer_by_credit"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["posting", "step"], name="transfer_step_is_unique"),
            models.UniqueConstraint(
                fields=["pending_of"],
                condition=Q(pending_of__isnull=False),
                name="hold_is_resolved_once",
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="transfer_moves_something"
            ),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="transfer_has_two_sides"),
            models.CheckConstraint(
                condition=Q(phase__in=Phase.values), name="transfer_phase_is_known"
            ),
            models.CheckConstraint(
                condition=Q(phase__in=[Phase.POST, Phase.VOID], pending_of__isnull=False)
                | Q(phase__in=[Phase.SINGLE, Phase.PENDING], pending_of__isnull=True),
                name="transfer_resolves_or_stands_alone",
            ),
            models.CheckConstraint(
                condition=Q(expires_at=None)
                | Q(phase=Phase.PENDING, expires_at__gt=F("created_at")),
                name="transfer_expires_only_when_held",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class OpenHold(models.Model):
    """A hold that nobody has resolved: kept by the database, so that expiry reads only what is open."""

    transfer = models.OneToOneField(
        Transfer, models.PROTECT, primary_key=True, related_name="open_hold", db_constraint=False
    )
    expires_at = models.DateTimeField(_("expires"), null=True)

    class Meta:
        verbose_name = _("open hold")
        verbose_name_plural = _("open holds")
        indexes = [
            models.Index(
                fields=["expires_at"], condition=Q(expires_at__isnull=False), name="hold_by_expiry"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class ExternalRef(models.Model):
    """One fact of a payment provider is one fact of the books."""

    psp = models.CharField(_("payment provider"), max_length=40)
    object_type = models.CharField(_("object type"), max_length=60)
    object_id = models.CharField(_("object"), max_length=200)
    kind = models.CharField(_("kind"), max_length=KIND_CHARS_MAX)
    transfer = models.ForeignKey(
        Transfer, models.PROTECT, related_name="external_refs", db_constraint=False
    )

    class Meta:
        verbose_name = _("external reference")
        verbose_name_plural = _("external references")
        constraints = [
            models.UniqueConstraint(
                fields=["psp", "object_id", "kind"], name="external_fact_is_booked_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.psp}:{self.object_id}:{self.kind}"
