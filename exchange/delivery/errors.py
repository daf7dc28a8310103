"""Refusals at the counter: what is not handed out, and why."""

from http import HTTPStatus

from exchange.core.refusals import NotFound, Refusal


class LinkUnknown(NotFound):
    """The link is not one of ours, or was changed on the way."""

    code = "link_unknown"


class LinkExpired(Refusal):
    """The link was good for a short time only; make a new one on the page of the purchase."""

    code = "link_expired"
    http_status = HTTPStatus.GONE


class LinkEnded(Refusal):
    """The link was taken back, or who made it may not fetch this any more."""

    code = "link_ended"
    http_status = HTTPStatus.GONE


class LinkCapReached(Refusal):
    """What the request may cost is more than is left of what the link may spend; `left_minor` says
    how much that is."""

    code = "link_cap_reached"
    http_status = HTTPStatus.FORBIDDEN


class NothingToExtend(Refusal):
    """The right to the order's data has no end, or there is none."""

    code = "nothing_to_extend"


class EntitlementRevoked(Refusal):
    """The right to this data was taken back; `reason` says why."""

    code = "entitlement_revoked"
    http_status = HTTPStatus.FORBIDDEN


class EntitlementSuspended(Refusal):
    """The right to this data rests for the moment; `reason` says why."""

    code = "entitlement_suspended"
    http_status = HTTPStatus.FORBIDDEN


class EntitlementExpired(Refusal):
    """The right to this data has ended; `valid_until` says when."""

    code = "entitlement_expired"
    http_status = HTTPStatus.GONE


class EntitlementNotBegun(Refusal):
    """The right to this data begins later; `valid_from` says when."""

    code = "entitlement_not_begun"
    http_status = HTTPStatus.FORBIDDEN


class NotCovered(Refusal):
    """The purchase does not include this table in this form, or its revision was revoked."""

    code = "not_covered"
    http_status = HTTPStatus.FORBIDDEN


class NothingToCompare(Refusal):
    """No file was delivered here under this order, so there is nothing to read beside its promise."""

    code = "nothing_to_compare"


class ComparisonsFull(Refusal):
    """An order's delivery is read again only so many times."""

    code = "comparisons_full"
