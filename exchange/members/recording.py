"""What the log says of this room, what of it and of accounts must be there (`verify_audit` holds us
to it), and who permissions are asked about."""

from accounts.models import Organisation
from exchange.audit import agreement
from exchange.audit.coverage import require_record, subjects
from exchange.core.use_case import announce
from exchange.members import (
    admission,
    approvals,
    deactivation,
    identity,
    proposals,
    rule_packs,
    team,
)
from exchange.members.lifecycle import (
    ADMISSION,
    APPROVAL,
    PROPOSAL,
)
from exchange.members.lifecycle import AdmissionTransition as X
from exchange.members.models import (
    AdmissionDocument,
    AdmissionStep,
    ApprovalRequest,
    IdentityRequest,
    PersonalTie,
    Proposal,
    RoleGrant,
)
from exchange.members.standing import STANDINGS


def declare() -> None:
    """Every organisation, step, proposal, document and role has a record, and so has a role's end.
    For `AppConfig.ready`."""
    _declare_rows()
    ADMISSION.concerns, ADMISSION.record_facts = admission.subject_of, admission.record_facts
    PROPOSAL.concerns, PROPOSAL.record_facts = proposals.subject_of, proposals.record_facts
    identity.declare()
    ADMISSION.on(
        (X.RESTRICT, X.SUSPEND, X.RESTORE, X.EXIT),
        lambda admission, _change: announce(topic=STANDINGS, version=admission.steps_count),
    )
    APPROVAL.record_facts = approvals.record_facts
    deactivation.declare()
    for act in (*rule_packs.ACTS, *team.ACTS):
        approvals.declare(act)
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
        ("members.approvals", "approval", ApprovalRequest.objects.all(), "members.approval.requested"),
        ("members.ties", "tie", PersonalTie.objects.all(), "members.tie.declared"),
        ("members.documents", "document", AdmissionDocument.objects.all(), "members.document.added"),
        ("members.roles", "role", RoleGrant.objects.all(), "members.role.granted"),
        ("members.roles.ended", "role", ended, "members.role.revoked"),
    ):  # fmt: skip
        require_record(name=name, rows=subjects(kind, rows), event=event)


def _declare_rows() -> None:
    """Say where the subjects of these records stand, and what they repeat. People may be erased."""
    agreement.no_rows_of("user", "people may be erased")
    agreement.no_rows_of("record", "an erasure speaks of a record, which the tree holds")
    of_admission = "JOIN members_admission AS a ON a.id = row.admission_id"
    agreement.rows_of("organisation", "accounts_organisation AS row")
    agreement.rows_of(
        "proposal",
        f"members_proposal AS row {of_admission}",
        facts={"admission": "a.public_id", "transition": "row.transition"},
    )
    agreement.rows_of(
        "document",
        f"members_admissiondocument AS row {of_admission}",
        facts={
            "admission": "a.public_id",
            "kind": "row.kind",
            "sha256": "row.sha256",
            "size_bytes": "row.size_bytes",
        },
    )
    agreement.rows_of(
        "identity_request",
        "members_identityrequest AS row"
        " JOIN accounts_organisation AS o ON o.id = row.organisation_id",
        facts={"organisation": "o.public_id"},
    )
    agreement.rows_of(
        "role",
        "members_rolegrant AS row JOIN accounts_user AS u ON u.id = row.user_id"
        " JOIN accounts_organisation AS o ON o.id = row.organisation_id",
        facts={"role": "row.role", "user": "u.public_id", "organisation": "o.public_id"},
    )
    agreement.rows_of(
        "relation",
        "members_relatedparty AS row JOIN accounts_organisation AS o ON o.id = row.organisation_id"
        " JOIN accounts_organisation AS p ON p.id = row.other_id",
        facts={"organisation": "o.public_id", "other": "p.public_id", "kind": "row.kind"},
    )
    agreement.rows_of(
        "approval",
        "members_approvalrequest AS row",
        facts={"act": "row.act", "subject": "row.about"},
    )
    agreement.rows_of(
        "tie",
        "members_personaltie AS row JOIN accounts_user AS u ON u.id = row.user_id"
        " JOIN accounts_organisation AS o ON o.id = row.organisation_id",
        facts={"user": "u.public_id", "organisation": "o.public_id", "kind": "row.kind"},
    )
    agreement.rows_of(
        "rule",
        "core_rule AS row JOIN core_rulepack AS pack ON pack.id = row.pack_id",
        key="pack.code || '/' || row.key",
        is_recorded=False,  # the values that an exchange begins with
    )
    agreement.rows_of(
        "calendar",
        "core_calendaryear AS row",
        key="row.jurisdiction || '/' || row.year",
        is_recorded=False,  # as above
    )
    agreement.rows_of(
        "zone",
        "core_bookszone AS row",
        key="row.zone",
        is_recorded=False,  # the zone that the books were begun with is part of the founding
    )
    agreement.no_rows_of("outbox_job", "work that was done is cleared away")
