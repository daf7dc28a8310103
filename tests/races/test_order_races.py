"""Buying at the same moment: one wins, the other is told, numbers have no gap, limits hold."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction

from exchange.audit.models import Record
from exchange.catalog import products
from exchange.catalog import scheduled as offer_time
from exchange.catalog.lifecycle import ListingState
from exchange.core import idempotency
from exchange.core.idempotency import Answer
from exchange.core.refusals import Refusal
from exchange.disputes import appeals, offers, opening
from exchange.disputes.models import Dispute
from exchange.journeys import acceptance, checkout, disputes, scheduled
from exchange.members.actors import Actor
from exchange.members.roles import Role
from exchange.orders import limits, placing, rulings
from exchange.orders.lifecycle import OrderState, OrderTransition
from exchange.orders.models import Certificate, Order, OrderStep, Ruling
from exchange.payments.models import Document, Payment, Refund, Settlement
from pricing.money import Money
from tests.factories import accounts
from tests.factories.listings import an_offer
from tests.factories.members import a_role, another_agent, minutes
from tests.factories.orders import DAY, Market, a_command, a_market, hear_of, take_off_the_list

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def at_once(*deeds: Callable[[], object]) -> list[str]:
    """Run the deeds in threads that start together; what each came to, sorted."""
    barrier = threading.Barrier(len(deeds), timeout=20)
    outcomes: list[str] = []

    def perform(deed: Callable[[], object]) -> None:
        try:
            connection.ensure_connection()
            barrier.wait()
            deed()
            outcomes.append("done")
        except Refusal as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=perform, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return sorted(outcomes)


def moves_of(order: Order) -> list[str]:
    return list(
        OrderStep.objects.filter(order=order)
        .order_by("number")
        .values_list("transition", flat=True)
    )


def test_two_second_persons_confirm_at_once_and_one_contract_comes_of_it() -> None:
    market = a_market()
    limits.set_limit(actor=market.leading, limit=Money(1, "CNY"), now=DAY)
    order = market.order(market.offer(100))
    seconds = [market.leading, another_agent(market.buyer)]

    def confirm(actor: Actor) -> Callable[[], object]:
        return lambda: checkout.confirm(order.public_id, actor=actor, now=DAY)

    assert at_once(*(confirm(actor) for actor in seconds)) == ["done", "illegal_transition"]
    assert moves_of(order) == ["place", "confirm", "sign"]


def test_a_limit_set_while_an_order_is_placed_holds_for_it_or_comes_after_it() -> None:
    market = a_market()
    limits.set_limit(actor=market.leading, limit=Money(1_000_000, "CNY"), now=DAY)
    offer = market.offer(100)
    commands = [a_command(market.buying, offer) for _ in range(4)]
    outcomes = at_once(
        lambda: limits.set_limit(actor=market.leading, limit=Money(0, "CNY"), now=DAY),
        *(
            lambda command=command: checkout.checkout(command, actor=market.buying, now=DAY)
            for command in commands
        ),
    )
    assert outcomes == ["done"] * 5
    limit_set = Record.objects.filter(event="orders.limit.set").order_by("-pk")[0].pk
    for order in Order.objects.all():
        first = order.steps.get(number=1)
        placed = Record.objects.get(subject=f"order_step:{first.public_id}").pk
        assert order.needs_second == (placed > limit_set)


def test_cancelling_and_money_at_once_end_in_one_of_the_two() -> None:
    market = a_market()
    order = market.order(market.offer(100))
    outcomes = at_once(
        lambda: placing.cancel(order.public_id, actor=market.buying, reason="", now=DAY),
        lambda: pay_if_wanted(order),
    )
    order.refresh_from_db()
    if order.state == OrderState.CANCELLED:
        assert outcomes == ["done", "done"]
    else:
        assert (order.state, outcomes) == (OrderState.DELIVERED, ["done", "illegal_transition"])


def pay_if_wanted(order: Order) -> None:
    hear_of(Payment.objects.get(order=order))


def test_money_told_by_two_messages_at_once_delivers_once() -> None:
    market = a_market()
    order = market.order(market.offer(100))
    assert at_once(*[lambda: pay_if_wanted(order)] * 3) == ["done"] * 3
    assert moves_of(order).count("deliver") == 1


def test_accepting_and_objecting_at_once_objects_before_it_or_after_it() -> None:
    market = a_market()
    order = market.delivered()
    outcomes = at_once(
        lambda: acceptance.accept(order.public_id, actor=market.buying, now=DAY),
        lambda: opening.open_dispute(
            order.public_id, kind="not_as_described", actor=market.leading, reason="No.", now=DAY
        ),
    )
    order.refresh_from_db()
    is_closed = order.state == OrderState.CLOSED
    assert is_closed or order.state == OrderState.OBJECTED
    # A closed order is still disputed in the time to complain; one in dispute is not accepted.
    assert outcomes == ["done", "done" if is_closed else "illegal_transition"]
    assert Settlement.objects.count() == is_closed
    assert Dispute.objects.filter(order=order).count() == 1


def test_the_buyer_and_two_clocks_accept_at_once_and_it_is_settled_once() -> None:
    market = a_market()
    order = market.delivered()
    end = order.inspection_ends_at
    assert end is not None
    outcomes = at_once(
        lambda: acceptance.accept(order.public_id, actor=market.buying, now=end),
        lambda: scheduled.run_orders(now=end),
        lambda: scheduled.run_orders(now=end),
    )
    assert outcomes in (["done"] * 3, ["done", "done", "illegal_transition"])
    assert moves_of(order)[-5:] in (
        ["accept", "settle", "invoice", "certify", "close"],
        ["auto_accept", "settle", "invoice", "certify", "close"],
    )
    assert (Settlement.objects.count(), Certificate.objects.count()) == (1, 1)


def test_certificates_and_invoices_of_trades_closed_at_once_have_no_gap() -> None:
    market = a_market()
    orders = [market.delivered() for _ in range(6)]
    assert (
        at_once(
            *(
                lambda order=order: acceptance.accept(order.public_id, actor=market.buying, now=DAY)
                for order in orders
            )
        )
        == ["done"] * 6
    )
    serials = list(Certificate.objects.order_by("serial").values_list("serial", flat=True))
    invoices = Document.objects.filter(kind="invoice").order_by("serial")
    assert serials == list(invoices.values_list("serial", flat=True)) == [1, 2, 3, 4, 5, 6]


def test_a_ruling_is_approved_and_declined_at_once_and_one_decision_stands() -> None:
    market = a_market()
    order = market.delivered()
    opening.open_dispute(
        order.public_id, kind="not_as_described", actor=market.buying, reason="No.", now=DAY
    )
    disputes.rule_on(
        order.public_id, actor=market.exchange.proposer, transition=OrderTransition.REFUND,
        reason_code="other", reason="So it is.", now=DAY + minutes(1),
    )  # fmt: skip
    ruling = Ruling.objects.get().public_id
    outcomes = at_once(
        lambda: disputes.approve(ruling, actor=market.exchange.approver, now=DAY + minutes(2)),
        lambda: rulings.decline(ruling, actor=market.exchange.approver, now=DAY + minutes(2)),
    )
    assert outcomes == ["done", "illegal_transition"]


def test_two_rulings_at_once_leave_one_to_decide() -> None:
    market = a_market()
    order = market.delivered()
    opening.open_dispute(
        order.public_id, kind="not_as_described", actor=market.buying, reason="No.", now=DAY
    )

    def rule(actor: Actor) -> Callable[[], object]:
        return lambda: disputes.rule_on(
            order.public_id, actor=actor, transition=OrderTransition.REFUND, reason_code="other",
            reason="So it is.", now=DAY,
        )  # fmt: skip

    outcomes = at_once(rule(market.exchange.proposer), rule(market.exchange.approver))
    assert outcomes == ["done", "ruling_open"]
    assert Ruling.objects.count() == 1


def test_a_product_taken_off_while_it_is_bought_is_bought_before_or_not_at_all() -> None:
    market = a_market()
    offer = market.offer(100)
    command = a_command(market.buying, offer)
    outcomes = at_once(
        lambda: checkout.checkout(command, actor=market.buying, now=DAY),
        lambda: withdraw(market, offer.product_id),
    )
    assert outcomes in (["done", "done"], ["done", "product_withdrawn"])
    assert Order.objects.count() == outcomes.count("done") - 1


def test_a_product_paused_while_it_is_bought_is_bought_before_or_not_at_all() -> None:
    market = a_market()
    a_role(market.seller, accounts.owner_of(market.seller), Role.DATA_OWNER)
    offer = market.offer(100)
    command = a_command(market.buying, offer)
    outcomes = at_once(
        lambda: checkout.checkout(command, actor=market.buying, now=DAY),
        lambda: products.pause(offer.product.public_id, actor=market.selling, now=DAY),
    )
    assert outcomes in (["done", "done"], ["done", "product_paused"])
    assert Order.objects.count() == outcomes.count("done") - 1
    offer.product.refresh_from_db()
    assert offer.product.state == ListingState.PAUSED


def test_at_the_moment_of_a_change_of_price_each_order_has_the_price_of_its_page() -> None:
    market = a_market()
    turn = DAY + timedelta(hours=1)
    before = market.offer(100)
    with transaction.atomic():
        after = an_offer(before.product, price_minor=20_000, supersedes=before, valid_from=turn)
        before.replaced_at = turn
        before.save(update_fields=["replaced_at"])
    early, late = a_command(market.buying, before), a_command(market.buying, before)
    new = a_command(market.buying, after, at=turn)
    outcomes = at_once(
        lambda: checkout.checkout(early, actor=market.buying, now=turn - timedelta(microseconds=1)),
        lambda: checkout.checkout(late, actor=market.buying, now=turn),
        lambda: checkout.checkout(new, actor=market.buying, now=turn),
        lambda: offer_time.run_due(now=turn),
    )
    assert outcomes in (
        ["done", "done", "done", "offer_withdrawn"],
        ["done", "done", "offer_withdrawn", "offer_withdrawn"],  # the clock was there first
    )
    placed = list(Order.objects.order_by("pk").values_list("offer_id", "terms__price__net_minor"))
    assert (after.pk, 20_000) in placed
    assert set(placed) <= {(before.pk, 10_000), (after.pk, 20_000)}
    before.refresh_from_db()
    assert before.state == "withdrawn"
    assert offer_time.run_due(now=turn) == 0


def withdraw(market: Market, product_id: int) -> None:
    take_off_the_list(market.seller.products.get(pk=product_id))


def test_an_offer_is_accepted_while_the_exchange_decides_and_one_of_them_counts() -> None:
    market = a_market()
    order = market.delivered(100)
    dispute = opening.open_dispute(
        order.public_id, kind="below_quality", actor=market.buying, reason="Gaps.", now=DAY
    )
    offered = offers.offer(
        dispute.public_id,
        actor=market.buying,
        refund=Money(3_000, "CNY"),
        reason="A third.",
        now=DAY,
    )
    disputes.rule_on(
        order.public_id,
        actor=market.exchange.proposer,
        transition=OrderTransition.REFUND,
        reason_code="not_as_described",
        reason="Half is missing.",
        now=DAY + minutes(1),
    )
    ruling, number = Ruling.objects.get().public_id, offered.offer_number
    later = DAY + minutes(2)
    outcomes = at_once(
        lambda: disputes.approve(ruling, actor=market.exchange.approver, now=later),
        lambda: disputes.take_offer(
            dispute.public_id, actor=market.selling, number=number or 0, now=later
        ),
    )
    assert len(outcomes) == 2
    assert outcomes.count("done") == 1
    disputes.run_due(now=later + timedelta(days=30))
    assert Refund.objects.get().amount_minor in {3_000, 10_600}


def test_buyer_and_seller_dispute_an_order_at_once_and_one_dispute_runs() -> None:
    market = a_market()
    order = market.delivered(100)
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    outcomes = at_once(
        lambda: opening.open_dispute(
            order.public_id, kind="below_quality", actor=market.buying, reason="Gaps.", now=DAY
        ),
        lambda: opening.open_claim(
            order.public_id, kind="misuse", remedy="end_access", actor=market.selling,
            reason="Public.", now=DAY,
        ),
    )  # fmt: skip
    assert sorted(outcomes) == ["disputed_before", "done"]
    assert Dispute.objects.count() == 1


def test_another_delivery_is_taken_twice_at_once_and_made_once() -> None:
    market = a_market()
    order = market.delivered(100)
    dispute = opening.open_dispute(
        order.public_id, kind="below_quality", actor=market.buying, reason="Gaps.", now=DAY
    )
    made = offers.offer(
        dispute.public_id, kind="redeliver", actor=market.selling, reason="Anew.", now=DAY
    )

    def take() -> object:
        return disputes.take_offer(
            dispute.public_id, actor=market.buying, number=made.offer_number or 0, now=DAY
        )

    assert sorted(at_once(take, take)) == ["done", "offer_gone"]
    assert order.steps.filter(transition=OrderTransition.DELIVER).count() == 2


def test_a_ruling_is_accepted_and_appealed_at_once_and_one_of_them_counts() -> None:
    market = a_market()
    order = market.delivered(100)
    dispute = opening.open_dispute(
        order.public_id, kind="below_quality", actor=market.buying, reason="Gaps.", now=DAY
    )
    disputes.rule_on(
        order.public_id, actor=market.exchange.proposer, transition=OrderTransition.RELEASE,
        reason_code="as_described", reason="None.", now=DAY,
    )  # fmt: skip
    disputes.approve(Ruling.objects.get().public_id, actor=market.exchange.approver, now=DAY)
    later, leading = DAY + minutes(2), market.leading
    outcomes = at_once(
        lambda: disputes.accept_ruling(dispute.public_id, actor=market.buying, now=later),
        lambda: appeals.appeal(dispute.public_id, actor=leading, reason="Again.", now=later),
    )
    assert sorted(outcomes) == ["done", "illegal_transition"]
    order.refresh_from_db()
    ended = (Dispute.objects.get().state, order.state)
    assert ended in {("ended", "closed"), ("appealed", "objected")}


def test_one_key_sent_by_four_threads_places_one_order() -> None:
    market = a_market()
    command = a_command(market.buying, market.offer(100))

    def perform() -> Answer:
        order = checkout.checkout(command, actor=market.buying, now=DAY)
        return Answer(status=201, body={"order": order.public_id})

    def send() -> Answer:
        return idempotency.once(scope="test", key="one", fingerprint="0" * 64, perform=perform)

    assert at_once(*[send] * 4) == ["done"] * 4
    assert Order.objects.count() == 1
