"""Money paid into a wallet by card: asked for, paid on the provider's page, received.

What the provider says of it may come late, twice or in another order: each step looks at where the top-up
stands. It is taken at once, since a wallet waits for nothing. What goes back to the card is a withdrawal.
"""

from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.core import currencies
from exchange.core.lifecycle import Change
from exchange.core.refusals import NotFound
from exchange.core.use_case import use_case
from exchange.ledger.entries import EntryRequest, ExternalFact, Posting
from exchange.ledger.errors import AmountNotPositive
from exchange.members import policy
from exchange.members.actors import Actor, Subject, organisation_of, person_of
from exchange.members.permissions import Permission
from exchange.payments import wallet_payments, wallets
from exchange.payments.card_lifecycle import CARD_TOP_UP, CardTopUpState, CardTopUpTransition
from exchange.payments.chart import Chart
from exchange.payments.collection import PROVIDER
from exchange.payments.errors import PaymentNotOpen
from exchange.payments.gateway.port import (
    OutcomeUnknown,
    PaymentStatus,
    ProviderPayment,
    ProviderRefused,
)
from exchange.payments.gateway.providers import provider, provider_name, unavailable
from exchange.payments.models import CardTopUp, Wallet
from pricing.money import Money

SCOPE = "payments.card_top_up"
SYNC_AFTER = timedelta(seconds=60)
SYNC_MAX = 100
X = CardTopUpTransition

log = structlog.get_logger(__name__)


@use_case()
def ask(*, actor: Actor, amount: Money, token: str, now: datetime) -> CardTopUp:
    """Ask for money of a card for the own wallet. The same token asks once.

    In a currency that is offered no more only what waits is paid so. Raises NotAllowed, AmountNotPositive,
    CurrencyNotOffered, and ProviderUnavailable where the exchange takes no cards.
    """
    owner = Organisation.objects.get(pk=organisation_of(actor))
    policy.require(actor, Permission.WALLET_USE, Subject.of(owner))
    name = provider_name()
    if amount.minor <= 0:
        raise AmountNotPositive(_("The amount must be above zero."))
    wallet = wallets.wallet_of(organisation=owner, currency=amount.currency, actor=actor, now=now)
    if not wallet_payments.waiting_for(wallet).exists():
        currencies.check_offered(amount.currency)
    # Two requests with one token come one after the other.
    Wallet.objects.select_for_update(no_key=True).get(pk=wallet.pk)
    known = CardTopUp.objects.filter(token=token, wallet__organisation=owner).first()
    if known is not None:
        return known
    top_up = CardTopUp(
        wallet=wallet,
        by_id=person_of(actor),
        currency=amount.currency,
        amount_minor=amount.minor,
        token=token,
        provider=name,
        created_at=now,
    )
    return CARD_TOP_UP.transition(top_up, X.ASK, actor=actor, now=now)


def top_up_of(actor: Actor, top_up_id: str) -> CardTopUp:
    """The top-up, to those who may spend from its wallet. Raises NotFound and NotAllowed."""
    rows = CardTopUp.objects.select_related("wallet__organisation")
    top_up = rows.filter(public_id=top_up_id).first()
    if top_up is None or top_up.organisation_id != actor.organisation_id:
        raise NotFound(_("There is no such top-up."))
    policy.require(actor, Permission.WALLET_USE, Subject.of(top_up.wallet.organisation))
    return top_up


def open_card_page(*, actor: Actor, top_up_id: str, now: datetime) -> str:
    """The address where the payer gives the card.

    The provider is asked outside any transaction; asked twice, it has one object. Raises NotAllowed,
    PaymentNotOpen and ProviderUnavailable.
    """
    top_up = top_up_of(actor, top_up_id)
    if top_up.state != CardTopUpState.WAITING:
        raise _not_open(top_up)
    try:
        known = _known_to_provider(top_up)
    except (OutcomeUnknown, ProviderRefused) as error:
        raise unavailable() from error
    apply(known, top_up, now=now)
    if known.status is not PaymentStatus.WAITING or not known.page_url:
        raise _not_open(top_up_of(actor, top_up_id))
    return known.page_url


def _known_to_provider(top_up: CardTopUp) -> ProviderPayment:
    """The provider's page, opened the first time, looked up ever after."""
    if top_up.provider_ref:
        return provider().payment(top_up.provider_ref)
    return provider().create_payment(
        payment_id=top_up.public_id,
        reference=top_up.wallet.reference,
        amount=top_up.amount,
        key=f"card_top_up:{top_up.public_id}",
        takes_at_once=True,
    )


def _not_open(top_up: CardTopUp) -> PaymentNotOpen:
    return PaymentNotOpen(
        _("This payment is not open any more."), state=str(top_up.state), payment=top_up.public_id
    )


