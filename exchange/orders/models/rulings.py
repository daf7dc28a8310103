"""What an operator proposes to do about a large order, until a second operator decides."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from exchange.core.ids import PublicIdField
from exchange.orders.models.orders import CODE_CHARS_MAX, REASON_CHARS_MAX, Order
from exchange.orders.states import Decision, Move, RulingReason

RULINGS = [Move.RELEASE, Move.REFUND]


class Ruling(models.Model):
    """A release or a refund above the amount that one operator may decide alone."""

    public_id = PublicIdField(prefix="rul")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="rulings")
    move = models.CharField(_("ruling"), max_length=20, choices=Move.choices)
    reason_code = models.CharField(
        _("kind of reason"), max_length=CODE_CHARS_MAX, choices=RulingReason.choices
    )
    reason = models.TextField(_("reason"), max_length=REASON_CHARS_MAX)
    decision = models.CharField(
        _("decision"), max_length=10, choices=Decision.choices, default=Decision.OPEN
    )
    proposed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name=_("proposed by"), related_name="+"
    )
    proposed_at = models.DateTimeField(_("proposed"))
    decided_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        verbose_name=_("decided by"),
        related_name="+",
        null=True,
        blank=True,
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    class Meta:
        verbose_name = _("ruling")
        verbose_name_plural = _("rulings")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=Q(decision=Decision.OPEN), name="ruling_is_open_once"
            ),
            models.CheckConstraint(
                condition=Q(move__in=[move.value for move in RULINGS]),
                name="ruling_is_release_or_refund",
            ),
            models.CheckConstraint(
                condition=Q(decision=Decision.OPEN, decided_by=None, decided_at=None)
                | (
                    ~Q(decision=Decision.OPEN)
                    & Q(decided_by__isnull=False, decided_at__isnull=False)
                    & ~Q(decided_by=F("proposed_by"))
                ),
                name="ruling_is_decided_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_move_display()} · {self.get_decision_display()}"
