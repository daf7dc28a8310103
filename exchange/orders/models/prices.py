"""Why one order of a product costs more or less than others of the same scope."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from exchange.orders.models.orders import ACTOR_CHARS_MAX, REASON_CHARS_MAX, Order
from exchange.orders.states import PriceGround


class PriceReason(models.Model):
    """The recorded ground for an order's price. Rows are never changed or deleted."""

    order = models.OneToOneField(
        Order, on_delete=models.PROTECT, verbose_name=_("order"), related_name="price_reason"
    )
    ground = models.CharField(_("ground"), max_length=20, choices=PriceGround.choices)
    words = models.TextField(_("in words"), max_length=REASON_CHARS_MAX)
    by = models.CharField(_("by"), max_length=ACTOR_CHARS_MAX)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("reason for a price")
        verbose_name_plural = _("reasons for prices")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ground__in=PriceGround.values), name="price_reason_ground_is_known"
            ),
            models.CheckConstraint(condition=~Q(words=""), name="price_reason_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.order} · {self.get_ground_display()}"
