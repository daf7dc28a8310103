"""When a product is licensed to whom: what an exclusive licence shuts out."""

from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from exchange.catalog.models import Product
from exchange.orders.models.orders import Order


class LicenceWindow(models.Model):
    """The time in which an order licenses a product. No other buyer's overlaps an exclusive one.

    It is taken with the order, begins anew at the delivery, and is given free when the order ends
    without a licence. The database refuses an overlap, whoever asks: the exclusion constraint
    `licence_window_respects_exclusive_ones` stands in the migration.
    """

    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="window")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    buyer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    during = DateTimeRangeField(_("during"))
    exclusive = models.BooleanField(_("exclusive"), default=False)
    freed_at = models.DateTimeField(_("given free"), null=True, blank=True)

    class Meta:
        verbose_name = _("licence window")
        verbose_name_plural = _("licence windows")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.product} · {self.during}"
