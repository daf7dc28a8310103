"""Money for an order: asked for, paid by card at the provider, held in the books, given up.

What the provider says of a payment may come late, twice or in another order: each step looks at
where the payment stands and does what is missing, and the books know each step by its key. The order
is locked before its payment, everywhere.

That money came is one transition, whichever way it came; what follows from it (the delivery) is a
reaction that the journeys declare.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from exchange.core import outbox
from exchange.core.lifecycle import Change, Doer
from exchange.core.outbox import Lease
from exchange.core.refusals import NotFound
from exchange.core.use_case import locked, use_case
from exchange.ledger import holds
from exchange.ledger.entries import EntryRequest, ExternalFact, Posting, transfer_id
from exchange.members import policy
from exchange.members.actors import Actor, Subject, system_actor
from exchange.members.permissions import Permission
from exchange.orders import performance
from exchange.orders.lifecycle import ORDER, OrderState, PaymentMethod
from exchange.orders.models import Order
from exchange.payments import saved_cards
from exchange.payments.chart import BANK, Chart
from exchange.payments.errors import (
    MoneyAlreadyReceived,
    NothingToPay,
    PaymentNotOpen,
    WrongPaymentMethod,
)
from exchange.payments.gateway.port import PaymentStatus, ProviderPayment, ProviderRefused
from exchange.payments.gateway.providers import provider, provider_name
from exchange.payments.lifecycle import (
    INCOMING,
    LIVE_PAYMENTS,
    PAYMENT,
    IncomingState,
    IncomingTransition,
    PaymentState,
    PaymentTransition,
)
from exchange.payments.models import IncomingTransfer, Payment
from pricing.money import Money

SCOPE = "payments.payment"
WALLET = "wallet"
PROVIDER = system_actor("payments")
TOPIC_CAPTURE = "payments.payment.authorised"
TOPIC_CANCEL = "payments.payment.cancelled"
# No letters or digits that people confuse when they copy them by hand.
REFERENCE_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
REFERENCE_GROUPS = 2
REFERENCE_GROUP_CHARS = 4


def new_reference() -> str:
    """What a payer writes on a transfer, such as AS-7KQM-2XWB. About 2**39 of them."""
    groups = [
        "".join(secrets.choice(REFERENCE_ALPHABET) for _char in range(REFERENCE_GROUP_CHARS))
        for _group in range(REFERENCE_GROUPS)
    ]
    return "-".join(["AS", *groups])


def ask(order: Order, *, actor: Doer, now: datetime) -> Payment:
    """Ask for the money of a locked order; asking again gives the same payment. Raises NothingToPay.

    No provider is called here: it hears of the payment when the payer opens the page.
    """
    if order.total_minor <= 0:
        raise NothingToPay(_("This order costs nothing."), order=order.public_id)
    live = Payment.objects.filter(order=order, state__in=LIVE_PAYMENTS).first()
    if live is not None:
        return live
    method = PaymentMethod(order.payment_method)
    payment = Payment(
        order=order,
        payer=order.buyer,
        method=method,
        currency=order.currency,
        amount_minor=order.total_minor,
        provider=_provider_for(method),
        reference=new_reference(),
        created_at=now,
        expires_at=order.due_at,
    )
    return PAYMENT.transition(
        payment, PaymentTransition.ASK, actor=actor, now=now, facts={"method": str(method)}
    )


def _provider_for(method: PaymentMethod) -> str:
    """Where the money of a payment comes from."""
    if method is PaymentMethod.CARD:
        return provider_name()
    return BANK if method is PaymentMethod.BANK_TRANSFER else WALLET


@use_case()
def give_up(order: Order, *, actor: Doer, now: datetime) -> Payment | None:
    """Give the payment of a locked order up, before its money has come.

    Raises MoneyAlreadyReceived once the payer's bank has set the money aside: what is received is
    refunded. What came by bank so far waits to be sent back.
    """
    live = Payment.objects.filter(order=order, state__in=LIVE_PAYMENTS).first()
    if live is None:
        return None
    payment = _locked(live, order)
    if payment.state != PaymentState.WAITING:
        raise MoneyAlreadyReceived(
            _("The payment is on its way already."),
            payment=payment.public_id,
            state=str(payment.state),
        )
    payment.cancelled_at = now
    PAYMENT.transition(
        payment, PaymentTransition.CANCEL, actor=actor, now=now, save=("cancelled_at",)
    )
    for transfer in matched_transfers(payment):
        transfer.payment = None
        INCOMING.transition(
            transfer, IncomingTransition.LET_GO, actor=actor, now=now, save=("payment",)
        )
    if payment.provider_ref:
        promise_cancelling(payment)
    return payment


def matched_transfers(payment: Payment) -> list[IncomingTransfer]:
    """The payment's bank transfers that are not used yet, locked, first come first."""
    return list(
        IncomingTransfer.objects.select_for_update(no_key=True)
        .filter(payment=payment, state=IncomingState.MATCHED)
        .order_by("matched_at", "pk")
    )


