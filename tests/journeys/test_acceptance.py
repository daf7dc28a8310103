"""After a delivery: accept, object, time runs out, the exchange rules; nobody acts out of turn."""

from datetime import timedelta

import pytest
from django.utils import timezone

from exchange.audit.models import Record
from exchange.core.refusals import NotAllowed, Refusal
from exchange.delivery.entitlements import entitlement_of_order
from exchange.disputes import opening
from exchange.journeys import acceptance, disputes, scheduled
from exchange.notices.models import Notice
from exchange.orders import conversation, rulings
from exchange.orders.conversation import MessageRefused
from exchange.orders.lifecycle import OrderState, OrderTransition, Turn
from exchange.orders.models import Certificate, Order, OrderMessage, Ruling
from exchange.payments.gateway.port import PaymentStatus
from exchange.payments.models import Payment
from tests.factories import payments as money
from tests.factories.members import acting, minutes
from tests.factories.orders import DAY, Market, a_market, hear_of

pytestmark = pytest.mark.django_db
LATER = DAY + minutes(30)


@pytest.fixture
def market() -> Market:
    return a_market()


def rule(market: Market, order: Order, move: OrderTransition) -> Order:
    return disputes.rule_on(
        order.public_id,
        actor=market.exchange.proposer,
        transition=move,
        reason_code="as_described" if move == OrderTransition.RELEASE else "not_as_described",
        reason="Half of the rows are missing.",
        now=LATER,
    )


def ruled(market: Market, order: Order, move: OrderTransition) -> Order:
    return money.ruled(market.exchange, order, move, now=LATER)


def objected(market: Market, yuan: int = 100) -> Order:
    order = market.delivered(yuan)
    opening.open_dispute(
        order.public_id,
        kind="not_as_described",
        actor=market.buying,
        reason="Rows are missing.",
        now=DAY,
    )
    order.refresh_from_db()
    return order


def test_the_money_opens_the_data_and_starts_the_inspection(market: Market) -> None:
    order = market.delivered()
    assert (order.state, order.turn) == (OrderState.DELIVERED, Turn.BUYER)
    assert order.inspection_ends_at == order.due_at is not None
    # Five working days after a Monday end with the Monday after.
    assert timezone.localtime(order.due_at).isoformat() == "2026-03-10T00:00:00+08:00"
    entitlement = entitlement_of_order(order)
    assert entitlement is not None
    assert (entitlement.organisation_id, entitlement.state) == (market.buyer.pk, "active")
    assert Notice.objects.filter(kind="orders.order.delivered").count() == 1


def test_money_told_twice_delivers_once(market: Market) -> None:
    order = market.delivered()
    steps = order.steps.count()
    assert hear_of(Payment.objects.get(order=order), at=LATER) == ""
    order.refresh_from_db()
    assert (order.state, order.steps.count()) == (OrderState.DELIVERED, steps)


def test_money_for_a_cancelled_order_changes_nothing(market: Market) -> None:
    order = market.order(market.offer(100))
    assert order.due_at is not None
    scheduled.run_orders(now=order.due_at)
    told = hear_of(Payment.objects.get(order=order), at=LATER)
    order.refresh_from_db()
    assert (told, order.state) == ("received although cancelled", OrderState.CANCELLED)
    assert entitlement_of_order(order) is None


def test_a_failed_payment_leaves_the_contract_and_gives_time_anew(market: Market) -> None:
    order = market.order(market.offer(100))
    later = DAY + timedelta(days=1)
    payment = Payment.objects.get(order=order)
    hear_of(payment, status=PaymentStatus.WAITING, refusal="card_declined", at=later)
    order.refresh_from_db()
    assert (order.state, order.turn) == (OrderState.CONTRACT_SIGNED, Turn.BUYER)
    assert timezone.localtime(order.due_at).isoformat() == "2026-03-07T00:00:00+08:00"
    assert order.steps.get(transition="payment_failed").reason == "card_declined"


def test_accepting_pays_certifies_and_closes(market: Market) -> None:
    order = market.delivered()
    acceptance.accept(order.public_id, actor=market.buying, now=LATER)
    order.refresh_from_db()
    assert list(order.steps.order_by("-number").values_list("transition", flat=True)[:5]) == [
        "close", "certify", "invoice", "settle", "accept",
    ]  # fmt: skip
    certificate = Certificate.objects.get(order=order)
    record = Record.objects.get(event="orders.certificate.issued")
    assert certificate.record_id == record.public_id
    assert certificate.document_hash.removeprefix("sha256:") in bytes(record.canonical).decode()
    assert certificate.document["total_minor"] == "10600"
    assert set(certificate.document["documents"]) == {"invoice"}


@pytest.mark.parametrize("deed", [acceptance.accept, opening.open_dispute])
def test_only_the_buyer_answers_a_delivery(market: Market, deed: object) -> None:
    order = market.delivered()
    words = {} if deed is acceptance.accept else {"reason": "No."}
    with pytest.raises(NotAllowed):
        deed(order.public_id, actor=market.selling, now=LATER, **words)  # type: ignore[operator]
    order.refresh_from_db()
    assert order.state == OrderState.DELIVERED


def test_objecting_needs_a_reason_and_keeps_the_money_held(market: Market) -> None:
    order = market.delivered()
    with pytest.raises(Refusal) as refused:
        opening.open_dispute(
            order.public_id, kind="not_as_described", actor=market.buying, reason="  ", now=LATER
        )
    assert refused.value.code == "reason_missing"
    opening.open_dispute(
        order.public_id,
        kind="not_as_described",
        actor=market.buying,
        reason="Rows are missing.",
        now=LATER,
    )
    order.refresh_from_db()
    assert (order.state, order.turn) == (OrderState.OBJECTED, Turn.OPERATOR)
    assert order.due_at is not None
    assert scheduled.run_orders(now=order.due_at + timedelta(days=30))["accepted"] == 0


