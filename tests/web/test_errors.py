"""What goes wrong is said in one sentence, with a way on."""

import html
import re
from typing import Any

import pytest
from django.contrib import messages
from django.http import HttpRequest
from django.template import engines
from django.test import Client, RequestFactory

from exchange.core.refusals import NotAllowed
from exchange.members.models import RoleGrant
from exchange.web import errors, pages
from tests.factories import accounts
from tests.factories.orders import a_market
from tests.web.buyers import browser, closed_up


def request_of(client: Client, path: str = "/", **headers: str) -> HttpRequest:
    """A request as the views get it, with a session and nobody signed in."""
    answer = client.get(path, headers=headers)
    request: HttpRequest = answer.wsgi_request
    return request


def test_an_unknown_address_is_answered_by_a_page_in_the_readers_language(
    client: Client, db: None
) -> None:
    answer = client.get("/nothing-here", headers={"Accept-Language": "zh-CN"})
    assert answer.status_code == 404
    assert '<html lang="zh-Hans">' in answer.content.decode()
    assert "此处没有内容" in answer.content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "/products/prd_%00x/", "/orders/ord_%00x/", "/log/records/%00/", "/catalogue/?q=gas%00",
        "/console/orders/order/%00/change/", "/console/find/?q=%00", "/%00",
    ],
)  # fmt: skip
def test_nothing_is_at_an_address_with_a_nul(client: Client, db: None, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()


def test_a_refusal_shows_its_sentence_code_and_facts(client: Client, db: None) -> None:
    refusal = NotAllowed("Only finance may do this.", needed=["finance"], standing="active")
    answer = errors.refused(request_of(client), refusal)
    text = answer.content.decode()
    assert answer.status_code == 403
    assert "<h1" in text
    assert "Only finance may do this." in text
    assert "403 · not_allowed" in text
    assert "<dt>needed</dt><dd>finance</dd>" in closed_up(text)


def test_only_who_sent_something_reads_that_nothing_was_changed(client: Client, db: None) -> None:
    request = request_of(client)
    read = errors.refused(request, NotAllowed("Not yet.")).content.decode()
    request.method = "POST"
    sent = errors.refused(request, NotAllowed("Not yet.")).content.decode()
    assert "<title>Not yet." in closed_up(read)
    assert "Nothing was changed." not in read
    assert "Nothing was changed." in sent


def test_what_a_refusal_repeats_is_escaped(client: Client, db: None) -> None:
    refusal = NotAllowed("<script>alert(1)</script>", given="<img src=x>")
    text = errors.refused(request_of(client), refusal).content.decode()
    assert "<script>alert" not in text
    assert "<img src=x>" not in text


@pytest.mark.parametrize(
    ("referer", "shown"),
    [
        ("http://testserver/log/?before=3", True),
        ("http://elsewhere.example/log/", False),
        ("javascript:alert(1)", False),
        ("", False),
    ],
)
def test_the_way_back_leads_to_our_own_pages_only(
    client: Client,
    db: None,
    referer: str,
    shown: bool,  # noqa: FBT001
) -> None:
    request = request_of(client, "/help/", Referer=referer)
    text = errors.refused(request, NotAllowed("No.")).content.decode()
    assert ("Go back" in text) is shown
    assert ('href="/log/?before=3"' in text) is shown
    assert "javascript:" not in text


def test_a_form_without_its_token_says_what_to_do(db: None) -> None:
    answer = Client(enforce_csrf_checks=True).post("/i18n/setlang/", {"language": "en"})
    assert answer.status_code == 403
    assert "This form has expired" in answer.content.decode()


def test_the_page_for_our_own_faults_needs_neither_database_nor_context() -> None:
    for name, sentences in {
        "500.html": ("Something broke on our side", "系统出现故障"),
        "503.html": ("Back in a moment", "请稍候"),
    }.items():
        text = engines["django"].get_template(name).render({})
        assert all(sentence in text for sentence in sentences), name


@pytest.mark.django_db
def test_a_template_that_asks_the_database_is_caught(client: Client) -> None:
    user = accounts.a_user()
    page = errors.ErrorPage(status=400, title=user.memberships.all(), sentence="")  # type: ignore[arg-type]
    with pytest.raises(pages.TemplateAsked, match="accounts_membership"):
        pages.render_page(request_of(client), "site/error.html", page)


def test_a_page_that_is_no_dataclass_is_a_mistake() -> None:
    with pytest.raises(TypeError, match="frozen dataclass"):
        pages.render_page(RequestFactory().get("/"), "site/error.html", {"title": "x"})


@pytest.mark.django_db
def test_messages_are_shown_once(client: Client) -> None:
    request = request_of(client)
    messages.success(request, "The invitation is on its way.")
    page = errors.ErrorPage(status=400, title="x", sentence="y")
    first = pages.render_page(request, "site/error.html", page).content.decode()
    assert '<p class="notice tone-good ">The invitation is on its way.</p>' in closed_up(first)


@pytest.mark.parametrize(
    ("language", "found"), [("en", "There is nothing here"), ("zh-CN", "此处没有内容")]
)
@pytest.mark.parametrize("path", ["/nothing-here", "/console/nothing/"])
@pytest.mark.parametrize("urls", ["exchange.urls", "exchange.demo.urls"])
def test_an_unknown_address_leads_a_guest_on(
    client: Client, db: None, settings: Any, *, language: str, found: str, path: str, urls: str
) -> None:
    settings.ROOT_URLCONF = urls
    answer = client.get(path, headers={"Accept-Language": language})
    text = answer.content.decode()
    assert answer.status_code == 404
    assert found in text
    main = text[text.index("<main") :]
    assert re.findall(r'<li><a class="text-link" href="([^"]+)"', main) == [
        "/catalogue/",
        "/accounts/login/",
    ]


@pytest.mark.parametrize("path", ["/nothing-here", "/console/", "/console/orders/order/"])
def test_a_seller_at_the_consoles_door_is_told_where_its_products_are(
    client: Client, db: None, path: str
) -> None:
    """The console does not exist for those who may not open it."""
    client.force_login(accounts.owner_of(accounts.an_organisation()))
    answer = client.get(path)
    text = answer.content.decode()
    assert answer.status_code == 404
    assert "There is nothing here" in text
    assert '<li><a class="text-link" href="/sell/">My products</a></li>' in text


def test_who_acts_for_nobody_is_led_to_the_organisations(client: Client, db: None) -> None:
    client.force_login(accounts.a_user())
    text = client.get("/console/").content.decode()
    assert '<li><a class="text-link" href="/organisations/">Organisations</a></li>' in text
    assert 'href="/sell/"' not in text


def test_who_lacks_the_role_reads_who_has_it_and_no_word_of_the_policy(db: None) -> None:
    market = a_market()
    client = browser(accounts.a_member(market.buyer), market.buyer)
    answer = client.get(f"/offers/{market.offer(100).public_id}/buy/")
    text = answer.content.decode()
    main = html.unescape(text[text.index("<main") :])
    assert answer.status_code == 403
    assert "You do not have the role that this needs." in main
    assert "It takes this role in your organisation: Buyer's agent." in main
    assert "These people can do it: Li Wei." in main
    assert 'href="/team/">Roles</a>' in main
    assert "buyer_agent" not in main
    assert "orders.order.buy" not in main


def test_where_nobody_has_the_role_the_owner_is_named(db: None) -> None:
    market = a_market()
    RoleGrant.objects.all().delete()
    owner = browser(accounts.owner_of(market.buyer), market.buyer)
    text = html.unescape(owner.get(f"/offers/{market.offer(100).public_id}/buy/").content.decode())
    assert "Nobody in your organisation has it yet. Its owner can give it to somebody." in text