def payment_seen_by(actor: Actor, payment_id: str) -> Payment:
    """The payment, to those whom it concerns: its payer and the exchange. Raises NotFound."""
    payment = Payment.objects.select_related("payer", "order").filter(public_id=payment_id).first()
    if payment is None:
        raise NotFound(_("There is no such payment."))
    policy.require(actor, Permission.PAYMENT_SEE, Subject(organisation_id=payment.payer_id))
    return payment


def check_open(payment: Payment) -> None:
    """Raise WrongPaymentMethod or PaymentNotOpen unless the payer can pay by card now."""
    if payment.method != PaymentMethod.CARD:
        raise WrongPaymentMethod(
            _("This order is paid another way."),
            method=str(payment.method),
            payment=payment.public_id,
        )
    if payment.state != PaymentState.WAITING:
        raise not_open(payment)


def not_open(payment: Payment) -> PaymentNotOpen:
    """What is said of a payment that cannot be paid any more."""
    return PaymentNotOpen(
        _("This payment is not open any more."),
        state=str(payment.state),
        payment=payment.public_id,
    )


def lock_with_order(payment: Payment) -> Payment:
    """The payment, locked after its order, which it carries."""
    if Payment.order.is_cached(payment):
        return _locked(payment, locked(ORDER, payment.order))
    return _locked(payment, ORDER.lock_key(payment.order_id))


def _locked(payment: Payment, order: Order) -> Payment:
    payment = locked(PAYMENT, payment)
    payment.order = order
    return payment


@use_case()
def apply(told: ProviderPayment, payment: Payment, *, now: datetime) -> str:
    """Bring a payment up to what the provider says of it; say what was done."""
    payment = lock_with_order(payment)
    if told.is_attempt and told.ref != payment.provider_ref:
        unwanted = _unwanted_attempt(told, payment)
        if unwanted is not None:
            return unwanted
    if payment.provider_ref is None:  # the message came before our own call returned
        payment.provider_ref = told.ref
        payment.save(update_fields=["provider_ref"])
    if payment.provider_ref != told.ref:
        return "another object of the payment"
    saved_cards.apply_payment(told, payment, now=now)
    if told.status is PaymentStatus.AUTHORISED:
        return _authorised(told, payment, now=now)
    if told.status is PaymentStatus.RECEIVED:
        return _received(told, payment, now=now)
    if told.status is PaymentStatus.CANCELLED:
        return _cancelled(payment, now=now)
    return _declined(told, payment, now=now) if told.refusal else ""


def _unwanted_attempt(told: ProviderPayment, payment: Payment) -> str | None:
    """What is done with an attempt on a saved card that is not what the payment is paid by; None for one that
    may become it. One that failed has told us so itself; one that comes beside the payer's own page is let go.
    """
    if told.status in {PaymentStatus.WAITING, PaymentStatus.CANCELLED}:
        return ""
    if payment.provider_ref is None:
        return None
    promise_cancelling(payment, ref=told.ref)
    return "unwanted"


