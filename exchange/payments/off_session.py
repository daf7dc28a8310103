"""Payments on a saved card while the payer is away: tried, then taken like any other, or declined with the reason.

The payment waits all the while: where the bank wants to ask the payer, or refuses, the payer is told and pays on
the card page. An attempt that is authorised beside that page is let go.
"""

from dataclasses import dataclass
from datetime import datetime

from exchange.core import clock, outbox
from exchange.core.outbox import Lease
from exchange.core.use_case import use_case
from exchange.orders.lifecycle import OrderState, PaymentMethod
from exchange.orders.models import Order
from exchange.payments import collection, saved_cards
from exchange.payments.card_lifecycle import SavedCardState
from exchange.payments.collection import PROVIDER
from exchange.payments.gateway.port import ProviderPayment, ProviderRefused
from exchange.payments.gateway.providers import provider, takes_cards
from exchange.payments.lifecycle import PAYMENT, PaymentState, PaymentTransition
from exchange.payments.models import Payment, SavedCard

TOPIC = "payments.payment.tried"
# The same card would be refused in the same way, until its holder has been asked.
ASKS_HOLDER = "authentication_required"


@use_case()
def try_card(order: Order, *, due: int, now: datetime) -> bool:
    """Have the payment of a locked order tried on its payer's default card, where fewer than `due` attempts
    were; whether that was new."""
    payment = collection.payment_of_order(order.public_id)
    if payment is None:
        return False
    payment.order = order
    payment = collection.lock_with_order(payment)
    card = card_for(payment)
    if card is None or payment.is_trying or payment.attempts >= due:
        return False
    payment.saved_card, payment.attempts, payment.is_trying = card, due, True
    PAYMENT.transition(
        payment, PaymentTransition.TRY, actor=PROVIDER, now=now,
        save=("saved_card", "attempts", "is_trying"), facts={"card": card.public_id},
    )  # fmt: skip
    outbox.emit(
        topic=TOPIC,
        key=f"{payment.public_id}:{due}",
        payload={"payment": payment.public_id, "card": card.public_id},
    )
    return True


def card_for(payment: Payment) -> SavedCard | None:
    """The card that a payment can be tried on. None while its payer has the card page open, and for the card
    whose bank asks its holder."""
    if (
        not takes_cards()
        or payment.method != PaymentMethod.CARD
        or payment.state != PaymentState.WAITING
        or payment.provider_ref is not None
        or payment.order.state != OrderState.CONTRACT_SIGNED
    ):
        return None
    card = saved_cards.default_of(payment.payer_id)
    if card is None or card.provider != payment.provider:
        return None
    is_asked = payment.last_refusal == ASKS_HOLDER and payment.saved_card_id == card.pk
    return None if is_asked else card


@dataclass(frozen=True)
class Answer:
    """What the provider said to one attempt; `refused` is why not."""

    told: ProviderPayment | None
    refused: str = ""


def ask_provider(lease: Lease) -> Answer:
    """Have the card charged. Asked again with the same key, it is charged once."""
    payment = Payment.objects.select_related("order").get(public_id=lease.payload["payment"])
    card = SavedCard.objects.get(public_id=lease.payload["card"])
    if payment.state != PaymentState.WAITING or card.state != SavedCardState.SAVED:
        return Answer(None)
    try:
        return Answer(
            provider().charge_card(
                payment_id=payment.public_id,
                reference=payment.order.public_id,
                amount=payment.amount,
                customer_ref=card.customer_ref,
                method_ref=card.method_ref,
                key=lease.idempotency_key,
            )
        )
    except ProviderRefused as error:
        return Answer(None, error.code)


@use_case()
def note_answer(lease: Lease, answer: Answer) -> None:
    """Write down what the provider said, when no message has said it before."""
    now = clock.now()
    known = Payment.objects.get(public_id=lease.payload["payment"])
    payment = collection.lock_with_order(known)
    payment.is_trying = False
    payment.save(update_fields=["is_trying"])
    if answer.told is not None:
        collection.apply(answer.told, payment, now=now)
    elif answer.refused and payment.state == PaymentState.WAITING:
        collection.decline(payment, answer.refused, now=now)
