"""State-asset sales by program and by person: what is public, registering, bidding, the seller's own."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Organisation
from exchange.asset_sales.lifecycle import Standing
from tests.api.callers import post, signed_in, with_key
from tests.factories import accounts
from tests.factories.asset_sales import StateHouse, a_state_house

pytestmark = pytest.mark.django_db
PATH = "/api/v1/announcements"
SCOPES = ("orders:read", "orders:write", "orders:buy")


@pytest.fixture
def house() -> StateHouse:
    return a_state_house()


def organisation(house: StateHouse) -> Organisation:
    house.buyer("City Gas")
    return house.agents["City Gas"][1]


def test_any_member_reads_what_was_announced(house: StateHouse) -> None:
    now = timezone.now()
    running = house.announce(house.filed(at=now), 1_000_000, deposit_yuan=100_000, at=now)
    reader = with_key(accounts.an_organisation(name="Reader"), *SCOPES)
    listed = reader.get(PATH).json()["items"]
    assert [one["id"] for one in listed] == [running.public_id]
    one = reader.get(f"{PATH}/{running.public_id}").json()
    assert (one["floor_minor"], one["deposit_minor"], one["is_last"]) == (
        100_000_000, 10_000_000, True,
    )  # fmt: skip
    assert reader.get(f"{PATH}/ann_unknown").status_code == 404


def test_an_offer_below_the_floor_and_one_without_the_deposit_are_refused(
    house: StateHouse,
) -> None:
    now = timezone.now()
    running = house.announce(house.filed(at=now), 1_000_000, deposit_yuan=100_000, at=now)
    person = signed_in(accounts.a_user(name="Nobody"))
    here = f"{PATH}/{running.public_id}/register"
    assert post(person, here, {"offer_minor": 100_000_000}).status_code == 403
    program = with_key(organisation(house), *SCOPES)
    refused = post(program, here, {"offer_minor": 99_999_999}, key="k1")
    assert (refused.status_code, refused.json()["code"]) == (409, "asset_sale_offer_too_low")
    # A registration binds: a person makes it.
    refused = post(program, here, {"offer_minor": 100_000_000}, key="k2")
    assert (refused.status_code, refused.json()["reason"]) == (403, "person_needed")


def test_a_bid_before_the_bidding_is_refused(house: StateHouse) -> None:
    now = timezone.now()
    running = house.announce(house.filed(at=now), 1_000_000, at=now)
    house.examine(house.register("City Gas", running, 1_000_000, at=now), at=now)
    house.examine(
        house.register("Rail", running, 1_000_000, at=now), Standing.QUALIFIED,
        at=now + timedelta(minutes=1),
    )  # fmt: skip
    program = with_key(organisation(house), *SCOPES)
    refused = post(program, f"{PATH}/{running.public_id}/bids", {"amount_minor": 200_000_000})
    assert (refused.status_code, refused.json()["code"]) == (409, "asset_sale_bidding_closed")


def test_a_seller_reads_its_own_sales_and_nobody_elses(house: StateHouse) -> None:
    asset_sale = house.filed(at=timezone.now())
    seller = with_key(house.seller, *SCOPES)
    assert [one["id"] for one in seller.get("/api/v1/asset-sales").json()["items"]] == [
        asset_sale.public_id
    ]
    here = f"/api/v1/asset-sales/{asset_sale.public_id}"
    assert seller.get(here).json()["state"] == "filed"
    other = with_key(organisation(house), *SCOPES)
    assert other.get(here).status_code == 404
