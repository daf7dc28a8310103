"""Bank transfers: exact, too little, too much, unknown, twice; statements as CSV."""

import pytest

from exchange.core.refusals import NotAllowed
from exchange.members import approvals
from exchange.members.roles import Role
from exchange.orders import placing
from exchange.orders.lifecycle import OrderState, PaymentMethod
from exchange.orders.models import Order
from exchange.payments import bank, bank_statements, by_hand, chart
from exchange.payments.bank import BankLine
from exchange.payments.errors import (
    BankReferenceMissing,
    IncomingTransferKnown,
    IncomingTransferRefused,
    MatchRefused,
)
from exchange.payments.lifecycle import IncomingState, MatchOutcome, PaymentState
from exchange.payments.models import Difference, IncomingTransfer
from pricing.money import Money
from tests.architecture.lock_order import Recorder
from tests.factories import payments as money
from tests.factories.orders import DAY, Market, a_market

pytestmark = pytest.mark.django_db


@pytest.fixture
def market() -> Market:
    return a_market()


@pytest.fixture
def order(market: Market) -> Order:
    return market.order(market.offer(100), method=PaymentMethod.BANK_TRANSFER)


def line(ref: str, minor: int, text: str = "") -> BankLine:
    return BankLine(
        bank_ref=ref,
        received_on=DAY.date(),
        amount=Money(minor, "CNY"),
        payer_name="City Gas",
        text=text,
    )


def arrive(market: Market, ref: str, minor: int, text: str = "") -> IncomingTransfer:
    transfer, _is_new = bank.enter(line(ref, minor, text), actor=market.exchange.cashier, now=DAY)
    return transfer


def state_of(order: Order) -> str:
    order.refresh_from_db()
    return str(order.state)


def test_the_exact_amount_with_the_reference_pays_by_itself(market: Market, order: Order) -> None:
    reference = money.payment_of(order).reference.replace("-", " ").lower()
    transfer = arrive(market, "B1", 10600, f"pay {reference}")
    assert (transfer.outcome, transfer.state) == (MatchOutcome.EXACT, IncomingState.USED)
    assert state_of(order) == OrderState.DELIVERED
    assert (money.held(order), money.at_bank()) == (10600, 10600)
    assert Difference.objects.count() == 0
    assert money.books_are_sound()


def test_too_little_waits_for_the_rest(market: Market, order: Order) -> None:
    reference = money.payment_of(order).reference
    first = arrive(market, "B1", 6000, reference)
    assert first.outcome == MatchOutcome.TOO_LITTLE
    assert state_of(order) == OrderState.CONTRACT_SIGNED
    assert (money.held(order), money.at_bank()) == (0, 6000)
    second = arrive(market, "B2", 4600, reference)
    assert second.outcome == MatchOutcome.EXACT
    assert state_of(order) == OrderState.DELIVERED
    assert money.held(order) == 10600


def test_too_much_pays_and_leaves_a_difference_until_it_is_sent_back(
    market: Market, order: Order
) -> None:
    transfer = arrive(market, "B1", 20000, money.payment_of(order).reference)
    assert transfer.outcome == MatchOutcome.TOO_MUCH
    assert (money.held(order), money.on(chart.incoming(transfer.public_id))) == (10600, 9400)
    difference = Difference.objects.get()
    assert (difference.kind, difference.amount_minor) == ("overpaid", 9400)
    sent = bank.send_back(
        transfer.public_id, actor=market.exchange.cashier, bank_ref="OUT-1", now=DAY
    )
    difference.refresh_from_db()
    transfer.refresh_from_db()
    assert transfer.outcome == MatchOutcome.RETURNED
    assert sent == Money(9400, "CNY")
    assert difference.closed_at == DAY
    assert (money.at_bank(), money.on(chart.incoming(transfer.public_id))) == (10600, 0)


def test_an_unknown_transfer_waits_for_somebody_to_match_it(market: Market, order: Order) -> None:
    transfer = arrive(market, "B1", 10600, "for the data")
    assert transfer.outcome == MatchOutcome.UNKNOWN
    assert Difference.objects.get().kind == "unknown_transfer"
    outcome = bank.match(
        transfer.public_id,
        actor=market.exchange.cashier,
        payment_id=money.payment_of(order).public_id,
        now=DAY,
    )
    assert outcome == MatchOutcome.EXACT
    assert Difference.objects.filter(closed_at=None).count() == 0
    assert state_of(order) == OrderState.DELIVERED


