"""Topping the wallet up by card, and sending what was topped up back to the card."""

import secrets
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.core import clock
from exchange.core.fields import AmountField, MoneyForm
from exchange.core.refusals import Refusal
from exchange.members import policy
from exchange.members.actors import Actor, Subject, actor_of
from exchange.members.permissions import Permission
from exchange.payments import card_top_ups, wallets, withdrawals
from exchange.payments.card_lifecycle import CardTopUpState
from exchange.payments.gateway.providers import provider_name
from exchange.payments.models import CardTopUp
from exchange.payments.models.wallets import TOKEN_CHARS_MAX
from exchange.web.orders.pages import refusal_sentence
from exchange.web.pages import render_page
from exchange.web.payments.views_money import currency_of, own_wallet
from exchange.web.submissions import blaming, sent, unprocessable
from exchange.web.views import form_view, get_view, post_view
from pricing.money import Money


class TopUpForm(MoneyForm):
    """How much to take from a card, in the wallet's currency."""

    amount = AmountField(
        label=gettext_lazy("Amount"),
        help_text=gettext_lazy(
            "You give the card on the payment provider's page. The exchange sees no card number."
        ),
    )
    token = forms.CharField(widget=forms.HiddenInput, max_length=TOKEN_CHARS_MAX)


class SendBackForm(MoneyForm):
    """How much of a top-up goes back."""

    amount = AmountField(
        label=gettext_lazy("Amount to send back"),
        help_text=gettext_lazy("It goes to the card that the money came from."),
    )
    token = forms.CharField(widget=forms.HiddenInput, max_length=TOKEN_CHARS_MAX)


@dataclass(frozen=True)
class TopUpPage:
    form: TopUpForm
    currency: str


@dataclass(frozen=True)
class SendBackPage:
    form: SendBackForm
    most: Money


@form_view
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for an amount, and lead to the page where the card is given."""
    actor, mine = own_wallet(request)
    policy.require(actor, Permission.WALLET_USE, Subject.of(mine))
    provider_name()
    currency = currency_of(request)
    token = {"token": secrets.token_hex(16)}
    form = TopUpForm(sent(request), currency=currency, initial=token)
    if form.is_valid():
        with blaming(form, "amount"):
            top_up = card_top_ups.ask(
                actor=actor,
                amount=form.cleaned_data["amount"],
                token=form.cleaned_data["token"],
                now=clock.now(),
            )
            return _open_card_page(request, actor, top_up)
    page = TopUpPage(form=form, currency=currency)
    return render_page(request, "payments/top_up.html", page, status=unprocessable(form))


@post_view
def go_to_card(request: HttpRequest, top_up_id: str) -> HttpResponse:
    """The card page of a top-up that waits for its card."""
    actor = actor_of(request)
    return _open_card_page(request, actor, card_top_ups.top_up_of(actor, top_up_id))


def _open_card_page(request: HttpRequest, actor: Actor, top_up: CardTopUp) -> HttpResponse:
    """The provider's page; the wallet's with the reason where the provider gives none."""
    try:
        url = card_top_ups.open_card_page(actor=actor, top_up_id=top_up.public_id, now=clock.now())
    except Refusal as refusal:
        messages.error(request, str(refusal.message))
        return redirect(_wallet(top_up))
    return redirect(url)


@get_view
def come_back(request: HttpRequest, top_up_id: str) -> HttpResponse:
    """Where the provider's page leads back to: look at what has become of the top-up."""
    top_up = card_top_ups.refresh(actor=actor_of(request), top_up_id=top_up_id, now=clock.now())
    if top_up.state == CardTopUpState.RECEIVED:
        messages.success(request, _("The money is in the wallet."))
    elif top_up.last_refusal:
        declined = _("The card was declined. Nothing was charged.")
        messages.error(request, f"{declined} {refusal_sentence(top_up.last_refusal)}")
    return redirect(_wallet(top_up))


@form_view
def send_back(request: HttpRequest, top_up_id: str) -> HttpResponse:
    """Send money of a top-up back to its card."""
    actor = actor_of(request)
    top_up = card_top_ups.top_up_of(actor, top_up_id)
    owner = top_up.wallet.organisation
    most = min(top_up.refundable, wallets.available_in(owner, top_up.currency))
    token = {"token": secrets.token_hex(16)}
    form = SendBackForm(sent(request), currency=top_up.currency, initial=token)
    if form.is_valid():
        with blaming(form, "amount"):
            withdrawals.ask(
                actor=actor,
                amount=form.cleaned_data["amount"],
                token=form.cleaned_data["token"],
                top_up=top_up,
                now=clock.now(),
            )
            messages.success(request, _("The money is set aside and will be sent back."))
            return redirect(_wallet(top_up))
    page = SendBackPage(form=form, most=most)
    return render_page(request, "payments/send_back.html", page, status=unprocessable(form))


def _wallet(top_up: CardTopUp) -> str:
    return f"{reverse('web:wallet')}?currency={top_up.currency}"
