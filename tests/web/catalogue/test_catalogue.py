"""The pages of finding and judging, as visitors of each kind see them."""

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import User
from exchange.catalog.models import SavedSearch, Watch
from exchange.web.product.evidence import SAMPLES_PER_MINUTE
from tests.factories import accounts
from tests.factories.listings import a_column, a_document, a_draft, a_listing, a_revision, an_offer


@pytest.fixture
def person(db: None) -> Client:
    return signed_in(accounts.a_user())


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def shown(client: Client, address: str, **query: str | list[str]) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def titles(page: str) -> list[str]:
    return re.findall(r'listing-title"><a href="[^"]+">([^<]+)<', page)


def test_the_address_holds_the_whole_state_of_the_list(client: Client, db: None) -> None:
    a_listing(title="Meter A", kind="dataset", region="CN-BJ")
    a_listing(title="Meter B", kind="report", region="CN-BJ", price_minor=500)
    page = shown(client, "/catalogue/", q="meter", kind="report", region="CN-BJ", sort="price")
    assert titles(page) == ["Meter B"]
    assert '<input type="hidden" name="kind" value="report">' in page
    assert '<input type="hidden" name="sort" value="price">' in page
    # Taking the kind away keeps the rest.
    assert 'href="/catalogue/?q=meter&amp;region=CN-BJ&amp;sort=price"' in page


def test_an_empty_result_offers_to_ask_for_the_data(client: Client, db: None) -> None:
    page = shown(client, "/catalogue/", q="krill")
    assert 'href="/demands/new/?q=krill"' in page
    assert 'href="/catalogue/"' in page


def test_pages_of_the_list_follow_each_other(client: Client, db: None) -> None:
    for number in range(23):
        a_listing(title=f"Meter {number}")
    first = shown(client, "/catalogue/")
    following = re.search(r'rel="next nofollow" href="([^"]+)"', first)
    assert following is not None
    second = shown(client, following.group(1).replace("&amp;", "&"))
    assert (len(titles(first)), len(titles(second))) == (20, 3)
    assert not set(titles(first)) & set(titles(second))
    assert titles(shown(client, "/catalogue/", place="nonsense")) == titles(first)


def test_a_page_of_the_list_asks_the_database_twice(
    client: Client, db: None, django_assert_num_queries: object
) -> None:
    for number in range(20):
        a_listing(title=f"Meter {number}", price_minor=100, document=a_document())
    client.get("/catalogue/")
    with django_assert_num_queries(2):  # type: ignore[operator]  # the cards; the counts
        client.get("/catalogue/", {"q": "meter", "price_from": "0.50", "price_to": "2"})


def test_open_data_elsewhere_is_off_at_first_and_a_line_says_how_much_there_is(
    client: Client, db: None
) -> None:
    a_listing(title="Meter sold", price_minor=100)
    for number in range(2):
        a_listing(title=f"Meter elsewhere {number}")
    page = shown(client, "/catalogue/", q="meter")
    assert titles(page) == ["Meter sold"]
    assert "2 free open data sets elsewhere fit too." in page
    assert 'href="/catalogue/?q=meter&amp;elsewhere=show"' in page
    page = shown(client, "/catalogue/", q="meter", elsewhere="show")
    assert titles(page)[0] == "Meter sold"
    assert len(titles(page)) == 3
    assert 'href="/catalogue/?q=meter" rel="nofollow">Leave open data out' in page
    page = shown(client, "/catalogue/", q="elsewhere")
    assert len(titles(page)) == 2
    assert "Only free open data elsewhere fits. It is shown." in page


