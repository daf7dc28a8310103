"""Payouts of a seller that the exchange's finance holds back."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from accounts.models import Organisation, User
from exchange.core.fields import CurrencyField
from exchange.core.lifecycle import REASON_CHARS_MAX
from exchange.payments.hold_lifecycle import PAYOUT_HOLD, PayoutHoldState


@PAYOUT_HOLD.governs("organisation")
class PayoutHold(models.Model):
    """That nothing is paid out to a seller in one currency, from when to when and why. Two people of the
    exchange's finance made it, and two ended it."""

    public_id = PublicIdField(prefix="poh")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("seller"), related_name="+"
    )
    currency = CurrencyField(verbose_name=_("currency"))
    state = models.CharField(
        _("state"), max_length=10, choices=PayoutHoldState.choices, default=PAYOUT_HOLD.start
    )
    reason = models.TextField(_("reason"), max_length=REASON_CHARS_MAX)
    asked_by = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name=_("asked for by"), related_name="+"
    )
    held_by = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name=_("approved by"), related_name="+"
    )
    held_at = models.DateTimeField(_("held"))
    release_reason = models.TextField(
        _("reason of the release"), blank=True, max_length=REASON_CHARS_MAX
    )
    release_asked_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        verbose_name=_("release asked for by"),
        related_name="+",
        null=True,
        blank=True,
    )
    released_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        verbose_name=_("release approved by"),
        related_name="+",
        null=True,
        blank=True,
    )
    released_at = models.DateTimeField(_("released"), null=True, blank=True)

    class Meta:
        verbose_name = _("hold on payouts")
        verbose_name_plural = _("holds on payouts")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "currency"],
                condition=Q(state=PayoutHoldState.HELD),
                name="payout_hold_is_one_per_currency",
            ),
            models.CheckConstraint(
                condition=~Q(asked_by=F("held_by")) & ~Q(reason=""),
                name="payout_hold_is_made_by_two",
            ),
            models.CheckConstraint(
                condition=Q(
                    state=PayoutHoldState.HELD,
                    released_at=None,
                    released_by=None,
                    release_asked_by=None,
                    release_reason="",
                )
                | (
                    Q(state=PayoutHoldState.RELEASED, released_at__gte=F("held_at"))
                    & Q(released_by__isnull=False, release_asked_by__isnull=False)
                    & ~Q(release_asked_by=F("released_by"))
                    & ~Q(release_reason="")
                ),
                name="payout_hold_is_released_by_two",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.currency}"
