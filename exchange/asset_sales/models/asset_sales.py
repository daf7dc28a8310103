"""An asset sale and the steps that led to where it stands."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from accounts.models import Organisation, User
from exchange.asset_sales.lifecycle import ASSET_SALE, ENDED, AssetSaleState, Turn
from exchange.catalog.lifecycle import DealNature
from exchange.catalog.models import Product
from exchange.core.fields import CurrencyField, MinorUnitsField
from exchange.core.models.steps import Step, step_constraints
from exchange.orders.models import Order
from pricing.money import MoneyOf

NUMBER_CHARS_MAX = 60


@ASSET_SALE.governs("seller", "product", "winner", "order")
class AssetSale(models.Model):
    """The sale of one state-owned data asset. `turn` says who must act, `due_at` until when.

    `first_announced_at` counts for how long the valuation may be used; a new valuation clears it.
    `order` is what the buyer got.
    """

    public_id = PublicIdField(prefix="dsp")
    seller = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("seller"), related_name="+"
    )
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, verbose_name=_("product"), related_name="asset_sales"
    )
    prepared_by = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name=_("prepared by"), related_name="+"
    )
    deal_nature = models.CharField(
        _("nature of the deal"), max_length=12, choices=DealNature.choices
    )
    state = models.CharField(
        _("state"), max_length=15, choices=AssetSaleState.choices, default=ASSET_SALE.start
    )
    turn = models.CharField(_("turn"), max_length=10, choices=Turn.choices)
    due_at = models.DateTimeField(_("until"), null=True, blank=True)
    steps_count = models.PositiveIntegerField(_("steps"), default=0)
    currency = CurrencyField(_("currency"))
    filing_no = models.CharField(_("filing number"), max_length=NUMBER_CHARS_MAX, blank=True)
    first_announced_at = models.DateTimeField(_("first announced"), null=True, blank=True)
    round = models.PositiveIntegerField(_("round"), default=0)
    winner = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        verbose_name=_("buyer"),
        related_name="+",
        null=True,
        blank=True,
    )
    price_minor = MinorUnitsField(_("price"), default=0)
    order = models.ForeignKey(
        Order,
        on_delete=models.PROTECT,
        verbose_name=_("order"),
        related_name="+",
        null=True,
        blank=True,
    )
    created_at = models.DateTimeField(_("planned"))

    price = MoneyOf("price_minor", "currency")

    class Meta:
        verbose_name = _("sale of a state asset")
        verbose_name_plural = _("sales of state assets")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["state", "due_at"], name="asset_sale_by_deadline"),
            models.Index(fields=["seller", "-id"], name="asset_sale_of_seller"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(deal_nature__in=[DealNature.TRANSFER, DealNature.CONTRIBUTION]),
                name="asset_sale_is_no_licence",
            ),
            models.CheckConstraint(
                condition=Q(state__in=AssetSaleState.values, turn__in=Turn.values),
                name="asset_sale_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(winner=None, price_minor=0)
                | Q(winner__isnull=False, price_minor__gt=0),
                name="asset_sale_buyer_has_a_price",
            ),
            models.UniqueConstraint(
                fields=["product"],
                condition=~Q(state__in=ENDED),
                name="asset_sale_is_one_per_product",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


@ASSET_SALE.keeps_steps("asset_sale")
class AssetSaleStep(Step):
    """One step of an asset sale; its facts name the versions of the rules that it was taken under."""

    lifecycle = ASSET_SALE

    public_id = PublicIdField(prefix="dss")
    asset_sale = models.ForeignKey(AssetSale, on_delete=models.PROTECT, related_name="steps")

    class Meta:
        verbose_name = _("step of an asset sale")
        verbose_name_plural = _("steps of asset sales")
        ordering = ["asset_sale_id", "number"]
        constraints = step_constraints(ASSET_SALE, "asset_sale")
