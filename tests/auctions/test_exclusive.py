"""An exclusive licence stands alone: what it keeps out, and what stands in its way."""

import pytest
from django.test import Client
from django.urls import reverse

from exchange.auctions import moderation
from exchange.auctions.errors import AuctionRefused
from exchange.auctions.exclusive_sales import is_kept_exclusive
from exchange.auctions.lifecycle import AuctionState
from exchange.catalog.lifecycle import OfferKind
from exchange.catalog.offers import OfferRequest, reserve_offer
from exchange.journeys import awards, checkout
from exchange.journeys.checkout import place_agreed
from exchange.orders import placing
from exchange.orders.errors import LicenceExcluded
from exchange.orders.lifecycle import OrderState, PaymentMethod
from exchange.orders.models import LicenceWindow, Order
from pricing.money import Money
from tests.factories import listings
from tests.factories.auctions import END, House, clock_at
from tests.factories.orders import DAY, a_command


def test_an_exclusive_licence_keeps_all_others_out(house: House) -> None:
    auction = house.auction(exclusive=True)
    house.bid("ann", auction, 20_000)
    house.close(auction)
    offer = listings.an_offer(house.product, price_minor=5_000)
    command = a_command(house.buyer("ben"), offer)
    with pytest.raises(LicenceExcluded) as raised:
        checkout.checkout(command, actor=house.buyer("ben"), now=END)
    assert raised.value.facts == {"product": house.product.public_id, "until": None}
    assert Order.objects.count() == 1
    assert LicenceWindow.objects.get().exclusive is True
    assert is_kept_exclusive(house.product, now=END)


def test_the_page_of_what_is_auctioned_exclusively_says_so_and_offers_no_purchase(
    house: House, client: Client
) -> None:
    listings.an_offer(house.product, price_minor=5_000)
    address = reverse("web:product", args=[house.product.public_id])
    assert "/buy/" in client.get(address).content.decode()
    house.auction(exclusive=True)
    page = client.get(address).content.decode()
    assert "Nobody can buy it at the moment" in page
    assert "/buy/" not in page


def test_an_order_that_ends_gives_its_time_free(house: House) -> None:
    offer = listings.an_offer(house.product, price_minor=5_000)
    order = checkout.checkout(
        a_command(house.buyer("ben"), offer), actor=house.buyer("ben"), now=DAY
    )
    with pytest.raises(AuctionRefused):
        house.auction(exclusive=True)
    placing.cancel(order.public_id, actor=house.buyer("ben"), reason="No need.", now=DAY)
    auction = house.auction(exclusive=True)
    house.bid("ann", auction, 20_000)
    house.close(auction)
    states = set(Order.objects.values_list("state", flat=True))
    assert states == {OrderState.CANCELLED, OrderState.DELIVERED}


def test_while_an_exclusive_licence_is_auctioned_the_shop_sells_no_other(house: House) -> None:
    offer = listings.an_offer(house.product, price_minor=5_000)
    command = a_command(house.buyer("ben"), offer)
    auction = house.auction(exclusive=True)
    with pytest.raises(LicenceExcluded) as raised:
        checkout.checkout(command, actor=house.buyer("ben"), now=DAY)
    assert raised.value.facts["auction"] == auction.public_id
    assert is_kept_exclusive(house.product, now=DAY)
    moderation.cancel(auction.public_id, actor=house.selling, reason="Not now.", now=DAY)
    assert not is_kept_exclusive(house.product, now=DAY)
    assert checkout.checkout(command, actor=house.buyer("ben"), now=DAY).pk


def test_what_stands_in_an_awards_way_is_tried_again(house: House) -> None:
    auction = house.auction(exclusive=True)
    house.bid("ann", auction, 20_000)
    ben = house.buyer("ben")
    # What was agreed before binds; it waits for its money.
    offer = reserve_offer(
        product_id=house.product.public_id,
        command=OfferRequest(name="Agreed", kind=OfferKind.ONE_OFF, price=Money(5_000, "CNY")),
        reserved_for_id=house.organisation("ben").pk,
        basis="test:1",
        by_id=None,
        actor=placing.CLOCK,
        now=DAY,
    )
    order = place_agreed(
        offer=offer,
        buyer_id=house.organisation("ben").pk,
        by_id=ben.user_id or 0,
        actor=ben,
        method=PaymentMethod.BANK_TRANSFER,
        now=DAY,
    )
    closed = house.close(auction)
    assert (closed.state, closed.settled_at) == (AuctionState.AWARDED, None)
    assert closed.awards.get().waits_for == "licence_excluded"
    placing.cancel(order.public_id, actor=house.buyer("ben"), reason="No need.", now=DAY)
    with clock_at(END):
        awards.run_due(now=END)
    assert closed.awards.get().order is not None