def _declined(told: ProviderPayment, payment: Payment, *, now: datetime) -> str:
    """Count a declined attempt once; the buyer may try another card."""
    if payment.state != PaymentState.WAITING or payment.charge_ref == told.charge_ref:
        return ""
    payment.charge_ref = told.charge_ref
    return decline(payment, told.refusal, now=now)


def decline(payment: Payment, refusal: str, *, now: datetime) -> str:
    """Note why a locked payment that waits was declined, and have the buyer told."""
    payment.last_refusal = refusal[:60]
    payment.declines += 1
    PAYMENT.transition(
        payment, PaymentTransition.DECLINE, actor=PROVIDER, now=now,
        save=("charge_ref", "last_refusal", "declines"), facts={"refusal": refusal},
    )  # fmt: skip
    _tell_order(payment.order, reason=refusal, now=now)
    return "declined"


def _authorised(told: ProviderPayment, payment: Payment, *, now: datetime) -> str:
    """Take the money if the order still wants it; otherwise let it go."""
    if payment.state == PaymentState.CANCELLED:
        promise_cancelling(payment)
        return "unwanted"
    if payment.state != PaymentState.WAITING:
        return ""
    payment.charge_ref, payment.last_refusal = told.charge_ref, ""
    PAYMENT.transition(
        payment, PaymentTransition.AUTHORISE, actor=PROVIDER, now=now,
        save=("charge_ref", "last_refusal"),
    )  # fmt: skip
    _hold(payment, now=now)
    outbox.emit(topic=TOPIC_CAPTURE, key=payment.public_id, payload={"payment": payment.public_id})
    return "authorised"


def _received(told: ProviderPayment, payment: Payment, *, now: datetime) -> str:
    if payment.state == PaymentState.RECEIVED:
        return ""
    if payment.state == PaymentState.CANCELLED:
        return "received although cancelled"
    if payment.state == PaymentState.WAITING:
        _hold(payment, now=now)
    payment.charge_ref, payment.fee_minor = told.charge_ref or payment.charge_ref, told.fee_minor
    _capture(payment, now=now)
    receive(payment, actor=PROVIDER, now=now)
    return "received"


def receive(payment: Payment, *, actor: Doer, now: datetime) -> Payment:
    """The money of a locked payment is held for its order. Books it before."""
    payment.received_at = now
    return PAYMENT.transition(
        payment, PaymentTransition.RECEIVE, actor=actor, now=now,
        save=("received_at", "fee_minor", "charge_ref"),
    )  # fmt: skip


def _cancelled(payment: Payment, *, now: datetime) -> str:
    """The authorisation has run out or was let go: an order that still wants money asks anew."""
    if payment.state not in {PaymentState.WAITING, PaymentState.AUTHORISED}:
        return ""
    was_held = payment.state == PaymentState.AUTHORISED
    payment.cancelled_at = now
    PAYMENT.transition(
        payment, PaymentTransition.EXPIRE, actor=PROVIDER, now=now, save=("cancelled_at",)
    )
    if was_held:
        name = _named(payment, "release", kind="payments.payment.released")
        holds.void(name, holds=[_hold_id(payment)], actor=PROVIDER.name, now=now)
    if payment.order.state == OrderState.CONTRACT_SIGNED:
        _tell_order(payment.order, reason="authorisation_ended", now=now)
        ask(payment.order, actor=PROVIDER, now=now)
    return "cancelled"


def _tell_order(order: Order, *, reason: str, now: datetime) -> None:
    """A payment came to nothing; nothing happens to an order that has gone on already."""
    if order.state == OrderState.CONTRACT_SIGNED:
        performance.payment_failed(order, reason=reason, now=now)


