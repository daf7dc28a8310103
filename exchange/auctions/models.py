"""Auctions and their steps, who bids and what, and what came out."""

from datetime import datetime

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from accounts.models import Organisation, User
from exchange.auctions.lifecycle import AUCTION, AuctionState, Kind
from exchange.catalog.lifecycle import DealNature
from exchange.catalog.models import Product
from exchange.core.fields import CurrencyField, MinorUnitsField
from exchange.core.lifecycle import REASON_CHARS_MAX
from exchange.core.models.steps import ACTOR_CHARS_MAX, Step, step_constraints
from exchange.core.titles import title_of
from exchange.orders.models import Order
from exchange.payments.models import Deposit
from pricing.money import MoneyOf

TITLE_CHARS_MAX = 200
COMMITMENT_CHARS = 71  # "sha256:" and 64 hexadecimal digits
RECORD_CHARS_MAX = 40
REFUSED_CHARS_MAX = 60


@AUCTION.governs("organiser", "product")
class Auction(models.Model):
    """One auction: what is sold (or, in a procurement, wanted), by which rules, and where it stands.

    Once it is announced, rules and terms never change; the times move only by steps and by the soft
    close. `leader`, `top_minor`, `second_minor` and `price_minor` are the standing of a live auction,
    kept so that a bid costs the same however many came before; `top_minor` is secret. `reserve_minor`
    is secret unless `reserve_shown`. While somebody computes the winners, nobody else begins to before
    `clearing_until`. `version` grows with everything that an open page shows,
    `told_version` follows it when the outbid have been told.
    """

    public_id = PublicIdField(prefix="auc")
    organiser = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("organiser"), related_name="auctions"
    )
    product = models.ForeignKey(
        Product,
        on_delete=models.PROTECT,
        verbose_name=_("product"),
        related_name="auctions",
        null=True,
        blank=True,
    )
    created_by = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name=_("by"), related_name="+"
    )
    title = models.CharField(_("title"), max_length=TITLE_CHARS_MAX)
    title_zh = models.CharField(_("Chinese title"), max_length=TITLE_CHARS_MAX, blank=True)
    kind = models.CharField(_("mechanism"), max_length=30, choices=Kind.choices)
    state = models.CharField(
        _("state"), max_length=10, choices=AuctionState.choices, default=AuctionState.DRAFT
    )
    steps_count = models.PositiveIntegerField(_("steps"), default=0)
    told_version = models.PositiveBigIntegerField(_("bidders told until"), default=0)
    version = models.PositiveIntegerField(_("version"), default=0)

    # What the winner gets.
    access = models.JSONField(_("access"), default=dict)
    deal_nature = models.CharField(
        _("nature of the deal"),
        max_length=12,
        choices=DealNature.choices,
        default=DealNature.LICENCE,
    )
    exclusive = models.BooleanField(_("exclusive licence"), default=False)

    # By which rules.
    currency = CurrencyField(_("currency"))
    opening_minor = MinorUnitsField(_("opening price"), default=0)
    reserve_minor = MinorUnitsField(_("reserve"), default=0)
    reserve_shown = models.BooleanField(_("reserve is shown"), default=True)
    increments = models.JSONField(_("increments"), default=list)
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    options = models.JSONField(_("further terms"), default=dict, encoder=DjangoJSONEncoder)
    deposit_minor = MinorUnitsField(_("deposit"), default=0)
    sealed_key = models.TextField(_("sealed key"), blank=True)
    seed = models.TextField(_("sealed seed"), blank=True)

    # When.
    opens_at = models.DateTimeField(_("opens"))
    closes_at = models.DateTimeField(_("closes"))
    first_closes_at = models.DateTimeField(_("was to close"))
    soft_window_seconds = models.PositiveIntegerField(_("soft close: window, s"), default=0)
    soft_extension_seconds = models.PositiveIntegerField(_("soft close: extension, s"), default=0)
    closes_by = models.DateTimeField(_("closes at the latest"), null=True, blank=True)
    reveal_seconds = models.PositiveIntegerField(_("time to reveal, s"), default=0)
    reveal_until = models.DateTimeField(_("reveal until"), null=True, blank=True)
    paused_at = models.DateTimeField(_("paused"), null=True, blank=True)
    paused_micros = models.BigIntegerField(_("paused for, µs"), default=0)
    moved_by_hand = models.BooleanField(_("end was moved by hand"), default=False)
    clearing_since = models.DateTimeField(_("is cleared since"), null=True, blank=True)
    clearing_until = models.DateTimeField(_("is cleared until"), null=True, blank=True)
    settled_at = models.DateTimeField(_("all done"), null=True, blank=True)
    created_at = models.DateTimeField(_("drafted"))

    # How it stands.
    leader = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        verbose_name=_("leader"),
        related_name="+",
        null=True,
        blank=True,
    )
    top_minor = MinorUnitsField(_("highest maximum"), default=0)
    second_minor = MinorUnitsField(_("second maximum"), default=0)
    price_minor = MinorUnitsField(_("standing price"), default=0)
    taken = models.PositiveIntegerField(_("taken"), default=0)
    bids_count = models.PositiveIntegerField(_("bids"), default=0)
    bidders_count = models.PositiveIntegerField(_("bidders"), default=0)
    last_bid_at = models.DateTimeField(_("last bid"), null=True, blank=True)

    price = MoneyOf("price_minor", "currency")
    opening = MoneyOf("opening_minor", "currency")
    reserve = MoneyOf("reserve_minor", "currency")
    deposit = MoneyOf("deposit_minor", "currency")

    class Meta:
        verbose_name = _("auction")
        verbose_name_plural = _("auctions")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["state", "closes_at"], name="auction_by_end"),
            models.Index(fields=["organiser", "-id"], name="auction_of_organiser"),
            models.Index(
                fields=["id"], condition=Q(settled_at__isnull=True), name="auction_unsettled"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="auction_kind_is_known"),
            models.CheckConstraint(
                condition=Q(state__in=AuctionState.values), name="auction_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opens_at")), name="auction_closes_after_opening"
            ),
            models.CheckConstraint(
                condition=Q(closes_by=None)
                | Q(closes_by__gte=F("closes_at"))
                | Q(moved_by_hand=True),
                name="auction_closes_by_its_cap",
            ),
            models.CheckConstraint(
                condition=Q(
                    opening_minor__gte=0,
                    reserve_minor__gte=0,
                    deposit_minor__gte=0,
                    quantity__gte=1,
                    taken__lte=F("quantity"),
                ),
                name="auction_amounts_are_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(second_minor__lte=F("top_minor"), price_minor__gte=0),
                name="auction_second_is_not_above_top",
            ),
            models.CheckConstraint(
                condition=Q(kind=Kind.PROCUREMENT, product=None)
                | (~Q(kind=Kind.PROCUREMENT) & Q(product__isnull=False)),
                name="auction_is_about_a_product",
            ),
            models.CheckConstraint(
                condition=Q(state=AuctionState.PAUSED, paused_at__isnull=False)
                | (~Q(state=AuctionState.PAUSED) & Q(paused_at=None)),
                name="auction_paused_knows_since_when",
            ),
        ]

    def __str__(self) -> str:
        return title_of(self)

    @property
    def ended_at(self) -> datetime:
        """When bidding ends: at the close, or before it where all was done by then."""
        return min(self.closes_at, self.settled_at or self.closes_at)

    @property
    def basis(self) -> str:
        """What deposits, offers and orders of the auction name as where they came from."""
        return f"auction:{self.public_id}"


