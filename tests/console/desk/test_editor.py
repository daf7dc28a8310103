"""The editor of the desk: a product from sign-in to its submission, in tabs."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Organisation, User
from exchange.catalog import review
from exchange.catalog.gates import GATES, Tab
from exchange.catalog.lifecycle import ListingState, ProductKind
from exchange.catalog.listing import Said
from exchange.catalog.models import Offer, Product
from exchange.catalog.reasons import REASONS
from exchange.members.actors import person_of
from exchange.vault import file_reading
from exchange.vault.models import DataFile
from exchange.web.selling.editor import ROUTES
from tests.factories import accounts, listings
from tests.factories.catalog import DAY, Stall, a_column, a_document, a_finding
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db

CSV = b"day,kwh\n" + b"".join(b"2026-01-%02d,%d.5\n" % (day, day) for day in range(1, 29))
ABOUT = {
    "title": "Meters", "summary": "Daily energy.", "scenarios": "Forecast load.", "industry": "energy",
}  # fmt: skip
OFFER = {
    "name": "Once", "kind": "one_off", "price": "980.00", "currency": "CNY", "history": "all",
    "future": "none",
}  # fmt: skip
TABS = [tab.value for tab in Tab]
QUERIES_MAX = 60


@pytest.fixture(autouse=True)
def vault_root(tmp_path: Path, settings: Any) -> None:
    settings.VAULT_ROOT = str(tmp_path / "vault")


def tab(name: str, product: Product, *more: str) -> str:
    return reverse(f"desk:sell_{name}", args=[product.public_id, *more])


def refused(client: Client, address: str, said: dict[str, Any], status: int = 422) -> str:
    answer = client.post(address, said)
    assert answer.status_code == status
    return answer.content.decode()


def moved(client: Client, address: str, said: dict[str, Any]) -> str:
    answer = client.post(address, said)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    return str(answer.headers["Location"])


def test_a_seller_goes_from_sign_in_to_a_submitted_listing_in_the_desk_alone(stall: Stall) -> None:
    client = Client()
    begin = reverse("desk:sell_new")
    asked = client.get(begin)
    assert asked.headers["Location"] == f"{reverse('account_login')}?next={begin}"
    person = User.objects.get(pk=person_of(stall.selling))
    known = {"login": person.email, "password": accounts.PASSWORD}
    assert moved(client, asked.headers["Location"], known) == begin
    assert f'href="{begin}"' in shown(client, reverse("desk:catalog_product_changelist"))
    assert "A new product" in shown(client, begin)

    about = moved(client, begin, {"kind": "dataset", "title": "Meters"})
    product = Product.objects.get()
    assert about == tab("about", product)
    assert moved(client, about, {**ABOUT, "go_on": "1"}) == tab("data", product)

    upload = {"file": SimpleUploadedFile("meters.csv", CSV)}
    assert 'data-upload="' in shown(client, tab("data", product))
    assert moved(client, tab("use_file", product), upload) == tab("data", product)
    assert "Waiting to be read" in shown(client, tab("data", product))
    file_reading.read_now(DataFile.objects.get().pk, now=DAY)
    assert "28 rows were read." in shown(client, tab("data", product))

    described = {
        "t0c0-name": "day", "t0c0-unit": "", "t0c0-description": "Day", "t0c1-name": "energy",
        "t0c1-unit": "kWh", "t0c1-description": "Energy", "go_on": "1",
    }  # fmt: skip
    assert moved(client, tab("dictionary", product), described) == tab("offers", product)
    assert moved(client, tab("offers", product), OFFER) == tab("offers", product)
    assert "CN¥1,038.80" in shown(client, tab("offers", product))
    tried = shown(client, f"{tab('simulate', product)}?source=typed&willing=100+x+6")
    assert "The most is CN¥600.00, at a price of CN¥100.00." in tried

    terms = {
        "template": "custom", "allowed": ["internal_use", "derive"], "refund_policy": "inspection",
        "delivery": "file", "external_url": "", "go_on": "1",
    }  # fmt: skip
    assert moved(client, tab("licence", product), terms) == tab("documents", product)
    stated = {"source_statement": "Our own meters.", "grade": "general_1", "go_on": "1"}
    assert moved(client, tab("documents", product), stated) == tab("check", product)

    check = shown(client, tab("check", product))
    assert "Nothing that it needs is missing." in check
    page = reverse("desk:catalog_product_change", args=[product.public_id])
    assert moved(client, tab("check", product), {}) == page
    assert "Submitted. We'll notify you of the result." in shown(client, page)
    product.refresh_from_db()
    assert product.state == ListingState.SUBMITTED
    assert product.licence["allowed"] == ["derive", "internal_use"]
    assert (product.delivery, product.source_statement) == ("file", "Our own meters.")
    assert Offer.objects.get().price_minor == 980_00


@pytest.mark.parametrize("name", [name for name in TABS if name != "dictionary"])
def test_each_tab_says_what_is_missing_and_leads_to_its_field(
    stall: Stall, seller: Client, name: str
) -> None:
    product = stall.draft(ProductKind.SERVICE, scenarios=[], source_statement="")
    page = shown(seller, tab(name, product))
    assert "3 things are missing before it can be submitted." in page
    assert f'href="{tab("about", product)}#id_scenarios"' in page
    assert f'href="{tab("documents", product)}#id_source_statement"' in page
    assert f'href="{tab("offers", product)}"' in page
    assert re.search(rf'href="{tab(name, product)}" aria-current="page"', page)
    assert f'href="{tab("dictionary", product)}"' not in page
    assert "/console/" not in page


def test_a_gate_names_a_field_of_the_form_behind_its_tab(stall: Stall, seller: Client) -> None:
    draft, bundle = stall.draft(), stall.draft(ProductKind.BUNDLE)
    for gate in GATES:
        if gate.field:
            product = bundle if gate.field == "products" else draft
            page = seller.get(tab(gate.tab, product)).content.decode()
            assert f'id="id_{gate.field}"' in page, gate.code


def test_the_remark_of_the_reviewer_stands_at_its_field_and_leads_there(
    stall: Stall, seller: Client
) -> None:
    product = stall.submit(stall.complete())
    said = Said(reason_code="source_unproven", reason="Whose stations are they?")
    review.return_listing(product.public_id, actor=stall.reviewing, said=said, now=DAY)
    other = shown(seller, tab("offers", product))
    assert "Whose stations are they?" in other
    assert f'href="{tab("documents", product)}#id_source_statement"' in other
    for address in (
        tab("documents", product),
        reverse("web:sell_licence", args=[product.public_id]),
    ):
        form = seller.get(address).context["page"].form
        assert "Whose stations are they?" in form.fields["source_statement"].help_text
        assert 'aria-describedby="id_source_statement_helptext"' in shown(seller, address)
    assert "<script" not in form.fields["source_statement"].help_text


def test_a_remark_about_a_whole_tab_stands_on_it(stall: Stall, seller: Client) -> None:
    product = stall.submit(stall.complete())
    said = Said(reason_code="price_unclear", reason="<b>What</b> is the total?")
    review.return_listing(product.public_id, actor=stall.reviewing, said=said, now=DAY)
    for address in (tab("offers", product), reverse("web:sell_offers", args=[product.public_id])):
        html = seller.get(address).content.decode()
        assert "&lt;b&gt;What&lt;/b&gt; is the total?" in html
    about = reverse("web:sell_about", args=[product.public_id])
    assert "is the total?" not in seller.get(about).content.decode()


def test_each_reason_to_hand_back_concerns_a_gate() -> None:
    codes = {gate.code for gate in GATES}
    back = [one for one in REASONS if one.gate]
    assert len(back) == 6
    assert {one.gate for one in back} <= codes


def test_a_refusal_keeps_what_was_typed_and_stands_at_its_field(
    stall: Stall, seller: Client
) -> None:
    product = stall.draft()
    html = refused(
        seller, tab("about", product), {**ABOUT, "title": "x" * 201, "summary": "Typed."}
    )
    assert "at most 200 characters" in html
    assert "Typed." in html
    terms = {
        "template": "custom",
        "text": "Typed.",
        "delivery": "external",
        "external_url": "ftp:x",
    }
    html = refused(seller, tab("licence", product), terms)
    assert "https://" in html
    assert "Typed." in html
    assert 'value="ftp:x"' in html
    html = refused(seller, tab("offers", product), {**OFFER, "price": "1.005", "name": "Typed"})
    assert 'value="Typed"' in html
    stall.attach(product, a_document(a_column("phone"), findings=[a_finding("phone")]))
    said = {"t0c0-name": "phone", "t0c0-description": "Typed", "t0c0-personal": "no"}
    html = refused(seller, tab("dictionary", product), said)
    assert "Please say why the column “phone” is not personal." in html
    assert 'value="Typed"' in html
    product.refresh_from_db()
    assert (product.summary, product.licence["template"]) == (
        "Hourly pressure and flow of three trunk lines.",
        "commercial",
    )
    assert Offer.objects.count() == 0


def test_what_is_missing_is_said_when_it_is_submitted_all_the_same(
    stall: Stall, seller: Client
) -> None:
    product = stall.draft()
    html = refused(seller, tab("check", product), {}, status=409)
    assert "Not yet, as this is missing:" in html
    product.refresh_from_db()
    assert product.state == ListingState.DRAFT


def test_an_offer_is_tried_by_use_and_withdrawn_within_the_desk(
    stall: Stall, seller: Client
) -> None:
    product = stall.draft()
    page = shown(seller, tab("offers", product))
    assert f'href="{tab("use", product)}"' in page
    assert f'href="{tab("simulate", product)}"' in page
    assert "What is counted" in shown(seller, tab("use", product))
    offer = stall.offer(product)
    address = tab("offer_withdraw", product, offer.public_id)
    assert f'action="{address}"' in shown(seller, tab("offers", product))
    assert moved(seller, address, {}) == tab("offers", product)
    assert Offer.objects.exists() is False  # of a draft nothing is left


def test_a_change_of_a_listed_product_is_begun_and_submitted_in_the_desk(
    stall: Stall, seller: Client
) -> None:
    product = stall.list()
    moved(seller, tab("about", product), {**ABOUT, "title": "Better"})
    assert "waits for the exchange" in shown(seller, tab("check", product))
    moved(seller, tab("check", product), {})
    product.refresh_from_db()
    assert product.change_proposed
    assert product.title == "Pressure of trunk lines"


def test_the_parts_of_a_bundle_are_chosen_under_files(stall: Stall, seller: Client) -> None:
    listed = stall.list()
    bundle = stall.draft(ProductKind.BUNDLE)
    assert listed.title in shown(seller, tab("data", bundle))
    moved(seller, tab("data", bundle), {"products": [listed.public_id], "equipment": "2 × Gateway"})
    bundle.refresh_from_db()
    assert [part["kind"] for part in bundle.parts] == ["product", "equipment"]


def test_desk_and_wizard_lead_to_each_other(stall: Stall, seller: Client) -> None:
    product = stall.draft()
    for step in ("about", "data", "dictionary", "licence", "offers", "check"):
        here, there = tab(step, product), reverse(f"web:sell_{step}", args=[product.public_id])
        assert f'href="{there}"' in shown(seller, here)
        assert f'href="{here}"' in shown(seller, there)
    wizard = reverse("web:sell_licence", args=[product.public_id])
    assert f'href="{wizard}"' in shown(seller, tab("documents", product))


def test_nobody_else_reaches_a_product_by_the_editor(
    stall: Stall, seller: Client, colleague: Client, rival: Organisation
) -> None:
    other = listings.a_listing(seller=rival, title="Voltage of the grid")
    offer = other.offers.get()
    mine = stall.draft()
    for _route, _view, name in ROUTES:
        if name == "sell_new":
            continue
        more = [offer.public_id] if name == "sell_offer_withdraw" else []
        address = tab(name.removeprefix("sell_"), other, *more)
        answers = (seller.post(address, {"title": "Taken"}), seller.get(address))
        codes = {answer.status_code for answer in answers}
        assert 404 in codes, name
        assert codes <= {404, 405}, name
        own = tab(name.removeprefix("sell_"), mine, *more)
        if name != "sell_offer_withdraw":
            assert colleague.post(own, {"title": "Taken"}).status_code in (403, 405), name
    other.refresh_from_db()
    assert other.title == "Voltage of the grid"
    assert colleague.get(reverse("desk:sell_new")).status_code == 403
    outside = browser(accounts.a_user(), accounts.an_organisation())
    assert outside.get(tab("about", mine)).status_code == 404


def test_its_pages_keep_to_the_policy_of_admin_sites(stall: Stall, seller: Client) -> None:
    product = stall.complete()
    for name in (*TABS, "use", "simulate"):
        answer = seller.get(tab(name, product))
        assert "script-src 'self' 'unsafe-eval'" in answer["Content-Security-Policy"], name
        html = answer.content.decode()
        assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", html) == [], name
        assert re.findall(r"\son(?:click|change|submit|load)=", html) == [], name
        assert len(re.findall(r"<h1", html)) == 1


def test_the_editor_speaks_chinese(stall: Stall, seller: Client) -> None:
    product = stall.draft()
    seller.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    html = shown(seller, tab("licence", product))
    assert "许可与交付" in html
    assert "提交" in html


@pytest.mark.parametrize("name", TABS)
def test_a_tab_asks_the_same_however_much_there_is(stall: Stall, seller: Client, name: str) -> None:
    product = stall.complete()
    address = tab(name, product)
    seller.get(address)
    with CaptureQueriesContext(connection) as few:
        seller.get(address)
    for number in range(3):
        stall.draft(title=f"Draft {number}")
    with CaptureQueriesContext(connection) as more:
        seller.get(address)
    assert len(more) == len(few) <= QUERIES_MAX


def test_a_revision_is_published_within_the_desk(stall: Stall, seller: Client) -> None:
    product = stall.list()
    desk_page = reverse("desk:catalog_product_change", args=[product.public_id])
    assert f'href="{tab("publish", product)}"' in shown(seller, desk_page)
    nothing_new = shown(seller, tab("publish", product))
    assert "No new data yet" in nothing_new
    assert f'href="{tab("data", product)}"' in nothing_new
    assert reverse("web:sell_publish", args=[product.public_id]) not in nothing_new
    stall.attach(product)
    assert "Publish revision 2" in shown(seller, tab("publish", product))
    assert moved(seller, tab("publish", product), {"note": "More rows"}) == desk_page
    assert product.revisions.filter(state="published").count() == 2
    draft = stall.draft(title="Other")
    assert f'href="{tab("publish", draft)}"' not in shown(
        seller, reverse("desk:catalog_product_change", args=[draft.public_id])
    )


def test_columns_are_held_back_within_the_desk(stall: Stall, seller: Client) -> None:
    product = stall.list()
    desk_page = reverse("desk:catalog_product_change", args=[product.public_id])
    address = tab("personal", product)
    assert f'href="{address}"' in shown(seller, desk_page)
    said = {"hold": "1", "hold-column": "bar", "hold-reason": "Names of people"}
    assert moved(seller, address, said) == address
    assert "Held back" in shown(seller, address)
    assert product.flags.get().column == "bar"
