"""How much one person may buy alone."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from exchange.core.fields import CurrencyField, MinorUnitsField, MoneyOf


class BuyingLimit(models.Model):
    """An order whose total is above the limit waits for a second person of the organisation.

    Without a row one person buys alone, whatever it costs.
    """

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="buying_limits"
    )
    currency = CurrencyField(_("currency"))
    limit_minor = MinorUnitsField(_("limit"))
    set_by = models.CharField(_("set by"), max_length=100)
    set_at = models.DateTimeField(_("set"))

    limit = MoneyOf("limit_minor", "currency")

    class Meta:
        verbose_name = _("buying limit")
        verbose_name_plural = _("buying limits")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "currency"], name="buying_limit_is_one_per_currency"
            ),
            models.CheckConstraint(
                condition=Q(limit_minor__gte=0), name="buying_limit_is_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.limit}"
