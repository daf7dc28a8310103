"""Admissions with their steps, proposals and documents; approvals; qualifications; roles."""

from pathlib import PurePosixPath

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.ids import PublicIdField
from accounts.models import Organisation, User
from exchange.core import clock
from exchange.core.lifecycle import REASON_CHARS_MAX
from exchange.core.models.steps import Step, step_constraints
from exchange.core.periods import ends_after_start
from exchange.members.lifecycle import (
    ADMISSION,
    APPROVAL,
    FOUR_EYES,
    IDENTITY,
    PROPOSABLE,
    PROPOSAL,
    AdmissionTransition,
    Decision,
    DocumentKind,
    RequestState,
    Standing,
    Turn,
)
from exchange.members.roles import Kind, Role

NAME_CHARS_MAX = 200
SUBJECT_CHARS_MAX = 120
SIZE_BYTES_MAX = 10 * 1024 * 1024
DOCUMENT_NAME_CHARS_MAX = 120
MEDIA_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
}


def storage_name(sha256: str, *, folder: str = "admissions") -> str:
    """Where a file with this content lies. The same content is kept once."""
    return str(PurePosixPath(folder) / sha256[:2] / sha256)


def decided_by_another(name: str) -> models.CheckConstraint:
    """The constraint that a proposal is decided by another person, or taken back by its own."""
    return models.CheckConstraint(
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
        name=name,
    )


@ADMISSION.governs("organisation")
class Admission(models.Model):
    """One organisation's way into the exchange and its standing there.

    `standing` and `steps_count` follow the newest step; the database refuses any other value.
    """

    public_id = PublicIdField(prefix="adm")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="admissions"
    )
    standing = models.CharField(
        _("standing"), max_length=12, choices=Standing.choices, default=ADMISSION.start
    )
    wanted = ArrayField(
        models.CharField(max_length=20, choices=Kind.choices), verbose_name=_("applied for")
    )
    legal_person = models.CharField(_("legal person"), max_length=NAME_CHARS_MAX)
    contact = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name=_("applicant"), related_name="+"
    )
    turn = models.CharField(_("whose turn"), max_length=10, choices=Turn.choices)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    steps_count = models.PositiveIntegerField(_("steps"), default=0)
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


@ADMISSION.keeps_steps("admission")
class AdmissionStep(Step):
    """What happened to an admission, by whom and why. Rows are never changed or deleted."""

    lifecycle = ADMISSION

    public_id = PublicIdField(prefix="ast")
    admission = models.ForeignKey(Admission, on_delete=models.PROTECT, related_name="steps")

    class Meta:
        verbose_name = _("admission step")
        verbose_name_plural = _("admission steps")
        ordering = ["admission_id", "number"]
        constraints = [
            *step_constraints(ADMISSION, "admission"),
            models.CheckConstraint(
                condition=Q(by__isnull=False)
                & (~Q(transition__in=sorted(FOUR_EYES)) | Q(approved_by__isnull=False)),
                name="admission_step_needs_four_eyes",
            ),
        ]


class Decided(models.Model):
    """What somebody decides: who did, when, and what they noted."""

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
        abstract = True


class Proposed(Decided):
    """What one person proposes and another decides."""

    decision = models.CharField(
        _("decision"), max_length=10, choices=Decision.choices, default=Decision.OPEN
    )
    proposed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name=_("proposed by"), related_name="+"
    )
    proposed_at = models.DateTimeField(_("proposed"))

    class Meta:
        abstract = True


@PROPOSAL.governs("admission__organisation")
class Proposal(Proposed):
    """A step that one operator proposes and another decides."""

    public_id = PublicIdField(prefix="prp")
    admission = models.ForeignKey(Admission, on_delete=models.PROTECT, related_name="proposals")
    transition = models.CharField(_("step"), max_length=20, choices=AdmissionTransition.choices)
    kinds = ArrayField(
        models.CharField(max_length=20, choices=Kind.choices),
        verbose_name=_("qualifications"),
        default=list,
        blank=True,
    )
    reason = models.TextField(_("reason"), max_length=REASON_CHARS_MAX)

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
            decided_by_another("proposal_is_decided_by_another"),
            models.CheckConstraint(
                condition=Q(transition__in=sorted(PROPOSABLE)),
                name="proposal_is_of_a_shared_step",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_transition_display()} · {self.get_decision_display()}"


