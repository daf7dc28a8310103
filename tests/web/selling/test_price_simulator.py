"""The price simulator: what follows from a demand, by the pricing library, and nothing is kept."""

import pytest
from django.test import Client

from tests.factories import accounts, listings
from tests.factories.auctions import House, a_house
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return a_house()


@pytest.fixture
def seller(house: House) -> Client:
    return browser(accounts.owner_of(house.seller), house.seller)


def path(house: House, query: str = "") -> str:
    return f"/sell/{house.product.public_id}/simulate/{query}"


def test_the_price_that_earns_most_is_found_with_fee_and_tax(house: House, seller: Client) -> None:
    # 100 x 10 = 1,000; 300 x 4 = 1,200; 1,000 x 1 = 1,000: three hundred earns most.
    page = shown(seller, path(house, "?source=typed&willing=100+x+6%0A300+x+3%0A1000"))
    assert "Decision support" in page
    assert "The most is CN¥1,200.00, at a price of CN¥300.00." in page
    assert "each pays CN¥318.00 with tax" in page
    assert "At CN¥300.00 there are 4 of 10 buyers." in page
    assert "If everybody paid its own price it would be CN¥2,500.00." in page


def test_comparables_are_those_of_the_industry_without_the_own_product(
    house: House, seller: Client
) -> None:
    for minor in (100_00, 200_00, 300_00, 400_00):
        listings.a_listing(seller=house.seller, price_minor=minor, industry=house.product.industry)
    page = shown(seller, path(house, "?source=comparables"))
    assert "4 listed products of the same industry" in page
    assert page.index("CN¥100.00") > 0
    # 200 x 3 and 300 x 2 both earn 600: of equal revenue the lower price, which serves more.
    assert "The most is CN¥600.00, at a price of CN¥200.00." in page


@pytest.mark.parametrize(
    ("willing", "sentence"),
    [
        ("", "Give 1 to 200 lines."),
        ("a+lot", "is not an amount and a number of buyers"),
        ("100+x+5000", "Give at most 2000 buyers in all."),
        ("0+x+3", "Give an amount above zero."),
    ],
)
def test_a_demand_that_cannot_be_read_is_refused(
    house: House, seller: Client, willing: str, sentence: str
) -> None:
    answer = seller.get(path(house, f"?source=typed&willing={willing}"))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
