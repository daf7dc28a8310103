"""Royalties: what a sale owes to the products that a product is made of, and on upstream."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import Error, connection, transaction
from django.urls import reverse

from accounts.models import Organisation
from exchange.catalog import sharing
from exchange.catalog.buyable import receivers_of
from exchange.catalog.models import Product, Sharing
from exchange.catalog.royalties import RoyaltyRefused, RoyaltyRequest
from exchange.core.lifecycle import Named
from exchange.core.refusals import NotFound
from exchange.journeys import acceptance
from exchange.orders.lifecycle import ORDER
from exchange.orders.models import Order
from exchange.payments import order_refunds
from exchange.payments.models import Document, Settlement
from pricing.money import Money
from tests.factories import accounts, listings
from tests.factories import payments as money
from tests.factories.orders import DAY, Market, a_market
from tests.factories.sharing import a_receiver, agreed, answered, leading, part
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db
CNY = "CNY"
LATER = DAY + timedelta(hours=1)


@pytest.fixture
def market() -> Market:
    return a_market()


@pytest.fixture
def institute(market: Market) -> Organisation:
    return a_receiver(market.exchange)


@pytest.fixture
def source(institute: Organisation) -> Product:
    return listings.a_listing(seller=institute, price_minor=5_000, title="Maps")


def royalty(source: Product, percent: str, each_minor: int = 0) -> RoyaltyRequest:
    return RoyaltyRequest(source.public_id, Decimal(percent), each_minor)


def made_of(product: Product, *royalties: RoyaltyRequest, at: datetime = DAY) -> Sharing:
    """The seller of a product proposes to keep what royalties leave."""
    return sharing.propose(
        product.public_id, percent=Decimal(100), shares=(), currency=CNY, royalties=royalties,
        actor=leading(product.seller), now=at,
    )  # fmt: skip


def agreed_to(made: Sharing, *houses: Organisation, at: datetime = DAY) -> Sharing:
    return answered(made, [part(house, "0") for house in houses], at=at)


def settled(market: Market, order: Order) -> dict[str, int]:
    money.pay_by_card(market, order)
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    found = Settlement.objects.get(order=order)
    return {row.organisation.name: row.amount_minor for row in found.shares.all()}


def test_the_seller_of_a_source_agrees_and_is_paid_before_anybody_shares(
    market: Market, institute: Organisation, source: Product
) -> None:
    other = a_receiver(market.exchange, name="Other")
    offer = market.offer(100)
    made = sharing.propose(
        offer.product.public_id, percent=Decimal(50), shares=[part(other, "50", first_minor=100)],
        currency=CNY, royalties=[royalty(source, "10", 200)], actor=market.selling, now=DAY,
    )  # fmt: skip
    assert agreed_to(made, other).state == "proposed"
    before = market.order(offer)
    assert "shares" not in before.terms
    assert agreed_to(made, institute).state == "in_force"
    assert institute.pk in receivers_of(offer.product_id)
    # 100.00 less the fee of 2.00; 10 % of 100.00 and 2.00; 1.00 first; 85.00 to share.
    assert settled(market, market.order(offer)) == {
        "Pipeline Data": 4250, "Other": 100 + 4250, "Institute": 1200,
    }  # fmt: skip
    assert money.books_are_sound()
    issued = Document.objects.filter(kind="statement", receiver=institute).latest("pk")
    upstream = browser(accounts.owner_of(institute), institute)
    told = shown(upstream, reverse("web:numbered_document", args=[issued.number, "html"]))
    assert "To Institute (" in told
    assert "0 % of the rest" not in told.replace("50 % of the rest", "")


def test_a_royalty_goes_on_to_who_shares_in_the_source_and_to_what_that_is_made_of(
    market: Market, institute: Organisation, source: Product
) -> None:
    spring_house, lab = (a_receiver(market.exchange, name=name) for name in ("Spring", "Lab"))
    spring = listings.a_listing(seller=spring_house, price_minor=5_000, title="Readings")
    own = sharing.propose(
        source.public_id, percent=Decimal(75), shares=[part(lab, "25", first_minor=700)], currency=CNY,
        royalties=[royalty(spring, "20", 300)], actor=leading(institute), now=DAY,
    )  # fmt: skip
    agreed_to(own, lab, spring_house)
    offer = market.offer(100)
    agreed_to(made_of(offer.product, royalty(source, "50")), institute)
    # 50.00 for the source: 20 % of that upstream, and 75 to 25 of the rest; amounts of each sale are of its own.
    assert settled(market, market.order(offer)) == {
        "Pipeline Data": 4800, "Spring": 1000, "Lab": 1000, "Institute": 3000,
    }  # fmt: skip
    assert money.books_are_sound()


def test_an_order_keeps_the_royalties_of_its_day(
    market: Market, institute: Organisation, source: Product
) -> None:
    lab = a_receiver(market.exchange, name="Lab")
    offer = market.offer(100)
    agreed_to(made_of(offer.product, royalty(source, "10")), institute)
    order = market.order(offer)
    agreed(source, "50", part(lab, "50"), at=LATER)
    ended = made_of(offer.product, at=LATER)
    assert ended.state == "proposed"
    assert agreed_to(ended, institute, at=LATER).state == "in_force"
    assert settled(market, order) == {"Pipeline Data": 8800, "Institute": 1000}


def test_a_sale_too_small_for_an_amount_pays_the_percentages_first(
    market: Market, institute: Organisation, source: Product
) -> None:
    offer = market.offer(1)
    agreed_to(made_of(offer.product, royalty(source, "10", 500)), institute)
    # 1.00 less the fee of 0.02.
    assert settled(market, market.order(offer)) == {"Pipeline Data": 0, "Institute": 98}
    assert money.books_are_sound()


def test_a_refund_is_given_back_by_royalties_too(
    market: Market, institute: Organisation, source: Product
) -> None:
    offer = market.offer(100)
    agreed_to(made_of(offer.product, royalty(source, "49")), institute)
    order = market.order(offer)
    assert settled(market, order) == {"Pipeline Data": 4900, "Institute": 4900}
    order_refunds.refund(
        ORDER.lock(order.public_id), amount=Money(10600, CNY), reason="all", actor=Named("test:1"),
        now=DAY,
    )  # fmt: skip
    assert {row.refunded_minor for row in order.settlement.shares.all()} == {4900}
    assert money.books_are_sound()


def test_a_product_is_not_made_of_itself_however_far_upstream(
    market: Market, institute: Organisation, source: Product
) -> None:
    product = market.offer(100).product
    first = made_of(product, royalty(source, "10"))
    # While neither holds, both are proposed; the second one to take effect closes the circle.
    second = made_of(source, royalty(product, "10"))
    agreed_to(first, institute)
    with pytest.raises(RoyaltyRefused) as refused:
        agreed_to(second, market.seller)
    assert "cannot be made of itself" in str(refused.value.message)
    second.refresh_from_db()
    assert second.state == "proposed"
    sharing.withdraw(second.public_id, actor=leading(institute), now=DAY)
    with pytest.raises(RoyaltyRefused):
        made_of(source, royalty(product, "10"))


def test_royalties_that_are_none_are_refused_and_nothing_is_written(
    market: Market, institute: Organisation, source: Product
) -> None:
    product = market.offer(100).product
    own = market.offer(50).product
    for rows in (
        [royalty(source, "0")],
        [royalty(own, "10")],
        [royalty(source, "10"), royalty(source, "20")],
        [royalty(source, "100"), royalty(listings.a_listing(seller=institute, price_minor=1), "1")],
    ):
        with pytest.raises(RoyaltyRefused):
            made_of(product, *rows)
    with pytest.raises(sharing.SharesRefused):
        made_of(product, royalty(source, "101"))
    with pytest.raises(NotFound):
        made_of(product, RoyaltyRequest("prd_nothing", Decimal(10)))
    assert not Sharing.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE catalog_sharingroyalty SET percent = 1",
        "DELETE FROM catalog_sharingroyalty",
        "UPDATE catalog_sharingparty SET has_royalty = NOT has_royalty",
    ],
)
def test_plain_sql_cannot_change_a_royalty(
    market: Market, institute: Organisation, source: Product, change: str
) -> None:
    agreed_to(made_of(market.offer(100).product, royalty(source, "10")), institute)
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


def test_seller_and_upstream_seller_do_it_in_the_browser(
    market: Market, institute: Organisation, source: Product
) -> None:
    product = market.offer(100).product
    page = reverse("web:sell_shares", args=[product.public_id])
    seller = browser(accounts.owner_of(market.seller), market.seller)
    upstream = browser(accounts.owner_of(institute), institute)
    form = {"percent": "100", "currency": CNY, "royalty_1": "10", "each_1": "2.00"}
    refused = seller.post(page, form | {"source_1": "prd_nothing"})
    assert refused.status_code == 422
    assert "There is no listed product with this id." in refused.content.decode()
    assert seller.post(page, form | {"source_1": source.public_id}).status_code == 302
    told = shown(upstream, reverse("web:shares"))
    assert "Royalty for “Maps”: 10 % of the net, " in told
    made = Sharing.objects.get()
    upstream.post(reverse("web:shares_agree", args=[made.public_id]))
    made.refresh_from_db()
    assert made.state == "in_force"
    own = shown(seller, page)
    assert "Royalty for “Maps”" in own
    assert f'value="{source.public_id}"' in own
