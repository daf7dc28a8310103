"""What sellers grant to partners: a discount on everything that is bought from them at one price."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from exchange.core.ids import PublicIdField
from exchange.orders.states import PriceGround

NAME_CHARS_MAX = 60
WORDS_CHARS_MAX = 1000
PERCENT_MAX = Decimal(90)


class PartnerTier(models.Model):
    """A partner's discount in percent of the net price, with the ground on which equal buyers are
    treated differently. It holds for orders placed between `granted_at` and `ended_at`."""

    public_id = PublicIdField(prefix="ptn")
    seller = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("seller"), related_name="+"
    )
    partner = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("partner"), related_name="+"
    )
    name = models.CharField(_("tier"), max_length=NAME_CHARS_MAX)
    percent = models.DecimalField(_("discount in percent"), max_digits=4, decimal_places=2)
    ground = models.CharField(_("ground"), max_length=20, choices=PriceGround.choices)
    words = models.TextField(_("in words"), max_length=WORDS_CHARS_MAX)
    granted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name=_("by"), related_name="+"
    )
    granted_at = models.DateTimeField(_("granted"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("partner tier")
        verbose_name_plural = _("partner tiers")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["seller", "partner"],
                condition=Q(ended_at=None),
                name="partner_tier_is_one_per_partner",
            ),
            models.CheckConstraint(
                condition=Q(percent__gt=0, percent__lte=PERCENT_MAX),
                name="partner_tier_is_a_discount",
            ),
            models.CheckConstraint(
                condition=~Q(seller=F("partner")), name="partner_tier_has_two_parties"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("granted_at")),
                name="partner_tier_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.partner} · {self.percent} %"
