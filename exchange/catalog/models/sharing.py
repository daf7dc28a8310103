"""How the revenue of a product is shared out: who gets which part of what its sales bring."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from accounts.models import Organisation, User
from exchange.catalog.lifecycle import SHARING, SharingState
from exchange.catalog.models.products import Product
from exchange.core.fields import CurrencyField, MinorUnitsField
from exchange.core.lifecycle import REASON_CHARS_MAX
from pricing.money import MoneyOf

PERCENT_PLACES = 4
PERCENT_MAX = 100
RECEIVERS_MAX = 8
SOURCES_MAX = 4
# Where it holds, or held.
HELD = (SharingState.IN_FORCE, SharingState.ENDED)


@SHARING.governs("product__seller")
class Sharing(models.Model):
    """One version of a product's shares, in force from when all its parties had agreed to the next one.

    Orders freeze the one in force when they are placed. First amounts are in `currency`, and are taken
    from sales in it alone. `by_month`: the parties confirm what a month brought before it is available.
    """

    public_id = PublicIdField(prefix="shr")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="sharings")
    number = models.PositiveIntegerField(_("number"))
    currency = CurrencyField(verbose_name=_("currency"))
    by_month = models.BooleanField(_("confirmed by month"), default=False)
    state = models.CharField(
        _("state"), max_length=10, choices=SharingState.choices, default=SharingState.PROPOSED
    )
    reason = models.CharField(_("reason"), max_length=REASON_CHARS_MAX, blank=True)
    proposed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name=_("proposed by"), related_name="+"
    )
    proposed_at = models.DateTimeField(_("proposed"))
    effective_at = models.DateTimeField(_("in force from"), null=True, blank=True)
    ended_at = models.DateTimeField(_("in force until"), null=True, blank=True)

    class Meta:
        verbose_name = _("sharing of revenue")
        verbose_name_plural = _("sharings of revenue")
        ordering = ["product_id", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["product", "number"], name="sharing_number_is_unique"),
            models.UniqueConstraint(
                fields=["product"],
                condition=Q(state=SharingState.IN_FORCE),
                name="sharing_in_force_is_one",
            ),
            models.UniqueConstraint(
                fields=["product"],
                condition=Q(state=SharingState.PROPOSED),
                name="sharing_proposed_is_one",
            ),
            models.CheckConstraint(
                condition=Q(effective_at__isnull=False, state__in=HELD)
                | (Q(effective_at=None) & ~Q(state__in=HELD)),
                name="sharing_in_force_knows_since_when",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=False, state=SharingState.ENDED)
                | (Q(ended_at=None) & ~Q(state=SharingState.ENDED)),
                name="sharing_ended_knows_when",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("effective_at")),
                name="sharing_ends_after_it_began",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} · {self.number}"

    @property
    def seller_id(self) -> int:
        """Whom a step of it is told to."""
        return self.product.seller_id


class SharingParty(models.Model):
    """What one party gets: first an amount of each sale, at most so many percent of its net, and then its
    percentage of the rest. Who had a part in the one before and gets none any more is a party with nothing.
    `has_royalty`: a product of the party's is among those that this one is made of.
    """

    sharing = models.ForeignKey(Sharing, on_delete=models.PROTECT, related_name="parties")
    position = models.PositiveSmallIntegerField(_("position"))
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("party"), related_name="+"
    )
    percent = models.DecimalField(_("percent"), max_digits=7, decimal_places=PERCENT_PLACES)
    currency = CurrencyField(verbose_name=_("currency"))
    first_minor = MinorUnitsField(_("first of each sale"), default=0)
    first_percent_max = models.DecimalField(
        _("at most, in percent of the net"),
        max_digits=7,
        decimal_places=PERCENT_PLACES,
        default=Decimal(PERCENT_MAX),
    )
    has_royalty = models.BooleanField(_("gets a royalty"), default=False)
    agreed_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        verbose_name=_("agreed by"),
        related_name="+",
        null=True,
        blank=True,
    )
    agreed_at = models.DateTimeField(_("agreed"), null=True, blank=True)

    first = MoneyOf("first_minor", "currency")

    class Meta:
        verbose_name = _("party of a sharing")
        verbose_name_plural = _("parties of sharings")
        ordering = ["sharing_id", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["sharing", "position"], name="sharing_party_position_is_unique"
            ),
            models.UniqueConstraint(
                fields=["sharing", "organisation"], name="sharing_names_a_party_once"
            ),
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=PERCENT_MAX),
                name="sharing_percent_is_one",
            ),
            models.CheckConstraint(
                condition=Q(
                    first_minor__gte=0, first_percent_max__gte=0, first_percent_max__lte=PERCENT_MAX
                ),
                name="sharing_first_amount_is_capped",
            ),
            models.CheckConstraint(
                condition=Q(agreed_at=None, agreed_by=None)
                | Q(agreed_at__isnull=False, agreed_by__isnull=False),
                name="sharing_party_agreed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.percent.normalize():f} %"


class SharingRoyalty(models.Model):
    """What a product owes, of each of its sales and before anybody shares, to a product that it is made of: a
    percentage of the net, an amount, or both. Rows are never changed or deleted."""

    sharing = models.ForeignKey(Sharing, on_delete=models.PROTECT, related_name="royalties")
    position = models.PositiveSmallIntegerField(_("position"))
    source = models.ForeignKey(
        Product, on_delete=models.PROTECT, verbose_name=_("made of"), related_name="+"
    )
    percent = models.DecimalField(
        _("percent of the net"), max_digits=7, decimal_places=PERCENT_PLACES
    )
    currency = CurrencyField(verbose_name=_("currency"))
    each_minor = MinorUnitsField(_("of each sale"), default=0)

    each = MoneyOf("each_minor", "currency")

    class Meta:
        verbose_name = _("royalty of a product")
        verbose_name_plural = _("royalties of products")
        ordering = ["sharing_id", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["sharing", "source"], name="sharing_names_a_source_once"
            ),
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=PERCENT_MAX, each_minor__gte=0),
                name="royalty_is_a_part",
            ),
            models.CheckConstraint(
                condition=Q(percent__gt=0) | Q(each_minor__gt=0), name="royalty_is_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} · {self.percent.normalize():f} %"
