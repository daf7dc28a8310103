"""People, organisations, invitations and API keys."""

from accounts.models.invitations import Invitation, InvitationOutcome
from accounts.models.keys import ApiKey
from accounts.models.organisations import (
    Membership,
    MembershipRole,
    Organisation,
    OrganisationKind,
)
from accounts.models.people import NAME_CHARS_MAX, User, Users

__all__ = [
    "NAME_CHARS_MAX",
    "ApiKey",
    "Invitation",
    "InvitationOutcome",
    "Membership",
    "MembershipRole",
    "Organisation",
    "OrganisationKind",
    "User",
    "Users",
]
