"""What came out: bids revealed by hand, the evidence, and who won what."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from exchange.auctions.models.auctions import COMMITMENT_CHARS, Auction
from exchange.auctions.models.bids import RECORD_CHARS_MAX, Bid
from exchange.catalog.models import Product
from exchange.core.fields import MinorUnitsField
from exchange.core.ids import PublicIdField

REF_CHARS_MAX = 40
REFUSED_CHARS_MAX = 60


class Reveal(models.Model):
    """A bid that its bidder kept to itself until the close, and that matches its commitment."""

    bid = models.OneToOneField(Bid, on_delete=models.PROTECT, related_name="reveal")
    content = models.JSONField(_("bid"))
    nonce = models.CharField(_("nonce"), max_length=128)
    at = models.DateTimeField(_("revealed"))

    class Meta:
        verbose_name = _("revealed bid")
        verbose_name_plural = _("revealed bids")

    def __str__(self) -> str:
        return str(self.bid)


class Evidence(models.Model):
    """The auction and its outcome in one canonical document, from which anybody can clear it again.

    `document` is the bytes themselves; `digest` their SHA-256, which `record_id`, a record of the
    transparency log, carries too. `voids` are bids that could not take part, and why. Rows are
    never changed or deleted.
    """

    auction = models.OneToOneField(Auction, on_delete=models.PROTECT, related_name="evidence")
    document = models.BinaryField(_("document"))
    digest = models.CharField(_("hash"), max_length=COMMITMENT_CHARS)
    voids = models.JSONField(_("void bids"), default=list)
    record_id = models.CharField(_("record in the log"), max_length=RECORD_CHARS_MAX, unique=True)
    cleared_at = models.DateTimeField(_("cleared"))

    class Meta:
        verbose_name = _("evidence of an auction")
        verbose_name_plural = _("evidence of auctions")

    def __str__(self) -> str:
        return self.digest


class Award(models.Model):
    """What one organisation won. `order_ref` follows once the order has been placed; all else stays.

    `payment_minor` is net of tax; in a procurement it is what the winner is paid. `waits_for` is the
    code of what stands in the order's way.
    """

    public_id = PublicIdField(prefix="awd")
    auction = models.ForeignKey(Auction, on_delete=models.PROTECT, related_name="awards")
    bidder = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("winner"), related_name="+"
    )
    by = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name=_("bid by"), related_name="+"
    )
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, verbose_name=_("product"), related_name="+"
    )
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    payment_minor = MinorUnitsField(_("payment"))
    order_ref = models.CharField(_("order"), max_length=REF_CHARS_MAX, blank=True)
    waits_for = models.CharField(_("waits for"), max_length=REFUSED_CHARS_MAX, blank=True)

    class Meta:
        verbose_name = _("award")
        verbose_name_plural = _("awards")
        ordering = ["auction_id", "id"]
        indexes = [
            models.Index(fields=["auction"], condition=Q(order_ref=""), name="award_without_order")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["auction", "bidder", "product"], name="award_is_once_per_product"
            ),
            models.CheckConstraint(
                condition=Q(payment_minor__gte=0, quantity__gte=1),
                name="award_is_of_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bidder} · {self.product}"
