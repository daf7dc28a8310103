"""The rounds of a negotiation."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from exchange.core.ids import PublicIdField
from exchange.negotiation.models.negotiations import Negotiation
from exchange.negotiation.states import Side

WORDS_CHARS_MAX = 4000
HASH_CHARS = 71  # "sha256:" and 64 hexadecimal digits


class Proposal(models.Model):
    """One round: the terms that a side proposes, whole, with their hash, and what it said to them.

    `document` holds the terms, the words and the hash of the proposal that it answers, so that the
    hash of the newest stands for the whole conversation. `changes` are the differences to that one:
    `[{"field", "before", "after"}]`. Rows are never changed or deleted.
    """

    public_id = PublicIdField(prefix="prp")
    negotiation = models.ForeignKey(Negotiation, on_delete=models.PROTECT, related_name="proposals")
    number = models.PositiveIntegerField(_("round"))
    side = models.CharField(_("by"), max_length=10, choices=Side.choices)
    by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        verbose_name=_("person"),
        related_name="+",
        null=True,
        blank=True,
    )
    document = models.JSONField(_("proposal"))
    document_hash = models.CharField(_("hash"), max_length=HASH_CHARS, unique=True)
    changes = models.JSONField(_("differences"), default=list)
    answer_by = models.DateTimeField(_("answer by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ["negotiation_id", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["negotiation", "number"], name="proposal_number_is_unique"
            ),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="proposal_is_of_a_side"),
        ]

    def __str__(self) -> str:
        return f"{self.negotiation_id} · {self.number}"
