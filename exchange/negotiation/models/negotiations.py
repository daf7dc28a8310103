"""Negotiations and the steps that led to where they stand."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from exchange.catalog.models import Product
from exchange.core.fields import CurrencyField
from exchange.core.ids import PublicIdField
from exchange.negotiation.states import RUNNING, Move, NegotiationState, Origin, Turn, legal_steps

REASON_CHARS_MAX = 2000
ACTOR_CHARS_MAX = 100
REF_CHARS_MAX = 40


class Negotiation(models.Model):
    """Two organisations that seek terms for one product: who they are, where it stands, who is next.

    Parties, product and currency never change; `state`, `turn` and `steps_count` follow the newest
    step, `proposals_count` the newest proposal. `contract_ref` names the contract that came of it.
    """

    public_id = PublicIdField(prefix="neg")
    origin = models.CharField(_("opened by"), max_length=15, choices=Origin.choices)
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, verbose_name=_("product"), related_name="negotiations"
    )
    buyer = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("buyer"), related_name="+"
    )
    seller = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, verbose_name=_("seller"), related_name="+"
    )
    demand_ref = models.CharField(
        _("answers the request"), max_length=REF_CHARS_MAX, blank=True, default=""
    )
    currency = CurrencyField(_("currency"))
    state = models.CharField(_("state"), max_length=10, choices=NegotiationState.choices)
    turn = models.CharField(_("whose turn"), max_length=10, choices=Turn.choices)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    steps_count = models.PositiveIntegerField(_("steps"), default=0)
    proposals_count = models.PositiveIntegerField(_("proposals"), default=0)
    accepted_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        verbose_name=_("accepted by"),
        related_name="+",
        null=True,
        blank=True,
    )
    approved_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        verbose_name=_("approved by"),
        related_name="+",
        null=True,
        blank=True,
    )
    contract_ref = models.CharField(_("contract"), max_length=REF_CHARS_MAX, blank=True, default="")
    created_at = models.DateTimeField(_("opened"))
    changed_at = models.DateTimeField(_("last change"))

    class Meta:
        verbose_name = _("negotiation")
        verbose_name_plural = _("negotiations")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["buyer", "-id"], name="negotiation_of_buyer"),
            models.Index(fields=["seller", "-id"], name="negotiation_of_seller"),
            models.Index(
                fields=["due_at"],
                condition=Q(state__in=[state.value for state in sorted(RUNNING)]),
                name="negotiation_due",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=NegotiationState.values), name="negotiation_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(buyer=F("seller")), name="negotiation_has_two_parties"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[state.value for state in sorted(RUNNING)])
                | Q(due_at__isnull=False),
                name="negotiation_running_has_a_deadline",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None)
                | Q(accepted_by=None)
                | ~Q(approved_by=F("accepted_by")),
                name="negotiation_is_approved_by_another",
            ),
            models.UniqueConstraint(
                fields=["product", "buyer"],
                condition=Q(state__in=[state.value for state in sorted(RUNNING)]),
                name="negotiation_runs_once_per_product",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} · {self.product}"


class NegotiationStep(models.Model):
    """What happened to a negotiation, by whom and why. Rows are never changed or deleted."""

    public_id = PublicIdField(prefix="nst")
    negotiation = models.ForeignKey(Negotiation, on_delete=models.PROTECT, related_name="steps")
    number = models.PositiveIntegerField(_("number"))
    move = models.CharField(_("step"), max_length=10, choices=Move.choices)
    source = models.CharField(_("from"), max_length=10, blank=True)
    target = models.CharField(_("to"), max_length=10, choices=NegotiationState.choices)
    actor = models.CharField(_("actor"), max_length=ACTOR_CHARS_MAX)
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        verbose_name=_("for"),
        related_name="+",
        null=True,
        blank=True,
    )
    by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        verbose_name=_("by"),
        related_name="+",
        null=True,
        blank=True,
    )
    reason = models.TextField(_("reason"), blank=True, max_length=REASON_CHARS_MAX)
    proposal_hash = models.CharField(_("proposal"), max_length=71, blank=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("step of a negotiation")
        verbose_name_plural = _("steps of negotiations")
        ordering = ["negotiation_id", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["negotiation", "number"], name="negotiation_step_number_is_unique"
            ),
            models.CheckConstraint(
                condition=Q(
                    *(
                        Q(move=move, source=source, target=target)
                        for move, source, target in legal_steps()
                    ),
                    _connector=Q.OR,
                ),
                name="negotiation_step_is_a_legal_move",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} · {self.get_move_display()}"
