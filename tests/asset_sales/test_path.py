"""The path of a state asset, from the decision to the transfer, with its limits."""

from datetime import timedelta

import pytest

from exchange.asset_sales import preparing, results, rounds
from exchange.asset_sales.bidding import record_of
from exchange.asset_sales.errors import (
    ConsentNeeded,
    DepositTooHigh,
    FloorTooLow,
    NoticeTooShort,
    RegistrationClosed,
)
from exchange.asset_sales.lifecycle import AssetSaleState, Standing
from exchange.audit import verification
from exchange.audit.findings import Counts
from exchange.journeys import acceptance, scheduled
from exchange.orders.lifecycle import OrderState
from exchange.orders.models import Order
from exchange.payments import chart, wallets
from exchange.payments.models import Deposit
from pricing.mechanisms import evidence
from pricing.money import Money
from tests.architecture.lock_order import NO_KEY, Recorder
from tests.factories.asset_sales import (
    VALUE,
    YUAN,
    StateHouse,
    a_pdf,
    a_state_house,
    at_end,
)
from tests.factories.orders import DAY, pay
from tests.factories.payments import books_are_sound, on

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> StateHouse:
    return a_state_house()


def uncovered() -> list[str]:
    """What is done in asset sales and stands in no record of the log."""
    found = [one.detail for one in verification.findings(DAY, Counts()) if one.check == "coverage"]
    return [detail for detail in found if detail.startswith("asset_sales.")]


def test_a_sale_with_several_bidders_settles_to_zero(house: StateHouse) -> None:
    asset_sale = house.filed()
    round_one = house.announce(asset_sale, 1_000_000, deposit_yuan=300_000)
    first = house.register("City Gas", round_one, 1_000_000)
    second = house.register("Rail", round_one, 1_010_000)
    third = house.register("Farm", round_one, 1_000_000)
    for bidder in (first, second):
        house.examine(bidder)
    house.examine(third, Standing.REJECTED)
    moment = at_end(asset_sale)
    assert asset_sale.state == AssetSaleState.BIDDING
    house.bid("City Gas", round_one, 1_100_000, at=moment)
    house.bid("Rail", round_one, 1_050_000, at=moment)
    moment = at_end(asset_sale)
    assert (asset_sale.state, asset_sale.winner) == (AssetSaleState.WON, first.organisation)
    assert asset_sale.price_minor == 1_060_000 * YUAN  # one step above the second
    house.publish(asset_sale, at=moment)
    moment = at_end(asset_sale)
    order = Order.objects.get()
    assert order.terms["deal"] == {"nature": "transfer", "basis": round_one.basis}
    assert order.total == Money(1_123_600 * YUAN, "CNY")
    assert order.state == OrderState.DELIVERED  # paid from the wallet, the deposit with it
    assert asset_sale.state == AssetSaleState.CERTIFIED
    agent = house.buyer("City Gas")
    acceptance.accept(order.public_id, actor=agent, now=moment)
    asset_sale.refresh_from_db()
    assert asset_sale.state == AssetSaleState.TRANSFERRED
    assert on(chart.escrow(order.public_id)) == 0
    assert books_are_sound()
    assert uncovered() == []


def test_the_bidding_record_clears_again_outside(house: StateHouse) -> None:
    asset_sale = house.filed()
    running = house.announce(asset_sale, 1_000_000)
    for name in ("City Gas", "Rail"):
        house.examine(house.register(name, running, 1_000_000))
    moment = at_end(asset_sale)
    house.bid("Rail", running, 1_200_000, at=moment)
    at_end(asset_sale)
    running.refresh_from_db()
    record = record_of(running)
    assert evidence.reclear(record) == record
    assert asset_sale.price_minor == 1_010_000 * YUAN


def test_one_bidder_is_agreed_with_at_the_price_it_is_bound_to(house: StateHouse) -> None:
    asset_sale = house.filed()
    running = house.announce(asset_sale, 1_000_000)
    house.examine(house.register("Rail", running, 1_020_000))
    moment = at_end(asset_sale)
    assert asset_sale.state == AssetSaleState.ONE_BUYER
    agreed = results.agree(asset_sale.public_id, actor=house.selling, now=moment)
    assert (agreed.state, agreed.price_minor) == (AssetSaleState.WON, 1_020_000 * YUAN)


def test_nobody_comes_so_it_is_extended_lowered_and_blocked_without_consent(
    house: StateHouse,
) -> None:
    """The example of the rules: 1,000,000; then 920,000; 880,000 needs the approver's consent."""
    asset_sale = house.filed()
    house.announce(asset_sale, 1_000_000)
    moment = at_end(asset_sale)
    assert asset_sale.state == AssetSaleState.NO_BUYER
    assert house.announce(asset_sale, 1_000_000, days=5, at=moment).kind == "extended"
    moment = at_end(asset_sale)
    assert house.announce(asset_sale, 920_000, at=moment).kind == "lowered"
    moment = at_end(asset_sale)
    with pytest.raises(ConsentNeeded) as refused:
        house.announce(asset_sale, 880_000, at=moment)
    assert refused.value.facts["least_minor"] == 900_000 * YUAN
    assert "第32号" in str(refused.value.facts["source"])
    rounds.consent(
        asset_sale.public_id, actor=house.deciding, floor_minor=880_000 * YUAN,
        proof=a_pdf("consent"), now=moment,
    )  # fmt: skip
    with pytest.raises(ConsentNeeded):
        house.announce(asset_sale, 879_999, at=moment)
    assert house.announce(asset_sale, 880_000, at=moment).number == 4


