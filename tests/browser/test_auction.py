"""A buyer wins an English auction in the browser against two rivals, and downloads the data."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from exchange.auctions.lifecycle import AuctionState, Kind
from exchange.auctions.models import Auction
from exchange.journeys import awards
from exchange.orders.lifecycle import OrderState
from exchange.orders.models import Order
from tests.browser.conftest import OpenReader
from tests.browser.server import serving
from tests.factories import accounts, delivery, vault
from tests.factories.auctions import House, a_house, clock_at

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LOOKS: tuple[dict[str, bool], ...] = ({}, {"wide": False}, {"dark": True})
TERMS = {"increments": [(0, 5_000)], "deposit_minor": 20_000, "opening_minor": 100_000}


@pytest.fixture
def address() -> Iterator[str]:
    """The server of the product: a stream needs more than the live server can do."""
    with serving() as at:
        yield at


@pytest.fixture
def house() -> House:
    made = a_house()
    delivery.a_revision(made.product, vault.a_read_file(made.seller))
    made.product.delivery = "file"
    made.product.save(update_fields=["delivery"])
    for name in ("City Gas", "River Power", "North Grid"):
        made.buyer(name)
    return made


def opened(house: House, kind: Kind = Kind.ENGLISH, **terms: object) -> Auction:
    now = timezone.now()
    times = {"opens_at": now - timedelta(minutes=5), "closes_at": now + timedelta(hours=1)}
    fields = {**(TERMS if kind is Kind.ENGLISH else {}), **times, **terms}
    return house.auction(kind, **fields)


def bid(page: Page, amount: str) -> None:
    page.get_by_label("Your maximum, without tax").fill(amount)
    page.get_by_role("button", name="Review bid …").click()
    page.get_by_role("button", name="Place the bid").click()


def test_a_buyer_wins_against_two_rivals_and_downloads_the_data(
    house: House, open_reader: OpenReader, tmp_path: Path
) -> None:
    auction = opened(house)
    reader = open_reader(user=house.agents["City Gas"][0])
    page = reader.page
    assert reader.read(f"/auctions/{auction.public_id}/") == 200
    bid(page, "1200")
    status = page.locator("#auction-status")
    expect(status).to_contain_text("Leading")
    expect(page.locator(".standing-price")).to_have_text("CN¥1,000.00")
    # A rival moves the price and does not lead; the next one does. The page hears of both.
    house.bid("River Power", auction, 110_000)
    expect(page.locator(".standing-price")).to_have_text("CN¥1,150.00")
    house.bid("North Grid", auction, 150_000)
    expect(status).to_contain_text("Outbid")
    expect(page.locator("#announcements")).to_have_text("The price is CN¥1,250.00. Outbid.")
    assert "North Grid" not in page.content()
    bid(page, "1300")
    expect(page.get_by_text("Your bid is taken.")).to_be_visible()
    expect(status).to_contain_text("Outbid")
    bid(page, "2000")
    expect(status).to_contain_text("Leading")
    expect(page.locator(".standing-price")).to_have_text("CN¥1,550.00")
    assert [*reader.accessibility_faults(), *reader.policy_faults(), *reader.faults] == []
    _close(auction)
    expect(page.locator("#auction-result")).to_contain_text("Your organisation won.")
    expect(page.locator("#auction-result")).to_contain_text("CN¥1,550.00")
    page.reload()
    page.get_by_role("link", name="Open the order").click()
    order = Order.objects.get()
    assert (order.buyer.name, order.total.minor) == ("City Gas", 164_300)
    assert order.state == OrderState.DELIVERED
    page.get_by_role("link", name="Open the data").click()
    with page.expect_download() as downloading:
        page.locator("a[href$='/csv/']").first.click()
    file = tmp_path / "readings"
    downloading.value.save_as(file)
    assert file.stat().st_size > 0


def test_time_left_is_that_of_the_exchange_though_the_clock_of_the_reader_is_wrong(
    house: House, open_reader: OpenReader
) -> None:
    auction = opened(house)
    reader = open_reader(user=house.agents["City Gas"][0])
    reader.page.add_init_script("Date.now = () => 4102444800000;")
    reader.read(f"/auctions/{auction.public_id}/")
    expect(reader.page.get_by_role("timer")).to_have_text(re.compile(r"^\s*59:\d\d\s*$"))


def test_the_pages_of_auctions_have_no_fault_at_any_width(
    house: House, open_reader: OpenReader
) -> None:
    english, sealed = opened(house), opened(house, Kind.UNIFORM_PRICE, quantity=2)
    falling = opened(
        house, Kind.DUTCH, opening_minor=500_000, reserve_minor=100_000, quantity=3,
        options={"step_minor": 10_000, "every_seconds": 60},
    )  # fmt: skip
    ended = opened(house)
    for name, amount in (("River Power", 110_000), ("North Grid", 150_000), ("City Gas", 190_000)):
        for auction in (english, ended):
            house.bid(name, auction, amount)
    _close(ended)
    bought = {
        "list": "/auctions/", "empty": "/auctions/?show=coming", "ended": "/auctions/?show=ended",
        **{
            one.kind: f"/auctions/{one.public_id}/" for one in (english, sealed, falling)
        },
        "result": f"/auctions/{ended.public_id}/", "procure": "/auctions/procure/",
    }  # fmt: skip
    product = house.product.public_id
    sold = {"kinds": f"/sell/{product}/auction/", "form": f"/sell/{product}/auction/english/"}
    faults: list[str] = []
    for user, pages in (
        (house.agents["City Gas"][0], bought),
        (accounts.owner_of(house.seller), sold),
    ):
        for look in LOOKS:
            reader = open_reader(user=user, **look)
            for name, address in pages.items():
                assert reader.read(address) == 200, name
                seen = [*reader.accessibility_faults(), *reader.policy_faults(), *reader.faults]
                reader.faults.clear()
                faults += [f"{name} {look}: {one}" for one in seen]
                if reader.overflow_px() > 0:
                    faults.append(f"{name} {look}: wider than the window")
    assert faults == []


def _close(auction: Auction) -> None:
    with clock_at(auction.closes_at + timedelta(hours=1)):
        awards.run_auction(auction.pk, now=timezone.now())
    auction.refresh_from_db()
    assert auction.state == AuctionState.AWARDED
