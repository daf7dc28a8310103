"""Cards that an organisation saves at the provider: asked for, saved, one of them the default, removed.

The card is given on the provider's page, which saves it alone or together with a payment. Messages about it come
late, twice or in another order; each only has the page looked at again.
"""

from datetime import datetime, timedelta

import structlog
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Organisation
from exchange.core import currencies, outbox
from exchange.core.lifecycle import Change, Doer
from exchange.core.outbox import Lease
from exchange.core.refusals import NotFound
from exchange.core.use_case import use_case
from exchange.members import policy
from exchange.members.actors import Actor, Subject, organisation_of, person_of, system_actor
from exchange.members.permissions import Permission
from exchange.payments.card_lifecycle import SAVED_CARD, SavedCardState, SavedCardTransition
from exchange.payments.errors import PaymentNotOpen, TooManyCards
from exchange.payments.gateway.port import (
    OutcomeUnknown,
    PaymentStatus,
    ProviderCard,
    ProviderPayment,
    ProviderRefused,
)
from exchange.payments.gateway.providers import provider, provider_name, takes_cards, unavailable
from exchange.payments.models import Payment, SavedCard

PROVIDER = system_actor("payments")
TOPIC_FORGET = "payments.saved_card.removed"
CARDS_MAX = 10
SYNC_AFTER = timedelta(seconds=60)
SYNC_MAX = 50
X = SavedCardTransition

log = structlog.get_logger(__name__)


def cards_of(organisation: Organisation) -> QuerySet[SavedCard]:
    """Those that can be charged, the default first."""
    rows = SavedCard.objects.filter(organisation=organisation, state=SavedCardState.SAVED)
    return rows.order_by("-is_default", "-pk")


def default_of(organisation_id: int) -> SavedCard | None:
    """The card that renewals of the organisation are charged to."""
    return SavedCard.objects.filter(organisation_id=organisation_id, is_default=True).first()


def card_of(actor: Actor, card_id: str) -> SavedCard:
    """The card, to those who may spend for its organisation. Raises NotFound and NotAllowed."""
    card = SavedCard.objects.select_related("organisation").filter(public_id=card_id).first()
    if card is None or card.organisation_id != actor.organisation_id:
        raise NotFound(_("There is no such card."))
    policy.require(actor, Permission.WALLET_USE, Subject.of(card.organisation))
    return card


@use_case()
def ask(*, actor: Actor, now: datetime) -> SavedCard:
    """Ask for a card of the own organisation to be saved. Raises NotAllowed, TooManyCards, and
    ProviderUnavailable where the exchange takes no cards."""
    owner = Organisation.objects.get(pk=organisation_of(actor))
    return _ask(owner, None, actor=actor, now=now)


def may_ask(actor: Actor, owner: Organisation) -> bool:
    """Whether another card of the organisation could be saved by the reader."""
    may = policy.allowed(actor, Permission.WALLET_USE, Subject.of(owner)).allowed
    return may and takes_cards() and cards_of(owner).count() < CARDS_MAX


def asked_with(payment: Payment) -> SavedCard | None:
    """The card that is to be saved with a payment, once it is paid with it."""
    return SavedCard.objects.filter(payment=payment, state=SavedCardState.ASKED).first()


def ask_with(payment: Payment, *, actor: Actor, now: datetime) -> SavedCard:
    """Ask for the card that a locked payment is made with. Raises what `ask` raises."""
    return _ask(payment.payer, payment, actor=actor, now=now)


def _ask(owner: Organisation, payment: Payment | None, *, actor: Actor, now: datetime) -> SavedCard:
    policy.require(actor, Permission.WALLET_USE, Subject.of(owner))
    name = provider_name()
    if cards_of(owner).count() >= CARDS_MAX:
        raise TooManyCards(
            _("At most %(limit)d cards are saved. Remove one first.") % {"limit": CARDS_MAX},
            limit=CARDS_MAX,
        )
    card = SavedCard(
        organisation=owner, by_id=person_of(actor), payment=payment, provider=name, created_at=now
    )
    return SAVED_CARD.transition(card, X.ASK, actor=actor, now=now)


