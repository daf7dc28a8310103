"""Auctions, what they are about, and the steps that led to where they stand."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from exchange.auctions.states import AuctionState, Kind, Move, legal_steps
from exchange.catalog.lifecycle import DealNature
from exchange.catalog.models import Product
from exchange.core.fields import CurrencyField, MinorUnitsField, MoneyOf
from exchange.core.ids import PublicIdField

TITLE_CHARS_MAX = 200
ACTOR_CHARS_MAX = 100
REASON_CHARS_MAX = 2000
COMMITMENT_CHARS = 71  # "sha256:" and 64 hexadecimal digits


class Auction(models.Model):
    """One auction: what is sold (or, in a procurement, wanted), by which rules, and where it stands.

    Once it is announced, rules and terms never change; the times move only by steps and by the soft
    close. `leader`, `top_minor`, `second_minor` and `price_minor` are the standing of a live auction,
    kept so that a bid costs the same however many came before; `top_minor` is secret. `reserve_minor`
    is secret unless `reserve_shown`. `version` grows with everything that an open page shows,
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
    state = models.CharField(_("state"), max_length=10, choices=AuctionState.choices)
    steps_count = models.PositiveIntegerField(_("steps"), default=0)
    told_version = models.PositiveBigIntegerField(_("bidders told until"), default=0)
    version = models.PositiveIntegerField(_("version"), default=0)

    # What the winner gets.
    wish = models.JSONField(_("access"), default=dict)
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
        return self.title

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


class AuctionStep(models.Model):
    """One move of an auction: from where to where, by whom, when, why. Rows never change."""

    public_id = PublicIdField(prefix="aus")
    auction = models.ForeignKey(Auction, on_delete=models.PROTECT, related_name="steps")
    number = models.PositiveIntegerField(_("number"))
    move = models.CharField(_("step"), max_length=20, choices=Move.choices)
    source = models.CharField(_("from"), max_length=10, blank=True)
    target = models.CharField(_("to"), max_length=10, choices=AuctionState.choices)
    actor = models.CharField(_("actor"), max_length=ACTOR_CHARS_MAX)
    by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        verbose_name=_("by"),
        related_name="+",
        null=True,
        blank=True,
    )
    reason = models.TextField(_("reason"), max_length=REASON_CHARS_MAX, blank=True)
    facts = models.JSONField(_("facts"), default=dict)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("auction step")
        verbose_name_plural = _("auction steps")
        ordering = ["auction_id", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["auction", "number"], name="auction_step_number_is_unique"
            ),
            models.CheckConstraint(
                condition=Q(
                    *(
                        Q(move=move, source=source, target=target)
                        for move, source, target in legal_steps()
                    ),
                    _connector=Q.OR,
                ),
                name="auction_step_is_a_legal_move",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} · {self.get_move_display()}"