def test_a_range_of_prices_stands_in_the_address(client: Client, db: None) -> None:
    a_listing(title="Cheap", price_minor=10_000)
    a_listing(title="Dear", price_minor=50_000)
    page = shown(client, "/catalogue/", price_from="101", price_to="1,000.00", kind="dataset")
    assert titles(page) == ["Dear"]
    assert "Price from CN¥101.00 to CN¥1,000.00" in page
    assert 'href="/catalogue/?kind=dataset"' in page  # without the price
    assert '<input type="hidden" name="price_to" value="1000.00">' in page  # with other words
    page = shown(client, "/catalogue/", price_to="100")
    assert (titles(page), "Price up to CN¥100.00" in page) == (["Cheap"], True)
    page = shown(client, "/catalogue/", price_from="900")
    assert (titles(page), "Price from CN¥900.00" in page) == ([], True)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"price_from": "1,00"}, "“1,00” is not an amount in CNY."),
        ({"price_to": "-1"}, "“-1” is not an amount in CNY."),
        ({"price_to": "1.005"}, "CNY has 2 digits after the point, not 3."),
        ({"price_from": "2", "price_to": "1"}, "The highest price is below the lowest one."),
        ({"price_to": "1", "currency": "XXX"}, "Select a valid choice."),
    ],
)
def test_a_price_that_cannot_be_meant_is_refused_at_its_field_and_narrows_nothing(
    client: Client, db: None, query: dict[str, str], sentence: str
) -> None:
    a_listing(title="Dear", price_minor=50_000)
    answer = client.get("/catalogue/", query)
    page = re.sub(r"\s+", " ", answer.content.decode())
    assert (answer.status_code, titles(page)) == (422, ["Dear"])
    errors = re.findall(r'field-errors" id="id_(\w+)_error"> <p>([^<]+)', page)
    assert len(errors) == 1
    assert errors[0][0] == list(query)[-1]
    assert sentence in errors[0][1]
    assert all(f'value="{said}"' in page for name, said in query.items() if name != "currency")


def test_an_exchange_of_one_currency_asks_for_none(client: Client, db: None, settings: Any) -> None:
    settings.EXCHANGE_CURRENCIES = ["CNY"]
    a_listing(title="Dear", price_minor=50_000)
    page = shown(client, "/catalogue/", price_from="1")
    assert (titles(page), 'name="currency"' in page) == (["Dear"], False)
    assert "Lowest price (CNY)" in page


def test_the_product_page_shows_evidence_before_the_price(client: Client, db: None) -> None:
    document = a_document(
        a_column("energy", mixed={"kind": "text_among_numbers", "rows": 3, "examples": ["n/a"]}),
        a_column("lat", unit="°"),
        findings=[
            {"column": "lat", "kind": "position", "share": "1", "basis": "name", "example": "*"}
        ],
    )
    product = a_listing(
        title="Readings",
        price_minor=10_000,
        document=document,
        has_sample=True,
        refund_policy="inspection",
        scenarios=["Plan the grid"],
    )
    page = shown(client, reverse("web:product", args=[product.public_id]))
    for evidence in (
        "95.85",
        "Conformity",
        "98.0%",
        "Cells that are not empty ÷ all cells.",
        "3 rows hold something else, such as “n/a”.",
        "positions",
        "=cmd()",
        "Plan the grid",
        "Revision 1",
        "1 Jan 2025 to 31 Dec 2025, 23:45",
        "Values of energy",
    ):
        assert evidence in page, evidence
    # 100.00 net and 6 % tax, before the way to buy.
    total, button = page.index("CN¥106.00"), page.index("/buy/")
    assert page.index("95.85") < total < button
    assert "Build models and derived data with it" in page
    assert "Re-identify people or companies" in page
    assert "Your money is held until you accept" in page


def test_a_product_page_is_one_bounded_set_of_questions(
    client: Client, db: None, django_assert_max_num_queries: object
) -> None:
    product = a_listing(document=a_document(), price_minor=100)
    an_offer(product, price_minor=300)
    for _number in range(3):
        a_revision(product, document=a_document())
    with django_assert_max_num_queries(32):  # type: ignore[operator]  # whatever it has
        client.get(reverse("web:product", args=[product.public_id]))


