"""The page of one admission: where it stands, whose turn it is, what can be done next."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.members import policy
from exchange.members.actors import Actor
from exchange.members.admission import RULES_VERSION, subject_of
from exchange.members.lifecycle import EVIDENCE, AdmissionTransition, DocumentKind, Standing, Turn
from exchange.members.models import Admission, AdmissionDocument, AdmissionStep
from exchange.members.permissions import Permission
from exchange.members.roles import Kind
from exchange.web.members.forms import AnswerForm, DocumentForm
from exchange.web.panels import Event, Stage, progress

TONES = {
    Standing.ACTIVE: "good",
    Standing.RESTRICTED: "warn",
    Standing.SUSPENDED: "bad",
    Standing.EXITED: "neutral",
}
GRAVE: dict[str, str] = {
    AdmissionTransition.RESTRICT: "warn",
    AdmissionTransition.SUSPEND: "bad",
    AdmissionTransition.EXIT: "bad",
    AdmissionTransition.ASK: "warn",
}
ROAD = (Standing.APPLIED, Standing.VERIFIED, Standing.QUALIFIED, Standing.ACTIVE)
STAGES = tuple((stage,) for stage in ROAD)
# What happens next, by where the admission stands and whose turn it is.
NEXT: dict[tuple[Standing, Turn], str | Promise] = {
    (Standing.APPLIED, Turn.OPERATOR): gettext_lazy(
        "The exchange is checking your credit code, legal person and mandate."
    ),
    (Standing.APPLIED, Turn.MEMBER): gettext_lazy(
        "The exchange asked you a question. Hand in what is missing and answer."
    ),
    (Standing.VERIFIED, Turn.OPERATOR): gettext_lazy(
        "Two people at the exchange decide on your qualifications."
    ),
    (Standing.VERIFIED, Turn.MEMBER): gettext_lazy(
        "The exchange asked you a question. Hand in what is missing and answer."
    ),
    (Standing.QUALIFIED, Turn.MEMBER): gettext_lazy(
        "You are qualified. Accept the rules of the exchange to start trading."
    ),
    (Standing.ACTIVE, Turn.NOBODY): gettext_lazy("You take part in the exchange."),
    (Standing.RESTRICTED, Turn.OPERATOR): gettext_lazy(
        "You may finish what is running, but begin nothing new. The exchange reviews this."
    ),
    (Standing.SUSPENDED, Turn.NOBODY): gettext_lazy(
        "You may not trade. Two people at the exchange can lift the suspension."
    ),
    (Standing.EXITED, Turn.NOBODY): gettext_lazy("This admission has ended. You may apply again."),
}


@dataclass(frozen=True)
class AdmissionPage:
    admission: Admission
    tone: str
    next_step: str
    is_overdue: bool
    stages: tuple[Stage, ...]
    wanted: tuple[str, ...]
    held: tuple[str, ...]
    events: tuple[Event, ...]
    documents: tuple[tuple[AdmissionDocument, int], ...]
    missing: tuple[str, ...]
    rules_version: str
    document_form: DocumentForm | None
    answer_form: AnswerForm | None
    may_read_documents: bool
    may_withdraw: bool
    may_accept: bool
    may_apply_again: bool


def admission_page(
    admission: Admission,
    actor: Actor,
    *,
    now: datetime,
    document_form: DocumentForm | None = None,
    answer_form: AnswerForm | None = None,
) -> AdmissionPage:
    """Everything the page shows to this actor. Three queries beside the admission's own."""
    subject = subject_of(admission)
    standing = Standing(admission.standing)

    def may(permission: Permission) -> bool:
        return bool(policy.allowed(actor, permission, subject))

    documents = list(admission.documents.all())
    steps = list(admission.steps.select_related("by", "approved_by"))
    asked = admission.turn == Turn.MEMBER and may(Permission.ADMISSION_ANSWER)
    return AdmissionPage(
        admission=admission,
        tone=TONES.get(standing, "info"),
        next_step=str(NEXT.get((standing, Turn(admission.turn)), "")),
        is_overdue=admission.due_at is not None and admission.due_at < now,
        # Who left the road at the side stands at its end or nowhere.
        stages=()
        if standing == Standing.EXITED
        else progress(STAGES, standing if standing in ROAD else Standing.ACTIVE),
        wanted=tuple(str(Kind(kind).label) for kind in admission.wanted),
        held=tuple(
            one.get_kind_display() for one in admission.qualifications.filter(valid_until=None)
        ),
        events=tuple(_event(step) for step in reversed(steps)),
        documents=tuple((one, -(-one.size_bytes // 1024)) for one in documents),
        missing=_missing(documents) if standing == Standing.APPLIED else (),
        rules_version=RULES_VERSION,
        document_form=(document_form or DocumentForm()) if may(Permission.DOCUMENT_ADD) else None,
        answer_form=(answer_form or AnswerForm()) if asked else None,
        may_read_documents=may(Permission.DOCUMENT_SEE),
        may_withdraw=may(Permission.ADMISSION_WITHDRAW),
        may_accept=may(Permission.ADMISSION_ACCEPT_RULES),
        may_apply_again=standing == Standing.EXITED and may(Permission.ADMISSION_APPLY),
    )


def _missing(documents: list[AdmissionDocument]) -> tuple[str, ...]:
    kept = {document.kind for document in documents}
    return tuple(str(DocumentKind(kind).label) for kind in EVIDENCE.values() if kind not in kept)


def _event(step: AdmissionStep) -> Event:
    by = str(step.by)
    if step.approved_by is not None:
        by = _("%(proposer)s, approved by %(approver)s") % {
            "proposer": step.by,
            "approver": step.approved_by,
        }
    return Event(
        title=step.get_transition_display(),
        at=step.at,
        by=by,
        reason=step.reason,
        tone=GRAVE.get(step.transition, "good"),
    )
