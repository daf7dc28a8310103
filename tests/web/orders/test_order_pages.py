"""Checkout and the one page of a trade: what each side sees, how often the database is asked."""

import html
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from exchange.core.lifecycle import Named
from exchange.delivery import entitlements
from exchange.delivery.models import Entitlement
from exchange.journeys import acceptance
from exchange.notices import notify
from exchange.orders import limits
from exchange.orders.lifecycle import OrderState
from exchange.orders.models import Order, OrderMessage
from exchange.orders.terms import terms_hash
from exchange.payments import card_pages, collection, payment_webhooks
from exchange.payments.gateway.providers import unavailable
from pricing.money import Money
from tests.factories import accounts
from tests.factories.orders import DAY, Market, a_market, take_off_the_list
from tests.factories.payments import fund_wallet, give_card
from tests.web.buyers import browser, closed_up, filled, shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def market() -> Market:
    return a_market()


@pytest.fixture
def buyer(market: Market) -> Client:
    return browser(market.agent, market.buyer)


@pytest.fixture
def seller(market: Market) -> Client:
    return browser(accounts.owner_of(market.seller), market.seller)


def test_the_checkout_says_what_you_get_may_do_and_pay_before_the_button(
    market: Market, buyer: Client
) -> None:
    page = shown(buyer, f"/offers/{market.offer(100).public_id}/buy/")
    for words in (
        "What you get", "What you may do", "Use it inside the organisation", "What you may not do",
        "Re-identify people or companies", "CN¥106.00", "Value-added tax, 6 %",
        "Full refund while the inspection runs", "You have 5 working days after delivery",
        "Order and pay",
    ):  # fmt: skip
        assert words in page
    assert page.index("CN¥106.00") > 0


def test_the_form_places_the_order_once_however_often_it_is_sent(
    market: Market, buyer: Client
) -> None:
    path = f"/offers/{market.offer(100).public_id}/buy/"
    form = filled(buyer, path, method="card", po_number="PO-1")
    first, again = buyer.post(path, form), buyer.post(path, form)
    order = Order.objects.get()
    payment = collection.payment_of_order(order.public_id)
    assert payment is not None
    assert (first.status_code, first.headers["Location"]) == (
        302,
        f"/orders/{order.public_id}/pay/",
    )
    card = buyer.get(first.headers["Location"]).headers["Location"]
    assert card == f"/payments/{payment.public_id}/test-card/"
    assert again.headers["Location"] == first.headers["Location"]
    assert (order.payment_method, order.po_number) == ("card", "PO-1")


def test_ordering_by_bank_leads_to_what_the_transfer_must_say(
    market: Market, buyer: Client
) -> None:
    path = f"/offers/{market.offer(100).public_id}/buy/"
    answer = buyer.get(
        buyer.post(path, filled(buyer, path, method="bank_transfer")).headers["Location"]
    )
    payment = collection.payment_of_order(Order.objects.get().public_id)
    assert payment is not None
    assert answer.headers["Location"] == f"/payments/{payment.public_id}/"
    assert payment.reference in shown(buyer, answer.headers["Location"])


def test_ordering_from_the_wallet_pays_or_leads_to_what_is_missing(
    market: Market, buyer: Client
) -> None:
    path = f"/offers/{market.offer(100).public_id}/buy/"
    form = filled(buyer, path, method="wallet")
    unpaid = buyer.get(buyer.post(path, form).headers["Location"]).headers["Location"]
    assert unpaid.startswith("/payments/")
    assert "The wallet has too little for this order" in shown(buyer, unpaid)
    fund_wallet(market.exchange, market.buyer, 1_000)
    other = f"/offers/{market.offer(100).public_id}/buy/"
    paid = buyer.get(
        buyer.post(other, filled(buyer, other, method="wallet")).headers["Location"]
    ).headers["Location"]
    order = Order.objects.get(offer__public_id=other.split("/")[2])
    assert (paid, order.state) == (f"/orders/{order.public_id}/", OrderState.DELIVERED)


