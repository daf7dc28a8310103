"""Paying an order, by card or bank transfer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from exchange.core import clock
from exchange.core.refusals import NotFound, Refusal
from exchange.journeys import renewals
from exchange.members import policy
from exchange.members.actors import Actor, Subject, actor_of, person_of
from exchange.members.permissions import Permission
from exchange.orders import placing
from exchange.orders.lifecycle import MONEY_HELD, PaymentMethod
from exchange.orders.queries import order_seen_by
from exchange.payments import (
    bank,
    card_pages,
    card_top_ups,
    collection,
    payment_webhooks,
    saved_cards,
)
from exchange.payments.errors import ForgedEvent
from exchange.payments.gateway.providers import BACK, TEST
from exchange.payments.gateway.sandbox import cards
from exchange.payments.gateway.sandbox.store import ApiError
from exchange.payments.lifecycle import PaymentState
from exchange.payments.models import CardTopUp, Payment, Refund, SavedCard
from exchange.web.orders.forms import SaveCardForm
from exchange.web.orders.pages import refusal_sentence
from exchange.web.pages import render_page
from exchange.web.views import form_view, get_view, post_view
from pricing.money import Money


@dataclass(frozen=True)
class PaymentPage:
    """One payment to its payer: where it stands and what to do next."""

    payment: Payment
    payee: str
    bank_account: str
    arrived: Money | None
    missing: Money | None
    declined: str
    may_pay: bool
    obstacle: str
    charged_at: datetime | None
    saving: SaveCardForm | None
    is_held: bool
    refunds: Sequence[Refund]


@get_view
def show(request: HttpRequest, payment_id: str) -> HttpResponse:
    """The payment's page."""
    actor = actor_of(request)
    payment = collection.payment_seen_by(actor, payment_id)
    page = _page(payment, actor)
    return render_page(request, "payments/payment.html", page)


@post_view
def go_to_card(request: HttpRequest, payment_id: str) -> HttpResponse:
    """Open the payment at the provider and lead there, with the payer's choice whether the card is saved."""
    form = SaveCardForm(request.POST)
    is_chosen = form.is_valid() and form.cleaned_data["is_offered"]
    return _open_card_page(
        request, payment_id, saves=form.cleaned_data["save_card"] if is_chosen else None
    )


@get_view
def pay(request: HttpRequest, order_id: str) -> HttpResponse:
    """Lead on from an order to where its reader pays it: the provider's card page, or how to send the
    transfer or fill the wallet; where the reader was not asked yet whether the card is saved, the page that
    asks it. To the order's page where nothing is to be paid now."""
    actor = actor_of(request)
    payment = collection.payment_of_order(order_seen_by(actor, order_id).public_id)
    if payment is None or payment.state != PaymentState.WAITING or not _may_pay(actor, payment):
        return redirect("web:order", order_id)
    if payment.method == PaymentMethod.CARD and not _is_to_choose(payment, actor):
        return _open_card_page(request, payment.public_id)
    return redirect("web:payment", payment.public_id)


def _is_to_choose(payment: Payment, actor: Actor) -> bool:
    """Whether the reader could have the card saved and was not asked at the checkout: another placed the order,
    a second person had to confirm it, or it renews one."""
    order = payment.order
    was_asked = order.placed_by_id == person_of(actor) and not (
        order.needs_second or order.renews_id
    )
    if was_asked or payment.provider_ref is not None:
        return False
    return saved_cards.may_ask(actor, payment.payer)


def _open_card_page(
    request: HttpRequest, payment_id: str, *, saves: bool | None = None
) -> HttpResponse:
    """The provider's page, which saves the card as it was chosen; the payment's own with the reason where the
    provider gives none."""
    actor, now = actor_of(request), clock.now()
    try:
        if saves is not None:
            payment = collection.payment_seen_by(actor, payment_id)
            card_pages.choose(payment.public_id, saves=saves, actor=actor, now=now)
        url = card_pages.open_card_page(actor=actor, payment_id=payment_id, now=now)
    except Refusal as refusal:
        if refusal.http_status < 500 and refusal.code != "payment_not_open":  # noqa: PLR2004
            raise
        messages.error(request, str(refusal.message))
        return redirect("web:payment", payment_id)
    return redirect(url)


@get_view
def come_back(request: HttpRequest, payment_id: str) -> HttpResponse:
    """Where the provider's page leads back to: look at what has become of the payment."""
    payment = payment_webhooks.refresh(
        actor=actor_of(request), payment_id=payment_id, now=clock.now()
    )
    if payment.state in {PaymentState.AUTHORISED, PaymentState.RECEIVED}:
        messages.success(
            request, _("Thank you. The exchange holds your money until you accept the delivery.")
        )
        return redirect("web:order", payment.order.public_id)
    return redirect("web:payment", payment_id)


