"""The provider's page on which an order is paid by card, and whether the card given there is saved.

That is the payer's choice, made before the page is opened: the page says so, and the provider prepares the card for
charges without its holder. A page that was opened with the other choice is closed.
"""

from dataclasses import dataclass
from datetime import datetime

from exchange.core.use_case import use_case
from exchange.members import policy
from exchange.members.actors import Actor, Subject
from exchange.members.permissions import Permission
from exchange.orders import placing
from exchange.payments import collection, saved_cards
from exchange.payments.gateway.port import (
    OutcomeUnknown,
    PaymentStatus,
    ProviderPayment,
    ProviderRefused,
)
from exchange.payments.gateway.providers import provider, unavailable
from exchange.payments.lifecycle import PAYMENT, PaymentTransition
from exchange.payments.models import Payment


@dataclass(frozen=True)
class _Page:
    """A page at the provider; `former` is the one that the payment had before, `card_id` what is saved with it."""

    ref: str
    former: str
    card_id: str


@use_case(Permission.PAYMENT_MAKE, locks=PAYMENT)
def choose(payment: Payment, *, saves: bool, actor: Actor, now: datetime) -> None:
    """Have the card that a waiting payment is made with saved for later ones, or not. Raises NotAllowed,
    WrongPaymentMethod, PaymentNotOpen and TooManyCards."""
    collection.check_open(payment)
    asked = saved_cards.asked_with(payment)
    if saves and asked is None:
        saved_cards.ask_with(payment, actor=actor, now=now)
    elif not saves and asked is not None:
        saved_cards.abandon(asked, actor=actor, now=now)


def open_card_page(*, actor: Actor, payment_id: str, now: datetime) -> str:
    """The address where the payer gives the card.

    The provider is asked outside any transaction; asked twice, it has one object. Raises NotAllowed,
    WrongPaymentMethod, PaymentNotOpen and ProviderUnavailable.
    """
    payment = collection.payment_seen_by(actor, payment_id)
    policy.require(actor, Permission.PAYMENT_MAKE, Subject(organisation_id=payment.payer_id))
    collection.check_open(payment)
    placing.check_goes_on(payment.order)
    asked = saved_cards.asked_with(payment)
    card_id = asked.public_id if asked else ""
    try:
        known = _known_to_provider(payment, card_id)
    except (OutcomeUnknown, ProviderRefused) as error:
        raise unavailable() from error
    if not _is_open(known):
        collection.apply(known, payment, now=now)
        return _page_of_next(payment, actor=actor, now=now)
    page = _Page(known.ref, payment.provider_ref or "", card_id)
    _note_opened(payment, page=page, actor=actor, now=now)
    return known.page_url


def _is_open(known: ProviderPayment) -> bool:
    return known.status is PaymentStatus.WAITING and bool(known.page_url)


def _page_of_next(former: Payment, *, actor: Actor, now: datetime) -> str:
    """The page of the payment that is asked for in place of one whose page has run out. Raises
    PaymentNotOpen where there is none."""
    live = collection.payment_of_order(former.order.public_id)
    if live is None or live.pk == former.pk:
        raise collection.not_open(live or former)
    return open_card_page(actor=actor, payment_id=live.public_id, now=now)


def _known_to_provider(payment: Payment, card_id: str) -> ProviderPayment:
    """The provider's page for the payment, opened the first time, looked up ever after; another one where it was
    opened with the other choice."""
    former = payment.provider_ref or ""
    if former:
        known = provider().payment(former)
        if not _is_open(known) or known.saves_card == card_id:
            return known
    return provider().create_payment(
        payment_id=payment.public_id,
        reference=payment.order.public_id,
        amount=payment.amount,
        key=":".join(filter(None, ["payment", payment.public_id, card_id, former])),
        saves_card=card_id,
    )


@use_case(Permission.PAYMENT_MAKE, locks=PAYMENT)
def _note_opened(payment: Payment, *, page: _Page, actor: Actor, now: datetime) -> None:
    """Have the payment known by its page. Raises PaymentNotOpen where somebody else chose otherwise meanwhile."""
    collection.check_open(payment)
    if payment.provider_ref == page.ref:
        return
    asked = saved_cards.asked_with(payment)
    is_as_chosen = page.card_id == (asked.public_id if asked else "")
    if (payment.provider_ref or "") != page.former or not is_as_chosen:
        raise collection.not_open(payment)
    payment.provider_ref = page.ref
    PAYMENT.transition(
        payment, PaymentTransition.OPEN, actor=actor, now=now, save=("provider_ref",)
    )
    if page.former:
        collection.promise_cancelling(payment, ref=page.former)
