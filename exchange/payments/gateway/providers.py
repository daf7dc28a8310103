"""Which provider this installation has."""

from functools import cache

import stripe
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse
from django.utils.translation import gettext as _

from exchange.core.payment_settings import PaymentProvider
from exchange.payments.errors import ProviderUnavailable
from exchange.payments.gateway.port import Provider
from exchange.payments.gateway.sandbox.transport import InProcess
from exchange.payments.gateway.stripe_gateway import StripeGateway

TEST = PaymentProvider.TEST.value
TEST_COUNTRY = "CN"
TEST_KEY = "sk_test_sandbox"
# Where the card page of each kind of thing leads back to, by how its public id begins.
BACK = {"pay": "web:payment_back", "ctu": "web:top_up_back", "crd": "web:saved_card_back"}
# A call to the network ends long before the lease of the work that made it would be given up.
CONNECT_SECONDS_MAX = 5
ANSWER_SECONDS_MAX = 25


def takes_cards() -> bool:
    """Whether this installation has a provider."""
    return bool(settings.PAYMENT_PROVIDER != PaymentProvider.NONE)


def provider_name() -> str:
    """What the books and our rows call the configured provider. Raises ProviderUnavailable when there is none."""
    if not takes_cards():
        raise ProviderUnavailable(_("This exchange takes no card payments."))
    return str(settings.PAYMENT_PROVIDER)


def provider() -> Provider:
    """The configured provider. Raises as `provider_name`."""
    name = provider_name()
    if name == TEST:
        return _test_provider(settings.PAYMENT_WEBHOOK_SECRET)
    if name != PaymentProvider.STRIPE:
        raise ImproperlyConfigured(f"PAYMENT_PROVIDER {name!r} is not known here.")
    return _stripe(
        settings.STRIPE_SECRET_KEY,
        (settings.PAYMENT_WEBHOOK_SECRET, settings.STRIPE_CONNECT_WEBHOOK_SECRET),
        settings.STRIPE_API_BASE,
        country=settings.STRIPE_COUNTRY,
        is_live=settings.STRIPE_LIVE_MODE,
    )


def _return_address(payment_id: str) -> str:
    return str(settings.PUBLIC_URL) + reverse(BACK[payment_id.partition("_")[0]], args=[payment_id])


def _account_address() -> str:
    return str(settings.PUBLIC_URL) + reverse("web:payout_account_back")


@cache
def _test_provider(webhook_secret: str) -> Provider:
    return StripeGateway(
        name=TEST,
        api_key=TEST_KEY,
        webhook_secrets=(webhook_secret,),
        return_address=_return_address,
        page=lambda _url, payment_id: reverse("web:test_card", args=[payment_id]),
        country=TEST_COUNTRY,
        account_address=_account_address,
        identifies_sellers=False,
        http_client=InProcess(),
    )


@cache
def _stripe(
    api_key: str, webhook_secrets: tuple[str, ...], api_base: str, *, country: str, is_live: bool
) -> Provider:
    return StripeGateway(
        name=PaymentProvider.STRIPE.value,
        api_key=api_key,
        webhook_secrets=webhook_secrets,
        return_address=_return_address,
        page=lambda url, _payment_id: url,
        country=country,
        account_address=_account_address,
        identifies_sellers=True,
        api_base=api_base,
        is_live=is_live,
        http_client=stripe.RequestsClient(timeout=(CONNECT_SECONDS_MAX, ANSWER_SECONDS_MAX)),
    )


def unavailable() -> ProviderUnavailable:
    """What the payer is told when the provider gives no clear answer."""
    return ProviderUnavailable(
        _("The payment provider does not answer. Nothing was charged; please try again.")
    )