def test_each_limit_says_what_would_be_accepted(house: StateHouse) -> None:
    asset_sale = house.filed()
    with pytest.raises(FloorTooLow) as low:
        house.announce(asset_sale, 999_999)
    assert low.value.facts["least_minor"] == VALUE
    assert "decision support" in str(low.value.message)
    with pytest.raises(DepositTooHigh) as high:
        house.announce(asset_sale, 1_000_000, deposit_yuan=300_001)
    assert high.value.facts["most_minor"] == 300_000 * YUAN
    assert high.value.facts["decision_support"] is True
    assert "soe.deposit_share@1 · decision support" in str(high.value.message)
    with pytest.raises(NoticeTooShort) as short:
        house.announce(asset_sale, 2_000_000, days=9)
    assert short.value.facts["least_days"] == 10
    with pytest.raises(NoticeTooShort) as long:
        house.announce(asset_sale, 10_000_000, days=19)
    assert long.value.facts["least_days"] == 20
    assert long.value.facts["decision_support"] is False
    assert "第32号" in str(long.value.message)
    assert "decision support" not in str(long.value.message)
    assert not asset_sale.announcements.exists()


def test_a_winner_that_does_not_pay_loses_the_deposit_and_it_is_announced_again(
    house: StateHouse,
) -> None:
    asset_sale = house.filed()
    running = house.announce(asset_sale, 1_000_000, deposit_yuan=300_000)
    house.examine(house.register("Rail", running, 2_000_000))  # with tax more than its wallet has
    moment = at_end(asset_sale)
    results.agree(asset_sale.public_id, actor=house.selling, now=moment)
    house.publish(asset_sale, at=moment)
    at_end(asset_sale)
    assert asset_sale.state == AssetSaleState.CONTRACTED
    order = Order.objects.get()
    assert order.due_at is not None
    scheduled.run_orders(now=order.due_at + timedelta(days=1))
    asset_sale.refresh_from_db()
    assert (asset_sale.state, asset_sale.winner) == (AssetSaleState.NO_BUYER, None)
    assert on(chart.available(house.seller.public_id, "CNY")) == 300_000 * YUAN
    assert books_are_sound()


@pytest.mark.parametrize("is_paid", [True, False])
def test_a_sale_is_locked_with_its_order_before_any_money(
    house: StateHouse, *, is_paid: bool
) -> None:
    """Who registers for a sale holds it, and then waits for accounts."""
    asset_sale = house.filed()
    running = house.announce(asset_sale, 1_000_000)
    house.examine(house.register("Rail", running, 2_000_000))  # with tax more than its wallet has
    moment = at_end(asset_sale)
    results.agree(asset_sale.public_id, actor=house.selling, now=moment)
    house.publish(asset_sale, at=moment)
    moment = at_end(asset_sale)
    order = Order.objects.get()
    assert order.due_at is not None
    locks = Recorder()
    with locks.watching():
        if is_paid:
            pay(order, at=moment)
        else:
            scheduled.run_orders(now=order.due_at + timedelta(days=1))
    asset_sale.refresh_from_db()
    assert (asset_sale.state == AssetSaleState.NO_BUYER) != is_paid
    sale, payment = "asset_sales_assetsale", "payments_payment"
    waits = {(one.held.table, one.wanted.table) for one in locks.edges if NO_KEY in one.waits_for}
    assert (sale, payment) in waits
    assert {held for held, wanted in waits if wanted == sale} == {"orders_order"}


def test_a_suspension_moves_the_end_by_what_was_lost(house: StateHouse) -> None:
    asset_sale = house.filed()
    running = house.announce(asset_sale, 1_000_000)
    before = running.ends_at
    rounds.suspend(asset_sale.public_id, actor=house.operating, reason="A complaint.", now=DAY)
    with pytest.raises(RegistrationClosed):
        house.register("Rail", running, 1_000_000)
    later = DAY + timedelta(days=7)
    rounds.resume(asset_sale.public_id, actor=house.operating, reason="Unfounded.", now=later)
    running.refresh_from_db()
    # The day of the stop was lost, that of the resumption was not.
    assert running.ends_at - before == timedelta(days=7)
    house.register("Rail", running, 1_000_000, at=later)


def test_a_suspended_sale_that_is_given_up_frees_the_deposits(house: StateHouse) -> None:
    asset_sale = house.filed()
    running = house.announce(asset_sale, 1_000_000, deposit_yuan=100_000)
    house.register("Rail", running, 1_000_000)
    buyer = house.agents["Rail"][1]
    before = wallets.available_in(buyer, "CNY")
    rounds.suspend(asset_sale.public_id, actor=house.operating, reason="A complaint.", now=DAY)
    preparing.cancel(asset_sale.public_id, actor=house.selling, reason="Founded.", now=DAY)
    assert wallets.available_in(buyer, "CNY") - before == Money(10_000_000, "CNY")
    assert Deposit.objects.get().state == "released"
