"""What was fetched: one row for each table of a revision, however many requests that took."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from exchange.catalog.models import Revision
from exchange.core.ids import PublicIdField
from exchange.delivery.models.entitlements import Entitlement
from exchange.vault.models import DataTable


class Delivery(models.Model):
    """The delivery of one table. A download resumed ten times, or repeated, is the same delivery."""

    public_id = PublicIdField(prefix="dlv")
    entitlement = models.ForeignKey(
        Entitlement, on_delete=models.PROTECT, related_name="deliveries"
    )
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+")
    table = models.ForeignKey(DataTable, on_delete=models.PROTECT, related_name="+")
    first_at = models.DateTimeField(_("first request"))
    last_at = models.DateTimeField(_("latest request"))
    requests = models.PositiveBigIntegerField(_("requests"), default=1)
    bytes_sent = models.PositiveBigIntegerField(_("bytes sent"), default=0)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["entitlement", "revision", "table"], name="delivery_is_counted_once"
            ),
            models.CheckConstraint(
                condition=Q(last_at__gte=F("first_at")), name="delivery_ends_after_it_begins"
            ),
            models.CheckConstraint(condition=Q(requests__gt=0), name="delivery_was_asked_for"),
        ]

    def __str__(self) -> str:
        return self.public_id
