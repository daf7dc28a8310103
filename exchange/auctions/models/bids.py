"""Who bids in an auction, and the bids."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from exchange.auctions.models.auctions import (
    ACTOR_CHARS_MAX,
    COMMITMENT_CHARS,
    REASON_CHARS_MAX,
    Auction,
)
from exchange.core.ids import PublicIdField

RECORD_CHARS_MAX = 40
DEPOSIT_REF_CHARS_MAX = 40


class Bidder(models.Model):
    """An organisation that may bid in an auction: not related to the organiser, deposit placed.

    `number` is how the others know it until the close.
    """

    auction = models.ForeignKey(Auction, on_delete=models.PROTECT, related_name="bidders")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("bidder"), related_name="+"
    )
    number = models.PositiveIntegerField(_("number"))
    deposit_ref = models.CharField(_("deposit"), max_length=DEPOSIT_REF_CHARS_MAX, blank=True)
    registered_at = models.DateTimeField(_("registered"))

    class Meta:
        verbose_name = _("bidder")
        verbose_name_plural = _("bidders")
        ordering = ["auction_id", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["auction", "organisation"], name="bidder_registers_once"
            ),
            models.UniqueConstraint(fields=["auction", "number"], name="bidder_number_is_unique"),
        ]

    def __str__(self) -> str:
        return str(self.organisation)


class Bid(models.Model):
    """One bid as it arrived, by the clock of the database. Rows never change but by a withdrawal.

    A live bid (English, Dutch) has its `amount_minor`; in an English auction that is the bidder's
    secret maximum, and `price_after_minor` the standing price that it led to. A sealed one has a
    `commitment` and, unless the bidder keeps it until the reveal, an `envelope` that is opened after
    the close. `clock_micros` is the mechanism's time: microseconds since 1970 without pauses.
    """

    public_id = PublicIdField(prefix="bid")
    auction = models.ForeignKey(Auction, on_delete=models.PROTECT, related_name="bids")
    bidder = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("bidder"), related_name="+"
    )
    by = models.ForeignKey(User, on_delete=models.PROTECT, verbose_name=_("by"), related_name="+")
    actor = models.CharField(_("actor"), max_length=ACTOR_CHARS_MAX)
    seq = models.PositiveIntegerField(_("number"))
    received_at = models.DateTimeField(_("received"))
    clock_micros = models.BigIntegerField(_("time of the mechanism, µs"))
    amount_minor = models.BigIntegerField(_("amount"), null=True, blank=True)
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    price_after_minor = models.BigIntegerField(
        _("standing price afterwards"), null=True, blank=True
    )
    commitment = models.CharField(_("commitment"), max_length=COMMITMENT_CHARS, blank=True)
    envelope = models.BinaryField(_("sealed bid"), null=True, blank=True)
    record_id = models.CharField(_("record in the log"), max_length=RECORD_CHARS_MAX)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawal_reason = models.CharField(_("reason"), max_length=REASON_CHARS_MAX, blank=True)

    class Meta:
        verbose_name = _("bid")
        verbose_name_plural = _("bids")
        ordering = ["auction_id", "seq"]
        indexes = [models.Index(fields=["auction", "bidder", "-seq"], name="bid_of_bidder")]
        constraints = [
            models.UniqueConstraint(fields=["auction", "seq"], name="bid_number_is_unique"),
            models.UniqueConstraint(
                fields=["auction", "bidder"],
                condition=Q(withdrawn_at=None) & ~Q(commitment=""),
                name="bid_sealed_is_one_per_bidder",
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, commitment="", envelope=None, quantity__gte=1)
                | (Q(amount_minor=None) & ~Q(commitment="")),
                name="bid_is_live_or_sealed",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawal_reason="")
                | (Q(withdrawn_at__isnull=False) & ~Q(withdrawal_reason="") & ~Q(commitment="")),
                name="bid_withdrawn_was_sealed_and_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id