def refresh(*, actor: Actor, top_up_id: str, now: datetime) -> CardTopUp:
    """Look at the provider's side of it now: the payer has come back from its page. When the provider does
    not answer, it is shown as we know it."""
    top_up = top_up_of(actor, top_up_id)
    _sync(top_up, now=now)
    return top_up_of(actor, top_up_id)


def sync_open(*, now: datetime) -> int:
    """Look at the top-ups that nobody has told us about for a while; return how many."""
    waiting = CardTopUp.objects.filter(
        state=CardTopUpState.WAITING, provider_ref__isnull=False, created_at__lte=now - SYNC_AFTER
    )
    top_ups = list(waiting.order_by("-pk")[:SYNC_MAX])
    for top_up in top_ups:
        _sync(top_up, now=now)
    return len(top_ups)


def _sync(top_up: CardTopUp, *, now: datetime) -> None:
    if not top_up.provider_ref:
        return
    try:
        told = provider().payment(top_up.provider_ref)
    except (OutcomeUnknown, ProviderRefused) as error:
        log.warning("payments.card_top_up.unseen", top_up=top_up.public_id, error=str(error))
        return
    apply(told, top_up, now=now)


@use_case()
def apply(told: ProviderPayment, top_up: CardTopUp, *, now: datetime) -> str:
    """Bring a top-up up to what the provider says of it; say what was done."""
    # Orders and their payments are locked before what moves money into the wallet.
    is_new = told.status is PaymentStatus.RECEIVED and top_up.state != CardTopUpState.RECEIVED
    waiting = wallet_payments.lock_waiting(top_up.wallet) if is_new else []
    top_up = CARD_TOP_UP.lock_again(top_up)
    if top_up.provider_ref is None:
        top_up.provider_ref = told.ref
        top_up.save(update_fields=["provider_ref"])
    if top_up.provider_ref != told.ref:
        return "another object of the top-up"
    if top_up.state == CardTopUpState.RECEIVED:
        return ""
    if told.status is PaymentStatus.RECEIVED:
        _receive(told, top_up, now=now)
        wallet_payments.pay_waiting(top_up.wallet, waiting, now=now)
        return "received"
    if top_up.state == CardTopUpState.CANCELLED:
        return ""
    if told.status is PaymentStatus.CANCELLED:
        CARD_TOP_UP.transition(top_up, X.EXPIRE, actor=PROVIDER, now=now)
        return "cancelled"
    return _decline(told, top_up, now=now) if told.refusal else ""


def _decline(told: ProviderPayment, top_up: CardTopUp, *, now: datetime) -> str:
    """Note a declined attempt once; another card may be tried."""
    if top_up.charge_ref == told.charge_ref:
        return ""
    top_up.charge_ref, top_up.last_refusal = told.charge_ref, told.refusal[:60]
    CARD_TOP_UP.transition(
        top_up, X.DECLINE, actor=PROVIDER, now=now, save=("charge_ref", "last_refusal"),
        facts={"refusal": told.refusal},
    )  # fmt: skip
    return "declined"


def _receive(told: ProviderPayment, top_up: CardTopUp, *, now: datetime) -> None:
    top_up.charge_ref, top_up.fee_minor = told.charge_ref, told.fee_minor
    top_up.received_at, top_up.last_refusal = now, ""
    CARD_TOP_UP.transition(
        top_up, X.RECEIVE, actor=PROVIDER, now=now,
        save=("charge_ref", "fee_minor", "received_at", "last_refusal"),
    )  # fmt: skip
    accounts = Chart(currency=top_up.currency, actor=PROVIDER, now=now)
    clearing = accounts.clearing(top_up.provider)
    wallet = accounts.wallet(top_up.wallet.organisation)
    entries = [EntryRequest(debit=clearing, credit=wallet, amount=top_up.amount)]
    charge = ExternalFact(
        psp=top_up.provider, object_type="charge", object_id=top_up.charge_ref, kind="charge"
    )
    facts = [charge]
    if top_up.fee_minor:
        fee = Money(top_up.fee_minor, top_up.currency)
        entries.append(EntryRequest(debit=accounts.provider_fee(), credit=clearing, amount=fee))
        facts.append(replace(charge, kind="fee", step=1))
    accounts.post(
        Posting(
            scope=SCOPE,
            key=f"{top_up.public_id}:received",
            kind="payments.wallet.filled",
            subject=f"wallet:{top_up.wallet.public_id}",
            transfers=entries,
            refs=facts,
        )
    )


def _facts(top_up: CardTopUp, _change: Change) -> dict[str, str]:
    return {
        "wallet": top_up.wallet.public_id,
        "amount_minor": str(top_up.amount_minor),
        "currency": top_up.currency,
    }


CARD_TOP_UP.record_facts = _facts
CARD_TOP_UP.concerns = lambda top_up: Subject(organisation_id=top_up.organisation_id)
