"""The test provider's own page: choose a card that behaves in a known way. No money moves."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from exchange.core.refusals import NotFound
from exchange.flows import payments
from exchange.members import policy
from exchange.members.actors import Subject
from exchange.members.callers import actor_of
from exchange.members.permissions import Permission
from exchange.payments.gateway.providers import TEST
from exchange.payments.gateway.sandbox import cards, store
from exchange.payments.gateway.sandbox.answers import ApiError
from exchange.payments.models import Payment
from exchange.web.pages import render_page
from exchange.web.payment_words import refusal_sentence
from pricing.money import Money


@dataclass(frozen=True)
class CardRow:
    code: str
    label: str
    last4: str


@dataclass(frozen=True)
class TestCardPage:
    """What the test provider asks: a card, or the payer's agreement."""

    amount: Money
    asks: bool
    cards: tuple[CardRow, ...]
    declined: str
    back_url: str


@login_required
@require_http_methods(["GET", "POST"])
def show(request: HttpRequest, payment_id: str) -> HttpResponse:
    """Choose a test card, or answer the question of its bank."""
    payment = _payment(request, payment_id)
    ref = payment.provider_ref or ""
    if request.method == "POST":
        return _give(request, payment, ref)
    intent = store.get("payment_intent", ref).body
    error = intent["last_payment_error"]
    return render_page(
        request,
        "payments/test_card.html",
        TestCardPage(
            amount=payment.amount,
            asks=intent["status"] == "requires_action",
            cards=tuple(
                CardRow(card.code, str(card.label), card.last4) for card in cards.CARDS.values()
            ),
            declined=refusal_sentence(error["decline_code"]) if error else "",
            back_url=reverse("web:payment_back", args=[payment.public_id]),
        ),
    )


def _give(request: HttpRequest, payment: Payment, ref: str) -> HttpResponse:
    try:
        if "agreed" in request.POST:
            told = cards.confirm(ref, agreed=request.POST["agreed"] == "yes")
        else:
            told = cards.pay(ref, card_code=request.POST.get("card", ""))
    except ApiError:
        messages.error(request, _("Choose one of the cards."))
        return redirect("web:test_card", payment.public_id)
    if told["status"] == "requires_action":
        return redirect("web:test_card", payment.public_id)
    return redirect("web:payment_back", payment.public_id)


def _payment(request: HttpRequest, payment_id: str) -> Payment:
    """The payment, if it was opened at the test provider and the reader may pay it."""
    actor = actor_of(request)
    payment = payments.payment_seen_by(actor, payment_id)
    policy.require(actor, Permission.PAYMENT_MAKE, Subject(organisation_id=payment.payer_id))
    if payment.provider != TEST or not payment.provider_ref:
        raise NotFound(_("This payment is not open at the test provider."))
    return payment
