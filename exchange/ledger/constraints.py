"""What a constraint of the database means to whoever asked: the one place that translates."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from django.db import Error, InterfaceError, InternalError, OperationalError, connection
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.core.refusals import Refusal
from exchange.ledger import errors

READ_ONLY = "25006"


@dataclass(frozen=True)
class Meaning:
    """The refusal, its sentence, and the name of the fact that the database added."""

    refusal: type[Refusal]
    sentence: str | Promise
    fact: str = "account"


_SHORT = Meaning(errors.InsufficientFunds, gettext_lazy("The account does not hold enough."))
_CURRENCIES = Meaning(
    errors.CurrencyMismatch,
    gettext_lazy("Both accounts and the amount must have the same currency."),
    "detail",
)
_UNKNOWN_HOLD = Meaning(
    errors.UnknownPending, gettext_lazy("There is no such hold to post or void."), "pending"
)

MEANINGS: dict[str, Meaning] = {
    "account_debits_within_credits": _SHORT,
    "account_credits_within_debits": _SHORT,
    "account_is_known": Meaning(
        errors.UnknownAccount, gettext_lazy("There is no account with this code.")
    ),
    "account_is_open": Meaning(
        errors.AccountClosed, gettext_lazy("The account is closed and takes no further transfer.")
    ),
    "account_closes_settled": Meaning(
        errors.AccountNotSettled,
        gettext_lazy("An account is closed only when it is at zero and nothing is held."),
    ),
    "transfer_debit_shares_its_currency": _CURRENCIES,
    "transfer_credit_shares_its_currency": _CURRENCIES,
    "transfer_matches_its_hold": _CURRENCIES,
    "transfer_has_two_sides": Meaning(
        errors.SameAccount, gettext_lazy("A transfer needs two different accounts."), "detail"
    ),
    "transfer_moves_something": Meaning(
        errors.AmountNotPositive, gettext_lazy("The amount must be above zero."), "detail"
    ),
    "transfer_expires_only_when_held": Meaning(
        errors.ExpiryNotAhead, gettext_lazy("A hold must run out later than it begins."), "detail"
    ),
    "sums_fit_the_books": Meaning(
        errors.AmountTooLarge, gettext_lazy("The sum is too large for the books."), "detail"
    ),
    "posting_key_names_one_request": Meaning(
        errors.KeyReused,
        gettext_lazy("This key was used for a posting with other contents."),
        "key",
    ),
    "transfer_resolves_a_known_hold": _UNKNOWN_HOLD,
    "transfer_resolves_only_a_hold": _UNKNOWN_HOLD,
    "hold_is_resolved_once": Meaning(
        errors.PendingAlreadyResolved,
        gettext_lazy("This hold has been posted or released already."),
        "pending",
    ),
    "transfer_takes_its_hold_in_time": Meaning(
        errors.PendingExpired, gettext_lazy("This hold has run out."), "pending"
    ),
    "transfer_stays_within_its_hold": Meaning(
        errors.ExceedsPending, gettext_lazy("The hold is smaller than the amount."), "pending"
    ),
    "external_fact_is_booked_once": Meaning(
        errors.ExternalFactBooked,
        gettext_lazy("This fact of the payment provider is booked already."),
        "detail",
    ),
}


def refusal_for(constraint: str, detail: str | None) -> Refusal:
    """The refusal that a violated constraint stands for. An unforeseen one is a programming error."""
    meaning = MEANINGS.get(constraint)
    if meaning is None:
        raise AssertionError(f"The books refused by {constraint}, which has no meaning: {detail}")
    return meaning.refusal(str(meaning.sentence), **{meaning.fact: detail, "guard": constraint})


def constraint_of(error: Error) -> str:
    """The name of the constraint that the database refused by, or an empty text."""
    cause = error.__cause__
    return (cause.diag.constraint_name or "") if isinstance(cause, psycopg.Error) else ""


@contextmanager
def outages_are_refusals() -> Iterator[None]:
    """Raise LedgerUnavailable when the server is down, restarting, full or read-only.

    Outside a transaction a lost connection is dropped, so that the next attempt gets a new one.
    """
    try:
        yield
    except (OperationalError, InterfaceError, InternalError) as error:
        state = getattr(error.__cause__, "sqlstate", None)
        if isinstance(error, InternalError) and state != READ_ONLY:
            raise
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        raise errors.LedgerUnavailable(
            _("The books cannot be written now. Try again with the same key."),
            retryable=True,
            sqlstate=state,
        ) from error