def test_all_transfers_of_a_payment_are_locked_before_what_is_known_about_one(
    market: Market, order: Order
) -> None:
    arrive(market, "B1", 6_000, money.payment_of(order).reference)
    rest, locks = arrive(market, "B2", 4_600, "for the data"), Recorder()
    with locks.watching():
        bank.match(
            rest.public_id, actor=market.exchange.cashier,
            payment_id=money.payment_of(order).public_id, now=DAY,
        )  # fmt: skip
    assert state_of(order) == OrderState.DELIVERED
    orders = {(edge.held.table, edge.wanted.table) for edge in locks.edges if edge.waits_for}
    assert ("payments_incomingtransfer", "payments_difference") in orders
    assert ("payments_difference", "payments_incomingtransfer") not in orders


def test_an_unknown_transfer_is_sent_back_only_under_the_banks_reference(market: Market) -> None:
    transfer = arrive(market, "B1", 500)
    with pytest.raises(BankReferenceMissing):
        bank.send_back(transfer.public_id, actor=market.exchange.cashier, bank_ref=" ", now=DAY)
    assert money.at_bank() == 500
    bank.send_back(transfer.public_id, actor=market.exchange.cashier, bank_ref="OUT-1", now=DAY)
    assert money.at_bank() == 0
    with pytest.raises(MatchRefused):
        bank.send_back(transfer.public_id, actor=market.exchange.cashier, bank_ref="OUT-2", now=DAY)


def test_the_same_line_twice_is_booked_once(market: Market) -> None:
    arrive(market, "B1", 500)
    again, is_new = bank.enter(line("B1", 500), actor=market.exchange.cashier, now=DAY)
    assert (is_new, again.bank_ref, money.at_bank()) == (False, "B1", 500)
    with pytest.raises(IncomingTransferKnown):
        arrive(market, "B1", 501)
    assert money.at_bank() == 500


def test_a_paid_payment_takes_no_further_transfer(market: Market, order: Order) -> None:
    payment = money.payment_of(order)
    arrive(market, "B1", 10600, payment.reference)
    late = arrive(market, "B2", 10600, payment.reference)
    assert late.outcome == MatchOutcome.UNKNOWN
    with pytest.raises(MatchRefused):
        bank.match(
            late.public_id, actor=market.exchange.cashier, payment_id=payment.public_id, now=DAY
        )
    assert money.held(order) == 10600


def test_what_came_for_a_cancelled_order_is_free_to_be_sent_back(
    market: Market, order: Order
) -> None:
    transfer = arrive(market, "B1", 6000, money.payment_of(order).reference)
    placing.cancel(order.public_id, actor=market.buying, reason="", now=DAY)
    transfer.refresh_from_db()
    assert (transfer.state, transfer.payment_id) == (IncomingState.NEW, None)
    assert money.payment_of(order).state == PaymentState.CANCELLED
    bank.send_back(transfer.public_id, actor=market.exchange.cashier, bank_ref="OUT-1", now=DAY)
    assert money.at_bank() == 0


def test_only_operators_write_the_banks_lines(market: Market) -> None:
    with pytest.raises(NotAllowed):
        bank.enter(line("B1", 500), actor=market.buying, now=DAY)
    assert IncomingTransfer.objects.count() == 0


def test_a_statement_is_entered_line_by_line_and_a_bad_line_stops_no_other(
    market: Market, order: Order
) -> None:
    reference = money.payment_of(order).reference
    today = DAY.date().isoformat()
    content = (
        "bank_ref,received_on,amount,currency,payer_name,text\n"
        f"B1,{today},106.00,CNY,City Gas,{reference}\n"
        "B2,yesterday,5.00,CNY,Somebody,\n"
        f"B3,{today},5.001,CNY,Somebody,\n"
        f"B1,{today},106.00,CNY,City Gas,again\n"
    ).encode("utf-8-sig")
    with pytest.raises(IncomingTransferRefused) as refused:
        bank_statements.read(content, now=DAY)
    assert refused.value.facts["lines"] == 2
    assert "Line 3" in str(refused.value)
    assert "Line 4" in str(refused.value)
    whole = b"\n".join(line for line in content.splitlines() if b"Somebody" not in line)
    asked = by_hand.ask_to_enter_statement(
        actor=market.exchange.acting_as(Role.EXCHANGE_FINANCE), content=whole, now=DAY
    )
    assert state_of(order) == OrderState.CONTRACT_SIGNED
    approvals.approve(
        asked.public_id, actor=market.exchange.acting_as(Role.EXCHANGE_FINANCE, 2), now=DAY
    )
    assert state_of(order) == OrderState.DELIVERED
    assert money.at_bank() == 10600


def test_a_file_that_is_no_statement_is_refused_whole(market: Market) -> None:
    with pytest.raises(IncomingTransferRefused) as refused:
        bank_statements.read(b"a,b\n1,2\n", now=DAY)
    assert refused.value.facts["missing"] == ["bank_ref", "received_on", "amount", "currency"]
