"""Accounts of people that operators take out of use, and bring back."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from accounts.models import User
from exchange.core.lifecycle import REASON_CHARS_MAX
from exchange.members.lifecycle import DEACTIVATION, Use


@DEACTIVATION.governs("user")
class Deactivation(models.Model):
    """That a person's account was taken out of use: by whom, why, and how it came back, for which one operator
    asked and another one approved."""

    public_id = PublicIdField(prefix="dea")
    user = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name=_("person"), related_name="deactivations"
    )
    state = models.CharField(
        _("state"), max_length=10, choices=Use.choices, default=DEACTIVATION.start
    )
    reason = models.TextField(_("reason"), max_length=REASON_CHARS_MAX)
    by = models.ForeignKey(User, on_delete=models.PROTECT, verbose_name=_("by"), related_name="+")
    at = models.DateTimeField(_("at"))
    restore_reason = models.TextField(
        _("reason to bring it back"), blank=True, max_length=REASON_CHARS_MAX
    )
    restore_asked_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        verbose_name=_("asked for by"),
        related_name="+",
        null=True,
        blank=True,
    )
    restored_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        verbose_name=_("approved by"),
        related_name="+",
        null=True,
        blank=True,
    )
    restored_at = models.DateTimeField(_("in use again"), null=True, blank=True)

    class Meta:
        verbose_name = _("account out of use")
        verbose_name_plural = _("accounts out of use")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(state=Use.OUT), name="person_is_deactivated_once"
            ),
            models.CheckConstraint(
                condition=~Q(by=F("user")), name="nobody_deactivates_their_own_account"
            ),
            models.CheckConstraint(
                condition=Q(
                    state=Use.OUT,
                    restored_at=None,
                    restored_by=None,
                    restore_asked_by=None,
                    restore_reason="",
                )
                | (
                    Q(state=Use.BACK, restored_at__gte=F("at"), restored_by__isnull=False)
                    & Q(restore_asked_by__isnull=False)
                    & ~Q(restore_asked_by=F("restored_by"))
                    & ~Q(restore_reason="")
                ),
                name="deactivation_is_lifted_by_two",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_state_display()}"
