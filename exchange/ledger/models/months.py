"""Months of the books that were closed."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from exchange.ledger.lifecycle import MONTH, MonthState
from exchange.ledger.models.accounts import ACTOR_CHARS_MAX


@MONTH.governs()
class Month(models.Model):
    """A month that was closed: while it is, the database refuses a posting that is dated into it. Its bounds
    are the midnights of the exchange's zone at its first closing."""

    public_id = PublicIdField(prefix="mon")
    first_day = models.DateField(_("first day"), unique=True)
    begins_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    state = models.CharField(
        _("state"), max_length=6, choices=MonthState.choices, default=MonthState.CLOSED
    )
    changed_by = models.CharField(_("by"), max_length=ACTOR_CHARS_MAX)
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("month of the books")
        verbose_name_plural = _("months of the books")
        ordering = ["-first_day"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=MonthState.values), name="month_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("begins_at"), first_day__day=1),
                name="month_begins_on_its_first_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_day:%Y-%m}"