class AuctionItem(models.Model):
    """One of the products that bundles are made of."""

    auction = models.ForeignKey(Auction, on_delete=models.PROTECT, related_name="items")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    count = models.PositiveIntegerField(_("licences"), default=1)
    reserve_minor = MinorUnitsField(_("reserve"), default=0)

    class Meta:
        verbose_name = _("item of an auction")
        verbose_name_plural = _("items of auctions")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["auction", "product"], name="auction_item_is_once"),
            models.CheckConstraint(
                condition=Q(count__gte=1, reserve_minor__gte=0), name="auction_item_is_something"
            ),
        ]

    def __str__(self) -> str:
        return str(self.product)


@AUCTION.keeps_steps("auction")
class AuctionStep(Step):
    """One step of an auction: from where to where, by whom, when, why. Rows never change."""

    lifecycle = AUCTION

    public_id = PublicIdField(prefix="aus")
    auction = models.ForeignKey(Auction, on_delete=models.PROTECT, related_name="steps")

    class Meta:
        verbose_name = _("auction step")
        verbose_name_plural = _("auction steps")
        ordering = ["auction_id", "number"]
        constraints = step_constraints(AUCTION, "auction")


class Bidder(models.Model):
    """An organisation that may bid in an auction: not tied to what it brings, deposit placed.

    `number` is how the others know it until the close.
    """

    auction = models.ForeignKey(Auction, on_delete=models.PROTECT, related_name="bidders")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("bidder"), related_name="+"
    )
    number = models.PositiveIntegerField(_("number"))
    deposit = models.ForeignKey(
        Deposit,
        on_delete=models.PROTECT,
        verbose_name=_("deposit"),
        related_name="+",
        null=True,
        blank=True,
    )
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
                | (Q(withdrawn_at__isnull=False) & ~Q(withdrawal_reason="")),
                name="bid_withdrawn_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


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
    """What one organisation won. `order` follows once the order has been placed; all else stays.

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
    order = models.ForeignKey(
        Order,
        on_delete=models.PROTECT,
        verbose_name=_("order"),
        related_name="+",
        null=True,
        blank=True,
    )
    waits_for = models.CharField(_("waits for"), max_length=REFUSED_CHARS_MAX, blank=True)

    class Meta:
        verbose_name = _("award")
        verbose_name_plural = _("awards")
        ordering = ["auction_id", "id"]
        indexes = [
            models.Index(fields=["auction"], condition=Q(order=None), name="award_without_order")
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
