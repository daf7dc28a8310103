"""What the books refuse, and which constraint of the database says so."""

from dataclasses import dataclass
from http import HTTPStatus

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

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


class MonthClosed(Refusal):
    """The posting is dated into a month of the books that is closed."""

    code = "month_closed"


class LedgerUnavailable(Refusal):
    """The database did not do it, or its answer was lost. Repeating with the same key is safe."""

    code = "ledger_unavailable"
    http_status = HTTPStatus.SERVICE_UNAVAILABLE


@dataclass(frozen=True)
class Meaning:
    """The refusal, its sentence, and the name of the fact that the database added."""

    refusal: type[Refusal]
    sentence: str | Promise
    fact: str = "account"


_SHORT = Meaning(InsufficientFunds, gettext_lazy("The account does not hold enough."))
_CURRENCIES = Meaning(
    CurrencyMismatch,
    gettext_lazy("Both accounts and the amount must have the same currency."),
    "detail",
)
_UNKNOWN_HOLD = Meaning(
    UnknownPending, gettext_lazy("There is no such hold to post or void."), "pending"
)

MEANINGS: dict[str, Meaning] = {
    "account_debits_within_credits": _SHORT,
    "account_credits_within_debits": _SHORT,
    "account_is_known": Meaning(
        UnknownAccount, gettext_lazy("There is no account with this code.")
    ),
    "account_is_open": Meaning(
        AccountClosed, gettext_lazy("The account is closed and takes no further transfer.")
    ),
    "transfer_debit_shares_its_currency": _CURRENCIES,
    "transfer_credit_shares_its_currency": _CURRENCIES,
    "transfer_matches_its_hold": _CURRENCIES,
    "transfer_has_two_sides": Meaning(
        SameAccount, gettext_lazy("A transfer needs two different accounts."), "detail"
    ),
    "transfer_moves_something": Meaning(
        AmountNotPositive, gettext_lazy("The amount must be above zero."), "detail"
    ),
    "transfer_expires_only_when_held": Meaning(
        ExpiryNotAhead, gettext_lazy("A hold must run out later than it begins."), "detail"
    ),
    "sums_fit_the_books": Meaning(
        AmountTooLarge, gettext_lazy("The sum is too large for the books."), "detail"
    ),
    "posting_key_names_one_request": Meaning(
        KeyReused,
        gettext_lazy("This key was used for a posting with other contents."),
        "key",
    ),
    "posting_is_of_an_open_month": Meaning(
        MonthClosed, gettext_lazy("The month is closed."), "month"
    ),
    "transfer_resolves_a_known_hold": _UNKNOWN_HOLD,
    "transfer_resolves_only_a_hold": _UNKNOWN_HOLD,
    "hold_is_resolved_once": Meaning(
        PendingAlreadyResolved,
        gettext_lazy("This hold has been posted or released already."),
        "pending",
    ),
    "transfer_takes_its_hold_in_time": Meaning(
        PendingExpired, gettext_lazy("This hold has run out."), "pending"
    ),
    "transfer_stays_within_its_hold": Meaning(
        ExceedsPending, gettext_lazy("The hold is smaller than the amount."), "pending"
    ),
    "external_fact_is_booked_once": Meaning(
        ExternalFactBooked,
        gettext_lazy("This fact of the payment provider is booked already."),
        "detail",
    ),
}
