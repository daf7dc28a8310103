"""Cards that an organisation saves: given on the provider's page, one the default, removed; and payments that are
tried on them while nobody is there."""

import random

import pytest
from django.db import IntegrityError, transaction

from exchange.core.lifecycle import IllegalTransition
from exchange.core.refusals import NotAllowed, NotFound
from exchange.payments import payment_webhooks, saved_cards
from exchange.payments.card_lifecycle import SavedCardState
from exchange.payments.errors import PaymentNotOpen, TooManyCards
from exchange.payments.gateway.port import ProviderRefused
from exchange.payments.gateway.providers import provider
from exchange.payments.gateway.sandbox import cards, clock
from exchange.payments.gateway.sandbox.models import Thing
from exchange.payments.models import SavedCard
from pricing.money import Money
from tests.factories import payments as money
from tests.factories.orders import DAY, Market, a_market

pytestmark = pytest.mark.django_db


@pytest.fixture
def market() -> Market:
    return a_market()


def page_open(market: Market) -> SavedCard:
    card = saved_cards.ask(actor=market.buying, now=DAY)
    saved_cards.open_page(actor=market.buying, card_id=card.public_id, now=DAY)
    card.refresh_from_db()
    return card


def saved(market: Market, code: str = "good") -> SavedCard:
    card = money.save_card(market, code)
    assert card.state == SavedCardState.SAVED
    return card


def test_a_card_is_saved_by_its_brand_digits_and_expiry_alone(market: Market) -> None:
    card = saved(market)
    assert (str(card), card.expiry) == ("Visa •••• 4242", "12/2034")
    assert card.is_default
    assert saved_cards.default_of(market.buyer.pk) == card


def test_messages_twice_and_out_of_order_save_it_once(market: Market) -> None:
    card = page_open(market)
    before = provider().saved_card(card.provider_ref or "")
    cards.pay(card.provider_ref or "", card_code="good")
    told = [before, *(provider().page(card.provider_ref or "") for _copy in range(3))]
    random.Random(3).shuffle(told)  # noqa: S311 - repeatable
    for one in told:
        payment_webhooks.apply(one, now=DAY)
    money.settle_down()
    card.refresh_from_db()
    assert card.state == SavedCardState.SAVED


def test_no_message_at_all_is_made_good_by_looking(market: Market) -> None:
    card = page_open(market)
    cards.pay(card.provider_ref or "", card_code="good")
    assert payment_webhooks.sync_open(now=DAY + money.days(1)) == 1
    card.refresh_from_db()
    assert card.state == SavedCardState.SAVED


def test_a_bank_that_refuses_or_is_refused_saves_nothing(market: Market) -> None:
    card = page_open(market)
    cards.pay(card.provider_ref or "", card_code="no_funds")
    seen, refusal = saved_cards.refresh(actor=market.buying, card_id=card.public_id, now=DAY)
    assert (seen.state, refusal) == (SavedCardState.ASKED, "insufficient_funds")
    cards.pay(card.provider_ref or "", card_code="confirm")
    cards.confirm(card.provider_ref or "", agreed=False)
    _seen, refusal = saved_cards.refresh(actor=market.buying, card_id=card.public_id, now=DAY)
    assert refusal == "authentication_failed"
    cards.pay(card.provider_ref or "", card_code="confirm")
    cards.confirm(card.provider_ref or "", agreed=True)
    seen, _refusal = saved_cards.refresh(actor=market.buying, card_id=card.public_id, now=DAY)
    assert seen.state == SavedCardState.SAVED


def test_a_page_that_ran_out_saves_nothing(market: Market) -> None:
    card = page_open(market)
    clock.advance(25 * 3600)
    with pytest.raises(PaymentNotOpen):
        saved_cards.open_page(actor=market.buying, card_id=card.public_id, now=DAY)
    card.refresh_from_db()
    assert card.state == SavedCardState.ABANDONED


def test_one_is_the_default_and_the_newest_other_follows_a_removed_one(market: Market) -> None:
    first, second, third = saved(market), saved(market), saved(market)
    saved_cards.make_default(second.public_id, actor=market.buying, now=DAY)
    assert saved_cards.default_of(market.buyer.pk) == second
    saved_cards.remove(second.public_id, actor=market.buying, now=DAY)
    assert saved_cards.default_of(market.buyer.pk) == third
    assert list(saved_cards.cards_of(market.buyer)) == [third, first]
    with pytest.raises(IllegalTransition):
        saved_cards.make_default(second.public_id, actor=market.buying, now=DAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        SavedCard.objects.filter(pk=first.pk).update(is_default=True)


def test_the_provider_forgets_a_removed_card(market: Market) -> None:
    card = saved(market)
    saved_cards.remove(card.public_id, actor=market.buying, now=DAY)
    money.work()
    assert Thing.objects.get(pk=card.method_ref).body["customer"] is None
    with pytest.raises(ProviderRefused):
        provider().charge_card(
            payment_id="pay_1", reference="ord_1", amount=Money(100, "CNY"), key="k",
            customer_ref=card.customer_ref, method_ref=card.method_ref,
        )  # fmt: skip


def test_only_so_many_are_saved(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_cards, "CARDS_MAX", 1)
    saved(market)
    with pytest.raises(TooManyCards):
        saved_cards.ask(actor=market.buying, now=DAY)


def test_another_organisation_neither_finds_nor_removes_it(market: Market) -> None:
    card, stranger = saved(market), money.finance_of(market)
    with pytest.raises(NotFound):
        saved_cards.card_of(stranger, card.public_id)
    for act in (saved_cards.make_default, saved_cards.remove):
        with pytest.raises((NotAllowed, NotFound)):
            act(card.public_id, actor=stranger, now=DAY)
    assert saved_cards.cards_of(market.seller).count() == 0
    card.refresh_from_db()
    assert card.state == SavedCardState.SAVED
