"""Announcements by round, who registered for one, and what was bid."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from accounts.models import Organisation, User
from exchange.asset_sales.lifecycle import BIDDER, Round, Standing
from exchange.asset_sales.models.asset_sales import AssetSale
from exchange.asset_sales.models.evidence import Valuation
from exchange.core.fields import MinorUnitsField
from exchange.core.lifecycle import REASON_CHARS_MAX
from exchange.core.models.steps import ACTOR_CHARS_MAX
from exchange.payments.models import Deposit

CONDITIONS_CHARS_MAX = 4000


class Announcement(models.Model):
    """One round: floor, deposit and conditions for `days` working days, until `ends_at`.

    What was announced never changes; only the end moves, when a suspension is over. Bidding takes
    bids up to, not including, `bidding_ends_at`.
    """

    public_id = PublicIdField(prefix="ann")
    asset_sale = models.ForeignKey(
        AssetSale, on_delete=models.PROTECT, related_name="announcements"
    )
    valuation = models.ForeignKey(Valuation, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField(_("round"))
    kind = models.CharField(_("kind"), max_length=10, choices=Round.choices)
    floor_minor = MinorUnitsField(_("floor"))
    deposit_minor = MinorUnitsField(_("deposit"), default=0)
    conditions = models.TextField(_("conditions"), max_length=CONDITIONS_CHARS_MAX, blank=True)
    days = models.PositiveIntegerField(_("working days"))
    starts_at = models.DateTimeField(_("announced"))
    ends_at = models.DateTimeField(_("until"))
    suspended_at = models.DateTimeField(_("suspended"), null=True, blank=True)
    bidders_count = models.PositiveIntegerField(_("bidders"), default=0)
    bids_count = models.PositiveIntegerField(_("bids"), default=0)
    bidding_starts_at = models.DateTimeField(_("bidding opened"), null=True, blank=True)
    bidding_ends_at = models.DateTimeField(_("bidding ends"), null=True, blank=True)
    step_minor = MinorUnitsField(_("bidding step"), default=0)

    class Meta:
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["asset_sale", "number"], name="announcement_round_is_unique"
            ),
            models.CheckConstraint(
                condition=Q(
                    floor_minor__gt=0, deposit_minor__gte=0, deposit_minor__lte=F("floor_minor")
                ),
                name="announcement_deposit_is_within_the_floor",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at"), days__gt=0),
                name="announcement_ends_after_its_start",
            ),
            models.CheckConstraint(
                condition=Q(bidding_ends_at=None, bidding_starts_at=None)
                | Q(bidding_ends_at__gt=F("bidding_starts_at"), step_minor__gt=0),
                name="announcement_bidding_has_an_end_and_a_step",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def basis(self) -> str:
        """What deposits, the offer and the order of this round name as where they came from."""
        return f"asset_sale:{self.public_id}"


@BIDDER.governs("announcement__asset_sale__product", "organisation", "deposit")
class Bidder(models.Model):
    """An organisation that registered, with the price that it is bound to: at least the floor.

    `related` organisations bid like others; `disclosure` is what they say of the relation.
    """

    public_id = PublicIdField(prefix="dbr")
    announcement = models.ForeignKey(Announcement, on_delete=models.PROTECT, related_name="bidders")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("bidder"), related_name="+"
    )
    by = models.ForeignKey(User, on_delete=models.PROTECT, verbose_name=_("by"), related_name="+")
    number = models.PositiveIntegerField(_("number"))
    offer_minor = MinorUnitsField(_("offer"))
    related = models.BooleanField(_("related to the seller"), default=False)
    disclosure = models.TextField(_("disclosure"), max_length=REASON_CHARS_MAX, blank=True)
    standing = models.CharField(
        _("standing"), max_length=10, choices=Standing.choices, default=BIDDER.start
    )
    reason = models.TextField(_("reason"), max_length=REASON_CHARS_MAX, blank=True)
    deposit = models.ForeignKey(
        Deposit,
        on_delete=models.PROTECT,
        verbose_name=_("deposit"),
        related_name="+",
        null=True,
        blank=True,
    )
    registered_at = models.DateTimeField(_("registered"))
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    class Meta:
        verbose_name = _("registered bidder")
        verbose_name_plural = _("registered bidders")
        ordering = ["announcement_id", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["announcement", "organisation"], name="asset_sale_bidder_registers_once"
            ),
            models.UniqueConstraint(
                fields=["announcement", "number"], name="asset_sale_bidder_number_is_unique"
            ),
            models.CheckConstraint(
                condition=Q(offer_minor__gt=0), name="asset_sale_bidder_offers_something"
            ),
            models.CheckConstraint(
                condition=Q(related=False) | ~Q(disclosure=""),
                name="asset_sale_related_bidder_discloses",
            ),
            models.CheckConstraint(
                condition=Q(standing=Standing.REGISTERED, decided_at=None)
                | Q(standing=Standing.QUALIFIED, decided_at__isnull=False)
                | (Q(standing=Standing.REJECTED, decided_at__isnull=False) & ~Q(reason="")),
                name="asset_sale_bidder_rejected_knows_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} · {self.organisation}"


class RoundBid(models.Model):
    """One maximum in the bidding of a round, in the order of arrival. Rows are never changed."""

    public_id = PublicIdField(prefix="dbb")
    announcement = models.ForeignKey(Announcement, on_delete=models.PROTECT, related_name="bids")
    bidder = models.ForeignKey(Bidder, on_delete=models.PROTECT, related_name="bids")
    seq = models.PositiveIntegerField(_("number"))
    amount_minor = MinorUnitsField(_("amount"))
    actor = models.CharField(_("actor"), max_length=ACTOR_CHARS_MAX)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("bid for a state asset")
        verbose_name_plural = _("bids for state assets")
        ordering = ["announcement_id", "seq"]
        constraints = [
            models.UniqueConstraint(
                fields=["announcement", "seq"], name="asset_sale_bid_number_is_unique"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="asset_sale_bid_is_of_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seq}"
