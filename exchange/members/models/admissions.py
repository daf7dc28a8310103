"""An admission, the steps that led to where it stands, and proposals that wait for a second person."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from exchange.core.ids import PublicIdField
from exchange.members.roles import Kind
from exchange.members.states import (
    FOUR_EYES,
    PROPOSABLE,
    PROPOSAL,
    Decision,
    Move,
    Standing,
    Turn,
    legal_steps,
)

NAME_CHARS_MAX = 200
REASON_CHARS_MAX = 2000


class Admission(models.Model):
    """One organisation's way into the exchange and its standing there.

    `standing` and `steps` follow the newest step; the database refuses any other value.
    """

    public_id = PublicIdField(prefix="adm")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="admissions"
    )
    standing = models.CharField(_("standing"), max_length=12, choices=Standing.choices)
    wanted = ArrayField(
        models.CharField(max_length=20, choices=Kind.choices), verbose_name=_("applied for")
    )
    legal_person = models.CharField(_("legal person"), max_length=NAME_CHARS_MAX)
    contact = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name=_("applicant"), related_name="+"
    )
    turn = models.CharField(_("whose turn"), max_length=10, choices=Turn.choices)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    steps_count = models.PositiveIntegerField(_("steps"))
    rules_version = models.CharField(_("accepted rules"), max_length=40, blank=True)
    applied_at = models.DateTimeField(_("applied"))

    class Meta:
        verbose_name = _("admission")
        verbose_name_plural = _("admissions")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"],
                condition=~Q(standing=Standing.EXITED),
                name="admission_is_open_once",
            ),
            models.CheckConstraint(
                condition=Q(standing__in=Standing.values), name="admission_standing_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(standing=Standing.ACTIVE) | ~Q(rules_version=""),
                name="admission_active_accepted_rules",
            ),
        ]
        indexes = [models.Index(fields=["standing", "due_at"], name="admission_queue")]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.get_standing_display()}"


class AdmissionStep(models.Model):
    """What happened to an admission, by whom and why. Rows are never changed or deleted."""

    public_id = PublicIdField(prefix="ast")
    admission = models.ForeignKey(Admission, on_delete=models.PROTECT, related_name="steps")
    number = models.PositiveIntegerField(_("number"))
    move = models.CharField(_("step"), max_length=20, choices=Move.choices)
    from_standing = models.CharField(_("from"), max_length=12, blank=True)
    to_standing = models.CharField(_("to"), max_length=12, choices=Standing.choices)
    by = models.ForeignKey(User, on_delete=models.PROTECT, verbose_name=_("by"), related_name="+")
    approved_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        verbose_name=_("approved by"),
        related_name="+",
        null=True,
        blank=True,
    )
    reason = models.TextField(_("reason"), blank=True, max_length=REASON_CHARS_MAX)
    facts = models.JSONField(_("facts"), default=dict)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("admission step")
        verbose_name_plural = _("admission steps")
        ordering = ["admission_id", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["admission", "number"], name="admission_step_number_is_unique"
            ),
            models.CheckConstraint(
                condition=~Q(move__in=sorted(FOUR_EYES))
                | (Q(approved_by__isnull=False) & ~Q(approved_by=F("by"))),
                name="admission_step_needs_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(
                    *(
                        Q(move=move, from_standing=source, to_standing=target)
                        for move, source, target in legal_steps()
                    ),
                    _connector=Q.OR,
                ),
                name="admission_step_is_a_legal_move",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} · {self.get_move_display()}"


@PROPOSAL.governs("admission__organisation")
class Proposal(models.Model):
    """A move that one operator proposes and another decides."""

    public_id = PublicIdField(prefix="prp")
    admission = models.ForeignKey(Admission, on_delete=models.PROTECT, related_name="proposals")
    move = models.CharField(_("step"), max_length=20, choices=Move.choices)
    kinds = ArrayField(
        models.CharField(max_length=20, choices=Kind.choices),
        verbose_name=_("qualifications"),
        default=list,
        blank=True,
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
    note = models.TextField(_("note"), blank=True, max_length=REASON_CHARS_MAX)

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["admission"],
                condition=Q(decision=Decision.OPEN),
                name="proposal_is_open_once",
            ),
            models.CheckConstraint(
                condition=Q(decision=Decision.OPEN, decided_by=None, decided_at=None)
                | Q(
                    decision=Decision.WITHDRAWN,
                    decided_by=F("proposed_by"),
                    decided_at__isnull=False,
                )
                | (
                    Q(decision__in=[Decision.APPROVED, Decision.DECLINED])
                    & Q(decided_by__isnull=False, decided_at__isnull=False)
                    & ~Q(decided_by=F("proposed_by"))
                ),
                name="proposal_is_decided_by_another",
            ),
            models.CheckConstraint(
                condition=Q(move__in=sorted(PROPOSABLE)), name="proposal_is_of_a_shared_move"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_move_display()} · {self.get_decision_display()}"
