"""The pages of state-asset sales: the seller's road, the public announcement, the bidder's part."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from exchange.asset_sales import results, rounds
from exchange.asset_sales.lifecycle import AssetSaleState, Standing
from exchange.asset_sales.models import AssetSale
from exchange.journeys.scheduled import run_asset_sales
from exchange.members.models import RoleGrant
from exchange.members.roles import Role
from tests.factories import accounts
from tests.factories.asset_sales import YUAN, StateHouse, a_pdf, a_state_house, at_end
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db
QUERIES_MAX = 40
LIST_QUERIES_MAX = 20


@pytest.fixture
def house() -> StateHouse:
    return a_state_house()


@pytest.fixture
def seller(house: StateHouse) -> Client:
    return browser(accounts.owner_of(house.seller), house.seller)


@pytest.fixture
def committee(house: StateHouse) -> Client:
    user = RoleGrant.objects.get(role=Role.COMMITTEE, organisation=house.seller).user
    return browser(user, house.seller)


def document(words: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("p.pdf", a_pdf(words).content.read(), "application/pdf")


def of(house: StateHouse, name: str) -> Client:
    house.buyer(name)
    return browser(*house.agents[name])


def announced(house: StateHouse, *, deposit: int = 0) -> AssetSale:
    now = timezone.now()
    asset_sale = house.filed(at=now)
    house.announce(asset_sale, 1_000_000, deposit_yuan=deposit, at=now)
    asset_sale.refresh_from_db()
    return asset_sale


def test_the_whole_road_in_the_browser(
    house: StateHouse, seller: Client, committee: Client
) -> None:
    assert "No state-asset sale yet" in shown(seller, "/asset-sales/")
    planned = seller.post(
        "/asset-sales/", {"product": house.product.public_id, "nature": "transfer"}
    )
    path = planned["Location"]
    assert "Record the decision" not in shown(seller, path)  # who prepared it does not decide
    minutes = {"minutes": document("minutes"), "reason": "Sell it."}
    assert committee.post(f"{path}act/decide/", minutes).status_code == 302
    today = timezone.localdate()
    report = {
        "basis": "report", "value_minor": "1,000,000.00", "base_date": today.isoformat(),
        "firm": "North", "report_no": "7", "appraisers": "Li Na\nWu Bo", "report": document("report"),
    }  # fmt: skip
    assert seller.post(f"{path}act/value/", report).status_code == 302
    filing = {"filing_no": "F-1", "proof": document("filing")}
    assert seller.post(f"{path}act/file/", filing).status_code == 302
    low = seller.post(f"{path}act/announce/", {"floor_minor": "900000", "days": "10"})
    assert low.status_code == 422
    assert "The first floor is at least the valuation. · decision support" in low.content.decode()
    assert "900000" in low.content.decode()  # what was typed is kept
    first = {"floor_minor": "1000000", "days": "10", "deposit_minor": "300000"}
    assert seller.post(f"{path}act/announce/", first).status_code == 302
    page = shown(seller, path)
    assert "Lowest floor without consent" in page
    assert "第32号" in page  # the source of the limit
    # The share of a deposit was not read in that text; the length of an extension was.
    assert "soe.deposit_share@1 · decision support" in page
    assert "soe.extension_days@1<" in page
    ann = re.search(r"/announcements/ann_\w+/", page)
    assert ann
    visitor = Client()
    assert "Working days left" in shown(visitor, ann.group())
    assert "Load curves" in shown(visitor, "/announcements/")
    pdf = visitor.get(f"{ann.group()}documents/announcement.pdf")
    assert pdf.content.startswith(b"%PDF")


def test_a_bidder_registers_bids_and_wins_in_the_browser(house: StateHouse) -> None:
    asset_sale = announced(house, deposit=300_000)
    path = f"/announcements/{asset_sale.announcements.get().public_id}/"
    rail, farm = of(house, "Rail"), of(house, "Farm")
    low = rail.post(f"{path}register/", {"offer_minor": "1", "confirmed": "1"})
    assert low.status_code == 422
    assert "Your offer has to reach the floor." in low.content.decode()
    for client in (rail, farm):
        assert (
            client.post(
                f"{path}register/", {"offer_minor": "1000000", "confirmed": "1"}
            ).status_code
            == 302
        )
    assert "You are bidder 1" in shown(rail, path)
    for bidder in asset_sale.announcements.get().bidders.all():
        house.examine(bidder)
    round_one = asset_sale.announcements.get()
    round_one.__class__.objects.filter(pk=round_one.pk).update(
        ends_at=timezone.now() + timedelta(seconds=1)
    )
    moment = at_end(asset_sale)
    assert asset_sale.state == AssetSaleState.BIDDING
    assert (
        rail.post(f"{path}bid/", {"amount_minor": "1200000", "confirmed": "1"}).status_code == 302
    )
    assert "you lead" in shown(rail, path)
    house.bid("Farm", asset_sale.announcements.get(), 1_100_000, at=moment)
    moment = at_end(asset_sale)
    assert asset_sale.price_minor == 1_110_000 * YUAN
    assert "you have won" in shown(rail, path)
    assert "Rail" not in shown(Client(), path)
    house.publish(asset_sale, at=moment)
    assert "Rail buys for" in shown(Client(), path)
    moment = at_end(asset_sale)
    for kind in ("record", "result", "certificate"):
        answer = Client().get(f"{path}documents/{kind}.pdf")
        assert answer.status_code == 200, kind
        assert answer.content.startswith(b"%PDF")
    assert farm.get(f"{path}documents/bidders.pdf").status_code == 404  # not even to another bidder
    owner = browser(accounts.owner_of(house.seller), house.seller)
    assert owner.get(f"{path}documents/bidders.html").status_code == 200


def test_the_buyer_is_not_named_before_the_notice(house: StateHouse) -> None:
    asset_sale = announced(house)
    path = f"/announcements/{asset_sale.announcements.get().public_id}/"
    house.examine(
        house.register("Rail", asset_sale.announcements.get(), 1_000_000, at=timezone.now())
    )
    assert "Rail" not in shown(Client(), path)
    assert Client().get(f"{path}documents/result.html").status_code == 404


def test_documents_are_for_the_seller_and_strangers_find_nothing(
    house: StateHouse, seller: Client
) -> None:
    asset_sale = announced(house)
    path = f"/asset-sales/{asset_sale.public_id}/"
    document = asset_sale.documents.first()
    assert document
    answer = seller.get(f"{path}documents/{document.public_id}/")
    assert b"".join(answer).startswith(b"%PDF")
    stranger = of(house, "Rail")
    assert stranger.get(path).status_code == 404
    assert stranger.get(f"{path}documents/{document.public_id}/").status_code == 404


def test_a_suspended_announcement_says_so(house: StateHouse) -> None:
    asset_sale = announced(house)
    rounds.suspend(
        asset_sale.public_id, actor=house.operating, reason="A complaint.",
        now=timezone.now(),
    )  # fmt: skip
    path = f"/announcements/{asset_sale.announcements.get().public_id}/"
    assert "The announcement is suspended" in shown(of(house, "Rail"), path)


def test_pages_ask_a_bounded_number_of_questions(house: StateHouse, seller: Client) -> None:
    asset_sale = announced(house)
    running = asset_sale.announcements.get()
    for name in ("Rail", "Farm", "City"):
        house.examine(house.register(name, running, 1_000_000, at=timezone.now()))
    pages = {
        f"/asset-sales/{asset_sale.public_id}/": (seller, QUERIES_MAX),
        f"/announcements/{running.public_id}/": (of(house, "Rail"), QUERIES_MAX),
        "/asset-sales/": (seller, LIST_QUERIES_MAX),
        "/announcements/": (Client(), LIST_QUERIES_MAX),
    }
    for path, (client, most) in pages.items():
        shown(client, path)
        with CaptureQueriesContext(connection) as asked:
            shown(client, path)
        assert len(asked) <= most, path


def test_what_nobody_buys_is_lowered_in_the_browser(house: StateHouse, seller: Client) -> None:
    asset_sale = announced(house)
    running = asset_sale.announcements.get()
    run_asset_sales(now=running.ends_at)
    asset_sale.refresh_from_db()
    assert asset_sale.state == AssetSaleState.NO_BUYER
    path = f"/asset-sales/{asset_sale.public_id}/"
    blocked = seller.post(f"{path}act/announce/", {"floor_minor": "880000", "days": "10"})
    assert blocked.status_code == 422
    assert "needs the approver" in blocked.content.decode()
    fine = seller.post(f"{path}act/announce/", {"floor_minor": "920000", "days": "10"})
    assert fine.status_code == 302


def test_the_exchange_examines_and_publishes_in_the_console(
    house: StateHouse, settings: Any
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    asset_sale = announced(house)
    running = asset_sale.announcements.get()
    good = house.register("Rail", running, 1_000_000, at=timezone.now())
    bad = house.register("Farm", running, 1_000_000, at=timezone.now())
    get_user_model().objects.filter(pk=house.exchange.first.pk).update(is_staff=True)
    operator = browser(house.exchange.first, house.exchange.organisation)
    table = "/console/asset_sales/bidder"
    assert operator.post(f"{table}/{good.pk}/qualify/", {"go": "1"}).status_code == 302
    nameless = operator.post(f"{table}/{bad.pk}/reject/", {"reason": ""})
    assert nameless.status_code == 422
    bad.refresh_from_db()
    assert bad.standing == Standing.REGISTERED
    assert operator.post(f"{table}/{bad.pk}/reject/", {"reason": "No licence."}).status_code == 302
    moment = at_end(asset_sale)
    results.agree(asset_sale.public_id, actor=house.selling, now=moment)
    sale = f"/console/asset_sales/assetsale/{asset_sale.pk}"
    assert operator.get(f"{sale}/change/").status_code == 200
    assert operator.post(f"{sale}/publish/", {"go": "1"}).status_code == 302
    asset_sale.refresh_from_db()
    assert asset_sale.state == AssetSaleState.RESULT_NOTICE