def test_the_clock_accepts_when_the_inspection_is_over_and_not_before(market: Market) -> None:
    order = market.delivered()
    assert order.inspection_ends_at is not None
    almost = order.inspection_ends_at - timedelta(microseconds=1)
    assert scheduled.run_orders(now=almost)["accepted"] == 0
    assert scheduled.run_orders(now=order.inspection_ends_at)["accepted"] == 1
    order.refresh_from_db()
    assert order.state == OrderState.CLOSED
    assert order.steps.get(transition="auto_accept").actor == "system:clock"
    assert scheduled.run_orders(now=order.inspection_ends_at)["accepted"] == 0


def test_a_dispute_after_acceptance_leaves_the_order_closed(market: Market) -> None:
    order = market.delivered()
    acceptance.accept(order.public_id, actor=market.buying, now=LATER)
    opening.open_dispute(
        order.public_id,
        kind="not_as_described",
        actor=market.buying,
        reason="After all.",
        now=LATER,
    )
    order.refresh_from_db()
    assert order.state == OrderState.CLOSED


def test_an_operator_releases_the_money_of_a_small_order_alone(market: Market) -> None:
    order = objected(market)
    ruled(market, order, OrderTransition.RELEASE)
    order.refresh_from_db()
    assert order.state == OrderState.CLOSED
    step = order.steps.get(transition="release")
    assert (step.reason_code, step.reason) == ("as_described", "Half of the rows are missing.")


def test_an_operator_refunds_a_small_order_alone_and_the_access_ends(market: Market) -> None:
    order = objected(market)
    ruled(market, order, OrderTransition.REFUND)
    order.refresh_from_db()
    assert (order.state, order.turn) == (OrderState.REFUNDED, Turn.NOBODY)
    entitlement = entitlement_of_order(order)
    assert entitlement is not None
    assert entitlement.state == "revoked"
    assert not Certificate.objects.exists()


def test_a_ruling_takes_two_operators_whatever_the_amount(market: Market) -> None:
    order = objected(market, yuan=1)
    rule(market, order, OrderTransition.REFUND)
    order.refresh_from_db()
    assert order.state == OrderState.OBJECTED
    ruling = Ruling.objects.get(order=order)
    with pytest.raises(NotAllowed) as refused:
        disputes.approve(ruling.public_id, actor=market.exchange.proposer, now=LATER)
    assert refused.value.facts["reason"] == "own_making"
    disputes.approve(ruling.public_id, actor=market.exchange.approver, now=LATER)
    money.accept_ruling(order, now=LATER)
    order.refresh_from_db()
    assert order.state == OrderState.REFUNDED
    step = order.steps.get(transition="refund")
    assert (step.by, step.approved_by) == (market.exchange.first, market.exchange.second)


def test_a_second_ruling_waits_for_the_first_and_follows_when_that_is_declined(
    market: Market,
) -> None:
    order = objected(market, yuan=100_000)
    rule(market, order, OrderTransition.REFUND)
    with pytest.raises(Refusal) as refused:
        rule(market, order, OrderTransition.RELEASE)
    assert refused.value.code == "ruling_open"
    rulings.decline(Ruling.objects.get().public_id, actor=market.exchange.approver, now=LATER)
    rule(market, order, OrderTransition.RELEASE)
    assert Ruling.objects.filter(decision="open").count() == 1
    order.refresh_from_db()
    assert order.state == OrderState.OBJECTED


def test_a_ruling_needs_a_known_reason(market: Market) -> None:
    order = objected(market)
    with pytest.raises(Refusal) as refused:
        disputes.rule_on(
            order.public_id,
            actor=market.exchange.proposer,
            transition=OrderTransition.REFUND,
            reason_code="because",
            reason="No.",
            now=LATER,
        )
    assert refused.value.code == "ruling_refused"


def test_only_operators_rule(market: Market) -> None:
    order = objected(market)
    with pytest.raises(NotAllowed):
        disputes.rule_on(
            order.public_id,
            actor=market.buying,
            transition=OrderTransition.REFUND,
            reason_code="other",
            reason="Mine.",
            now=LATER,
        )
    order.refresh_from_db()
    assert order.state == OrderState.OBJECTED


def test_both_parties_and_the_exchange_write_and_the_others_are_told(market: Market) -> None:
    order = objected(market)
    version = order.version
    for actor in (market.buying, market.selling, market.exchange.proposer):
        conversation.write(order.public_id, actor=actor, text=" Hello \r\n", now=LATER)
    assert list(OrderMessage.objects.values_list("text", flat=True)) == ["Hello"] * 3
    order.refresh_from_db()
    assert order.version == version + 3
    told = Notice.objects.filter(kind="orders.order.message", user=market.agent)
    assert told.count() == 2


@pytest.mark.parametrize("text", ["", " \n ", "x" * 4001])
def test_a_message_says_something_and_not_too_much(market: Market, text: str) -> None:
    order = market.order(market.offer(100))
    with pytest.raises(MessageRefused):
        conversation.write(order.public_id, actor=market.buying, text=text, now=LATER)
    assert not OrderMessage.objects.exists()


def test_a_bystander_of_the_buyer_reads_but_an_outsider_does_not_know(market: Market) -> None:
    order = market.order(market.offer(100))
    nobody = acting(market.agent, None)
    with pytest.raises(Refusal) as refused:
        conversation.write(order.public_id, actor=nobody, text="Hi", now=LATER)
    assert refused.value.code == "not_found"
