"""Refusals that several parts of the room share."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from exchange.core.refusals import Invalid, Refusal


class ClauseIncomplete(Invalid):
    """A place of the template's clauses has nothing to say; `missing` names the places."""

    code = "clause_incomplete"

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(_("The contract lacks what its clauses name."), missing=list(missing))


class NothingToCallOff(Refusal):
    """The contract is no framework agreement, or its time or its orders are used up; `calls_max` and
    `until` say what it allowed."""

    code = "nothing_to_call_off"


class PermitUsedUp(Refusal):
    """The contract allows no further use; `uses_max` is how many it allowed."""

    code = "permit_used_up"


class AlreadySigned(Refusal):
    """An authorised member of this party has signed the contract already."""

    code = "already_signed"


class DocumentDiffers(Refusal):
    """The document is not the one that was put up for signing; `document_hash` is the right one."""

    code = "document_differs"


class NotForSigning(Refusal):
    """The contract cannot be signed now; `state` says where it stands."""

    code = "not_for_signing"
