"""Why the books refuse. Each class is named for the fact; the codes never change."""

from http import HTTPStatus

from exchange.core.refusals import Invalid, NotFound, Refusal


class InsufficientFunds(Refusal):
    """A guarded account would go below zero, counting what its open holds will take."""

    code = "insufficient_funds"


class UnknownAccount(NotFound):
    """No account has this code."""

    code = "unknown_account"


class AccountClosed(Refusal):
    """The account takes no further transfer."""

    code = "account_closed"


class AccountNotSettled(Refusal):
    """Only an account with nothing on it and no open hold is closed."""

    code = "account_not_settled"


class AccountDiffers(Refusal):
    """The code is taken by an account of other terms."""

    code = "account_differs"


class CurrencyMismatch(Invalid):
    """Both accounts of a transfer and its amount have one currency."""

    code = "currency_mismatch"


class SameAccount(Invalid):
    """A transfer needs two accounts."""

    code = "same_account"


class AmountNotPositive(Invalid):
    """A transfer moves at least one minor unit."""

    code = "amount_not_positive"


class AmountTooLarge(Invalid):
    """The sum would not fit into the books (2^63 - 1 minor units)."""

    code = "amount_too_large"


class KeyReused(Refusal):
    """The key already names a posting with other contents."""

    code = "key_reused"


class UnknownPending(NotFound):
    """There is no such hold."""

    code = "unknown_pending"


class PendingAlreadyResolved(Refusal):
    """The hold has been posted, voided or has run out, once and for all."""

    code = "pending_already_resolved"


class PendingExpired(Refusal):
    """The hold's time is over by the database's clock; it can only be voided."""

    code = "pending_expired"


class ExceedsPending(Refusal):
    """More was asked for than the hold holds."""

    code = "exceeds_pending"


class ExternalFactBooked(Refusal):
    """The payment provider's fact is in the books already, under another posting."""

    code = "external_fact_booked"


class ExpiryNotAhead(Invalid):
    """A hold must run out later than it begins."""

    code = "expiry_not_ahead"


class MalformedPosting(Invalid):
    """A name is empty, too long or has characters that names do not have; or there is nothing to post."""

    code = "malformed_posting"


class BatchTooLarge(Invalid):
    """More was sent at once than one transaction takes."""

    code = "batch_too_large"


class GuardsMissing(Refusal):
    """A guard of the books is not in place in the database; nothing is posted until it is."""

    code = "guards_missing"
    http_status = HTTPStatus.SERVICE_UNAVAILABLE


class LedgerUnavailable(Refusal):
    """The database did not do it, or its answer was lost. Repeating with the same key is safe."""

    code = "ledger_unavailable"
    http_status = HTTPStatus.SERVICE_UNAVAILABLE
