"""Admissions as they are read: one by its id, the queue of the exchange, proposals that wait."""

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from exchange.core.refusals import NotFound
from exchange.members.actors import Actor, Subject
from exchange.members.models import Admission, AdmissionDocument, Proposal
from exchange.members.queries.scope import visible
from exchange.members.states import Decision, Standing, Turn


def admission_seen_by(actor: Actor, public_id: str) -> Admission:
    """The admission, or NotFound when the actor may not know of it."""
    rows = visible(Admission.objects.select_related("organisation"), actor)
    admission = rows.filter(public_id=public_id).first()
    if admission is None:
        raise NotFound(_("There is no such admission."))
    return admission


def newest_admission(organisation_id: int | None) -> Admission | None:
    """The open admission of an organisation, else its last one, else None."""
    if organisation_id is None:
        return None
    rows = Admission.objects.select_related("organisation", "contact")
    return rows.filter(organisation_id=organisation_id).order_by("-id").first()


def document_seen_by(actor: Actor, public_id: str) -> AdmissionDocument:
    """The document, or NotFound when the actor may not know of it."""
    rows = visible(
        AdmissionDocument.objects.select_related("admission"),
        actor,
        owner="admission__organisation",
    )
    document = rows.filter(public_id=public_id).first()
    if document is None:
        raise NotFound(_("There is no such document."))
    return document


def proposal_seen_by(actor: Actor, public_id: str) -> Proposal:
    """The proposal, or NotFound. Only operators and regulators know of proposals."""
    rows = Proposal.objects.select_related("admission__organisation", "proposed_by")
    found = rows.filter(public_id=public_id).first() if actor.oversees else None
    if found is None:
        raise NotFound(_("There is no such proposal."))
    return found


def admissions_waiting() -> QuerySet[Admission]:
    """The queue of the exchange: whose turn is the operator's, the most urgent first."""
    return (
        Admission.objects.filter(turn=Turn.OPERATOR)
        .exclude(standing=Standing.EXITED)
        .select_related("organisation")
        .order_by(F("due_at").asc(nulls_last=True), "id")
    )


def proposals_waiting() -> QuerySet[Proposal]:
    """Proposals that need a second person, the oldest first."""
    return (
        Proposal.objects.filter(decision=Decision.OPEN)
        .select_related("admission__organisation", "proposed_by")
        .order_by("proposed_at", "id")
    )


def members_count() -> int:
    """How many organisations take part now."""
    return Admission.objects.filter(standing__in=[Standing.ACTIVE, Standing.RESTRICTED]).count()


def subject_of(admission: Admission, *, made_by: frozenset[int] = frozenset()) -> Subject:
    """What policy looks at when something is done to an admission."""
    return Subject(organisation_id=admission.organisation_id, made_by=made_by)
