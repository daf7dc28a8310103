"""Refusals that several actions of this room raise."""

from http import HTTPStatus

from exchange.core.refusals import Invalid, Refusal


class KindsConflict(Refusal):
    """One organisation may not hold both qualifications."""

    code = "qualifications_conflict"


class KindsRefused(Invalid):
    """No qualification was named, or one that cannot be asked for."""

    code = "qualifications_refused"


class SamePerson(Refusal):
    """A second person must decide on what somebody proposed."""

    code = "second_person_needed"
    http_status = HTTPStatus.FORBIDDEN
