"""A product whose data stays cannot be ordered in any way, and what was ordered before opens no file."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from exchange.asset_sales import preparing
from exchange.auctions import bidding, scheduling
from exchange.auctions.lifecycle import Kind
from exchange.auctions.models import Auction, Award
from exchange.auctions.requests import AuctionRequest, BidRequest
from exchange.catalog.errors import DataStays, TrustedSpaceNotOpen
from exchange.catalog.models import Product
from exchange.contracts.lifecycle import ContractState
from exchange.contracts.models import Contract
from exchange.delivery import fetching
from exchange.delivery.coverage import covered
from exchange.delivery.lifecycle import Form
from exchange.delivery.models import Entitlement
from exchange.journeys import acceptance, agreements, checkout, scheduled
from exchange.negotiation import deciding, rounds
from exchange.negotiation.models import Negotiation
from exchange.negotiation.queries import newest_proposal
from exchange.negotiation.rounds import Spoken
from exchange.negotiation.terms import Terms
from exchange.notices.models import Notice
from exchange.orders import limits
from exchange.orders.lifecycle import OrderState
from exchange.orders.models import Order, Subscription
from exchange.web.documents.views import TRADE_DOCUMENTS
from pricing.money import Money
from tests.contracts.test_performance import Deal, a_deal
from tests.factories import listings
from tests.factories.asset_sales import a_state_house
from tests.factories.auctions import END, a_house, clock_at
from tests.factories.delivery import a_counter, a_revision
from tests.factories.orders import DAY, a_command, a_market, pay
from tests.factories.payments import books_are_sound, held
from tests.factories.vault import a_read_file

pytestmark = pytest.mark.django_db
SPOKEN = Spoken(Terms(currency="CNY", price_minor=50_000))


@pytest.fixture(autouse=True)
def vault_root(tmp_path: Path, settings: Settings) -> None:
    settings.VAULT_ROOT = str(tmp_path / "vault")


def keep_inside(product: Product, *, delivery: str = "sandbox") -> Product:
    """From now on the product's data stays."""
    Product.objects.filter(pk=product.pk).update(delivery=delivery)
    product.refresh_from_db()
    return product


def test_the_shop_takes_no_order_on_terms_from_before() -> None:
    market = a_market()
    offer = market.offer(100)
    command = a_command(market.buying, offer)
    keep_inside(offer.product)
    with pytest.raises(TrustedSpaceNotOpen):
        checkout.checkout(command, actor=market.buying, now=DAY)
    with pytest.raises(TrustedSpaceNotOpen):
        checkout.terms_now(actor=market.buying, offer_id=offer.public_id, now=DAY)
    assert Order.objects.exists() is False


def test_a_second_person_confirms_no_order() -> None:
    market = a_market()
    limits.set_limit(actor=market.leading, limit=Money(5_000, "CNY"), now=DAY)
    order = market.order(market.offer(100))
    keep_inside(order.product)
    with pytest.raises(TrustedSpaceNotOpen):
        checkout.confirm(order.public_id, actor=market.leading, now=DAY)
    order.refresh_from_db()
    assert order.state == OrderState.CREATED


def test_nobody_asks_for_a_quote_or_makes_an_offer() -> None:
    deal = a_deal()
    product = keep_inside(Product.objects.get(public_id=deal.product_id))
    asked = listings.an_offer(product, price_minor=100, needs_approval=True)
    with pytest.raises(TrustedSpaceNotOpen):
        deal.opened()
    with pytest.raises(TrustedSpaceNotOpen):
        rounds.offer_privately(
            actor=deal.seller,
            product_id=deal.product_id,
            buyer_id=deal.market.buyer.public_id,
            spoken=SPOKEN,
            now=DAY,
        )
    with pytest.raises(TrustedSpaceNotOpen):
        rounds.request_offer(actor=deal.market.buying, offer_id=asked.public_id, words="", now=DAY)
    assert Negotiation.objects.exists() is False


def test_a_negotiation_goes_no_further() -> None:
    deal = a_deal()
    opened = deal.opened()
    keep_inside(opened.product)
    answers = newest_proposal(opened).document_hash
    with pytest.raises(TrustedSpaceNotOpen):
        rounds.counter(opened.public_id, actor=deal.seller, answers=answers, spoken=SPOKEN, now=DAY)
    with pytest.raises(TrustedSpaceNotOpen):
        deciding.accept(opened.public_id, actor=deal.seller, answers=answers, now=DAY)
    assert newest_proposal(opened).number == 1


def test_an_agreement_is_not_signed() -> None:
    deal = a_deal()
    agreed = deal.accepted(deal.opened())
    keep_inside(agreed.product)
    contract = Contract.objects.get()
    with pytest.raises(TrustedSpaceNotOpen):
        agreements.sign(
            contract.public_id, actor=deal.seller, seen_hash=contract.document_hash, now=DAY
        )
    assert Order.objects.exists() is False


