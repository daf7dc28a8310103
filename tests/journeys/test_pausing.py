"""What a pause of a product stops across the rooms, and what goes on."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from exchange.auctions import scheduling
from exchange.auctions.lifecycle import AuctionState
from exchange.catalog import demands, products, review
from exchange.catalog.errors import ProductPaused
from exchange.catalog.lifecycle import ListingState, ListingTransition
from exchange.catalog.listing import Said
from exchange.catalog.models import Product
from exchange.core.refusals import NotFound
from exchange.journeys import checkout, standing
from exchange.members.roles import Role
from exchange.negotiation import deciding, rounds
from exchange.negotiation.lifecycle import NegotiationState
from exchange.negotiation.queries import newest_proposal
from exchange.negotiation.rounds import Spoken
from exchange.negotiation.terms import Terms
from exchange.orders import limits
from exchange.orders.lifecycle import OrderState
from exchange.orders.models import Order, Subscription
from pricing.money import Money
from tests.factories import accounts
from tests.factories.auctions import END, House, a_house, clock_at
from tests.factories.members import a_role
from tests.factories.orders import DAY, Market, a_command, a_market, pay
from tests.journeys.test_renewals import MONTH_END, subscribed, sweep

pytestmark = pytest.mark.django_db
WORTH = Spoken(Terms(currency="CNY", price_minor=40_000))
NOTHING = ["Nothing is running at the moment."]


@pytest.fixture
def market() -> Market:
    made = a_market()
    a_role(made.seller, accounts.owner_of(made.seller), Role.DATA_OWNER)
    return made


def pause(market: Market | House, product: Product) -> Product:
    return products.pause(product.public_id, actor=market.selling, now=DAY)


def test_nobody_orders_asks_or_is_offered_anything_while_it_rests(market: Market) -> None:
    offer = market.offer(100)
    command = a_command(market.buying, offer)
    product = pause(market, offer.product)
    refused = (
        lambda: checkout.terms_now(actor=market.buying, offer_id=offer.public_id, now=DAY),
        lambda: checkout.checkout(command, actor=market.buying, now=DAY),
        lambda: rounds.ask(
            product_id=product.public_id, spoken=WORTH, actor=market.buying, now=DAY
        ),
        lambda: rounds.offer_privately(
            product_id=product.public_id, buyer_id=market.buyer.public_id, spoken=WORTH,
            actor=market.selling, now=DAY,
        ),
        lambda: rounds.request_offer(
            offer_id=offer.public_id, words="", actor=market.buying, now=DAY
        ),
    )  # fmt: skip
    for act in refused:
        with pytest.raises(ProductPaused):
            act()
    assert not Order.objects.exists()
    assert standing.goes_on_of([product]) == NOTHING


def test_a_subscription_renews_on_its_terms_while_its_product_rests(market: Market) -> None:
    order = subscribed(market)
    pause(market, order.product)
    assert standing.goes_on_of([order.product])[0].startswith("1 subscription goes on.")
    assert sweep(MONTH_END - timedelta(days=7)) == 1
    renewal = Order.objects.get(renews=order)
    assert (renewal.state, renewal.total_minor) == (OrderState.CONTRACT_SIGNED, order.total_minor)
    pay(renewal, at=MONTH_END - timedelta(days=6))
    assert Subscription.objects.get().periods_paid == 2


def test_an_order_that_waits_for_a_second_person_is_confirmed_paid_and_delivered(
    market: Market,
) -> None:
    limits.set_limit(limit=Money(100, "CNY"), actor=market.leading, now=DAY)
    order = market.order(market.offer(100))
    pause(market, order.product)
    assert standing.goes_on_of([order.product]) == [
        "1 open order goes on, to its delivery and its payment."
    ]
    checkout.confirm(order.public_id, actor=market.leading, now=DAY)
    pay(order)
    order.refresh_from_db()
    assert order.state == OrderState.DELIVERED


def test_a_negotiation_that_has_begun_is_answered_and_accepted(market: Market) -> None:
    offer = market.offer(100)
    asked = rounds.ask(
        product_id=offer.product.public_id, spoken=WORTH, actor=market.buying, now=DAY
    )
    product = pause(market, offer.product)
    assert standing.goes_on_of([product]) == ["1 negotiation goes on. What is agreed in it binds."]
    accepted = deciding.accept(
        asked.public_id, answers=newest_proposal(asked).document_hash, actor=market.selling, now=DAY
    )
    assert accepted.state == NegotiationState.ACCEPTED
    assert [line[:10] for line in standing.goes_on_of([product])] == ["1 negotiat", "1 contract"]


def test_a_request_on_the_board_is_not_answered_with_what_rests(market: Market) -> None:
    product = pause(market, market.offer(100).product)
    demand = demands.post_demand(
        actor=market.buying, wanted=demands.Wanted(title="Readings", description="By the hour."),
        now=DAY,
    )  # fmt: skip
    with pytest.raises(NotFound):
        demands.answer_demand(
            demand_id=demand.public_id, product_id=product.public_id, note="", actor=market.selling,
            now=DAY,
        )  # fmt: skip


def test_what_goes_on_is_read_in_one_statement_and_counts_all_that_are_chosen(
    market: Market,
) -> None:
    orders = [market.order(market.offer(100)) for _one in range(2)]
    chosen = [order.product for order in orders]
    with CaptureQueriesContext(connection) as asked:
        assert standing.goes_on_of(chosen) == [
            "2 open orders go on, to their delivery and their payment."
        ]
    assert len(asked) == 1
    assert standing.goes_on_of([]) == NOTHING


def test_an_announced_auction_opens_takes_bids_and_is_awarded_while_its_product_rests() -> None:
    house = a_house()
    with clock_at(DAY - timedelta(minutes=1)):
        auction = house.auction(deposit_minor=1_000)
        assert pause(house, house.product).state == ListingState.PAUSED
        assert standing.goes_on_of([house.product])[0].startswith("1 announced auction goes on")
    with clock_at(DAY + timedelta(minutes=1)):
        house.bid("ann", auction, 30_000)
    assert house.close(auction).state == AuctionState.AWARDED
    assert Order.objects.get().product == house.product
    house.product.refresh_from_db()
    assert house.product.state == ListingState.PAUSED


def test_nothing_new_is_auctioned_of_what_rests() -> None:
    house = a_house()
    with clock_at(DAY - timedelta(minutes=1)):
        drafted = scheduling.draft(house.command(), actor=house.selling, now=DAY)
        pause(house, house.product)
        with pytest.raises(ProductPaused):
            scheduling.announce(drafted.public_id, actor=house.selling, now=DAY)
    drafted.refresh_from_db()
    assert drafted.state == AuctionState.DRAFT


def test_an_auction_rests_while_what_its_seller_paused_is_suspended_and_then_goes_on() -> None:
    house = a_house()
    exchange = house.exchange
    with clock_at(DAY + timedelta(minutes=1)):
        auction = house.auction()
        house.bid("ann", auction, 30_000)
        name = pause(house, house.product).public_id
        complaint, settled = Said("complaint", "A complaint."), Said("settled", "It is settled.")
        review.suspend(name, actor=exchange.proposer, said=complaint, now=DAY)
        auction.refresh_from_db()
        assert auction.state == AuctionState.PAUSED
        back = review.resume(name, actor=exchange.proposer, said=settled, now=DAY)
    auction.refresh_from_db()
    assert (back.state, auction.state) == (ListingState.PAUSED, AuctionState.OPEN)
    assert back.steps.latest("number").transition == ListingTransition.RESUME_PAUSED
    assert auction.closes_at == END
