"""Views that people keep of the lists of both admin sites."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import Organisation
from exchange.members.models import VIEWS_MAX, SavedView
from tests.factories import accounts
from tests.factories.catalog import Stall
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db

DRAFTS = {"state__exact": "draft", "q": "main"}


def products(**asked: str) -> str:
    return reverse("desk:catalog_product_changelist", query=asked or None)


def save(client: Client, name: str, query: str = "state__exact=draft", **said: str) -> Any:
    given = {"table": "catalog.product", "query": query, "name": name, **said}
    return client.post(reverse("desk:view_save"), given)


def act(name: str, view: SavedView, site: str = "desk") -> str:
    return reverse(f"{site}:view_{name}", args=[view.public_id])


def test_what_a_list_is_asked_for_is_saved_opened_renamed_and_removed(
    stall: Stall, seller: Client
) -> None:
    stall.draft(title="Pressure of the ring main")
    stall.draft(title="Begun")
    assert "Save this view" not in shown(seller, products())
    page = shown(seller, products(**DRAFTS, p="1"))
    assert 'name="query" value="q=main&state__exact=draft"' in page
    saved = save(seller, "Main", "state__exact=draft&q=main&p=1")
    assert saved.headers["Location"] == f"{products()}?q=main&state__exact=draft"
    view = SavedView.objects.get()

    whole = shown(seller, products())
    assert 'href="/desk/catalog/product/?q=main&state__exact=draft"' in whole
    opened = shown(seller, saved.headers["Location"])
    assert "Pressure of the ring main" in opened
    assert "Begun" not in opened
    assert f'href="{act("rename", view)}"' in opened
    assert "Save this view" not in opened

    assert 'value="Main"' in shown(seller, act("rename", view))
    renamed = seller.post(act("rename", view), {"name": "Ring"})
    assert renamed.headers["Location"] == saved.headers["Location"]
    assert "Ring" in shown(seller, products())
    assert "Remove this view" in shown(seller, act("remove", view))
    removed = seller.post(act("remove", view))
    assert removed.headers["Location"] == products()
    assert SavedView.objects.exists() is False


def test_a_refused_name_keeps_the_form_and_is_said_at_the_field(seller: Client) -> None:
    save(seller, "Drafts")
    answer = save(seller, "Drafts", "state__exact=listed")
    assert answer.status_code == 422
    assert answer.context["form"].errors == {
        "name": ["You have a view “Drafts” of this list already."]
    }
    assert 'value="state__exact=listed"' in answer.content.decode()
    assert save(seller, "").status_code == 422
    assert save(seller, "All", "").status_code == 422
    view = SavedView.objects.get()
    save(seller, "Listed", "state__exact=listed")
    assert seller.post(act("rename", view), {"name": "Listed"}).status_code == 422
    view.refresh_from_db()
    assert view.name == "Drafts"


def test_a_view_is_its_persons_in_one_organisation_alone(
    stall: Stall, seller: Client, colleague: Client, rival: Organisation
) -> None:
    save(seller, "Drafts of mine")
    view = SavedView.objects.get()
    outside = browser(accounts.owner_of(rival), rival)
    accounts.a_member(rival, user=view.user)
    elsewhere = browser(view.user, rival)
    for client in (colleague, outside, elsewhere):
        assert "Drafts of mine" not in shown(client, products())
        for name in ("rename", "remove"):
            assert client.get(act(name, view)).status_code == 404
            assert client.post(act(name, view), {"name": "Taken"}).status_code == 404
    view.refresh_from_db()
    assert view.name == "Drafts of mine"


def test_who_may_only_look_keeps_views_too(colleague: Client) -> None:
    assert save(colleague, "Drafts").status_code == 302
    assert "Drafts" in shown(colleague, products())


def test_views_are_kept_of_lists_that_the_reader_sees(colleague: Client, seller: Client) -> None:
    for table in ("payments.payout", "accounts.user", "audit.record", "nothing", "a.b.c", ""):
        assert save(colleague, "Mine", table=table).status_code == 404, table
    assert SavedView.objects.exists() is False


def test_a_full_list_of_views_offers_no_other(seller: Client) -> None:
    for number in range(VIEWS_MAX):
        save(seller, f"View {number}", f"q={number}")
    assert 'name="query"' not in shown(seller, products(q="other"))
    answer = save(seller, "One more", "q=other")
    assert "You keep 20 views of this list already." in answer.content.decode()


def test_operators_keep_views_of_the_console_which_the_desk_does_not_know(
    stall: Stall, seller: Client
) -> None:
    operator = browser(stall.exchange.first, stall.exchange.organisation)
    given = {"table": "orders.order", "query": "turn__exact=operator", "name": "Ours"}
    saved = operator.post(reverse("console:view_save"), given)
    listed = reverse("console:orders_order_changelist")
    assert saved.headers["Location"] == f"{listed}?turn__exact=operator"
    assert "Ours" in shown(operator, listed)
    view = SavedView.objects.get()
    assert (view.user, view.list_name) == (stall.exchange.first, "console:orders.order")
    assert seller.get(act("remove", view, "console")).status_code == 404
    assert operator.post(act("remove", view, "console")).status_code == 302


def test_the_chips_speak_chinese(seller: Client) -> None:
    seller.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    page = shown(seller, products(q="main"))
    assert "保存此视图" in page
    assert "全部" in page
