"""Admissions with their steps, proposals and documents; qualifications; roles."""

from exchange.members.models.admissions import Admission, AdmissionStep, Proposal
from exchange.members.models.documents import AdmissionDocument
from exchange.members.models.relations import RelatedParty
from exchange.members.models.roles import Qualification, RoleGrant

__all__ = [
    "Admission",
    "AdmissionDocument",
    "AdmissionStep",
    "Proposal",
    "Qualification",
    "RelatedParty",
    "RoleGrant",
]
