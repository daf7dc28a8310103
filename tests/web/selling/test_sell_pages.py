"""The publish wizard and the seller's pages, as a browser without JavaScript uses them."""

import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from exchange.catalog import products, review
from exchange.catalog.lifecycle import ListingState, RevisionState
from exchange.catalog.models import Offer, Product, Revision
from exchange.core import clock
from exchange.members.roles import Kind, Role
from exchange.vault import file_reading
from exchange.vault.models import DataFile
from tests.factories import accounts
from tests.factories.catalog import (
    BECAUSE,
    DAY,
    Stall,
    a_column,
    a_document,
    a_finding,
    a_ready_file,
)
from tests.factories.members import a_role
from tests.web.buyers import browser

QUERIES_MAX = 35
CSV = b"day,kwh,phone\n" + b"".join(
    b"2026-01-%02d,%d.5,138%08d\n" % (day, day, 12345670 + day) for day in range(1, 29)
)


@pytest.fixture(autouse=True)
def vault_root(tmp_path: Path, settings: Settings) -> None:
    settings.VAULT_ROOT = str(tmp_path / "vault")


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return answer.content.decode()


def standing_out(text: str) -> list[str]:
    """The words of the page's primary buttons."""
    return re.findall(r"btn-primary[^>]*>\s*([^<]+?)\s*<", text.partition("<main")[2])


def test_the_step_about_data_has_one_button_that_stands_out(stall: Stall, seller: Client) -> None:
    data = seller.post("/sell/new/", {"kind": "dataset", "title": "Meters"}).headers["Location"]
    empty = page(seller, data)
    assert standing_out(empty) == ["Upload"]
    assert "data-attach" in empty
    upload = SimpleUploadedFile("meters.csv", CSV)
    assert seller.post(f"{data}use/", {"file": upload}).headers["Location"] == data
    assert standing_out(page(seller, data)) == ["Go on"]
    Product.objects.update(delivery="external")
    assert standing_out(page(seller, data)) == ["Save and go on"]


def test_the_description_is_seen_below_its_form_as_buyers_see_it(
    stall: Stall, seller: Client
) -> None:
    begun = seller.post("/sell/new/", {"kind": "dataset", "title": "Meters"})
    about = begun.headers["Location"].replace("/data/", "/about/")
    assert "The description, as buyers see it" not in page(seller, about)
    Product.objects.update(description="# Meters\n\n- **hourly**\n- <script>alert(1)</script>")
    shown = page(seller, about)
    assert "The description, as buyers see it" in shown
    assert "<h3>Meters</h3>" in shown
    assert "<strong>hourly</strong>" in shown
    assert "<script>alert(1)" not in shown
    assert "<h3>Meters</h3>" in page(seller, about.replace("/about/", "/check/"))


def test_a_file_becomes_a_submitted_product_step_by_step(stall: Stall, seller: Client) -> None:
    assert "Nothing on offer yet" in page(seller, "/sell/")
    begun = seller.post("/sell/new/", {"kind": "dataset", "title": "Meters"})
    data = begun.headers["Location"]
    here = data.removesuffix("data/")
    assert "Upload data" in page(seller, data)

    upload = SimpleUploadedFile("meters.csv", CSV)
    assert seller.post(f"{data}use/", {"file": upload}).headers["Location"] == data
    assert "Waiting to be read" in page(seller, data)
    file_reading.read_now(DataFile.objects.get().pk, now=DAY)
    assert "28 rows were read." in page(seller, data)

    dictionary = page(seller, f"{here}dictionary/")
    assert "telephone numbers" in dictionary
    described = seller.post(
        f"{here}dictionary/",
        {
            "t0c0-name": "day", "t0c0-unit": "", "t0c0-description": "Day of the reading",
            "t0c1-name": "energy", "t0c1-unit": "kWh", "t0c1-description": "Energy of the day",
            "t0c2-name": "phone", "t0c2-unit": "", "t0c2-description": "A made-up number",
            "t0c2-personal": "no", "t0c2-why": "Generated numbers.", "go_on": "1",
        },
    )  # fmt: skip
    assert described.headers["Location"] == f"{here}about/"
    assert 'value="energy"' in page(seller, f"{here}dictionary/")

    about = {
        "title": "Meters", "summary": "Daily energy.", "scenarios": "Forecast load.\nPlan repairs.",
        "industry": "energy", "keywords": "meter, 电表", "go_on": "1",
    }  # fmt: skip
    assert seller.post(f"{here}about/", about).headers["Location"] == f"{here}licence/"
    licence = {
        "template": "custom", "allowed": ["internal_use", "derive"], "refund_policy": "inspection",
        "source_statement": "Our own meters.", "grade": "general_1", "go_on": "1",
    }  # fmt: skip
    assert seller.post(f"{here}licence/", licence).headers["Location"] == f"{here}offers/"
    offer = {
        "name": "Once", "kind": "one_off", "price": "980.00", "currency": "CNY", "history": "all",
        "future": "none",
    }  # fmt: skip
    assert seller.post(f"{here}offers/", offer).status_code == 302
    assert "CN¥1,038.80" in page(seller, f"{here}offers/")

    check = page(seller, f"{here}check/")
    assert "Nothing that it needs is missing." in check
    assert seller.post(f"{here}check/").headers["Location"] == here
    product = Product.objects.get()
    assert product.state == ListingState.SUBMITTED
    assert product.scenarios == ["Forecast load.", "Plan repairs."]
    assert product.keywords == ["meter", "电表"]
    assert product.licence["allowed"] == ["derive", "internal_use"]
    assert "reidentify" in product.licence["forbidden"]
    assert "The exchange reviews it." in page(seller, here)