@IDENTITY.governs("organisation")
class IdentityRequest(Decided):
    """A change of what an organisation was admitted as, asked for by it and decided by the exchange.

    `before` and `wanted` name the fields that differ, and stay: they are the history of its identity.
    """

    public_id = PublicIdField(prefix="idr")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="identity_requests"
    )
    before = models.JSONField(_("as it is"))
    wanted = models.JSONField(_("as it shall be"))
    reason = models.TextField(_("reason"), max_length=REASON_CHARS_MAX)
    state = models.CharField(
        _("state"), max_length=10, choices=RequestState.choices, default=IDENTITY.start
    )
    asked_by = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name=_("asked by"), related_name="+"
    )
    asked_at = models.DateTimeField(_("asked"))

    class Meta:
        verbose_name = _("change of identity")
        verbose_name_plural = _("changes of identity")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"],
                condition=Q(state=RequestState.OPEN),
                name="identity_request_is_open_once",
            ),
            models.CheckConstraint(
                condition=Q(state=RequestState.OPEN, decided_by=None, decided_at=None)
                | Q(state=RequestState.WITHDRAWN, decided_at__isnull=False)
                | (
                    Q(state__in=[RequestState.APPROVED, RequestState.DECLINED])
                    & Q(decided_by__isnull=False, decided_at__isnull=False)
                    & ~Q(decided_by=F("asked_by"))
                ),
                name="identity_request_is_decided_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.get_state_display()}"


@APPROVAL.governs("organisation")
class ApprovalRequest(Proposed):
    """An act that one person asks for and another of the right role approves; it is done then.

    `act` names it (`approvals.py`), `about` what it is done to and `arguments` how, as JSON. Without
    an organisation it is an act of the exchange.
    """

    public_id = PublicIdField(prefix="apr")
    act = models.CharField(_("act"), max_length=60)
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        verbose_name=_("organisation"),
        related_name="+",
        null=True,
        blank=True,
    )
    about = models.CharField(_("subject"), max_length=SUBJECT_CHARS_MAX)
    arguments = models.JSONField(_("what shall be done"), default=dict)
    reason = models.TextField(_("reason"), blank=True, max_length=REASON_CHARS_MAX)

    class Meta:
        verbose_name = _("request for approval")
        verbose_name_plural = _("requests for approval")
        ordering = ["-id"]
        indexes = [models.Index(fields=["decision", "organisation"], name="approval_waiting")]
        constraints = [
            models.UniqueConstraint(
                fields=["act", "about"],
                condition=Q(decision=Decision.OPEN),
                name="approval_is_asked_once",
            ),
            decided_by_another("approval_is_decided_by_another"),
        ]

    def __str__(self) -> str:
        return f"{self.act} · {self.get_decision_display()}"


class AdmissionDocument(models.Model):
    """A file by the hash of its content. The name is for people only and never a path."""

    public_id = PublicIdField(prefix="doc")
    admission = models.ForeignKey(Admission, on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField(_("kind"), max_length=20, choices=DocumentKind.choices)
    name = models.CharField(_("name"), max_length=DOCUMENT_NAME_CHARS_MAX)
    media_type = models.CharField(_("type"), max_length=40)
    size_bytes = models.PositiveIntegerField(_("size"))
    sha256 = models.CharField(_("content hash"), max_length=64)
    uploaded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name=_("by"), related_name="+"
    )
    uploaded_at = models.DateTimeField(_("handed in"), default=clock.now)

    class Meta:
        verbose_name = _("document of an admission")
        verbose_name_plural = _("documents of admissions")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["admission", "kind", "sha256"], name="admission_document_is_kept_once"
            ),
            models.CheckConstraint(
                condition=Q(size_bytes__gt=0, size_bytes__lte=SIZE_BYTES_MAX),
                name="admission_document_size_is_bounded",
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"),
                name="admission_document_hash_is_sha256",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def stored_as(self) -> str:
        return storage_name(self.sha256)


class Qualification(models.Model):
    """What an organisation may be at the exchange, under one admission."""

    admission = models.ForeignKey(
        Admission, on_delete=models.PROTECT, related_name="qualifications"
    )
    kind = models.CharField(_("qualification"), max_length=20, choices=Kind.choices)
    valid_from = models.DateTimeField(_("from"))
    valid_until = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("qualification")
        verbose_name_plural = _("qualifications")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["admission", "kind"],
                condition=Q(valid_until=None),
                name="qualification_is_held_once",
            ),
            ends_after_start("qualification_ends_after_start"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class RoleGrant(models.Model):
    """A person's role in an organisation, given and perhaps taken away with a reason."""

    public_id = PublicIdField(prefix="rol")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="role_grants"
    )
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="role_grants")
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    reason = models.TextField(_("reason"), max_length=REASON_CHARS_MAX)
    granted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, verbose_name=_("granted by"), related_name="+"
    )
    revoked_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        verbose_name=_("revoked by"),
        related_name="+",
        null=True,
        blank=True,
    )
    revoke_reason = models.TextField(
        _("reason of the end"), blank=True, max_length=REASON_CHARS_MAX
    )
    valid_from = models.DateTimeField(_("from"))
    valid_until = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "user", "role"],
                condition=Q(valid_until=None),
                name="role_is_held_once",
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None, revoked_by=None)
                | Q(valid_until__isnull=False, revoked_by__isnull=False),
                name="role_ends_by_somebody",
            ),
            ends_after_start("role_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"
