"""Cards that an organisation saves: given on the provider's page, one the default, removed; and payments that are
tried on them while nobody is there."""

import random

import pytest
from django.db import IntegrityError, transaction

from exchange.core.lifecycle import IllegalTransition
from exchange.core.refusals import NotAllowed, NotFound
from exchange.payments import card_pages, payment_webhooks, saved_cards
from exchange.payments.card_lifecycle import SavedCardState
from exchange.payments.errors import PaymentNotOpen, TooManyCards
from exchange.payments.gateway.port import PaymentStatus, ProviderPayment, ProviderRefused
from exchange.payments.gateway.providers import provider
from exchange.payments.gateway.sandbox import cards, clock
from exchange.payments.gateway.sandbox.models import Thing
from exchange.payments.lifecycle import PaymentState
from exchange.payments.models import Payment, SavedCard
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
        charge(card)


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


def choose(market: Market, payment: Payment, *, saves: bool) -> None:
    card_pages.choose(payment.public_id, saves=saves, actor=market.buying, now=DAY)


def to_pay(market: Market, *, saves: bool) -> Payment:
    """A payment whose page is open, with the payer's choice made before."""
    order = market.order(market.offer(100))
    choose(market, money.payment_of(order), saves=saves)
    return money.open_page(market, order)


def paid(payment: Payment, code: str = "good") -> Payment:
    ref = payment.provider_ref or ""
    if cards.pay(ref, card_code=code)["status"] == "requires_action":
        cards.confirm(ref, agreed=True)
    money.settle_down()
    payment.refresh_from_db()
    return payment


def charge(card: SavedCard) -> ProviderPayment:
    """The card is charged while nobody is there."""
    return provider().charge_card(
        payment_id="pay_1", reference="ord_1", amount=Money(100, "CNY"), key="k",
        customer_ref=card.customer_ref, method_ref=card.method_ref,
    )  # fmt: skip


def test_a_card_is_saved_with_the_payment_that_it_is_given_for(market: Market) -> None:
    payment = paid(to_pay(market, saves=True))
    assert payment.state == PaymentState.RECEIVED
    card = SavedCard.objects.get()
    assert (card.state, card.payment, card.is_default) == (SavedCardState.SAVED, payment, True)
    assert (str(card), card.expiry) == ("Visa •••• 4242", "12/2034")
    assert charge(card).status is PaymentStatus.AUTHORISED
    assert money.books_are_sound()


def test_a_card_that_is_not_to_be_saved_is_kept_nowhere(market: Market) -> None:
    payment = paid(to_pay(market, saves=False))
    assert payment.state == PaymentState.RECEIVED
    assert not SavedCard.objects.exists()
    assert not Thing.objects.filter(kind__in=["customer", "payment_method"]).exists()


@pytest.mark.parametrize("saves", [True, False])
def test_the_choice_can_be_changed_until_the_card_is_given(market: Market, *, saves: bool) -> None:
    first = to_pay(market, saves=not saves)
    choose(market, first, saves=saves)
    payment = money.open_page(market, first.order)
    assert payment.provider_ref != first.provider_ref
    money.settle_down()
    payment.refresh_from_db()
    assert payment.state == PaymentState.WAITING
    assert provider().payment(first.provider_ref or "").status is PaymentStatus.CANCELLED
    assert paid(payment).state == PaymentState.RECEIVED
    wanted = SavedCardState.SAVED if saves else SavedCardState.ABANDONED
    assert SavedCard.objects.get().state == wanted
    assert money.books_are_sound()


def test_a_page_that_is_paid_before_it_is_changed_counts(market: Market) -> None:
    payment = to_pay(market, saves=False)
    choose(market, payment, saves=True)
    cards.pay(payment.provider_ref or "", card_code="good")
    with pytest.raises(PaymentNotOpen):
        money.open_page(market, payment.order)
    money.settle_down()
    payment.refresh_from_db()
    assert payment.state == PaymentState.RECEIVED
    assert SavedCard.objects.get().state == SavedCardState.ABANDONED


def test_a_card_given_on_a_page_that_was_to_save_it_is_forgotten(market: Market) -> None:
    payment = to_pay(market, saves=True)
    choose(market, payment, saves=False)
    assert paid(payment).state == PaymentState.RECEIVED
    money.settle_down()
    assert SavedCard.objects.get().state == SavedCardState.ABANDONED
    assert Thing.objects.get(kind="payment_method").body["customer"] is None
    assert money.books_are_sound()


def test_a_refused_card_is_not_saved_and_the_next_one_is(market: Market) -> None:
    payment = to_pay(market, saves=True)
    cards.pay(payment.provider_ref or "", card_code="no_funds")
    money.settle_down()
    assert SavedCard.objects.get().state == SavedCardState.ASKED
    paid(payment, "confirm")
    card = SavedCard.objects.get()
    assert (card.state, card.last4) == (SavedCardState.SAVED, "3220")
    with pytest.raises(ProviderRefused) as refused:
        charge(card)
    assert refused.value.code == "authentication_required"


def test_a_payment_that_runs_out_saves_no_card(market: Market) -> None:
    payment = to_pay(market, saves=True)
    asked = SavedCard.objects.get()
    with pytest.raises(PaymentNotOpen):
        saved_cards.open_page(actor=market.buying, card_id=asked.public_id, now=DAY)
    clock.advance(25 * 3600)
    payment_webhooks.sync_open(now=DAY + money.days(1))
    payment.refresh_from_db()
    asked.refresh_from_db()
    assert (payment.state, asked.state) == (PaymentState.CANCELLED, SavedCardState.ABANDONED)
    following = Payment.objects.get(order=payment.order, state=PaymentState.WAITING)
    assert saved_cards.asked_with(following) is None


def test_only_who_may_spend_has_the_card_of_a_payment_saved(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = money.payment_of(market.order(market.offer(100)))
    with pytest.raises((NotAllowed, NotFound)):
        card_pages.choose(payment.public_id, saves=True, actor=money.finance_of(market), now=DAY)
    monkeypatch.setattr(saved_cards, "CARDS_MAX", 0)
    with pytest.raises(TooManyCards):
        choose(market, payment, saves=True)
    assert not SavedCard.objects.exists()
