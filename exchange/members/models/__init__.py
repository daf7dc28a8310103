"""The rows of this room."""

from exchange.members.models.admissions import (
    DOCUMENT_NAME_CHARS_MAX,
    MEDIA_TYPES,
    NAME_CHARS_MAX,
    SIZE_BYTES_MAX,
    SUBJECT_CHARS_MAX,
    Admission,
    AdmissionDocument,
    AdmissionStep,
    ApprovalRequest,
    IdentityRequest,
    Proposal,
    Proposed,
    Qualification,
    RoleGrant,
    storage_name,
)
from exchange.members.models.deactivations import Deactivation
from exchange.members.models.relations import (
    RELATION_REASON_CHARS_MAX,
    PersonalTie,
    RelatedParty,
    RelationKind,
    TieKind,
)
from exchange.members.models.saved_views import (
    VIEW_NAME_CHARS_MAX,
    VIEW_QUERY_CHARS_MAX,
    VIEWS_MAX,
    SavedView,
)

__all__ = [
    "DOCUMENT_NAME_CHARS_MAX",
    "MEDIA_TYPES",
    "NAME_CHARS_MAX",
    "RELATION_REASON_CHARS_MAX",
    "SIZE_BYTES_MAX",
    "SUBJECT_CHARS_MAX",
    "VIEWS_MAX",
    "VIEW_NAME_CHARS_MAX",
    "VIEW_QUERY_CHARS_MAX",
    "Admission",
    "AdmissionDocument",
    "AdmissionStep",
    "ApprovalRequest",
    "Deactivation",
    "IdentityRequest",
    "PersonalTie",
    "Proposal",
    "Proposed",
    "Qualification",
    "RelatedParty",
    "RelationKind",
    "RoleGrant",
    "SavedView",
    "TieKind",
    "storage_name",
]
