"""Which provider this installation has."""

from functools import cache

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from exchange.payments.errors import ProviderUnavailable
from exchange.payments.gateway.port import Provider
from exchange.payments.gateway.sandbox.transport import InProcess
from exchange.payments.gateway.stripe_gateway import StripeGateway

TEST = "test"


def takes_cards() -> bool:
    """Whether this installation has a provider."""
    return bool(settings.PAYMENT_PROVIDER == TEST)


def provider_name() -> str:
    """What the books and our rows call the configured provider. Raises ProviderUnavailable when there is none."""
    if not takes_cards():
        raise ProviderUnavailable(_("This exchange takes no card payments."))
    return TEST


def provider() -> Provider:
    """The configured provider. Raises as `provider_name`."""
    provider_name()
    return _test_provider(settings.PAYMENT_WEBHOOK_SECRET)


@cache
def _test_provider(webhook_secret: str) -> Provider:
    return StripeGateway(
        name=TEST,
        api_key="sk_test_sandbox",
        webhook_secret=webhook_secret,
        page=lambda _ref, payment_id: reverse("web:test_card", args=[payment_id]),
        http_client=InProcess(),
    )
