"""The seller's products at the desk: the list, one product, and acts on several."""

import csv
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Organisation
from exchange.audit import sequencer
from exchange.audit.models import Record
from exchange.catalog import products, review
from exchange.catalog.listing import Said
from exchange.catalog.models import Product
from tests.factories import listings
from tests.factories.catalog import DAY, Stall
from tests.web.buyers import shown

pytestmark = pytest.mark.django_db

QUERIES_MAX = 13


def the_list(**asked: str) -> str:
    return reverse("desk:catalog_product_changelist", query=asked or None)


def page_of(product: Product) -> str:
    return reverse("desk:catalog_product_change", args=[product.public_id])


def choose(client: Client, act: str, *chosen: Product, **more: Any) -> Any:
    """Run an act on the chosen rows: what is sent by the list, or, with `confirmed`, by its page."""
    ids = [one.public_id for one in chosen]
    return client.post(the_list(), {"action": act, "_selected_action": ids, **more}, follow=True)


def told(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def state_of(product: Product) -> str:
    product.refresh_from_db()
    return product.state


def test_the_list_holds_own_products_alone(
    stall: Stall, seller: Client, rival: Organisation
) -> None:
    mine = stall.list(title="Pressure of the ring main")
    other = listings.a_listing(seller=rival, title="Voltage of the grid")
    page = shown(seller, the_list())
    assert f'href="{page_of(mine)}"' in page
    assert "CN¥100.00" in page
    assert other.title not in page
    assert f"/{mine.pk}/" not in page
    assert seller.get(page_of(other)).status_code == 404
    assert seller.post(page_of(other)).status_code == 404
    assert seller.get(reverse("desk:catalog_product_change", args=[mine.pk])).status_code == 404


def test_the_list_is_filtered_searched_and_drilled_down(stall: Stall, seller: Client) -> None:
    stall.draft(title="Begun")
    stall.submit(stall.complete(title="Handed in"))
    for asked, there in (
        ({"state__exact": "draft"}, "Begun"),
        ({"turn__exact": "operator"}, "Handed in"),
        ({"q": "hand"}, "Handed in"),
        ({"kind__exact": "dataset", "q": "begun"}, "Begun"),
    ):
        page = shown(seller, the_list(**asked))
        assert [title for title in ("Begun", "Handed in") if title in page] == [there]
    assert "Begun" in shown(seller, the_list(updated_at__year=str(DAY.year)))
    assert "Begun" not in shown(seller, the_list(updated_at__year=str(DAY.year - 1)))


def test_the_list_is_taken_as_csv_as_it_is_filtered(
    stall: Stall, seller: Client, rival: Organisation
) -> None:
    mine = stall.list(title='=Run, "this"')
    stall.draft(title="Begun")
    listings.a_listing(seller=rival)
    answer: Any = seller.get(reverse("desk:catalog_product_csv", query={"state__exact": "listed"}))
    rows = list(csv.DictReader(b"".join(answer.streaming_content).decode().splitlines()))
    assert len(rows) == 1
    assert rows[0]["product_id"] == mine.public_id
    assert (rows[0]["price"], rows[0]["currency"], rows[0]["offers"]) == ("100.00", "CNY", "1")
    assert not rows[0]["title"].startswith("=")


def test_a_page_names_what_is_missing_and_where_it_is_opened(stall: Stall, seller: Client) -> None:
    product = stall.draft()
    page = shown(seller, page_of(product))
    assert "There is at least one offer." in page
    assert f'href="{reverse("desk:sell_offers", args=[product.public_id])}"' in page
    assert f'href="{reverse("web:sell_product", args=[product.public_id])}"' in page


def test_a_listed_product_leads_to_which_auction_fits(stall: Stall, seller: Client) -> None:
    draft, listed = stall.draft(), stall.list()
    for product, leads in ((draft, False), (listed, True)):
        page = shown(seller, page_of(product))
        address = reverse("web:sell_auction", args=[product.public_id])
        assert (f'href="{address}"' in page) is leads
    assert "Help me choose" in seller.get(address).content.decode()


def test_a_page_tells_the_history_from_the_log_and_names_no_operator(
    stall: Stall, seller: Client
) -> None:
    product = stall.submit(stall.complete())
    said = Said(reason_code="other", reason="Say where it comes from.")
    review.return_listing(product.public_id, actor=stall.reviewing, said=said, now=DAY)
    assert "waiting" in shown(seller, page_of(product))
    sequencer.sequence_batch(DAY)
    page = shown(seller, page_of(product))
    history = page[page.index("History") :]
    assert "Say where it comes from." in history
    assert "Chen Jie" in history
    assert "The exchange" in history
    assert str(stall.exchange.first) not in page
    returned = Record.objects.get(event="catalog.listing.returned")
    assert f'href="{reverse("web:log_entry", args=[returned.leaf.index])}"' in history


def test_chosen_products_are_named_before_anything_is_done(stall: Stall, seller: Client) -> None:
    ready, draft = stall.complete(title="Ready"), stall.draft(title="Half done")
    answer = choose(seller, "submit", ready, draft)
    page = answer.content.decode()
    assert "2 rows are chosen:" in page
    assert "Ready" in page
    assert "Half done" in page
    assert (state_of(ready), state_of(draft)) == ("draft", "draft")


def test_each_that_is_ready_is_submitted_and_of_the_others_it_is_said_why(
    stall: Stall, seller: Client
) -> None:
    ready, draft = stall.complete(title="Ready"), stall.draft(title="Half done")
    answer = choose(seller, "submit", ready, draft, confirmed="1")
    done, refused = told(answer)
    assert done == "Submit for review: done and recorded for 1 of 2."
    assert refused.startswith("Half done: Not yet, as this is missing:")
    assert (state_of(ready), state_of(draft)) == ("submitted", "draft")


def test_the_change_of_a_listed_product_is_submitted_alike(stall: Stall, seller: Client) -> None:
    product = stall.list()
    products.save_draft(
        product.public_id, actor=stall.selling, values={"summary": "Another summary."}, now=DAY
    )
    choose(seller, "submit", product, confirmed="1")
    product.refresh_from_db()
    assert product.change_proposed


def test_products_are_taken_back_off_the_list_and_put_away(stall: Stall, seller: Client) -> None:
    waiting, listed, draft = stall.submit(stall.complete()), stall.list(), stall.draft()
    choose(seller, "recall", waiting, confirmed="1")
    choose(seller, "archive", draft, confirmed="1")
    without = choose(seller, "delist", listed, confirmed="1")
    assert without.status_code == 422
    assert state_of(listed) == "listed"
    choose(seller, "delist", listed, confirmed="1", reason_code="replaced", reason="")
    assert (state_of(waiting), state_of(draft)) == ("draft", "archived")
    assert state_of(listed) == "delisted"
    assert listed.steps.latest("number").reason == "Another product of ours takes its place."
    assert "No results" in shown(seller, the_list(q=draft.public_id))


def test_chosen_products_are_paused_and_listed_again(stall: Stall, seller: Client) -> None:
    first, second, draft = stall.list(), stall.list(), stall.draft(title="Half done")
    asked = choose(seller, "pause", first, second, draft).content.decode()
    assert "What buyers have begun goes on:" in asked
    assert "Nothing is running at the moment." in asked
    assert state_of(first) == "listed"
    done, refused = told(choose(seller, "pause", first, second, draft, confirmed="1"))
    assert done == "Pause: done and recorded for 2 of 3."
    assert refused == "Half done: This step is not possible from the state “Draft”."
    assert (state_of(first), state_of(second)) == ("paused", "paused")
    page = shown(seller, the_list(state__exact="paused"))
    assert [page_of(one) in page for one in (first, second, draft)] == [True, True, False]
    assert "without a review" in choose(seller, "relist", first).content.decode()
    choose(seller, "relist", first, second, confirmed="1")
    assert (state_of(first), state_of(second)) == ("listed", "listed")


def test_products_of_others_are_reached_by_no_act(
    stall: Stall, seller: Client, rival: Organisation
) -> None:
    other = listings.a_listing(seller=rival)
    given = {"confirmed": "1", "reason_code": "replaced", "reason": "Gone."}
    answer = choose(seller, "delist", other, **given)
    assert answer.status_code == 200
    assert state_of(other) == "listed"
    mine = stall.list()
    assert told(choose(seller, "delist", mine, other, **given))[0].endswith("for 1 of 1.")
    assert (state_of(mine), state_of(other)) == ("delisted", "listed")


def test_who_has_no_role_reads_and_is_offered_no_act(stall: Stall, colleague: Client) -> None:
    product = stall.list()
    page = shown(colleague, the_list())
    assert product.title in page
    assert "_selected_action" not in page
    given = {"confirmed": "1", "reason_code": "replaced"}
    choose(colleague, "delist", product, **given)
    assert state_of(product) == "listed"


def test_nothing_is_added_changed_or_deleted_by_a_form(stall: Stall, seller: Client) -> None:
    product = stall.draft()
    assert seller.post(page_of(product), {"title": "Other"}).status_code == 403
    for gone in ("add/", f"{product.public_id}/delete/", f"{product.public_id}/history/"):
        assert seller.post(the_list() + gone).status_code == 404, gone


def statements_of(client: Client, address: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address)
        assert answer.status_code == 200
        if answer.streaming:
            list(answer)
    return [query["sql"] for query in captured.captured_queries]


def test_the_list_asks_the_same_however_long_it_is(stall: Stall, seller: Client) -> None:
    stall.list()
    addresses = (the_list(), reverse("desk:catalog_product_csv"))
    for address in addresses:
        statements_of(seller, address)
    few = {address: len(statements_of(seller, address)) for address in addresses}
    for _number in range(4):
        stall.list()
    for address in addresses:
        statements = statements_of(seller, address)
        assert [sql for sql in statements if "COUNT(*)" in sql] == []
        assert len(statements) == few[address] <= QUERIES_MAX


@pytest.mark.parametrize("asked", ["state__exact=%00", "kind__exact=data%00set"])
def test_a_filter_by_what_no_row_can_hold_finds_nothing(seller: Client, asked: str) -> None:
    address = reverse("desk:catalog_product_changelist")
    assert seller.get(f"{address}?{asked}").status_code == 404