def abandon(card: SavedCard, *, actor: Doer, now: datetime) -> None:
    """Have a card not saved that was asked for with a locked payment."""
    card = SAVED_CARD.lock_again(card)
    if card.state == SavedCardState.ASKED:
        SAVED_CARD.transition(card, X.ABANDON, actor=actor, now=now)


def abandon_with(payment: Payment, change: Change) -> None:
    """A reaction to the end of a payment without money: no card is given for it any more."""
    card = asked_with(payment)
    if card is not None:
        abandon(card, actor=change.doer, now=change.at)


def open_page(*, actor: Actor, card_id: str, now: datetime) -> str:
    """The address where the card is given. The provider is asked outside any transaction; asked twice, it
    has one page. Raises NotAllowed, PaymentNotOpen and ProviderUnavailable."""
    card = card_of(actor, card_id)
    if card.payment_id is not None:
        raise PaymentNotOpen(
            _("This card is given on the page of its payment."), state=str(card.state)
        )
    try:
        known = (
            provider().saved_card(card.provider_ref)
            if card.provider_ref
            else provider().save_card(
                card_id=card.public_id, currency=currencies.home(), key=f"card:{card.public_id}"
            )
        )
    except (OutcomeUnknown, ProviderRefused) as error:
        raise unavailable() from error
    apply(known, now=now)
    if not known.page_url:
        raise PaymentNotOpen(_("This page is not open any more."), state=str(card.state))
    return known.page_url


def refresh(*, actor: Actor, card_id: str, now: datetime) -> tuple[SavedCard, str]:
    """The card as its page has it now, and why it was refused. When the provider does not answer, it is
    shown as we know it."""
    card = card_of(actor, card_id)
    refusal = _sync(card, now=now)
    return card_of(actor, card_id), refusal


def sync_open(*, now: datetime) -> int:
    """Look at the pages that nobody has told us about for a while; return how many."""
    asked = SavedCard.objects.filter(
        state=SavedCardState.ASKED, provider_ref__isnull=False, created_at__lte=now - SYNC_AFTER
    )
    cards = list(asked.order_by("-pk")[:SYNC_MAX])
    for card in cards:
        _sync(card, now=now)
    return len(cards)


def _sync(card: SavedCard, *, now: datetime) -> str:
    if not card.provider_ref:
        return ""
    try:
        told = provider().saved_card(card.provider_ref)
    except (OutcomeUnknown, ProviderRefused) as error:
        log.warning("payments.saved_card.unseen", card=card.public_id, error=str(error))
        return ""
    apply(told, now=now)
    return told.refusal


@use_case()
def apply(told: ProviderCard, *, now: datetime) -> str:
    """Bring a card up to what the provider says of its page, or of the payment that it was saved with; say what was
    done. An organisation's first card is its default."""
    known = SavedCard.objects.filter(public_id=told.card_id).first()
    if known is None:
        return "unknown card"
    _lock_owner(known.organisation_id)
    card = SAVED_CARD.lock_again(known)
    if card.state == SavedCardState.ABANDONED and told.method_ref:
        _promise_forgetting(card, told.method_ref)
    if card.state != SavedCardState.ASKED:
        return ""
    if card.provider_ref is None:
        card.provider_ref = told.ref
        card.save(update_fields=["provider_ref"])
    if card.provider_ref != told.ref:
        return ""
    if told.method_ref:
        _save(card, told, now=now)
        return "saved"
    if told.is_closed:
        SAVED_CARD.transition(card, X.ABANDON, actor=PROVIDER, now=now)
        return "not given"
    return ""


