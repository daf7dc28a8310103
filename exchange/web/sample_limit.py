"""How many samples one address may fetch in a minute."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework.throttling import SimpleRateThrottle

from exchange.core.refusals import Refusal

SAMPLES_PER_MINUTE = 30


class TooManySamples(Refusal):
    """This address has fetched as many samples as it may for the moment."""

    code = "too_many_samples"
    http_status = HTTPStatus.TOO_MANY_REQUESTS


class SampleThrottle(SimpleRateThrottle):
    """By address, as the API counts strangers: behind trusted proxies, by the visitor's own."""

    rate = f"{SAMPLES_PER_MINUTE}/min"

    def get_cache_key(self, request: Any, _view: Any) -> str:
        return f"throttle:sample:{self.get_ident(request)}"


def count_sample(request: HttpRequest) -> None:
    """Count one more. Raises TooManySamples."""
    throttle = SampleThrottle()
    if not throttle.allow_request(request, None):  # type: ignore[arg-type]  # asks for META alone
        raise TooManySamples(
            _("Wait a minute before you download more samples."),
            retry_after_seconds=round(throttle.wait() or 60),
            limit_per_minute=SAMPLES_PER_MINUTE,
        )
