"""What of this room must be in the log: the flows write it, `verify_audit` holds them to it."""

from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Concat

from exchange.audit.coverage import must_be_recorded
from exchange.members.models import AdmissionDocument, AdmissionStep, Proposal, RoleGrant
from exchange.members.states import EVENTS, Move


def declare() -> None:
    """Every step, proposal, document and role has a record, and so has a role's end."""
    for move in Move:
        must_be_recorded(
            name=f"members.steps.{move.value}",
            rows=_named("admission_step", AdmissionStep.objects.filter(move=move)),
            event=EVENTS[move],
        )
    must_be_recorded(
        name="members.proposals",
        rows=_named("proposal", Proposal.objects.all()),
        event="members.proposal.made",
    )
    must_be_recorded(
        name="members.documents",
        rows=_named("document", AdmissionDocument.objects.all()),
        event="members.document.added",
    )
    must_be_recorded(
        name="members.roles",
        rows=_named("role", RoleGrant.objects.all()),
        event="members.role.granted",
    )
    must_be_recorded(
        name="members.roles.ended",
        rows=_named("role", RoleGrant.objects.exclude(valid_until=None)),
        event="members.role.revoked",
    )


def _named(
    kind: str,
    rows: "QuerySet[AdmissionStep] | QuerySet[Proposal] | QuerySet[AdmissionDocument] | QuerySet[RoleGrant]",
) -> QuerySet[AdmissionStep, str]:
    """The rows as subjects of the log, such as `role:rol_…`."""
    subjects = rows.order_by().annotate(
        subject=Concat(Value(f"{kind}:"), F("public_id"), output_field=CharField())
    )
    return subjects.values_list("subject", flat=True)  # type: ignore[return-value]  # any of them
