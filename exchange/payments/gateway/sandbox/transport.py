"""The way from Stripe's kit to the provider in this process, in place of the network."""

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlsplit

import stripe

from exchange.payments.gateway.sandbox import server


class InProcess(stripe.HTTPClient):
    """Hands the kit's own requests, with their own headers, to the provider."""

    name: ClassVar[str] = "assay-sandbox"

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        address, given = urlsplit(url), headers or {}
        said = server.answer(
            server.Request(
                method=method.upper(),
                path=address.path,
                form_text=address.query if method.lower() == "get" else (post_data or ""),
                key=given.get("Idempotency-Key", ""),
                account=given.get("Stripe-Account", ""),
                api_key=given.get("Authorization", "").removeprefix("Bearer "),
                version=given.get("Stripe-Version", ""),
            )
        )
        if said.lost:
            raise stripe.APIConnectionError(  # type: ignore[no-untyped-call]
                "The connection was lost.", should_retry=False
            )
        return said.text, said.status, {k.lower(): v for k, v in said.headers.items()}

    def close(self) -> None:
        """Nothing is open."""