@use_case()
def apply_payment(told: ProviderPayment, payment: Payment, *, now: datetime) -> None:
    """Bring the card that was to be saved with a payment up to what the provider says of the payment. One that is paid
    on another card, or on a page that saves none, has no card to save any more."""
    if told.card is not None:
        apply(told.card, now=now)
    elif told.status is PaymentStatus.RECEIVED:
        card = asked_with(payment)
        if card is not None:
            abandon(card, actor=PROVIDER, now=now)


def _save(card: SavedCard, told: ProviderCard, *, now: datetime) -> None:
    card.customer_ref, card.method_ref = told.customer_ref, told.method_ref
    card.brand, card.last4 = told.brand, told.last4
    card.exp_month, card.exp_year = told.exp_month, told.exp_year
    card.saved_at = now
    card.is_default = default_of(card.organisation_id) is None
    SAVED_CARD.transition(
        card, X.SAVE, actor=PROVIDER, now=now,
        save=(
            "customer_ref", "method_ref", "brand", "last4", "exp_month", "exp_year", "saved_at",
            "is_default",
        ),
    )  # fmt: skip


def _lock_owner(organisation_id: int) -> None:
    """Have changes to the cards of one organisation come one after the other."""
    list(
        SavedCard.objects.select_for_update(no_key=True)
        .filter(organisation_id=organisation_id)
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def _first_all(card: SavedCard | str) -> None:
    known = SavedCard.objects.filter(public_id=card).first() if isinstance(card, str) else card
    if known is not None:
        _lock_owner(known.organisation_id)


@use_case(Permission.WALLET_USE, locks=SAVED_CARD, before=_first_all)
def make_default(card: SavedCard, *, actor: Actor, now: datetime) -> SavedCard:
    """Have renewals charged to this card from now on."""
    SAVED_CARD.check(card, X.CHOOSE)
    if card.is_default:
        return card
    SavedCard.objects.filter(organisation=card.organisation, is_default=True).update(
        is_default=False
    )
    return _choose(card, actor=actor, now=now)


@use_case(Permission.WALLET_USE, locks=SAVED_CARD, before=_first_all)
def remove(card: SavedCard, *, actor: Actor, now: datetime) -> SavedCard:
    """Remove a card: nothing is charged to it any more, and the provider forgets it. The newest of the
    others takes its place."""
    was_default, card.is_default, card.removed_at = card.is_default, False, now
    SAVED_CARD.transition(card, X.REMOVE, actor=actor, now=now, save=("is_default", "removed_at"))
    _promise_forgetting(card, card.method_ref)
    next_one = cards_of(card.organisation).first()
    if was_default and next_one is not None:
        _choose(next_one, actor=actor, now=now)
    return card


def _choose(card: SavedCard, *, actor: Doer, now: datetime) -> SavedCard:
    card.is_default = True
    return SAVED_CARD.transition(card, X.CHOOSE, actor=actor, now=now, save=("is_default",))


def _promise_forgetting(card: SavedCard, method_ref: str) -> None:
    outbox.emit(
        topic=TOPIC_FORGET,
        key=card.public_id,
        payload={"card": card.public_id, "method": method_ref},
    )


def forget(lease: Lease) -> None:
    """Have the provider forget a card that was removed, or given although it was not to be saved any more. One that it
    does not know any more is forgotten."""
    card = SavedCard.objects.get(public_id=lease.payload["card"])
    method_ref = lease.payload.get("method") or card.method_ref
    try:
        provider().forget_card(method_ref, key=lease.idempotency_key)
    except ProviderRefused as error:
        log.warning("payments.saved_card.unknown", card=card.public_id, error=str(error))


def note_forgotten(_lease: Lease, _answer: None) -> None:
    """Nothing is left to write: the card was removed here before."""


def _facts(card: SavedCard, _change: Change) -> dict[str, str]:
    return {"organisation": card.organisation.public_id}


SAVED_CARD.record_facts = _facts
SAVED_CARD.concerns = lambda card: Subject(organisation_id=card.organisation_id)
