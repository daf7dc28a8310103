"""Every code with which the exchange says no, and what it means: for the API's documents and pages."""

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus

from accounts.refusals import AccountRefusal
from exchange.core.refusals import Refusal
from pricing.refusals import PricingRefusal

AnyRefusal = Refusal | AccountRefusal | PricingRefusal
REFUSALS = (Refusal, AccountRefusal, PricingRefusal)


@dataclass(frozen=True)
class ProblemKind:
    """One code: stable, with its usual HTTP status and what it means."""

    code: str
    status: int
    meaning: str

    @property
    def title(self) -> str:
        return title_of(self.code)


# What the API says before any room is asked.
_DOOR = (
    ProblemKind("malformed_body", 400, "The body is not well-formed JSON."),
    ProblemKind("bad_request", 400, "The request cannot be read."),
    ProblemKind("not_authenticated", 401, "Send an API key, or sign in."),
    ProblemKind("csrf_failed", 403, "A write in a browser session needs its CSRF token."),
    ProblemKind("permission_denied", 403, "You may not do this."),
    ProblemKind(
        "no_such_page", 404, "There is nothing at this address, or you may not know of it."
    ),
    ProblemKind("method_not_allowed", 405, "This address does not take this method."),
    ProblemKind("not_acceptable", 406, "The API answers in JSON."),
    ProblemKind("body_too_large", 413, "The body is larger than the API reads."),
    ProblemKind("unsupported_media_type", 415, "The API reads application/json."),
    ProblemKind(
        "fields_invalid", 422, "Fields are missing or not well formed; `errors` names each."
    ),
    ProblemKind("throttled", 429, "Too many requests; `Retry-After` says when to try again."),
    ProblemKind("server_error", 500, "An error of ours. It is logged under the request's id."),
    ProblemKind("unavailable", 503, "The exchange cannot answer for the moment; try again."),
)


def title_of(code: str) -> str:
    """A code in words."""
    return code.replace("_", " ").capitalize()


def refusals() -> list[type[AnyRefusal]]:
    """Every class of refusal that has been imported, each once, by code and name."""
    found = {kind for root in REFUSALS for kind in _below(root)}
    return sorted(found, key=lambda kind: (kind.code, kind.__module__, kind.__qualname__))


def problem_kinds() -> dict[str, ProblemKind]:
    """Every documented code, in order."""
    kinds = {kind.code: kind for kind in _DOOR}
    for refusal in refusals():
        told, _, _ = (inspect.getdoc(refusal) or "").partition("\n\n")  # the rest is for us
        meaning = " ".join(told.split())
        kinds[refusal.code] = ProblemKind(refusal.code, int(refusal.http_status), meaning)
    return dict(sorted(kinds.items()))


def door_code(status: int) -> str:
    """The code of an answer that only has a status."""
    for kind in _DOOR:
        if kind.status == status and kind.code not in {"malformed_body", "csrf_failed"}:
            return kind.code
    return "server_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "bad_request"


def _below(root: type[AnyRefusal]) -> Iterator[type[AnyRefusal]]:
    yield root
    for kind in root.__subclasses__():
        if kind.__module__.startswith(("exchange.", "accounts.", "pricing.")):
            yield from _below(kind)