def test_a_draft_lists_what_is_missing_and_links_to_it(stall: Stall, seller: Client) -> None:
    product = stall.draft(scenarios=[])
    check = page(seller, f"/sell/{product.public_id}/check/")
    assert "At least one scenario is named" in check
    assert f'href="/sell/{product.public_id}/about/#id_scenarios"' in check
    refused = seller.post(f"/sell/{product.public_id}/check/")
    assert refused.status_code == 409
    product.refresh_from_db()
    assert product.state == ListingState.DRAFT


def test_a_form_that_saves_by_itself_is_answered_with_the_time(
    stall: Stall, seller: Client
) -> None:
    product = stall.draft()
    address = f"/sell/{product.public_id}/about/"
    told = seller.post(address, {"title": "Half"}, headers={"X-Autosave": "1"})
    assert re.fullmatch(r"Saved at \d\d:\d\d:\d\d", told.json()["saved"])
    product.refresh_from_db()
    assert product.title == "Half"
    refused = seller.post(address, {"title": "x" * 201}, headers={"X-Autosave": "1"})
    assert refused.status_code == 422
    assert "at most 200 characters" in refused.json()["errors"]["title"]
    product.refresh_from_db()
    assert product.title == "Half"


def test_a_refused_dictionary_keeps_what_was_typed(stall: Stall, seller: Client) -> None:
    product = stall.draft()
    stall.attach(product, a_document(a_column("phone"), findings=[a_finding("phone")]))
    answer = seller.post(
        f"/sell/{product.public_id}/dictionary/",
        {"t0c0-name": "phone", "t0c0-description": "Typed", "t0c0-personal": "no"},
    )
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "Please say why the column “phone” is not personal." in shown
    assert 'value="Typed"' in shown
    assert Revision.objects.get().tables.count() == 0


def test_an_offer_is_replaced_by_a_new_one_and_never_changed(stall: Stall, seller: Client) -> None:
    product = stall.list()
    first = Offer.objects.get()
    address = f"/sell/{product.public_id}/offers/"
    assert f'value="{first.public_id}"' in page(seller, f"{address}?like={first.public_id}")
    seller.post(
        address,
        {
            "name": "Once", "kind": "one_off", "price": "120", "currency": "CNY", "history": "all",
            "future": "none", "supersedes": first.public_id,
        },
    )  # fmt: skip
    second = Offer.objects.exclude(pk=first.pk).get()
    assert (second.state, first.state) == ("proposed", "active")
    shown = page(seller, address)
    assert "in place of Once, CN¥100.00" in shown
    assert "0 running subscriptions keep their price" in shown
    assert f"{first.get_kind_display()}" in shown
    assert "CN¥120.00" in page(seller, f"/sell/{product.public_id}/check/")
    seller.post(f"/sell/{product.public_id}/check/")
    review.accept_change(product.public_id, actor=stall.reviewing, now=clock.now())
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.price_minor) == ("withdrawn", 10_000)
    assert (second.state, second.price_minor, second.supersedes) == ("active", 12_000, first)


def test_a_free_offer_with_a_price_is_refused_at_the_field(stall: Stall, seller: Client) -> None:
    product = stall.draft()
    answer = seller.post(
        f"/sell/{product.public_id}/offers/",
        {
            "name": "Free", "kind": "free", "price": "5", "currency": "CNY", "history": "all",
            "future": "none",
        },
    )  # fmt: skip
    assert answer.status_code == 422
    assert answer.context["page"].form.errors["price"] == [
        "This is only for: One payment, Subscription. Leave it out."
    ]
    assert Offer.objects.count() == 0


