"""Checkout: exactly the terms seen, nothing without them, a second person above the limit."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from exchange.audit.models import Record
from exchange.catalog.models import Product
from exchange.core.lifecycle import IllegalTransition
from exchange.core.refusals import NotAllowed, NotFound, Refusal
from exchange.journeys import checkout, scheduled
from exchange.members import approvals
from exchange.notices.models import Notice
from exchange.orders import limits, placing
from exchange.orders.errors import PaymentMethodRefused, TermsChanged
from exchange.orders.lifecycle import OrderState, PaymentMethod, Turn
from exchange.orders.models import BuyingLimit, Certificate, Order, OrderStep
from exchange.orders.placing import PoNumberRefused
from exchange.orders.terms import document_hash, terms_document, terms_hash
from pricing.money import Money
from tests.factories import accounts
from tests.factories.listings import an_offer
from tests.factories.members import acting, an_admin, minutes
from tests.factories.orders import DAY, Market, a_command, a_market, take_off_the_list

pytestmark = pytest.mark.django_db


@pytest.fixture
def market() -> Market:
    return a_market()


def moves_of(order: Order) -> list[str]:
    return list(
        OrderStep.objects.filter(order=order)
        .order_by("number")
        .values_list("transition", flat=True)
    )


def limit_to(market: Market, yuan: str) -> None:
    limits.set_limit(actor=market.leading, limit=Money.parse(yuan, "CNY"), now=DAY)


def test_an_order_keeps_the_terms_that_the_buyer_saw_by_value_and_hash(market: Market) -> None:
    offer = market.offer(100)
    seen = checkout.terms_now(actor=market.buying, offer_id=offer.public_id, now=DAY)
    order = market.order(offer, po_number="PO-7")
    assert order.terms == seen
    assert order.terms_hash == terms_hash(seen) == document_hash(order.terms)
    assert (order.net_minor, order.tax_minor, order.total_minor) == (10_000, 600, 10_600)
    assert order.terms["price"]["tax_percent"] == "6"
    assert order.terms["rules"]["contract.acceptance_days"] == (
        "cn-2026-07/contract.acceptance_days@1"
    )
    assert order.terms["licence"]["forbidden"] == ["reidentify"]
    assert order.po_number == "PO-7"


def test_a_paid_order_waits_for_its_payment_until_the_third_working_day_is_over(
    market: Market,
) -> None:
    order = market.order(market.offer(100))
    assert moves_of(order) == ["place", "confirm", "sign"]
    assert (order.state, order.turn) == (OrderState.CONTRACT_SIGNED, Turn.BUYER)
    assert order.due_at is not None
    # A Monday: Tuesday, Wednesday, Thursday; over at midnight in Shanghai.
    assert timezone.localtime(order.due_at).isoformat() == "2026-03-06T00:00:00+08:00"


def test_what_is_free_is_delivered_certified_and_closed_at_once(market: Market) -> None:
    order = market.order(market.offer(0))
    assert moves_of(order) == [
        "place", "confirm", "sign", "prepare", "deliver", "auto_accept", "certify", "close",
    ]  # fmt: skip
    assert (order.state, order.turn, order.due_at) == (OrderState.CLOSED, Turn.NOBODY, None)
    assert Certificate.objects.get(order=order).number == "TC2026-000001"


def test_each_step_has_its_record_in_the_log(market: Market) -> None:
    order = market.order(market.offer(0))
    told = Record.objects.filter(subject__startswith="order_step:").order_by("pk")
    assert [record.event for record in told] == [
        "orders.order.placed", "orders.order.confirmed", "orders.order.signed",
        "orders.order.prepared", "orders.order.delivered", "orders.order.auto_accepted",
        "orders.order.certified", "orders.order.closed",
    ]  # fmt: skip
    assert {f"order_step:{step.public_id}" for step in order.steps.all()} == {
        record.subject for record in told
    }


def test_a_later_change_of_the_product_does_not_reach_the_order(market: Market) -> None:
    offer = market.offer(100)
    order = market.order(offer)
    Product.objects.filter(pk=offer.product_id).update(title="Another name", licence={})
    order.refresh_from_db()
    assert order.terms["product"]["title"] == order.title != "Another name"
    assert document_hash(order.terms) == order.terms_hash


def test_a_licence_changed_between_page_and_order_is_refused_with_the_difference(
    market: Market,
) -> None:
    offer = market.offer(100)
    command = a_command(market.buying, offer)
    product = offer.product
    product.licence = {**product.licence, "allowed": ["internal_use"]}
    product.save(update_fields=["licence"])
    with pytest.raises(TermsChanged) as refused:
        checkout.checkout(command, actor=market.buying, now=DAY)
    changed = {row["field"]: (row["seen"], row["now"]) for row in refused.value.facts["changes"]}  # type: ignore[attr-defined]
    assert changed["licence.allowed"] == (["derive", "internal_use"], ["internal_use"])
    assert set(changed) == {"licence.allowed", "licence_hash"}
    assert refused.value.facts["total_minor"] == 10_600
    assert not Order.objects.exists()


def test_terms_known_by_hash_alone_are_refused_without_a_difference(market: Market) -> None:
    offer = market.offer(100)
    command = replace(a_command(market.buying, offer), terms_hash="sha256:" + "0" * 64, seen=None)
    with pytest.raises(TermsChanged) as refused:
        checkout.checkout(command, actor=market.buying, now=DAY)
    assert refused.value.facts["changes"] == []
    assert not Order.objects.exists()


def test_an_offer_replaced_by_a_dearer_one_cannot_be_bought(market: Market) -> None:
    offer = market.offer(100)
    command = a_command(market.buying, offer)
    an_offer(offer.product, price_minor=12_000, supersedes=offer)
    offer.state, offer.withdrawn_at = "withdrawn", DAY
    offer.save(update_fields=["state", "withdrawn_at"])
    with pytest.raises(Refusal) as refused:
        checkout.checkout(command, actor=market.buying, now=DAY)
    assert refused.value.code == "offer_withdrawn"
    assert not Order.objects.exists()


def test_a_product_taken_off_the_list_between_page_and_order_cannot_be_bought(
    market: Market,
) -> None:
    offer = market.offer(100)
    command = a_command(market.buying, offer)
    take_off_the_list(offer.product)
    with pytest.raises(Refusal) as refused:
        checkout.checkout(command, actor=market.buying, now=DAY)
    assert refused.value.code == "product_withdrawn"
    assert not Order.objects.exists()


def test_a_seller_does_not_buy_from_itself(market: Market) -> None:
    offer = market.offer(5)
    with pytest.raises(NotAllowed):
        checkout.terms_now(actor=market.selling, offer_id=offer.public_id, now=DAY)


def test_who_has_no_role_for_it_buys_nothing(market: Market) -> None:
    offer = market.offer(100)
    bystander = acting(accounts.a_member(market.buyer), market.buyer)
    with pytest.raises(NotAllowed) as refused:
        checkout.terms_now(actor=bystander, offer_id=offer.public_id, now=DAY)
    assert refused.value.facts["reason"] == "role_needed"


def test_paying_by_nothing_or_paying_for_nothing_is_refused(market: Market) -> None:
    dear, free = market.offer(100), market.offer(0)
    for offer, method in ((dear, PaymentMethod.NONE), (free, PaymentMethod.CARD)):
        with pytest.raises(PaymentMethodRefused):
            market.order(offer, method=method)
    assert not Order.objects.exists()


@pytest.mark.parametrize("number", ["x" * 61, "PO\n7"])
def test_a_po_number_that_would_not_print_is_refused(market: Market, number: str) -> None:
    with pytest.raises(PoNumberRefused):
        market.order(market.offer(100), po_number=number)
    assert not Order.objects.exists()


def test_at_the_limit_one_person_buys_alone_and_above_it_two(market: Market) -> None:
    limit_to(market, "106.00")
    assert market.order(market.offer(100)).state == OrderState.CONTRACT_SIGNED
    order = market.order(market.offer(101))
    assert (order.state, order.needs_second, order.turn) == (OrderState.CREATED, True, Turn.BUYER)
    assert moves_of(order) == ["place"]
    notice = Notice.objects.get(kind="orders.order.to_confirm")
    assert (notice.user_id, notice.url) == (market.agent.pk, f"/orders/{order.public_id}/")


def test_nobody_confirms_their_own_order(market: Market) -> None:
    limit_to(market, "1.00")
    order = market.order(market.offer(100))
    with pytest.raises(NotAllowed) as refused:
        checkout.confirm(order.public_id, actor=market.buying, now=DAY)
    assert refused.value.facts["reason"] == "own_making"
    order.refresh_from_db()
    assert (order.state, order.confirmed_by) == (OrderState.CREATED, None)


def test_a_second_person_confirms_and_the_contract_is_concluded(market: Market) -> None:
    limit_to(market, "1.00")
    order = market.order(market.offer(100))
    checkout.confirm(order.public_id, actor=market.leading, now=DAY)
    order.refresh_from_db()
    assert order.state == OrderState.CONTRACT_SIGNED
    assert order.confirmed_by == accounts.owner_of(market.buyer)


def test_a_second_person_declines_with_a_reason(market: Market) -> None:
    limit_to(market, "1.00")
    order = market.order(market.offer(100))
    with pytest.raises(Refusal) as refused:
        placing.decline(order.public_id, actor=market.leading, reason=" ", now=DAY)
    assert refused.value.code == "reason_missing"
    placing.decline(order.public_id, actor=market.leading, reason="Too dear.", now=DAY)
    order.refresh_from_db()
    assert (order.state, order.turn) == (OrderState.CANCELLED, Turn.NOBODY)
    record = Record.objects.get(event="orders.order.declined")
    assert "Too dear." not in bytes(record.canonical).decode()


def test_the_seller_may_not_confirm_for_the_buyer(market: Market) -> None:
    limit_to(market, "1.00")
    order = market.order(market.offer(100))
    with pytest.raises(NotAllowed):
        checkout.confirm(order.public_id, actor=market.selling, now=DAY)


def test_a_stranger_does_not_learn_of_the_order(market: Market) -> None:
    order = market.order(market.offer(100))
    stranger = accounts.an_organisation()
    with pytest.raises(NotFound):
        placing.cancel(
            order.public_id,
            actor=acting(accounts.owner_of(stranger), stranger),
            reason="",
            now=DAY,
        )


def test_an_unpaid_order_is_cancelled_once(market: Market) -> None:
    order = market.order(market.offer(100))
    placing.cancel(order.public_id, actor=market.buying, reason="", now=DAY)
    order.refresh_from_db()
    assert order.state == OrderState.CANCELLED
    with pytest.raises(IllegalTransition):
        placing.cancel(order.public_id, actor=market.buying, reason="", now=DAY)


def test_an_order_that_is_not_paid_in_time_lapses_and_not_a_moment_before(market: Market) -> None:
    order = market.order(market.offer(100))
    assert order.due_at is not None
    early = scheduled.run_orders(now=order.due_at - timedelta(microseconds=1))
    assert early["lapsed"] == 0
    assert scheduled.run_orders(now=order.due_at)["lapsed"] == 1
    order.refresh_from_db()
    assert order.state == OrderState.CANCELLED
    step = order.steps.get(transition="lapse")
    assert (step.actor, step.reason) == ("system:clock", "The order was not paid in time.")


def test_an_order_that_nobody_confirms_in_time_lapses(market: Market) -> None:
    limit_to(market, "1.00")
    order = market.order(market.offer(100))
    assert order.due_at is not None
    assert scheduled.run_orders(now=order.due_at)["lapsed"] == 1
    assert order.steps.get(transition="lapse").reason == "Nobody confirmed the order in time."


def test_a_limit_in_one_currency_is_not_passed_by_in_another(market: Market) -> None:
    limits.set_limit(actor=market.leading, limit=Money(0, "CNY"), now=DAY)
    assert placing.limit_of(organisation_id=market.buyer.pk, currency="USD") == Money(0, "USD")
    two_hundred = Money(20_000, "USD")
    with pytest.raises(NotAllowed) as refused:
        limits.set_limit(actor=market.leading, limit=two_hundred, now=DAY)
    assert refused.value.facts["reason"] == "second_person_needed"
    asked = limits.ask(
        actor=market.leading, currency="USD", limit=two_hundred, reason="We buy abroad.", now=DAY
    )
    approvals.approve(asked.public_id, actor=an_admin(market.buyer), now=DAY)
    assert placing.limit_of(organisation_id=market.buyer.pk, currency="USD") == two_hundred
    assert placing.limit_of(organisation_id=market.buyer.pk, currency="JPY") == Money(0, "JPY")
    BuyingLimit.objects.all().delete()
    assert placing.limit_of(organisation_id=market.buyer.pk, currency="CNY") is None


def test_the_limit_is_set_by_leaders_only_and_recorded(market: Market) -> None:
    with pytest.raises(NotAllowed):
        limits.set_limit(actor=market.buying, limit=Money(100, "CNY"), now=DAY)
    limit_to(market, "5.00")
    with pytest.raises(NotAllowed) as refused:
        limits.lift_limit(actor=market.leading, currency="CNY", now=DAY)
    assert refused.value.facts["reason"] == "second_person_needed"
    asked = limits.ask(actor=market.leading, currency="CNY", limit=None, reason="We grew.", now=DAY)
    with pytest.raises(NotAllowed) as refused:
        approvals.approve(asked.public_id, actor=market.leading, now=DAY)
    assert refused.value.facts["reason"] == "own_making"
    approvals.approve(asked.public_id, actor=an_admin(market.buyer), now=DAY)
    assert placing.limit_of(organisation_id=market.buyer.pk, currency="USD") == Money(0, "USD")
    assert market.order(market.offer(100)).state == OrderState.CONTRACT_SIGNED
    assert Record.objects.filter(event="orders.limit.set").count() == 1
    assert Record.objects.filter(event="orders.limit.lifted").count() == 1


def test_the_tax_of_the_day_is_the_tax_of_the_order(market: Market) -> None:
    offer = market.offer(33)
    terms = terms_document(offer=offer, at=DAY + minutes(1))
    assert (terms["price"]["net_minor"], terms["price"]["tax_minor"]) == (3300, 198)


def test_an_exchange_without_a_provider_takes_no_cards(settings: Any) -> None:
    settings.PAYMENT_PROVIDER = "none"
    market = a_market()
    assert checkout.ways_to_pay(total_minor=1) == (
        PaymentMethod.BANK_TRANSFER,
        PaymentMethod.WALLET,
    )
    with pytest.raises(PaymentMethodRefused) as refused:
        market.order(market.offer(100))
    assert refused.value.facts["accepted"] == ["bank_transfer", "wallet"]
    assert not Order.objects.exists()
