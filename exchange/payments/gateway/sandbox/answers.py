"""Errors as the API tells them."""

from typing import Any

Body = dict[str, Any]


class ApiError(Exception):
    """An answer that is not 2xx. `code` and `message` are Stripe's own words for it."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str = "",
        type_: str = "invalid_request_error",
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body: Body = {"error": {"type": type_, "message": message, **more}}
        if code:
            self.body["error"]["code"] = code


def no_such(kind: str, ref: str) -> ApiError:
    return ApiError(404, f"No such {kind}: '{ref}'", code="resource_missing")


def wrong_state(kind: str, state: str) -> ApiError:
    return ApiError(400, f"This {kind} is in the state {state}.", code=f"{kind}_unexpected_state")
