"""Cards that are saved: on a page of their own, and charged afterwards while their holder is away."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from exchange.payments.gateway.sandbox import cards, clock, incoming, store
from exchange.payments.gateway.sandbox.models import Thing
from exchange.payments.gateway.sandbox.store import ApiError, Body, wrong_state

if TYPE_CHECKING:
    from exchange.payments.gateway.sandbox.cards import Card
    from exchange.payments.gateway.sandbox.incoming import Form

SESSION = "checkout.session"
EXP_MONTH, EXP_YEAR = 12, 2034


def is_setup(ref: str) -> bool:
    """Whether the page saves a card."""
    return Thing.objects.filter(pk=ref, kind=SESSION, body__mode="setup").exists()


def give(ref: str, card: Card) -> Body:
    """A card is given on an open page; its bank saves it, refuses, or asks. Raises ApiError."""
    intent = _intent_of(ref)
    if card.asks:
        store.change(
            intent,
            status="requires_action",
            metadata=intent.body["metadata"],
            last_setup_error=None,
        )
        return intent.told
    return _decide(intent, ref, card)


def confirm(ref: str, *, agreed: bool) -> Body:
    """The holder's answer to the bank's question."""
    intent = _intent_of(ref)
    if intent.body["status"] != "requires_action":
        raise wrong_state("setup_intent", intent.body["status"])
    card = cards.CARDS["confirm"]
    return _decide(intent, ref, card if agreed else replace(card, declines="authentication_failed"))


def given(session: Thing) -> Body:
    """The intent of a page; nothing while no card was given."""
    ref = session.body["setup_intent"]
    if not ref:
        return {}
    told = store.get("setup_intent", ref).told
    return told | {"last_payment_error": told["last_setup_error"]}


def _intent_of(ref: str) -> Thing:
    session = store.get(SESSION, ref, lock=True)
    if session.body["status"] != "open" or session.body["expires_at"] <= clock.now():
        raise ApiError(400, "This page has been closed.", code="checkout_session_expired")
    if session.body["setup_intent"]:
        return store.get("setup_intent", session.body["setup_intent"], lock=True)
    intent = store.create(
        "setup_intent",
        "seti",
        {
            "status": "requires_payment_method",
            "usage": "off_session",
            "customer": None,
            "payment_method": None,
            "last_setup_error": None,
            "metadata": session.body["setup_intent_data"].get("metadata", {}),
        },
    )
    store.change(session, setup_intent=intent.pk)
    return intent


def _decide(intent: Thing, ref: str, card: Card) -> Body:
    if card.declines:
        error = {
            "type": "card_error",
            "code": card.declines if card.declines in cards.CODES else "card_declined",
            "decline_code": card.declines,
            "message": "The card was declined.",
        }
        store.change(intent, status="requires_payment_method", last_setup_error=error)
        return intent.told
    keep(intent, card)
    store.change(intent, status="succeeded", last_setup_error=None)
    session = store.get(SESSION, ref, lock=True)
    store.change(session, status="complete", customer=intent.body["customer"], url=None)
    store.tell("checkout.session.completed", session)
    return intent.told


def keep(intent: Thing, card: Card) -> None:
    """Keep the card that was given for an intent, with a customer of its own."""
    customer = store.create("customer", "cus", {"metadata": {}})
    method = store.create(
        "payment_method",
        "pm",
        {
            "type": "card",
            "customer": customer.pk,
            "card": {
                "brand": "visa",
                "last4": card.last4,
                "exp_month": EXP_MONTH,
                "exp_year": EXP_YEAR,
            },
            "metadata": {"behaves": card.code},
        },
    )
    store.change(intent, customer=customer.pk, payment_method=method.pk)


def detach(method_id: str) -> Body:
    method = store.get("payment_method", method_id, lock=True)
    if not method.body["customer"]:
        raise ApiError(400, "The payment method is not attached to a customer.")
    store.change(method, customer=None)
    return method.told


def charge(form: Form) -> Body:
    """An intent that is confirmed at once on a saved card. Raises ApiError (402) where the bank refuses; the
    intent stays."""
    method = store.get("payment_method", str(form.get("payment_method", "")))
    customer = str(form.get("customer", ""))
    if not customer or method.body["customer"] != customer:
        raise ApiError(400, "The payment method is not of this customer.", code="resource_missing")
    made = incoming.create_intent(form, "")
    intent = store.get("payment_intent", made["id"], lock=True)
    intent.group = customer
    intent.save(update_fields=["group"])
    store.change(intent, customer=customer)
    card = cards.CARDS[method.body["metadata"]["behaves"]]
    told = cards.decide(intent, replace(card, declines=card.declines or card.later))
    error = told["last_payment_error"]
    if error:
        raise Refused(402, str(error["message"]), error, told)
    return told


class Refused(ApiError):
    """The bank refused: the answer is an error, and what it is about stays."""

    def __init__(self, status: int, message: str, error: Body, intent: Body) -> None:
        super().__init__(
            status, message, code=str(error["code"]), type_="card_error",
            decline_code=error["decline_code"], charge=error["charge"], payment_intent=intent,
        )  # fmt: skip
