"""Test cards, and what the payer does on the provider's page. No card number is kept."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from exchange.payments.gateway.sandbox import checkout, clock, setups, store
from exchange.payments.gateway.sandbox.models import Thing
from exchange.payments.gateway.sandbox.store import ApiError, Body, wrong_state

AUTHORISED_SECONDS = 7 * 24 * 3600
# Refusals that are a code of their own; the others are kinds of one.
CODES = frozenset({"expired_card", "authentication_required"})
PAYABLE = frozenset({"requires_payment_method", "requires_action", "requires_confirmation"})


@dataclass(frozen=True)
class Card:
    """A card that behaves in one known way. `declines` is the code that it is refused with, `later` the one
    that it is refused with once it is saved and its holder is away."""

    code: str
    last4: str
    label: str | Promise
    declines: str = ""
    asks: bool = False
    later: str = ""


CARDS: Mapping[str, Card] = {
    card.code: card
    for card in (
        Card("good", "4242", _("A card that pays")),
        Card("declined", "0002", _("A card that is declined"), declines="generic_decline"),
        Card("no_funds", "9995", _("A card without money"), declines="insufficient_funds"),
        Card("expired", "0069", _("A card that has run out"), declines="expired_card"),
        Card(
            "confirm", "3220", _("A card whose bank asks the payer to confirm"), asks=True,
            later="authentication_required",
        ),
        Card(
            "empties", "0341", _("A card that pays now, and is without money once it is saved"),
            later="insufficient_funds",
        ),
    )
}  # fmt: skip


@transaction.atomic
def pay(ref: str, *, card_code: str) -> Body:
    """Give a card for an intent, or on a session's page. A declined card leaves it open for another. Raises
    ApiError."""
    card = CARDS.get(card_code)
    if card is None:
        raise ApiError(400, "There is no such test card.", code="parameter_invalid")
    if setups.is_setup(ref):
        return setups.give(ref, card)
    intent = _open_intent(ref)
    if card.asks:
        store.change(
            intent, status="requires_action", payment_method=card.code, last_payment_error=None
        )
        store.tell("payment_intent.requires_action", intent)
        return intent.told
    return decide(intent, card)


@transaction.atomic
def confirm(ref: str, *, agreed: bool) -> Body:
    """The payer's answer to the bank's question."""
    if setups.is_setup(ref):
        return setups.confirm(ref, agreed=agreed)
    intent = _open_intent(ref)
    if intent.body["status"] != "requires_action":
        raise wrong_state("payment_intent", intent.body["status"])
    card = CARDS["confirm"] if agreed else Card("confirm", "3220", "", "authentication_failed")
    return decide(intent, card)


def given(session_id: str) -> Body:
    """The intent of a session; nothing while no card was given. Raises ApiError for no such session."""
    session = store.get("checkout.session", session_id)
    if session.body["mode"] == "setup":
        return setups.given(session)
    ref = session.body["payment_intent"]
    return store.get("payment_intent", ref).told if ref else {}


def _open_intent(ref: str) -> Thing:
    intent = checkout.intent_of(ref)
    if intent.body["status"] not in PAYABLE:
        raise wrong_state("payment_intent", intent.body["status"])
    return intent


def decide(intent: Thing, card: Card) -> Body:
    """What the card's bank says to the intent."""
    charge = _charge(intent, card)
    if card.declines:
        error = {
            "type": "card_error",
            "code": card.declines if card.declines in CODES else "card_declined",
            "decline_code": card.declines,
            "message": "The card was declined.",
            "charge": charge.pk,
        }
        store.change(
            intent,
            status="requires_payment_method",
            last_payment_error=error,
            latest_charge=charge.pk,
        )
        store.tell("payment_intent.payment_failed", intent)
        return intent.told
    if intent.body.get("setup_future_usage"):
        setups.keep(intent, card)
    store.change(
        intent,
        status="requires_capture",
        amount_capturable=intent.body["amount"],
        latest_charge=charge.pk,
        last_payment_error=None,
    )
    store.tell("payment_intent.amount_capturable_updated", intent)
    if intent.body["capture_method"] != "manual":
        take(intent, int(intent.body["amount"]))
    checkout.complete(intent)
    return intent.told


def _charge(intent: Thing, card: Card) -> Thing:
    return store.create(
        "charge",
        "ch",
        {
            "amount": intent.body["amount"],
            "amount_captured": 0,
            "amount_refunded": 0,
            "currency": intent.body["currency"],
            "captured": False,
            "refunded": False,
            "status": "failed" if card.declines else "succeeded",
            "payment_intent": intent.pk,
            "balance_transaction": None,
            "metadata": intent.body["metadata"],
            "payment_method_details": {
                "type": "card",
                "card": {
                    "last4": card.last4,
                    "capture_before": clock.now() + AUTHORISED_SECONDS,
                },
            },
        },
    )


def take(intent: Thing, amount: int) -> None:
    """Move authorised money onto the platform's balance; what is not taken is free again."""
    switches = clock.switchboard()
    charge = store.get("charge", intent.body["latest_charge"], lock=True)
    fee = amount * switches.fee_per_million // 1_000_000
    line = store.add_line(
        kind="charge",
        source=charge.pk,
        currency=intent.body["currency"],
        amount=amount,
        fee=fee,
        delay=switches.clearing_seconds,
    )
    store.change(charge, captured=True, amount_captured=amount, balance_transaction=line.pk)
    store.change(intent, status="succeeded", amount_received=amount, amount_capturable=0)
    store.tell("payment_intent.succeeded", intent)
