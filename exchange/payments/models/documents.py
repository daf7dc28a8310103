"""Numbered documents and the series that number them without gaps."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from accounts.models import Organisation
from exchange.core.fields import CurrencyField, MinorUnitsField
from exchange.core.formatting import money_shown
from exchange.ledger.models import Account, Transfer
from exchange.orders.models import Order
from exchange.payments.lifecycle import DocumentKind
from exchange.payments.models.payments import ACTOR_CHARS_MAX
from exchange.payments.models.settlements import HASH_CHARS, Settlement
from pricing.money import MoneyOf

NUMBER_CHARS_MAX = 30


class NumberSeries(models.Model):
    """The one row per kind and year that writers queue on. Reading the highest number instead would
    give two documents one number."""

    kind = models.CharField(_("kind"), max_length=20, choices=DocumentKind.choices)
    year = models.PositiveIntegerField(_("year"))
    issued_count = models.PositiveIntegerField(_("issued"), default=0)

    class Meta:
        verbose_name = _("series of numbers")
        verbose_name_plural = _("series of numbers")
        constraints = [
            models.UniqueConstraint(fields=["kind", "year"], name="number_series_is_one_per_year")
        ]

    def __str__(self) -> str:
        return f"{self.kind} · {self.year}"


class StatementRun(models.Model):
    """The statements of one month for all sellers, and how far the clock has come with them.

    `last_seller_key` is the last seller that is done; `until_seq` the newest transfer that the run looks at,
    so that all its statements speak of one moment. Starting it again begins with the first seller.
    """

    public_id = PublicIdField(prefix="srn")
    first_day = models.DateField(_("first day"), unique=True)
    sellers_count = models.PositiveIntegerField(_("sellers"), default=0)
    done_count = models.PositiveIntegerField(_("sellers done"), default=0)
    issued_count = models.PositiveIntegerField(_("statements issued"), default=0)
    refused_count = models.PositiveIntegerField(_("would change in a closed month"), default=0)
    last_seller_key = models.BigIntegerField(_("last seller"), default=0)
    until_seq = models.BigIntegerField(_("newest transfer"), default=0)
    started_by = models.CharField(_("started by"), max_length=ACTOR_CHARS_MAX)
    started_at = models.DateTimeField(_("started"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("run of monthly statements")
        verbose_name_plural = _("runs of monthly statements")
        ordering = ["-first_day"]
        constraints = [
            models.CheckConstraint(
                condition=Q(first_day__day=1), name="statement_run_is_of_a_month"
            )
        ]

    def __str__(self) -> str:
        return f"{self.first_day:%Y-%m}"


class Document(models.Model):
    """A numbered document as data; `document_hash` is the SHA-256 of the content's canonical JSON.

    Rows are never changed or deleted; a mistake is corrected by a further document. `cause` names what
    the document is about, so that it is issued once.
    """

    public_id = PublicIdField(prefix="ppr")
    kind = models.CharField(_("kind"), max_length=20, choices=DocumentKind.choices)
    year = models.PositiveIntegerField(_("year"))
    serial = models.PositiveIntegerField(_("serial number"))
    number = models.CharField(_("number"), max_length=NUMBER_CHARS_MAX, unique=True)
    order = models.ForeignKey(
        Order,
        on_delete=models.PROTECT,
        verbose_name=_("order"),
        related_name="documents",
        null=True,
        blank=True,
    )
    cause = models.CharField(_("cause"), max_length=60)
    issuer = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("issuer"), related_name="+"
    )
    receiver = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("receiver"), related_name="+"
    )
    corrects = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        verbose_name=_("corrects"),
        related_name="corrections",
        null=True,
        blank=True,
    )
    content = models.JSONField(_("content"))
    document_hash = models.CharField(_("hash"), max_length=HASH_CHARS)
    issued_at = models.DateTimeField(_("issued"))

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "year", "serial"], name="document_serial_is_unique"
            ),
            models.UniqueConstraint(fields=["kind", "cause"], name="document_is_issued_once"),
            models.CheckConstraint(
                condition=Q(serial__gte=1), name="document_serial_begins_at_one"
            ),
        ]
        indexes = [
            models.Index(fields=["receiver", "-id"], name="document_of_receiver"),
        ]

    def __str__(self) -> str:
        return self.number


class FeeLine(models.Model):
    """A transfer on the exchange's accounts of the fee or of its tax, and the document to the seller that it stands
    on. `amount_minor` is above zero for what was taken, below for what was given back.

    `seq`, account, amount and `at` are the transfer's own, which never change: the newest line of an account says how
    far it was read, and what waits for a document is found without reading the books. `is_earlier` are fees of months
    before the one in which this installation began to issue documents for them: they stand on none.
    """

    transfer = models.OneToOneField(
        Transfer,
        on_delete=models.PROTECT,
        primary_key=True,
        related_name="+",
        verbose_name=_("transfer"),
    )
    seq = models.BigIntegerField(_("number"))
    account = models.ForeignKey(
        Account,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("account"),
    )
    settlement = models.ForeignKey(
        Settlement,
        on_delete=models.PROTECT,
        related_name="fee_lines",
        verbose_name=_("settlement"),
    )
    seller = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("seller"),
    )
    is_tax = models.BooleanField(_("tax on the fee"))
    currency = CurrencyField(verbose_name=_("currency"))
    amount_minor = MinorUnitsField(_("amount"))
    at = models.DateTimeField(_("booked"))
    document = models.ForeignKey(
        Document,
        on_delete=models.PROTECT,
        related_name="fee_lines",
        verbose_name=_("document"),
        null=True,
        blank=True,
    )

    is_earlier = models.BooleanField(
        _("before there were documents"), default=False, db_default=False
    )

    amount = MoneyOf("amount_minor", "currency")

    class Meta:
        verbose_name = _("line of a fee")
        verbose_name_plural = _("lines of fees")
        ordering = ["-seq"]
        constraints = [
            models.CheckConstraint(condition=~Q(amount_minor=0), name="fee_line_moves_something"),
            models.CheckConstraint(
                condition=Q(is_earlier=False) | Q(document=None),
                name="fee_line_earlier_is_on_no_document",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-seq"], name="fee_line_newest"),
            models.Index(
                fields=["at", "seller"],
                condition=Q(document__isnull=True, is_earlier=False),
                name="fee_line_to_invoice",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seq} · {money_shown(self.amount)}"