def test_only_listed_products_are_seen_by_strangers(client: Client, db: None) -> None:
    seller = accounts.an_organisation()
    draft = a_draft(seller=seller, title="Secret plans")
    address = reverse("web:product", args=[draft.public_id])
    assert client.get(address).status_code == 404
    assert signed_in(accounts.a_user()).get(address).status_code == 404
    page = shown(signed_in(accounts.owner_of(seller)), address)
    assert "Only its seller and the exchange see this page." in page
    assert client.get(f"/api/v1/products/{draft.public_id}").status_code == 404
    assert titles(shown(client, "/catalogue/")) == []


def test_chinese_readers_get_the_chinese_title(client: Client, db: None) -> None:
    a_listing(title="Load curve", title_zh="负荷曲线")
    client.cookies["django_language"] = "zh-hans"
    assert titles(shown(client, "/catalogue/")) == ["负荷曲线"]


def test_hostile_words_are_text_on_every_page(client: Client, db: None) -> None:
    evil = "<script>alert(1)</script>"
    product = a_listing(
        title=evil,
        summary=evil,
        description=evil,
        document=a_document(
            a_column("a", original_name=evil, description=evil, top=[[evil, 5]], histogram=None),
            name=evil,
            preview={"columns": [evil], "rows": [[evil]]},
        ),
    )
    for address in ("/catalogue/", reverse("web:product", args=[product.public_id])):
        assert evil not in shown(client, address)
    assert evil not in shown(client, "/catalogue/", q=evil)
    assert evil not in shown(client, "/compare/", id=product.public_id)


def test_up_to_four_listings_are_compared_and_what_differs_is_marked(
    client: Client, db: None
) -> None:
    seller = accounts.an_organisation()
    products = [
        a_listing(title=f"P{number}", price_minor=number * 100, seller=seller)
        for number in range(5)
    ]
    ids = [product.public_id for product in products]
    page = shown(client, "/compare/", id=[*ids, "prd_unknown"])
    assert "More than 4 were chosen" in page
    assert [f">P{number}</a>" in page for number in range(5)] == [True] * 4 + [False]
    assert page.count('class="differs"') == 1  # the price
    assert "Nothing to compare yet" in shown(client, "/compare/")


def test_a_product_is_watched_and_a_search_saved_from_the_pages(person: Client, db: None) -> None:
    product = a_listing(title="Masts", region="CN-BJ")
    watch = reverse("web:product_watch", args=[product.public_id])
    assert person.post(watch).status_code == 302
    assert person.post("/searches/?q=mast&region=CN-BJ", {"name": "North"}).status_code == 302
    page = shown(person, "/watchlist/")
    assert "Masts" in page
    assert 'href="/catalogue/?q=mast&amp;region=CN-BJ">North' in page
    person.post(watch, {"stop": "1"})
    person.post(reverse("web:search_delete", args=[SavedSearch.objects.get().public_id]))
    assert (Watch.objects.count(), SavedSearch.objects.count()) == (0, 0)


def test_samples_are_counted_by_address(client: Client, db: None) -> None:
    cache.clear()
    product = a_listing(document=a_document(), has_sample=True)
    table = product.revisions.get().tables.get().table
    address = reverse("web:product_sample", args=[product.public_id, table.public_id])
    for _number in range(SAMPLES_PER_MINUTE):
        assert client.get(address).status_code == 404  # its content was never stored in this test
    refused = client.get(address)
    assert refused.status_code == 429
    assert "Wait a minute" in refused.content.decode()
    cache.clear()


def test_a_sample_of_a_revoked_or_foreign_table_is_not_there(client: Client, db: None) -> None:
    cache.clear()
    product = a_listing(document=a_document(), has_sample=True)
    other = a_listing(document=a_document(), has_sample=True)
    table = other.revisions.get().tables.get().table
    address = reverse("web:product_sample", args=[product.public_id, table.public_id])
    assert client.get(address).status_code == 404


