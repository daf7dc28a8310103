"""The review of listings in the console: the queue, the evidence, the decisions."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from exchange.catalog.lifecycle import ListingState
from exchange.catalog.models import Product
from exchange.catalog.reasons import CHECKLISTS
from exchange.notices.models import Notice
from tests.factories.catalog import ALL_POINTS, Stall, a_column, a_document, a_finding, a_stall

SignedIn = Callable[[User], Client]
QUEUE = "/console/catalog/product/"


@pytest.fixture
def stall(db: None, settings: object) -> Stall:
    settings.SECOND_FACTOR_REQUIRED = False  # type: ignore[attr-defined]  # pytest gives its own type
    return a_stall()


@pytest.fixture
def operator(stall: Stall, signed_in: SignedIn) -> Client:
    return signed_in(stall.exchange.first)


@pytest.fixture
def second(stall: Stall, signed_in: SignedIn) -> Client:
    return signed_in(stall.exchange.second)


def address(product: Product, act: str) -> str:
    return f"{QUEUE}{product.pk}/{act}/"


def state_of(product: Product) -> str:
    product.refresh_from_db()
    return product.state


def test_the_queue_holds_what_waits_for_the_exchange(stall: Stall, operator: Client) -> None:
    stall.submit(stall.complete(title="Waiting here"))
    stall.complete(title="Still a draft")
    shown = operator.get(f"{QUEUE}?turn__exact=operator").content.decode()
    assert "Waiting here" in shown
    assert "Still a draft" not in shown
    assert "Listings waiting" in operator.get("/console/").content.decode()


def test_operators_are_told_once_a_day_that_products_wait(stall: Stall, operator: Client) -> None:
    for title in ("First of the day", "Second of the day"):
        stall.submit(stall.complete(title=title))
    told = Notice.objects.filter(kind="catalog.listing.submitted")
    assert sorted(one.user_id for one in told) == sorted(
        [stall.exchange.first.pk, stall.exchange.second.pk]
    )
    page = operator.get(reverse("web:notices")).content.decode()
    assert "first “First of the day” of" in page
    assert {one.url for one in told} == {QUEUE}


def test_a_decision_has_gates_findings_and_offers_beside_it(stall: Stall, operator: Client) -> None:
    document = a_document(a_column("phone"), findings=[a_finding("phone")])
    product = stall.complete(document, personal_statement="With consent.")
    shown = operator.get(address(product, "change")).content.decode()
    assert "Nothing yet." in shown
    assert "138****0000" not in shown  # of a column that is held back no value is shown
    assert "CN¥100.00" in shown
    assert "Never approved before" in shown


def test_the_stages_are_passed_one_by_one_with_their_checklists(
    stall: Stall, operator: Client
) -> None:
    product = stall.submit(stall.complete())
    advance = address(product, "advance")
    operator.post(advance, {"go": "1"})
    assert state_of(product) == ListingState.COMPLIANCE_REVIEW
    refused = operator.post(advance, {"checklist": ["source"]})
    assert refused.status_code == 422
    assert "Please confirm every point" in refused.content.decode()
    for state in (
        ListingState.QUALITY_REVIEW,
        ListingState.PRICE_REVIEW,
        ListingState.LISTED,
    ):
        page = operator.get(advance).content.decode()
        ticked = [point for point in ALL_POINTS if f'value="{point}"' in page]
        assert operator.post(advance, {"checklist": ticked}).status_code == 302
        assert state_of(product) == state


def test_a_sensitive_product_takes_two_operators(
    stall: Stall, operator: Client, second: Client
) -> None:
    product = stall.submit(stall.complete(grade="general_3"))
    operator.post(address(product, "whole"), {"stages": [one.value for one in CHECKLISTS]})
    assert state_of(product) == ListingState.PRICE_REVIEW
    for client, has_the_button in ((operator, False), (second, True)):
        page = client.get(address(product, "change")).content.decode()
        assert (address(product, "advance") in page) is has_the_button
    again = operator.post(address(product, "advance"), {"checklist": ["price", "fair", "refund"]})
    assert (again.status_code, state_of(product)) == (403, ListingState.PRICE_REVIEW)
    second.post(address(product, "advance"), {"checklist": ["price", "fair", "refund"]})
    assert state_of(product) == ListingState.LISTED


def test_a_template_is_the_reason_where_no_own_words_are_given(
    stall: Stall, operator: Client
) -> None:
    product = stall.submit(stall.complete())
    operator.post(address(product, "return"), {"reason_code": "source_unproven"})
    assert state_of(product) == ListingState.RETURNED
    step = product.steps.order_by("-number")[0]
    assert step.reason_code == "source_unproven"
    assert step.reason.startswith("Please say where the data comes from")


def test_other_needs_own_words(stall: Stall, operator: Client) -> None:
    product = stall.submit(stall.complete())
    refused = operator.post(address(product, "reject"), {"reason_code": "other"})
    assert refused.status_code == 422
    assert state_of(product) == ListingState.SUBMITTED


def test_a_listing_is_suspended_listed_again_and_taken_off(stall: Stall, operator: Client) -> None:
    product = stall.list()
    operator.post(address(product, "suspend"), {"reason_code": "complaint"})
    assert state_of(product) == ListingState.SUSPENDED
    operator.post(address(product, "resume"), {"reason_code": "settled"})
    assert state_of(product) == ListingState.LISTED
    operator.post(address(product, "delist"), {"reason_code": "no_right"})
    assert state_of(product) == ListingState.DELISTED
