"""Cards that an organisation has saved at the provider, to be charged while nobody is there."""

from collections.abc import Mapping

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from accounts.models import Organisation, User
from exchange.payments.card_lifecycle import SAVED_CARD, SavedCardState
from exchange.payments.models.payments import (
    PROVIDER_CHARS_MAX,
    PROVIDER_REF_CHARS_MAX,
    Payment,
)

BRAND_CHARS_MAX = 20
MONTHS = 12


# By the provider's names.
BRANDS: Mapping[str, str] = {
    "amex": "American Express",
    "cartes_bancaires": "Cartes Bancaires",
    "diners": "Diners Club",
    "eftpos_au": "Eftpos Australia",
    "jcb": "JCB",
    "mastercard": "Mastercard",
    "unionpay": "UnionPay",
    "visa": "Visa",
}


@SAVED_CARD.governs("organisation")
class SavedCard(models.Model):
    """A card by the provider's names for it; its number is not known here. One of an organisation's is the
    default, which renewals are charged to. `payment` is the one that it was to be saved with."""

    public_id = PublicIdField(prefix="crd")
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        verbose_name=_("organisation"),
        related_name="saved_cards",
    )
    by = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name=_("asked for by"), related_name="+"
    )
    state = models.CharField(
        _("state"), max_length=10, choices=SavedCardState.choices, default=SavedCardState.ASKED
    )
    payment = models.ForeignKey(
        Payment,
        on_delete=models.PROTECT,
        verbose_name=_("payment that it is saved with"),
        related_name="cards_to_save",
        null=True,
        blank=True,
    )
    is_default = models.BooleanField(_("default"), default=False)
    provider = models.CharField(_("provider"), max_length=PROVIDER_CHARS_MAX)
    provider_ref = models.CharField(
        _("the provider's page"), max_length=PROVIDER_REF_CHARS_MAX, null=True, blank=True
    )
    customer_ref = models.CharField(
        _("the provider's customer"), max_length=PROVIDER_REF_CHARS_MAX, blank=True
    )
    method_ref = models.CharField(
        _("the provider's card"), max_length=PROVIDER_REF_CHARS_MAX, blank=True
    )
    brand = models.CharField(_("brand"), max_length=BRAND_CHARS_MAX, blank=True)
    last4 = models.CharField(_("last four digits"), max_length=4, blank=True)
    exp_month = models.PositiveSmallIntegerField(_("month of expiry"), default=0)
    exp_year = models.PositiveSmallIntegerField(_("year of expiry"), default=0)
    created_at = models.DateTimeField(_("asked for"))
    saved_at = models.DateTimeField(_("saved"), null=True, blank=True)
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)

    class Meta:
        verbose_name = _("saved card")
        verbose_name_plural = _("saved cards")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=SavedCardState.values), name="saved_card_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state=SavedCardState.SAVED)
                | (
                    ~Q(method_ref="")
                    & ~Q(customer_ref="")
                    & Q(saved_at__isnull=False, exp_month__range=(1, MONTHS))
                ),
                name="saved_card_can_be_charged",
            ),
            models.CheckConstraint(
                condition=Q(is_default=False) | Q(state=SavedCardState.SAVED),
                name="saved_card_default_is_saved",
            ),
            models.UniqueConstraint(
                fields=["organisation"],
                condition=Q(is_default=True),
                name="saved_card_one_default",
            ),
            models.UniqueConstraint(
                fields=["provider", "provider_ref"],
                condition=Q(provider_ref__isnull=False),
                name="saved_card_has_its_own_page",
            ),
            models.UniqueConstraint(
                fields=["payment"],
                condition=Q(state=SavedCardState.ASKED, payment__isnull=False),
                name="saved_card_asked_for_once_with_a_payment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.brand_shown} •••• {self.last4}"

    @property
    def brand_shown(self) -> str:
        """The brand as it writes itself; one that is not in BRANDS with a capital."""
        return BRANDS.get(self.brand, self.brand.capitalize())

    @property
    def expiry(self) -> str:
        """As it stands on the card."""
        return f"{self.exp_month:02d}/{self.exp_year}"