@csrf_exempt
@require_POST
def hear(request: HttpRequest) -> HttpResponse:
    """A message of the payment provider. 200 says that it is kept; anything else has it sent again."""
    if int(request.headers.get("Content-Length") or 0) > payment_webhooks.BODY_BYTES_MAX:
        return JsonResponse({"code": ForgedEvent.code}, status=413)
    try:
        is_new = payment_webhooks.receive(
            body=request.body,
            signature=request.headers.get("Stripe-Signature", ""),
            now=clock.now(),
        )
    except Refusal as refusal:
        said = {"code": refusal.code, "detail": str(refusal.message)}
        return JsonResponse(said, status=refusal.http_status)
    return JsonResponse({"received": True, "new": is_new})


def _may_pay(actor: Actor, payment: Payment) -> bool:
    payer = Subject(organisation_id=payment.payer_id)
    return policy.allowed(actor, Permission.PAYMENT_MAKE, payer).allowed


def _saving(payment: Payment, actor: Actor) -> SaveCardForm | None:
    """The choice to save the card of a payment, for those who may."""
    asked = saved_cards.asked_with(payment)
    if asked is None and not saved_cards.may_ask(actor, payment.payer):
        return None
    return SaveCardForm(initial={"save_card": asked is not None})


def _page(payment: Payment, actor: Actor) -> PaymentPage:
    is_bank = payment.method == PaymentMethod.BANK_TRANSFER
    arrived = bank.arrived_for(payment) if is_bank else None
    is_waiting = payment.state == PaymentState.WAITING
    is_received = payment.state == PaymentState.RECEIVED
    obstacle = placing.obstacle(payment.order) if is_waiting else ""
    may_pay = is_waiting and not obstacle and _may_pay(actor, payment)
    is_by_card = payment.method == PaymentMethod.CARD
    return PaymentPage(
        payment=payment,
        payee=settings.EXCHANGE_BANK_HOLDER,
        bank_account=settings.EXCHANGE_BANK_ACCOUNT,
        arrived=arrived if arrived and arrived.minor else None,
        missing=payment.amount - arrived if arrived and arrived.minor and is_waiting else None,
        declined=refusal_sentence(payment.last_refusal) if payment.last_refusal else "",
        may_pay=may_pay,
        obstacle=obstacle,
        charged_at=renewals.next_charge_at(payment, now=clock.now()),
        saving=_saving(payment, actor) if may_pay and is_by_card else None,
        is_held=is_waiting or (is_received and payment.order.state in MONEY_HELD),
        refunds=tuple(payment.refunds.order_by("pk")),
    )


Payable = Payment | CardTopUp | SavedCard


@dataclass(frozen=True)
class TestCardPage:
    """What the test provider asks: a card, or the payer's agreement."""

    amount: Money | None
    back: str
    asks: bool
    cards: tuple[cards.Card, ...]
    declined: str
    saves: bool


@form_view
def show_test_card(request: HttpRequest, payment_id: str) -> HttpResponse:
    """Choose a test card for a payment or a top-up, or one to be saved, or answer the question of its bank."""
    payable = _payable(actor_of(request), payment_id)
    if payable.provider != TEST or not payable.provider_ref:
        raise NotFound(_("This payment is not open at the test provider."))
    if request.method == "POST":
        return _give(request, payable, payable.provider_ref)
    try:
        intent = cards.given(payable.provider_ref)
    except ApiError:
        raise Http404 from None
    error = intent.get("last_payment_error")
    page = TestCardPage(
        amount=None if isinstance(payable, SavedCard) else payable.amount,
        back=_back(payable),
        asks=intent.get("status") == "requires_action",
        cards=tuple(cards.CARDS.values()),
        declined=refusal_sentence(error["decline_code"]) if error else "",
        saves=isinstance(payable, Payment) and saved_cards.asked_with(payable) is not None,
    )
    return render_page(request, "payments/test_card.html", page)


def _give(request: HttpRequest, payable: Payable, ref: str) -> HttpResponse:
    try:
        if "agreed" in request.POST:
            told = cards.confirm(ref, agreed=request.POST["agreed"] == "yes")
        else:
            told = cards.pay(ref, card_code=request.POST.get("card", ""))
    except ApiError:
        messages.error(request, _("Choose one of the cards."))
        return redirect("web:test_card", payable.public_id)
    if told["status"] == "requires_action":
        return redirect("web:test_card", payable.public_id)
    return redirect(_back(payable))


def _back(payable: Payable) -> str:
    name = BACK[payable.public_id.partition("_")[0]]
    return reverse(name, args=[payable.public_id])


def _payable(actor: Actor, public_id: str) -> Payable:
    """What a card is given for, to those who may give it. Raises NotFound and NotAllowed."""
    if SavedCard.objects.filter(public_id=public_id).exists():
        return saved_cards.card_of(actor, public_id)
    if CardTopUp.objects.filter(public_id=public_id).exists():
        return card_top_ups.top_up_of(actor, public_id)
    payment = collection.payment_seen_by(actor, public_id)
    policy.require(actor, Permission.PAYMENT_MAKE, Subject(organisation_id=payment.payer_id))
    return payment
