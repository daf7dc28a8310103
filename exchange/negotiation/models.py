"""Negotiations, the steps that led to where they stand, and the proposals of each round."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from accounts.models import Organisation, User
from exchange.catalog.models import Demand, Product
from exchange.contracts.models import HASH_CHARS, Contract
from exchange.core.fields import CurrencyField
from exchange.core.models.steps import Step, step_constraints
from exchange.negotiation.lifecycle import (
    NEGOTIATION,
    RUNNING,
    NegotiationState,
    Origin,
    Side,
    Turn,
)

WORDS_CHARS_MAX = 4000
RUNNING_STATES = [state.value for state in sorted(RUNNING)]


@NEGOTIATION.governs("buyer", "seller", "product__seller")
class Negotiation(models.Model):
    """Two organisations that seek terms for one product: who they are, where it stands, who is next.

    Parties, product and currency never change; `state`, `turn` and `steps_count` follow the newest
    step, `proposals_count` the newest proposal. `contract` puts into words what was agreed.
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
    demand = models.ForeignKey(
        Demand,
        on_delete=models.PROTECT,
        verbose_name=_("answers the request"),
        related_name="+",
        null=True,
        blank=True,
    )
    currency = CurrencyField(_("currency"))
    state = models.CharField(
        _("state"), max_length=10, choices=NegotiationState.choices, default=NEGOTIATION.start
    )
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
    contract = models.OneToOneField(
        Contract,
        on_delete=models.PROTECT,
        verbose_name=_("contract"),
        related_name="negotiation",
        null=True,
        blank=True,
    )
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
                condition=Q(state__in=RUNNING_STATES),
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
                condition=~Q(state__in=RUNNING_STATES) | Q(due_at__isnull=False),
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
                condition=Q(state__in=RUNNING_STATES),
                name="negotiation_runs_once_per_product",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} · {self.product}"


@NEGOTIATION.keeps_steps("negotiation")
class NegotiationStep(Step):
    """What happened to a negotiation, by whom and why. `facts` name the side and the hash of the
    proposal. Rows are never changed or deleted.
    """

    lifecycle = NEGOTIATION
    public_id = PublicIdField(prefix="nst")
    negotiation = models.ForeignKey(Negotiation, on_delete=models.PROTECT, related_name="steps")

    class Meta:
        verbose_name = _("step of a negotiation")
        verbose_name_plural = _("steps of negotiations")
        ordering = ["negotiation_id", "number"]
        constraints = step_constraints(NEGOTIATION, "negotiation")


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