def test_a_price_with_too_many_decimals_keeps_the_form_and_says_so_at_the_field(
    stall: Stall, seller: Client
) -> None:
    product = stall.draft()
    answer = seller.post(
        f"/sell/{product.public_id}/offers/",
        {
            "name": "All of it", "kind": "one_off", "price": "100.50", "currency": "JPY",
            "history": "all", "future": "none",
        },
    )  # fmt: skip
    form = answer.context["page"].form
    assert answer.status_code == 422
    assert form.errors["price"] == ["JPY has 0 digits after the point, not 2. Write it as 1,234."]
    assert 'value="All of it"' in answer.content.decode()
    assert Offer.objects.count() == 0


def test_the_next_revision_is_published_with_its_difference(stall: Stall, seller: Client) -> None:
    product = stall.list()
    wider = a_document(
        a_column("at", type="datetime", histogram=None),
        a_column("bar", histogram={"edges": [0, 5, 10], "counts": [0, 100]}),
        a_column("flow"),
        rows=150,
    )
    stall.attach(product, wider)
    here = f"/sell/{product.public_id}/"
    shown = page(seller, f"{here}publish/")
    assert "150 rows, before 100 (+50)" in shown
    assert "New columns: flow" in shown
    assert "The values of bar moved by 50%" in shown
    assert "The exchange looks at this revision first" in shown
    assert seller.post(f"{here}publish/", {"note": "With flow"}).headers["Location"] == here
    assert Revision.objects.get(number=2).state == RevisionState.DRAFT
    assert "Buyers get this revision once it is accepted." in page(seller, f"{here}publish/")
    stall.accept_change(product)
    assert Revision.objects.get(number=2).state == RevisionState.PUBLISHED
    assert "With flow" in page(seller, here)
    public = page(Client(), f"/products/{product.public_id}/")
    assert "New columns: flow" in public


def test_a_change_of_a_listed_product_waits_and_buyers_see_the_old_one(
    stall: Stall, seller: Client
) -> None:
    product = stall.list()
    here = f"/sell/{product.public_id}/"
    about = seller.get(f"{here}about/").context  # the form begins with what is listed
    assert about is not None
    seller.post(f"{here}about/", {"title": "Better", "summary": product.summary})
    check = page(seller, f"{here}check/")
    assert "What you want changed" in check
    assert "Pressure of trunk lines" in page(Client(), f"/products/{product.public_id}/")


def test_withdrawing_needs_a_reason_and_ends_the_listing(stall: Stall, seller: Client) -> None:
    product = stall.list()
    act = f"/sell/{product.public_id}/acts/delist/"
    assert seller.post(act).status_code == 422
    assert seller.post(act, {"reason": "Replaced."}).status_code == 302
    product.refresh_from_db()
    assert product.state == ListingState.DELISTED
    assert Client().get(f"/products/{product.public_id}/").status_code == 410


def test_a_product_is_paused_with_what_goes_on_named_and_listed_again(
    stall: Stall, seller: Client
) -> None:
    product = stall.list(a_document(), title="Pressure")
    here = f"/sell/{product.public_id}/"
    shown = page(seller, here)
    assert "Pause this product?" in shown
    assert "Nothing is running at the moment." in shown
    assert "List this product again?" not in shown
    answer = seller.post(f"{here}acts/pause/", follow=True)
    assert "Paused. Nobody new can order it until you list it again." in answer.content.decode()
    product.refresh_from_db()
    assert product.state == ListingState.PAUSED
    paused = page(seller, here)
    assert "You paused it." in paused
    assert "Pause this product?" not in paused
    assert "Paused by the seller" in paused
    answer = seller.post(f"{here}acts/relist/", follow=True)
    assert "Listed again. Buyers can find and buy it." in answer.content.decode()
    product.refresh_from_db()
    assert product.state == ListingState.LISTED
    assert seller.post(f"{here}acts/relist/").status_code == 409