def test_a_provider_that_does_not_answer_leaves_the_order_to_be_paid(
    market: Market, buyer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(**_asked: object) -> str:
        raise unavailable()

    monkeypatch.setattr(card_pages, "open_card_page", silent)
    path = f"/offers/{market.offer(100).public_id}/buy/"
    answer = buyer.get(buyer.post(path, filled(buyer, path, method="card")).headers["Location"])
    payment = collection.payment_of_order(Order.objects.get().public_id)
    assert payment is not None
    assert answer.headers["Location"] == f"/payments/{payment.public_id}/"
    assert "The payment provider does not answer." in shown(buyer, answer.headers["Location"])


def test_while_the_card_is_charged_nobody_is_asked_to_pay(market: Market, buyer: Client) -> None:
    order = market.order(market.offer(100))
    page = notify.path("order", order.public_id)
    assert "Your turn" in shown(buyer, page)
    payment = give_card(market, order)
    # The card is authorised; the job that takes the money has not run.
    payment_webhooks.refresh(actor=market.buying, payment_id=payment.public_id, now=DAY)
    charging = shown(buyer, page)
    assert "Your card is authorised." in charging
    assert "Your turn" not in charging
    assert "Pay, and the delivery starts" not in charging
    assert "Cancel the order" not in charging


def test_pay_leads_only_those_who_may_pay_away_from_the_order(
    market: Market, buyer: Client, seller: Client
) -> None:
    order = market.order(market.offer(100))
    page = notify.path("order", order.public_id)
    pay = f"{page}pay/"
    assert f'href="{pay}"' in shown(buyer, page)
    assert buyer.get(pay).headers["Location"].endswith("/test-card/")
    assert seller.get(pay).headers["Location"] == page
    colleague = browser(accounts.a_member(market.buyer), market.buyer)
    assert colleague.get(pay).headers["Location"] == page
    paid = notify.path("order", market.delivered().public_id)
    assert buyer.get(f"{paid}pay/").headers["Location"] == paid


def test_one_form_token_stands_for_one_order_only(market: Market, buyer: Client) -> None:
    path = f"/offers/{market.offer(100).public_id}/buy/"
    form = filled(buyer, path, method="card")
    buyer.post(path, form)
    answer = buyer.post(path, {**form, "method": "bank_transfer"})
    assert answer.status_code == 409
    assert Order.objects.count() == 1


def test_a_second_form_orders_again_only_where_it_says_so(market: Market, buyer: Client) -> None:
    """Two tabs, and Back: forms that were opened before the first order was placed, and after it."""
    path = f"/offers/{market.offer(100).public_id}/buy/"
    form, tab = filled(buyer, path, method="card"), filled(buyer, path, method="card")
    buyer.post(path, form)
    order = Order.objects.get()
    for late in (tab, filled(buyer, path, method="card")):
        refused = buyer.post(path, late)
        page = html.unescape(refused.content.decode())
        assert refused.status_code == 409
        assert "Nothing was ordered: you have ordered this before." in page
        assert "Your organisation has ordered this already. The order is not paid yet." in page
        assert f'href="/orders/{order.public_id}/"' in page
    assert Order.objects.count() == 1
    assert buyer.post(path, {**tab, "again": "on"}).status_code == 302
    assert Order.objects.count() == 2


def test_the_product_and_the_checkout_say_what_the_buyer_has_already(
    market: Market, buyer: Client, seller: Client
) -> None:
    order = market.delivered()
    product = f"/products/{order.product.public_id}/"
    checkout = f"/offers/{order.offer.public_id}/buy/"
    for path in (product, checkout):
        page = shown(buyer, path)
        assert "Your organisation has this already." in page
        assert 'href="/purchases/' in page
    assert "has this already" not in shown(seller, product)
    assert "has this already" not in shown(Client(), product)


def test_access_that_has_ended_is_bought_again_without_a_word(
    market: Market, buyer: Client
) -> None:
    order = market.delivered()
    assert Entitlement.objects.filter(order=order).exists()
    entitlements.revoke_order(order, reason="Broken.", actor=Named("test:1"), now=DAY)
    assert "has this already" not in shown(buyer, f"/products/{order.product.public_id}/")
    checkout = f"/offers/{order.offer.public_id}/buy/"
    assert buyer.post(checkout, filled(buyer, checkout, method="card")).status_code == 302


def test_changed_terms_are_shown_side_by_side_and_can_then_be_ordered(
    market: Market, buyer: Client
) -> None:
    offer = market.offer(100)
    path = f"/offers/{offer.public_id}/buy/"
    form = filled(buyer, path, method="card", po_number="PO-1")
    offer.product.refund_policy = "none"
    offer.product.save(update_fields=["refund_policy"])
    answer = buyer.post(path, form)
    page = html.unescape(answer.content.decode())
    assert answer.status_code == 409
    assert "The terms have changed since you saw them. Nothing was ordered" in page
    assert '<th scope="row">refund policy</th><td>inspection</td><td>none</td>' in closed_up(page)
    assert not Order.objects.exists()
    hidden = dict(
        re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', answer.content.decode())
    )
    renewed = {**form, "terms_hash": hidden["terms_hash"], "token": hidden["token"]}
    assert buyer.post(path, renewed).status_code == 302
    assert Order.objects.get().terms["refund_policy"] == "none"


def test_a_product_withdrawn_meanwhile_is_said_in_one_sentence(
    market: Market, buyer: Client
) -> None:
    offer = market.offer(100)
    path = f"/offers/{offer.public_id}/buy/"
    form = filled(buyer, path, method="card")
    take_off_the_list(offer.product)
    answer = buyer.post(path, form)
    assert answer.status_code == 410
    assert "This product is not offered any more." in answer.content.decode()
    assert not Order.objects.exists()


def test_nothing_is_ordered_without_agreement(market: Market, buyer: Client) -> None:
    path = f"/offers/{market.offer(100).public_id}/buy/"
    form = filled(buyer, path, method="card")
    del form["agree"]
    assert buyer.post(path, form).status_code == 422
    assert not Order.objects.exists()


def test_what_is_free_is_one_press_away(market: Market, buyer: Client) -> None:
    path = f"/offers/{market.offer(0).public_id}/buy/"
    assert "Get it for free" in shown(buyer, path)
    answer = buyer.post(path, filled(buyer, path))
    page = shown(buyer, answer.headers["Location"])
    assert "Done. The data is yours to use within the licence." in page
    assert "Trading certificate" in page
    assert "Open the data" in page


def test_the_checkout_warns_of_the_limit_and_the_page_offers_the_second_person_the_choice(
    market: Market, buyer: Client
) -> None:
    limits.set_limit(actor=market.leading, limit=Money(500, "CNY"), now=DAY)
    path = f"/offers/{market.offer(100).public_id}/buy/"
    assert "A second person confirms this order" in shown(buyer, path)
    order_url = buyer.get(
        buyer.post(path, filled(buyer, path, method="card")).headers["Location"]
    ).headers["Location"]
    assert order_url == f"/orders/{Order.objects.get().public_id}/"
    own = shown(buyer, order_url)
    assert "A second person must decide on what you proposed." in own
    assert "Confirm the order" not in own
    assert "Your turn" not in own
    assert "Your turn" not in shown(buyer, "/orders/")
    leader = browser(accounts.owner_of(market.buyer), market.buyer)
    assert "Confirm the order" in shown(leader, order_url)
    assert "Your turn" in shown(leader, order_url)
    assert leader.post(f"{order_url}confirm/").status_code == 302
    assert Order.objects.get().state == OrderState.CONTRACT_SIGNED
    assert "Pay CN¥106.00" in shown(buyer, order_url)


def test_buyer_and_seller_see_one_page_with_their_own_next_step(
    market: Market, buyer: Client, seller: Client
) -> None:
    order = market.delivered(at=timezone.now())
    path = notify.path("order", order.public_id)
    assert path == reverse("web:order", args=[order.public_id])
    bought, sold = shown(buyer, path), shown(seller, path)
    assert "Your turn" in bought
    assert "Accept the delivery" in bought
    assert "Open a dispute" in bought
    assert "Your turn" not in sold
    assert "Accept the delivery" not in sold
    assert "You are paid when they accept it." in sold
    assert "Li Wei" in bought
    assert "Li Wei" not in sold


def test_fee_and_share_are_shown_to_the_seller_alone(
    market: Market, buyer: Client, seller: Client
) -> None:
    order = market.delivered()
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    bought, sold = (
        shown(buyer, notify.path("order", order.public_id)),
        shown(seller, notify.path("order", order.public_id)),
    )
    assert "Service fee" not in bought
    assert "-CN¥2.00" in sold
    assert "CN¥98.00" in sold
    assert "Paid out from" in sold


def test_accepting_and_objecting_work_from_the_page(market: Market, buyer: Client) -> None:
    accepted, objected = market.delivered(), market.delivered(at=timezone.now())
    assert buyer.post(f"{notify.path('order', accepted.public_id)}accept/").status_code == 302
    refused = buyer.post(f"{notify.path('order', objected.public_id)}object/", {"reason": ""})
    assert refused.status_code == 422
    assert "This field is required." in refused.content.decode()
    assert (
        buyer.post(
            f"{notify.path('order', objected.public_id)}object/",
            {"reason": "Bad rows.", "kind": "below_quality", "remedy": "refund"},
        ).status_code
        == 302
    )
    states = dict(Order.objects.values_list("pk", "state"))
    assert states == {accepted.pk: OrderState.CLOSED, objected.pk: OrderState.OBJECTED}
    assert "Bad rows." in shown(buyer, notify.path("order", objected.public_id))


def test_messages_are_written_from_the_page_and_escaped(
    market: Market, buyer: Client, seller: Client
) -> None:
    order = market.order(market.offer(100))
    sent = seller.post(f"{notify.path('order', order.public_id)}message/", {"text": "<b>Hello</b>"})
    assert sent.status_code == 302
    answer = buyer.get(notify.path("order", order.public_id)).content.decode()
    assert "&lt;b&gt;Hello&lt;/b&gt;" in answer
    assert OrderMessage.objects.get().organisation == market.seller


@pytest.mark.parametrize(
    "deed", ["confirm", "decline", "cancel", "accept", "object", "message", "renewal"]
)
def test_a_stranger_finds_no_order_whatever_they_try(market: Market, deed: str) -> None:
    order = market.delivered()
    stranger = accounts.an_organisation()
    client = browser(accounts.owner_of(stranger), stranger)
    assert client.get(notify.path("order", order.public_id)).status_code == 404
    assert client.get(f"{notify.path('order', order.public_id)}version").status_code == 404
    said = {"reason": "x", "text": "x"}
    assert client.post(f"{notify.path('order', order.public_id)}{deed}/", said).status_code == 404
    assert (order.state, Order.objects.get().version) == (OrderState.DELIVERED, order.version)


def test_the_terms_are_handed_out_as_the_bytes_that_were_hashed(
    market: Market, buyer: Client
) -> None:
    order = market.order(market.offer(100))
    answer = buyer.get(f"{notify.path('order', order.public_id)}terms.json")
    assert answer.json() == order.terms
    assert terms_hash(answer.json()) == order.terms_hash
    assert answer.headers["Cache-Control"] == "private, no-store"
