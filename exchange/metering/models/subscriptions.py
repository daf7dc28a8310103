"""Who pays by use for what."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from exchange.catalog.lifecycle import Period
from exchange.catalog.models import Offer
from exchange.core.fields import CurrencyField
from exchange.core.ids import PublicIdField

ORDER_CHARS_MAX = 40


class MeteredSubscription(models.Model):
    """An order whose use is billed period by period. The order is known by its public id alone.

    `plan` is the offer's, frozen with the order. All periods up to `final_no` are closed for good:
    intake reads it under a shared lock of this row, closing writes it under an exclusive one.
    The caps are net of tax and per period; reaching the hard one stops access and billing, reaching
    the soft one only tells the buyer.
    """

    public_id = PublicIdField(prefix="mtr")
    order_ref = models.CharField(_("order"), max_length=ORDER_CHARS_MAX, unique=True)
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="+")
    buyer = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("buyer"), related_name="+"
    )
    seller = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("seller"), related_name="+"
    )
    taken_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    plan = models.JSONField(_("price plan"))
    tax_percent = models.CharField(_("tax in percent"), max_length=12)
    currency = CurrencyField(verbose_name=_("currency"))
    period = models.CharField(_("period"), max_length=10, choices=Period.choices)
    hard_cap_minor = models.BigIntegerField(_("hard cap"), null=True, blank=True)
    soft_cap_minor = models.BigIntegerField(_("soft cap"), null=True, blank=True)
    receipted_until = models.DateField(_("receipts made until"), null=True, blank=True)
    final_no = models.PositiveIntegerField(_("periods closed for good"), default=0)
    began_at = models.DateTimeField(_("began"))
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)

    class Meta:
        verbose_name = _("subscription by use")
        verbose_name_plural = _("subscriptions by use")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(hard_cap_minor=None) | Q(hard_cap_minor__gt=0),
                name="metered_hard_cap_is_above_nothing",
            ),
            models.CheckConstraint(
                condition=Q(soft_cap_minor=None) | Q(soft_cap_minor__gt=0),
                name="metered_soft_cap_is_above_nothing",
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("began_at")),
                name="metered_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id
