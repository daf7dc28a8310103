"""What the database refuses, whoever writes to it."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from exchange.journeys import acceptance
from exchange.orders import conversation
from exchange.orders.lifecycle import ORDER, OrderState, OrderTransition
from exchange.orders.models import Certificate, CertificateSeries, Order
from exchange.orders.terms import changes_between
from tests.factories.orders import DAY, Market, a_market

pytestmark = pytest.mark.django_db


@pytest.fixture
def market() -> Market:
    return a_market()


@transaction.atomic
def perform(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def refused_as(sql: str) -> str:
    """The name of the rule that refuses the statement, at once or at the commit."""
    with pytest.raises(IntegrityError) as refused:
        perform(sql)
    cause = refused.value.__cause__
    return str(cause.diag.constraint_name)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "change",
    [
        "total_minor = 0, net_minor = 0, tax_minor = 0",
        "terms = '{}'",
        "terms_hash = 'sha256:0'",
        "title = 'Other'",
        "po_number = 'PO-2'",
        "payment_method = 'bank_transfer'",
        "buyer_id = seller_id",
        "needs_second = true",
    ],
)
def test_parties_terms_and_amounts_never_change(market: Market, change: str) -> None:
    market.order(market.offer(100))
    assert refused_as(f"UPDATE orders_order SET {change}") == "order_terms_are_frozen"


def test_an_order_stands_where_its_steps_lead(market: Market) -> None:
    market.order(market.offer(100))
    assert (
        refused_as("UPDATE orders_order SET state = 'closed'")
        == "order_stands_where_its_steps_lead"
    )


def test_what_happened_is_never_rewritten(market: Market) -> None:
    order = market.delivered()
    conversation.write(order.public_id, actor=market.buying, text="Hi", now=DAY)
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    for table, rule in (
        ("orders_orderstep", "order_steps_are_never_changed"),
        ("orders_ordermessage", "order_messages_are_never_changed"),
        ("orders_certificate", "certificates_are_never_changed"),
    ):
        assert refused_as(f"UPDATE {table} SET id = id") == rule
        assert refused_as(f"DELETE FROM {table}") == rule
    assert refused_as("DELETE FROM orders_order") == "orders_are_never_deleted"


def test_certificates_leave_no_gap(market: Market) -> None:
    order = market.order(market.offer(0))
    certificate = Certificate.objects.get(order=order)
    assert CertificateSeries.objects.get(year=2026).issued_count == 1
    other = market.order(market.offer(100))
    with pytest.raises(IntegrityError, match="leaves a gap"), transaction.atomic():
        Certificate.objects.create(
            order=other,
            year=2026,
            serial=3,
            number="TC2026-000003",
            document={},
            document_hash=certificate.document_hash,
            record_id="rec_other",
            issued_at=timezone.now(),
        )


def test_every_transition_has_an_event_and_every_state_a_way_there() -> None:
    assert set(ORDER.transitions) == set(OrderTransition)
    assert len(set(ORDER.events)) == len(OrderTransition)
    assert {row.target for row in ORDER.transitions.values()} - {None} == set(OrderState)


def test_no_order_is_stuck_with_nobody_to_act(market: Market) -> None:
    for name, row in ORDER.transitions.items():
        waits = row.target in {OrderState.DELIVERED, OrderState.OBJECTED, OrderState.DELIVERING}
        assert not waits or (row.term is not None and row.turn != "nobody"), name
    assert not Order.objects.exists()


def test_differences_name_each_field_with_both_values() -> None:
    seen = {"a": {"b": 1, "c": [1, 2]}, "rows": [{"n": 1}], "gone": None}
    now = {"a": {"b": 2, "c": [1, 2]}, "rows": [{"n": 1}, {"n": 2}], "new": "x"}
    assert changes_between(seen, now) == [
        {"field": "a.b", "seen": 1, "now": 2},
        {"field": "new", "seen": None, "now": "x"},
        {"field": "rows[1].n", "seen": None, "now": 2},
    ]