def promise_cancelling(payment: Payment, *, ref: str = "") -> None:
    """Have the provider's object `ref`, the payment's own otherwise, cancelled."""
    name = payment.public_id
    key = f"{name}:{ref}" if ref else name
    outbox.emit(topic=TOPIC_CANCEL, key=key, payload={"payment": name, "ref": ref})


@dataclass(frozen=True)
class Captured:
    """What became of an attempt to take or let go of authorised money."""

    told: ProviderPayment | None


def capture(lease: Lease) -> Captured:
    """Take the authorised money; what cannot be taken any more is looked at again."""
    payment = Payment.objects.get(public_id=lease.payload["payment"])
    gateway, ref = provider(), payment.provider_ref or ""
    try:
        return Captured(gateway.capture(ref, amount=payment.amount, key=lease.idempotency_key))
    except ProviderRefused:
        return Captured(gateway.cancel(ref, key=f"{lease.idempotency_key}:let-go"))


def let_go(lease: Lease) -> Captured:
    """Cancel at the provider what was given up here. Money that came all the same is seen in the answer."""
    payment = Payment.objects.get(public_id=lease.payload["payment"])
    ref = lease.payload.get("ref") or payment.provider_ref
    if not ref:
        return Captured(None)
    try:
        return Captured(provider().cancel(ref, key=lease.idempotency_key))
    except ProviderRefused:
        return Captured(provider().payment(ref))


def _hold_id(payment: Payment) -> UUID:
    return transfer_id(scope=SCOPE, key=f"{payment.public_id}:authorise")


def _named(payment: Payment, step: str, *, kind: str) -> Posting:
    return Posting(
        scope=SCOPE,
        key=f"{payment.public_id}:{step}",
        kind=kind,
        subject=f"order:{payment.order.public_id}",
    )


def _hold(payment: Payment, *, now: datetime) -> None:
    chart = Chart(currency=payment.currency, actor=PROVIDER, now=now)
    holds.authorise(
        _named(payment, "authorise", kind="payments.payment.authorised"),
        debit=chart.clearing(payment.provider),
        credit=chart.escrow(payment.order),
        amount=payment.amount,
        actor=PROVIDER.name,
        now=now,
    )


def _capture(payment: Payment, *, now: datetime) -> None:
    chart = Chart(currency=payment.currency, actor=PROVIDER, now=now)
    fees: list[EntryRequest] = []
    facts = [_fact(payment, "charge")]
    if payment.fee_minor:
        fee = Money(payment.fee_minor, payment.currency)
        fees.append(
            EntryRequest(
                debit=chart.provider_fee(), credit=chart.clearing(payment.provider), amount=fee
            )
        )
        facts.append(_fact(payment, "fee", step=1))
    named = _named(payment, "capture", kind="payments.payment.received")
    holds.capture(
        replace(named, transfers=fees, refs=facts),
        hold=_hold_id(payment),
        amount=payment.amount,
        actor=PROVIDER.name,
        now=now,
    )


def _fact(payment: Payment, kind: str, *, step: int = 0) -> ExternalFact:
    return ExternalFact(
        psp=payment.provider,
        object_type="charge",
        object_id=payment.charge_ref,
        kind=kind,
        step=step,
    )


def payment_of_order(order_id: str) -> Payment | None:
    """The order's payment that is not cancelled, or its last one."""
    payments = Payment.objects.filter(order__public_id=order_id).select_related("payer", "order")
    rows = payments.order_by("-pk")
    return rows.filter(state__in=LIVE_PAYMENTS).first() or rows.first()


def _facts(payment: Payment, _change: Change) -> dict[str, str]:
    return {
        "order": payment.order.public_id,
        "amount_minor": str(payment.amount_minor),
        "currency": payment.currency,
    }


PAYMENT.record_facts = _facts
PAYMENT.concerns = lambda payment: Subject(organisation_id=payment.payer_id)
