"""What the log says of this room, what of it and of accounts must be there (`verify_audit` holds us
to it), and who permissions are asked about."""

from accounts.models import Organisation
from exchange.audit.coverage import require_record, subjects
from exchange.core.use_case import announce
from exchange.members import admission, identity, proposals
from exchange.members.lifecycle import ADMISSION, PROPOSAL
from exchange.members.lifecycle import AdmissionTransition as X
from exchange.members.models import (
    AdmissionDocument,
    AdmissionStep,
    IdentityRequest,
    Proposal,
    RoleGrant,
)
from exchange.members.standing import STANDINGS


def declare() -> None:
    """Every organisation, step, proposal, document and role has a record, and so has a role's end.
    For `AppConfig.ready`."""
    ADMISSION.concerns, ADMISSION.record_facts = admission.subject_of, admission.record_facts
    PROPOSAL.concerns, PROPOSAL.record_facts = proposals.subject_of, proposals.record_facts
    identity.declare()
    ADMISSION.on(
        (X.RESTRICT, X.SUSPEND, X.RESTORE, X.EXIT),
        lambda admission, _change: announce(topic=STANDINGS, version=admission.steps_count),
    )
    for name, row in ADMISSION.transitions.items():
        require_record(
            name=f"members.steps.{name}",
            rows=subjects("admission_step", AdmissionStep.objects.filter(transition=name)),
            event=row.event,
        )
    ended = RoleGrant.objects.exclude(valid_until=None)
    for name, kind, rows, event in (
        ("accounts.organisations", "organisation", Organisation.objects.all(), "accounts.organisation.created"),
        ("members.proposals", "proposal", Proposal.objects.all(), "members.proposal.made"),
        ("members.identity", "identity_request", IdentityRequest.objects.all(), "members.identity.asked"),
        ("members.documents", "document", AdmissionDocument.objects.all(), "members.document.added"),
        ("members.roles", "role", RoleGrant.objects.all(), "members.role.granted"),
        ("members.roles.ended", "role", ended, "members.role.revoked"),
    ):  # fmt: skip
        require_record(name=name, rows=subjects(kind, rows), event=event)
