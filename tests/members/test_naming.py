"""An organisation is named by its name, its credit code or its id: one is taken, several are listed."""

import re
from typing import Any

import pytest
from django import forms
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Organisation
from exchange.members import names
from exchange.members.naming import OrganisationField
from exchange.members.roles import Kind, Role
from exchange.orders.models import DiscountTier
from tests.factories import accounts
from tests.factories.members import a_role
from tests.factories.orders import Market, a_market
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db


class Form(forms.Form):
    buyer = OrganisationField(label="Organisation")


@pytest.fixture
def market() -> Market:
    return a_market()


def a_member(market: Market, name: str) -> Organisation:
    organisation = accounts.an_organisation(name=name)
    market.exchange.admit(organisation, Kind.BUYER)
    return organisation


def found(text: str) -> list[str]:
    return [row.name for row in names.find(text).candidates]


def test_whole_name_credit_code_and_id_name_one(market: Market) -> None:
    buyer = market.buyer
    assert buyer.credit_code
    for text in (
        "City Gas", "  city   GAS ", buyer.public_id, buyer.credit_code, buyer.credit_code.lower()
    ):  # fmt: skip
        assert names.find(text).one == buyer, text


def test_a_part_of_a_name_lists_members_whose_words_begin_so(market: Market) -> None:
    a_member(market, "City Gas Trading")
    a_member(market, "城市燃气研究院")
    accounts.an_organisation(name="City Outsiders")
    assert found("gas") == ["City Gas", "City Gas Trading"]
    assert found("ci tra") == ["City Gas Trading"]
    assert found("城市") == ["城市燃气研究院"]
    assert found("ity") == found("trading company") == []
    # The whole name of one is taken, though another's begins so.
    assert names.find("City Gas").one == market.buyer


@pytest.mark.parametrize(
    "text",
    ["", "c", "'", "':* | '", "&", "!", "_", "a' & 'b", "\\", "🙂🙂", "x" * 200, "%", "org_x"],
)
def test_hostile_text_finds_nothing_and_breaks_nothing(market: Market, text: str) -> None:
    named = names.find(text)
    assert (named.one, named.candidates) == (None, ())


def test_who_takes_no_part_is_found_by_its_id_alone(market: Market) -> None:
    outside = accounts.an_organisation(name="City Outsiders")
    assert outside.credit_code
    assert names.find("City Outsiders").one is None
    assert names.find(outside.credit_code).one is None
    assert names.find(outside.public_id).one == outside


def test_no_more_are_listed_than_somebody_reads(market: Market) -> None:
    for number in range(names.CANDIDATES_MAX):
        a_member(market, f"City {chr(65 + number) * 3}")
    with CaptureQueriesContext(connection) as asked:
        named = names.find("city")
    assert (len(named.candidates), named.is_cut) == (names.CANDIDATES_MAX, True)
    assert len(asked) == 4
    form = Form({"buyer": "city"})
    assert "Very many fit." in str(form.errors["buyer"])


def test_several_are_listed_to_choose_from_and_the_choice_counts_for_its_text(
    market: Market,
) -> None:
    other = a_member(market, "City Gas Trading")
    form = Form({"buyer": "gas"})
    assert not form.is_valid()
    page = str(form)
    assert page.count('name="buyer-chosen"') == 2
    assert "City Gas Trading · China" in page
    assert 'name="buyer-listed" value="gas"' in page
    chosen = {"buyer": "gas", "buyer-listed": "gas", "buyer-chosen": other.public_id}
    assert named_by(chosen) == other
    # Who writes another name after all means that one.
    assert named_by(chosen | {"buyer": "City Gas"}) == market.buyer
    assert Form(chosen | {"buyer-chosen": "org_nobody"}).is_valid() is False


def named_by(said: dict[str, Any]) -> Any:
    form = Form(said)
    assert form.is_valid(), form.errors
    return form.cleaned_data["buyer"]


def test_the_one_that_was_taken_is_named_when_the_form_comes_back(market: Market) -> None:
    owner = accounts.owner_of(market.seller)
    a_role(market.seller, owner, Role.DATA_OWNER)
    seller = browser(owner, market.seller)
    form = {"buyer": "city gas", "name": "Gold", "percent": "nonsense", "ground": "real_need",
            "words": "Buys for the whole city."}  # fmt: skip
    answer = seller.post("/discount-tiers/", form)
    assert answer.status_code == 422
    page = re.sub(r"\s+", " ", answer.content.decode())
    assert f'City Gas · China · <span class="hash">{market.buyer.public_id}' in page
    assert seller.post("/discount-tiers/", form | {"percent": "12.5"}).status_code == 302
    assert DiscountTier.objects.get().buyer == market.buyer
    assert "City Gas" in shown(seller, "/discount-tiers/")
