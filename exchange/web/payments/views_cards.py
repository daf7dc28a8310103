"""Cards that the organisation has saved: added on the provider's page, one the default, removed."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from exchange.core import clock
from exchange.core.refusals import Refusal
from exchange.members import policy
from exchange.members.actors import Subject, actor_of
from exchange.members.permissions import Permission
from exchange.payments import saved_cards
from exchange.payments.card_lifecycle import SavedCardState
from exchange.payments.models import SavedCard
from exchange.web.orders.pages import refusal_sentence
from exchange.web.pages import render_page
from exchange.web.payments.views_money import own_wallet
from exchange.web.views import get_view, post_view


@dataclass(frozen=True)
class CardRow:
    card: SavedCard
    has_run_out: bool


@dataclass(frozen=True)
class CardsPage:
    cards: tuple[CardRow, ...]
    may_use: bool
    may_add: bool


@get_view
def show(request: HttpRequest) -> HttpResponse:
    """The saved cards of the organisation acted for."""
    actor, mine = own_wallet(request)
    may_use = policy.allowed(actor, Permission.WALLET_USE, Subject.of(mine)).allowed
    today = clock.now().date()
    rows = tuple(
        CardRow(card, (card.exp_year, card.exp_month) < (today.year, today.month))
        for card in saved_cards.cards_of(mine)
    )
    page = CardsPage(
        cards=rows,
        may_use=may_use,
        may_add=saved_cards.may_ask(actor, mine),
    )
    return render_page(request, "payments/saved_cards.html", page)


@post_view
def add(request: HttpRequest) -> HttpResponse:
    """Lead to the page where a card is given; back to the cards with the reason where there is none."""
    actor, now = actor_of(request), clock.now()
    card = saved_cards.ask(actor=actor, now=now)
    try:
        url = saved_cards.open_page(actor=actor, card_id=card.public_id, now=now)
    except Refusal as refusal:
        messages.error(request, str(refusal.message))
        return redirect("web:saved_cards")
    return redirect(url)


@get_view
def come_back(request: HttpRequest, card_id: str) -> HttpResponse:
    """Where the provider's page leads back to: look at what has become of the card."""
    card, refusal = saved_cards.refresh(actor=actor_of(request), card_id=card_id, now=clock.now())
    if card.state == SavedCardState.SAVED:
        messages.success(request, _("The card is saved."))
    elif refusal:
        messages.error(request, refusal_sentence(refusal))
    return redirect("web:saved_cards")


@post_view
def make_default(request: HttpRequest, card_id: str) -> HttpResponse:
    """Have renewals charged to this card."""
    actor = actor_of(request)
    saved_cards.card_of(actor, card_id)
    saved_cards.make_default(card_id, actor=actor, now=clock.now())
    return redirect("web:saved_cards")


@post_view
def remove(request: HttpRequest, card_id: str) -> HttpResponse:
    """Have nothing charged to this card any more."""
    actor = actor_of(request)
    saved_cards.card_of(actor, card_id)
    saved_cards.remove(card_id, actor=actor, now=clock.now())
    messages.success(request, _("The card is removed. Nothing is charged to it any more."))
    return redirect("web:saved_cards")