def test_a_framework_is_not_called_off() -> None:
    deal = a_deal()
    contract = deal.signed(calls_max=3, calls_days=60)
    keep_inside(Product.objects.get(public_id=deal.product_id))
    with pytest.raises(TrustedSpaceNotOpen):
        agreements.call_off(contract.public_id, actor=deal.market.buying, number=2, now=DAY)
    contract.refresh_from_db()
    assert (Order.objects.count(), contract.state) == (1, ContractState.PERFORMING)


def test_no_auction_of_it_is_drafted_or_announced() -> None:
    house = a_house()
    drafted = scheduling.draft(house.command(), actor=house.selling, now=DAY)
    keep_inside(house.product)
    with pytest.raises(TrustedSpaceNotOpen):
        scheduling.announce(drafted.public_id, actor=house.selling, now=DAY)
    with pytest.raises(TrustedSpaceNotOpen):
        house.auction()
    assert Auction.objects.get().state == "draft"


def test_an_award_waits_and_takes_no_money() -> None:
    house = a_house()
    with clock_at(DAY):
        auction = house.auction()
        house.bid("north", auction, 20_000)
    keep_inside(house.product)
    house.close(auction)
    award = Award.objects.get()
    assert (award.order, award.waits_for) == (None, "trusted_space_not_open")
    assert Order.objects.exists() is False
    keep_inside(house.product, delivery="external")
    house.close(auction, at=END + timedelta(hours=1))
    award.refresh_from_db()
    assert (award.waits_for, Order.objects.get().net_minor) == ("", 10_000)


def test_no_procurement_is_offered_it() -> None:
    house = a_house()
    wanted = scheduling.schedule(
        AuctionRequest(
            kind=Kind.PROCUREMENT,
            currency="CNY",
            title="Wanted: pressure readings",
            opens_at=DAY,
            closes_at=END,
            reserve_minor=9_000,
        ),
        actor=house.buyer("city"),
        now=DAY,
    )
    keep_inside(house.product)
    with pytest.raises(TrustedSpaceNotOpen):
        bidding.place(
            wanted.public_id,
            BidRequest(currency="CNY", rows=[{"price": 7_000, "product": house.product.public_id}]),
            actor=house.selling,
            now=DAY,
        )
    assert wanted.bids.exists() is False


def test_no_state_asset_sale_of_it_is_planned_or_announced() -> None:
    house = a_state_house()
    filed = house.filed()
    keep_inside(house.product)
    with pytest.raises(TrustedSpaceNotOpen):
        house.announce(filed, 1_000_000)
    with pytest.raises(TrustedSpaceNotOpen):
        preparing.plan(
            house.product.public_id,
            actor=house.selling,
            nature=filed.deal_nature,  # type: ignore[arg-type]  # the stored word
            now=DAY,
        )


def test_a_subscription_is_not_renewed_and_its_buyer_is_told() -> None:
    market = a_market()
    order = market.order(market.offer(100, period="P1M"))
    pay(order)
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    keep_inside(order.product)
    end = datetime(2026, 4, 2, 14, tzinfo=UTC)
    for days in (14, 7, 6):
        scheduled.run_orders(now=end - timedelta(days=days))
    scheduled.run_orders(now=end)
    subscription = Subscription.objects.get(first=order)
    assert (subscription.auto_renew, subscription.ended_at) == (False, end)
    assert Order.objects.filter(renews=order).exists() is False
    told = Notice.objects.filter(user=market.agent, kind__startswith="orders.subscription.")
    assert list(told.order_by("pk").values_list("kind", flat=True)) == [
        "orders.subscription.renews",
        "orders.subscription.ends",
    ]


def test_what_is_paid_all_the_same_waits_for_its_delivery_with_the_money_held() -> None:
    market = a_market()
    order = market.order(market.offer(100))
    keep_inside(order.product)
    pay(order)
    order.refresh_from_db()
    assert order.state == OrderState.DELIVERING
    waits = order.steps.order_by("-number")[0]
    assert (waits.transition, waits.reason_code) == ("delay", "trusted_space_not_open")
    assert Entitlement.objects.exists() is False
    assert books_are_sound()
    assert held(order) == 10_600


@pytest.mark.parametrize(
    ("bought", "now"), [("sandbox", "file"), ("file", "sandbox"), ("sandbox", "sandbox")]
)
def test_an_entitlement_opens_files_by_what_was_bought_and_by_what_is(
    bought: str, now: str
) -> None:
    counter = a_counter(
        days=365 * 100, terms={"delivery": bought, "product": {"grade": "general_1"}}
    )
    keep_inside(counter.product, delivery=now)
    held = Entitlement.objects.get()
    with pytest.raises(DataStays):
        fetching.fetch(
            held.public_id,
            actor=counter.fetching,
            table=counter.table.public_id,
            form=Form.CSV,
            now=timezone.now(),
        )
    assert [one.downloads for one in covered(held)] == [()]


def test_its_delivery_note_lists_no_file() -> None:
    deal: Deal = a_deal()
    product = keep_inside(Product.objects.get(public_id=deal.product_id), delivery="external")
    a_revision(product, a_read_file(product.seller, content=b"a,b\n1,2\n"), number=2)
    deal.signed()
    printed = TRADE_DOCUMENTS["delivery_note"](Order.objects.get())
    assert printed.document.tables == ()
