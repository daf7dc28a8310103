"""Calls of Stripe's kit: what their errors mean, and how each takes effect once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import stripe

from exchange.payments.gateway.port import OutcomeUnknown, ProviderRefused

T = TypeVar("T")

KEYS_MAX = 4


@contextmanager
def refusals() -> Iterator[None]:
    """Say a definite no as ProviderRefused and everything unclear as OutcomeUnknown."""
    try:
        yield
    except (stripe.InvalidRequestError, stripe.CardError) as error:
        why = getattr(error.error, "decline_code", None) or error.code or "invalid_request"
        raise ProviderRefused(str(why), str(error)) from error
    except stripe.StripeError as error:
        raise OutcomeUnknown(str(error)) from error


def once(key: str, find: Callable[[], T | None], make: Callable[[str], T]) -> T:
    """What an earlier attempt made, or make it now, under a key that is the same at each attempt.

    An error of the server that was saved under the key is said again for 24 hours, and whether it
    took effect is not said. When the answer is such a repetition, that run is over: what it left is
    found, or it left nothing and the next key is safe to use.
    """
    with refusals():
        for number in range(KEYS_MAX):
            found = find()
            if found is not None:
                return found
            try:
                return make(f"{key}:{number}" if number else key)
            except stripe.APIError as error:
                if not _is_repetition(error):
                    raise
    raise OutcomeUnknown(f"The provider keeps failing over {key}.")


def _is_repetition(error: stripe.APIError) -> bool:
    return (error.headers or {}).get("idempotent-replayed") == "true"