def test_the_page_of_a_paused_product_says_so_to_the_buyer_its_owner_and_a_stranger(
    stall: Stall, seller: Client
) -> None:
    product = stall.list(a_document(), title="Pressure")
    offer = product.offers.get()
    buyer = accounts.an_organisation(name="City Gas")
    stall.exchange.admit(buyer, Kind.BUYER)
    a_role(buyer, accounts.owner_of(buyer), Role.BUYER_AGENT)
    buying = browser(accounts.owner_of(buyer), buyer)
    products.pause(product.public_id, actor=stall.selling, now=DAY)
    address = f"/products/{product.public_id}/"
    buying_page = f"/offers/{offer.public_id}/buy/"
    for client in (buying, seller, Client()):
        shown = page(client, address)
        assert "Its seller has paused this product." in shown
        assert buying_page not in shown
        assert "Ask for a quote" not in shown
        assert "Nothing is offered at the moment." in shown
    assert "Watch it to be told when it is back." in page(buying, address)
    assert "Watch it to be told when it is back." not in page(Client(), address)
    for closed in (buying_page, f"{address}quote/", f"{address}samples/any.csv"):
        answer = buying.get(closed)
        assert answer.status_code == 409
        assert "The seller has paused this product." in answer.content.decode()
    assert "Pressure" not in page(Client(), "/catalogue/")
    products.relist(product.public_id, actor=stall.selling, now=DAY)
    assert buying_page in page(buying, address)


def test_the_sellers_page_asks_the_same_number_of_questions_whatever_runs(
    stall: Stall, seller: Client
) -> None:
    product = stall.list(a_document())
    here = f"/sell/{product.public_id}/"
    page(seller, here)
    with CaptureQueriesContext(connection) as listed:
        page(seller, here)
    products.pause(product.public_id, actor=stall.selling, now=DAY)
    with CaptureQueriesContext(connection) as paused:
        page(seller, here)
    assert len(paused) == len(listed) - 1  # what goes on is read in one statement, once
    assert len(listed) <= QUERIES_MAX


def test_a_revision_is_revoked_with_a_reason(stall: Stall, seller: Client) -> None:
    product = stall.list()
    revision = Revision.objects.get()
    act = f"/sell/{product.public_id}/revisions/{revision.public_id}/revoke/"
    assert seller.post(act, {"reason": " "}).status_code == 422
    assert seller.post(act, {"reason": "A wrong unit."}).status_code == 302
    revision.refresh_from_db()
    assert (revision.state, revision.revoked_reason) == ("revoked", "A wrong unit.")


def test_a_returned_product_says_why_and_what_to_do(stall: Stall, seller: Client) -> None:
    product = stall.submit(stall.complete())
    review.return_listing(product.public_id, actor=stall.reviewing, said=BECAUSE, now=DAY)
    assert "Because it has to be." in page(seller, f"/sell/{product.public_id}/check/")
    assert "Correct it" in page(seller, "/sell/")


def test_a_bundle_names_listed_products_and_equipment(stall: Stall, seller: Client) -> None:
    listed = stall.list()
    begun = seller.post("/sell/new/", {"kind": "bundle", "title": "Kit"})
    data = begun.headers["Location"]
    assert "Pressure of trunk lines" in page(seller, data)
    seller.post(data, {"products": [listed.public_id], "equipment": "2 × Edge gateway\nTraining"})
    assert Product.objects.get(kind="bundle").parts == [
        {"kind": "product", "product": listed.public_id, "count": 1},
        {"kind": "equipment", "name": "Edge gateway", "count": 2},
        {"kind": "equipment", "name": "Training", "count": 1},
    ]


def test_an_api_needs_an_address_that_is_one(stall: Stall, seller: Client) -> None:
    data = seller.post("/sell/new/", {"kind": "api"}).headers["Location"]
    refused = seller.post(data, {"delivery": "api", "external_url": "javascript:alert(1)"})
    assert refused.status_code == 422
    assert "https://" in refused.content.decode()
    seller.post(data, {"delivery": "api", "external_url": "https://example.com"})
    assert Product.objects.get().external_url == "https://example.com"


def test_somebody_elses_product_does_not_exist(stall: Stall, seller: Client) -> None:
    product = stall.draft()
    other = a_ready_file(stall.exchange.organisation)
    stranger = Client()
    stranger.force_login(accounts.a_user(), backend="django.contrib.auth.backends.ModelBackend")
    assert stranger.get(f"/sell/{product.public_id}/").status_code == 404
    taken = seller.post(f"/sell/{product.public_id}/data/use/", {"file": other.public_id})
    assert taken.status_code == 404
    assert product.revisions.count() == 0


def test_seller_and_exchange_see_the_page_with_its_data_before_it_is_listed(
    stall: Stall, seller: Client
) -> None:
    product = stall.submit(stall.complete())
    preview = page(seller, f"/products/{product.public_id}/")
    assert "Only its seller and the exchange see this page." in preview
    assert "Columns of pressure" in preview
    assert Client().get(f"/products/{product.public_id}/").status_code == 404
