"""Offers: on which price and for which access a product can be had."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from accounts.models import Organisation, User
from exchange.catalog.lifecycle import (
    OFFER,
    DealNature,
    Future,
    History,
    OfferKind,
    OfferState,
    Period,
)
from exchange.catalog.models.products import Product
from exchange.core.fields import CurrencyField, MinorUnitsField
from pricing.money import MoneyOf

NAME_CHARS_MAX = 120
DIGEST_CHARS = 71  # "sha256:" and 64 hexadecimal digits
HISTORY_COUNT_MAX = 100
ACCESS_DAYS_MAX = 3650
BASIS_CHARS_MAX = 80
PERIODIC = [OfferKind.SUBSCRIPTION, OfferKind.METERED]


@OFFER.governs("product__seller")
class Offer(models.Model):
    """One offer of a product. Nothing of it ever changes but that it is withdrawn, and when another one
    takes its place: at `replaced_at`, the moment at which that one begins, it is over.

    `plan` is the price plan of `pricing.charges`, net of tax; `price_minor` is what it charges for
    one purchase, or for one period of a subscription. `history` and `future` say which revisions a
    purchase includes. What is paid by use costs nothing at once: each period is billed at its end.
    `access_days` None: access does not end (a subscription's lasts its period).
    One that is `reserved_for` an organisation came out of a negotiation, an auction or the like, which
    its `basis` names (`auction:auc_…`): nobody else sees it, and it is taken up once.
    """

    public_id = PublicIdField(prefix="off")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="offers")
    number = models.PositiveIntegerField(_("number"))
    name = models.CharField(_("name"), max_length=NAME_CHARS_MAX)
    kind = models.CharField(_("kind"), max_length=15, choices=OfferKind.choices)
    plan = models.JSONField(_("price plan"))
    plan_digest = models.CharField(_("digest of the plan"), max_length=DIGEST_CHARS)
    currency = CurrencyField(verbose_name=_("currency"))
    price_minor = MinorUnitsField(_("price"))
    price = MoneyOf("price_minor", "currency")
    period = models.CharField(_("period"), max_length=10, choices=Period.choices, blank=True)
    access_days = models.PositiveIntegerField(_("days of access"), null=True, blank=True)
    history = models.CharField(
        _("earlier revisions"), max_length=5, choices=History.choices, default=History.ALL
    )
    history_count = models.PositiveIntegerField(_("how many"), null=True, blank=True)
    future = models.CharField(
        _("later revisions"), max_length=5, choices=Future.choices, default=Future.NONE
    )
    deal_nature = models.CharField(
        _("nature of the deal"),
        max_length=12,
        choices=DealNature.choices,
        default=DealNature.LICENCE,
    )
    needs_approval = models.BooleanField(_("the seller approves each buyer"), default=False)
    reserved_for = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        verbose_name=_("reserved for"),
        related_name="+",
        null=True,
        blank=True,
    )
    basis = models.CharField(_("came out of"), max_length=BASIS_CHARS_MAX, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=OfferState.choices, default=OfferState.ACTIVE
    )
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    valid_from = models.DateTimeField(_("valid from"))
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    replaced_at = models.DateTimeField(_("replaced"), null=True, blank=True)
    supersedes = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        verbose_name=_("takes the place of"),
        related_name="successors",
        null=True,
        blank=True,
    )
    created_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        verbose_name=_("by"),
        related_name="+",
        null=True,
        blank=True,
    )

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        ordering = ["product_id", "number"]
        indexes = [
            models.Index(
                fields=["replaced_at"],
                condition=Q(state=OfferState.ACTIVE, replaced_at__isnull=False),
                name="offer_to_be_replaced",
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["product", "number"], name="offer_number_is_unique"),
            models.UniqueConstraint(
                fields=["supersedes"],
                condition=Q(state__in=[OfferState.PROPOSED, OfferState.ACTIVE]),
                name="offer_is_replaced_by_one",
            ),
            models.CheckConstraint(
                condition=Q(replaced_at=None) | Q(replaced_at__gt=F("valid_from")),
                name="offer_is_replaced_after_its_start",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="offer_has_a_name"),
            models.CheckConstraint(
                condition=Q(needs_approval=False)
                | Q(kind__in=[OfferKind.ONE_OFF, OfferKind.SUBSCRIPTION]),
                name="offer_that_needs_approval_is_at_one_price",
            ),
            models.CheckConstraint(
                condition=Q(reserved_for=None, basis="")
                | (Q(reserved_for__isnull=False) & ~Q(basis="")),
                name="offer_reserved_says_what_it_came_out_of",
            ),
            models.UniqueConstraint(
                fields=["basis", "reserved_for"],
                condition=Q(reserved_for__isnull=False),
                name="offer_is_reserved_once",
            ),
            models.CheckConstraint(
                condition=Q(kind=OfferKind.FREE, price_minor=0)
                | Q(kind=OfferKind.METERED, price_minor=0)
                | (~Q(kind__in=[OfferKind.FREE, OfferKind.METERED]) & Q(price_minor__gt=0)),
                name="offer_costs_nothing_when_free",
            ),
            models.CheckConstraint(
                condition=(Q(kind__in=PERIODIC) & ~Q(period=""))
                | (~Q(kind__in=PERIODIC) & Q(period="")),
                name="offer_of_a_subscription_has_a_period",
            ),
            models.CheckConstraint(
                condition=Q(access_days=None)
                | (Q(access_days__range=(1, ACCESS_DAYS_MAX)) & ~Q(kind=OfferKind.SUBSCRIPTION)),
                name="offer_access_is_a_number_of_days",
            ),
            models.CheckConstraint(
                condition=Q(history=History.LAST, history_count__range=(1, HISTORY_COUNT_MAX))
                | (~Q(history=History.LAST) & Q(history_count=None)),
                name="offer_counts_the_last_revisions",
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")),
                name="offer_ends_after_its_start",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[OfferState.PROPOSED, OfferState.ACTIVE], withdrawn_at=None)
                | Q(state=OfferState.WITHDRAWN, withdrawn_at__isnull=False),
                name="offer_withdrawn_knows_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} · {self.name}"
