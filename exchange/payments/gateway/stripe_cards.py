"""Cards that are kept at Stripe: saved on a page of its own, charged without their holder, forgotten."""

import stripe

from exchange.payments.gateway import stripe_reading as reading
from exchange.payments.gateway.port import ProviderRefused
from exchange.payments.gateway.stripe_calls import once, refusals
from pricing.money import Money

ATTEMPTS_MAX = 100
SETUP = "setup_intent.payment_method"


def open_page(
    client: stripe.V1Services, *, card_id: str, currency: str, back: str, key: str
) -> stripe.checkout.Session:
    """A page on which a card is saved for charges without its holder. Its customer is made with it."""
    metadata = {"card": card_id}

    def make(under: str) -> stripe.checkout.Session:
        return client.checkout.sessions.create(
            {
                "mode": "setup",
                "client_reference_id": card_id,
                "currency": currency.lower(),
                "customer_creation": "always",
                "success_url": back,
                "cancel_url": back,
                "allowed_payment_method_types": ["card"],
                "setup_intent_data": {"metadata": metadata},
                "metadata": metadata,
            },
            {"idempotency_key": under},
        )

    # No card is known by a page that nobody knows.
    return once(key, lambda: None, make)


def forget(client: stripe.V1Services, method_ref: str, *, key: str) -> None:
    """Take the card from its customer; it can never be charged again."""

    def gone() -> stripe.PaymentMethod | None:
        method = client.payment_methods.retrieve(method_ref)
        return None if method.customer else method

    once(
        key,
        gone,
        lambda under: client.payment_methods.detach(method_ref, None, {"idempotency_key": under}),
    )


def charge(
    client: stripe.V1Services,
    *,
    payment_id: str,
    reference: str,
    amount: Money,
    customer_ref: str,
    method_ref: str,
    key: str,
) -> stripe.PaymentIntent:
    """Authorise the amount on a saved card, while its holder is away. Raises ProviderRefused where the bank
    declines, or asks for its holder: the intent that is left takes no money by itself."""

    def tried() -> stripe.PaymentIntent | None:
        rows = client.payment_intents.list({"customer": customer_ref, "limit": ATTEMPTS_MAX}).data
        return next((row for row in rows if reading.noted(row.metadata, "attempt") == key), None)

    intent = once(
        key,
        tried,
        lambda under: client.payment_intents.create(
            {
                "amount": amount.minor,
                "currency": amount.currency.lower(),
                "customer": customer_ref,
                "payment_method": method_ref,
                "allowed_payment_method_types": ["card"],
                "confirm": True,
                "off_session": True,
                "capture_method": "manual",
                "metadata": {"payment": payment_id, "reference": reference, "attempt": key},
                "transfer_group": reference,
            },
            {"idempotency_key": under},
        ),
    )
    error = intent.last_payment_error
    if error is not None and intent.status == "requires_payment_method":
        raise ProviderRefused(error.decline_code or error.code or "declined", error.message or "")
    return intent


def read(client: stripe.V1Services, ref: str) -> stripe.checkout.Session:
    with refusals():
        return client.checkout.sessions.retrieve(ref, {"expand": [SETUP]})