def test_who_was_never_admitted_reads_why_no_request_can_be_posted(db: None) -> None:
    owner = accounts.a_user()
    accounts.an_organisation(owner=owner)
    person = signed_in(owner)
    page = shown(person, "/demands/new/", q="krill")
    assert "You cannot post a request now" in page  # the organisation was never admitted
    assert shown(Client(), "/demands/").count("Nothing is asked for") == 1


def test_the_api_says_what_the_pages_say(client: Client, db: None) -> None:
    product = a_listing(title="Meter", region="CN-BJ", price_minor=100, document=a_document())
    a_listing(title="Other", region="CN-SH")
    found = client.get("/api/v1/products", {"search": "meter", "region": "CN-BJ"}).json()
    assert [item["title"] for item in found["items"]] == ["Meter"]
    assert (found["total"], found["total_is_lower_bound"], found["next"]) == (1, False, None)
    assert found["facets"]["region"] == {"CN-BJ": 1}
    twin = client.get(found["items"][0]["url"]).json()
    assert twin["id"] == product.public_id
    assert twin["tables"][0]["document"]["quality"]["score"] == "95.85"
    assert [offer["price_minor"] for offer in twin["offers"]] == [100]
    assert twin["page"].endswith(reverse("web:product", args=[product.public_id]))


def test_the_api_narrows_by_price_as_the_pages_do(client: Client, db: None) -> None:
    for title, minor in (("Free", 0), ("Cheap", 100), ("Dear", 900)):
        a_listing(title=title, price_minor=minor)

    def titles(**asked: str | int) -> list[str]:
        found = client.get("/api/v1/products", {"sort": "price", **asked}).json()
        assert found["total"] == len(found["items"])
        return [item["title"] for item in found["items"]]

    assert titles(price_from_minor=1) == ["Cheap", "Dear"]
    assert titles(price_to_minor=100) == ["Free", "Cheap"]
    assert titles(price_from_minor=100, price_to_minor="100", currency="CNY") == ["Cheap"]
    assert titles(price_to_minor=900, currency="USD") == ["Free"]
    first = client.get("/api/v1/products", {"price_from_minor": 1, "limit": 1}).json()
    assert "price_from_minor=1" in first["next"]
    assert len(client.get(first["next"]).json()["items"]) == 1


@pytest.mark.parametrize(
    ("asked", "field", "code"),
    [
        ({"price_from_minor": "1.00"}, "price_from_minor", "invalid"),
        ({"price_from_minor": "-1"}, "price_from_minor", "invalid"),
        ({"price_to_minor": str(10**18)}, "price_to_minor", "max_value"),
        ({"price_from_minor": 2, "price_to_minor": 1}, "price_to_minor", "range_is_empty"),
        ({"price_from_minor": 2, "currency": "XXX"}, "currency", "invalid_choice"),
    ],
)
def test_a_price_that_means_nothing_is_refused_at_its_field(
    client: Client, db: None, asked: dict[str, str | int], field: str, code: str
) -> None:
    answer = client.get("/api/v1/products", asked)
    assert (answer.status_code, answer.json()["code"]) == (422, "fields_invalid")
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == (f"#/{field}", code)


def test_the_api_goes_page_by_page_and_refuses_foreign_cursors(client: Client, db: None) -> None:
    for number in range(3):
        a_listing(title=f"Meter {number}")
    first = client.get("/api/v1/products", {"limit": 2}).json()
    second = client.get(first["next"]).json()
    assert (len(first["items"]), len(second["items"]), second["next"]) == (2, 1, None)
    assert client.get("/api/v1/products", {"cursor": "x"}).json()["code"] == "bad_cursor"
    assert client.get("/api/v1/products", {"limit": "0"}).json()["code"] == "bad_limit"
