"""Refusals about products, revisions, offers and listings."""

from http import HTTPStatus

from exchange.core.refusals import Invalid, Refusal


class ProductWithdrawn(Refusal):
    """The product is not listed at this moment; nobody new can buy it."""

    code = "product_withdrawn"
    http_status = HTTPStatus.GONE


class ProductPaused(Refusal):
    """The seller has paused the product: nothing new is ordered, asked for or sampled until it is listed again."""

    code = "product_paused"


class OfferWithdrawn(Refusal):
    """The offer was withdrawn, has ended or has not begun."""

    code = "offer_withdrawn"
    http_status = HTTPStatus.GONE


class DetailsRefused(Invalid):
    """A field of the product is not what it may be; `field` names it."""

    code = "product_details_refused"


class OfferRefused(Invalid):
    """A field of the offer is not what it may be; `field` names it."""

    code = "offer_refused"


class ProductClosed(Refusal):
    """In this state of its listing the product cannot be changed."""

    code = "product_closed"


class GatesShut(Refusal):
    """Something that the listing needs is missing; `gates` names each with its sentence."""

    code = "listing_gates_shut"


class ChangeMissing(Refusal):
    """There is no change that the exchange could be asked about or could decide on."""

    code = "listing_change_missing"


class ChangePending(Refusal):
    """The exchange is looking at a change; take it back before changing more."""

    code = "listing_change_pending"


class SecondOperatorNeeded(Refusal):
    """Data of this grade is let onto the list by two operators, one after the other."""

    code = "second_operator_needed"
    http_status = HTTPStatus.FORBIDDEN


class ReasonRefused(Invalid):
    """There is no such kind of reason for this step; `accepted` names the kinds."""

    code = "listing_reason_refused"


class ChecklistIncomplete(Invalid):
    """The operator has not confirmed every point of this stage; `missing` names them."""

    code = "listing_checklist_incomplete"


class FileNotReady(Refusal):
    """The file is still being read, or could not be read."""

    code = "file_not_ready"


class RevisionMissing(Refusal):
    """There is no draft of a revision to publish or to change."""

    code = "revision_missing"


class RevisionUnchanged(Refusal):
    """The file is the same as that of the last revision."""

    code = "revision_unchanged"


class DictionaryRefused(Invalid):
    """A correction names a column that is not there, or holds more than it may."""

    code = "dictionary_refused"


class LimitReached(Refusal):
    """The product has as many of this as it may have."""

    code = "catalog_limit_reached"


class TrustedSpaceNotOpen(Refusal):
    """The data stays at the exchange, and the space in which buyers would work on it is not open."""

    code = "trusted_space_not_open"


class DataStays(Refusal):
    """The way of delivery, or the grade, lets no file of this product's data leave."""

    code = "data_stays"
    http_status = HTTPStatus.FORBIDDEN


class ColumnUnknown(Invalid):
    """No revision of the product has a column of this name; `accepted` names those it has."""

    code = "column_unknown"


class ColumnNotFlagged(Refusal):
    """The column is not held back as personal, so there is nothing to take off."""

    code = "column_not_flagged"
