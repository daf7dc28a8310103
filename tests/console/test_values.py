"""Every list and page of the console shows money, moments, people and codes in one form each."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
from django.contrib.admin.utils import label_for_field
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.html import strip_tags

import exchange.console.urls  # registers the tables
from exchange.console.actors import actor_shown, begin, learn
from exchange.console.fields import reading
from exchange.console.sites import console
from exchange.disputes import opening
from exchange.members.lifecycle import ADMISSION, PROPOSABLE
from exchange.members.models import Admission
from exchange.orders.lifecycle import OrderTransition
from exchange.payments.lifecycle import DifferenceKind
from exchange.payments.models import Difference
from tests.factories import accounts, members
from tests.factories.members import Exchange
from tests.factories.orders import DAY, Market, a_market
from tests.factories.payments import ruled

assert exchange.console.urls.console is console

CJK = re.compile("[\u4e00-\u9fff]")
# What no reader should meet outside of code: see each name.
ODD = {
    "an American date": r"\b[A-Z][a-z]{2,8}\.? \d{1,2}, \d{4}|[ap]\.m\.|\bmidnight\b|\bnoon\b",
    "an ISO date": r"(?<![\d/-])\d{4}-\d\d-\d\d \d\d:\d\d",
    "money with its code": r"\d\.\d\d [A-Z]{3}\b|\b[A-Z]{3}[\s\u00a0]\d",
    "a tuple of the code": r"\('",
    "an actor's id": r"\b(user:usr|key:key|system:(?!test)[a-z])",
}
CODE = re.compile(r"(?s)<(pre|code|script|style)\b.*?</\1>")


@pytest.fixture
def market(settings: Any) -> Market:
    """One trade that was objected to and is ruled on."""
    settings.SECOND_FACTOR_REQUIRED = False
    market = a_market()
    order = market.delivered(55)
    opening.open_dispute(
        order.public_id, kind="not_as_described", actor=market.buying, reason="No.", now=DAY
    )
    ruled(market.exchange, order, OrderTransition.REFUND, reason="Columns are missing.", now=DAY)
    return market


def _columns() -> Iterator[tuple[type[Model], str]]:
    for model, table in console._registry.items():
        yield from ((model, name) for name in (*table.list_display, *table.fields))
        for rows in table.inlines:
            yield from ((rows.model, name) for name in rows.fields)


def test_every_column_has_a_chinese_name() -> None:
    with translation.override("zh-hans"):
        plain = []
        for model, name in _columns():
            table = console._registry.get(model)
            shown = reading(model, name, site="console")
            if table is None and isinstance(shown, str) and not hasattr(model, shown):
                continue  # a column that the rows compute
            label = str(label_for_field(shown, model, table))
            if not CJK.search(label):
                plain.append(f"{model.__name__}.{name}: {label}")
    assert plain == []


def test_every_table_and_room_has_a_chinese_name() -> None:
    with translation.override("zh-hans"):
        names = {
            str(name)
            for model in console._registry
            for name in (model._meta.verbose_name_plural, model._meta.app_config.verbose_name)
        }
    assert [name for name in names if not CJK.search(name)] == []


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_no_list_and_no_page_shows_another_form(market: Market, language: str) -> None:
    client = Client(headers={"accept-language": language})
    client.force_login(market.exchange.first)
    odd = []
    for model in console._registry:
        route = f"console:{model._meta.app_label}_{model._meta.model_name}"
        pages = [reverse(f"{route}_changelist")]
        row = model._default_manager.order_by("-pk").first()
        if row is not None:
            pages.append(reverse(f"{route}_change", args=[row.pk]))
        for address in pages:
            answer = client.get(address)
            assert answer.status_code == HTTPStatus.OK, address
            text = strip_tags(CODE.sub("", answer.content.decode()))
            odd += [
                f"{address}: {what}: {found[0]}"
                for what, form in ODD.items()
                if (found := re.search(form, text))
            ]
    assert "\n".join(odd) == ""


@pytest.mark.django_db
def test_an_order_shows_its_money_moments_people_and_reasons(market: Market) -> None:
    client = Client(headers={"accept-language": "en"})
    client.force_login(market.exchange.first)
    shown = client.get(reverse("console:orders_order_changelist")).content.decode()
    for said in ("CN¥58.30", "(Asia/Shanghai)"):
        assert said in shown
    page = client.get(_first_row(shown)).content.decode()
    for said in (
        "CN¥58.30",
        "2 Mar 2026, 22:00 (+08:00)",
        "The data differs from its description.",
    ):
        assert said in page
    assert f"{market.agent} · {market.buyer}" in page
    assert "not_as_described" not in page


def _first_row(page: str) -> str:
    found = re.search(r'href="(/console/orders/order/\d+/change/)', page)
    assert found
    return found[1]


@pytest.mark.django_db
def test_actors_are_named_with_their_organisation(exchange: Exchange) -> None:
    buyer = accounts.an_organisation(name="Harbour City Gas")
    person = accounts.a_member(buyer, user=accounts.a_user(name="Wu Fan"))
    alone = accounts.a_user(name="Nobody's")
    begin()
    learn([f"user:{person.public_id}", f"user:{alone.public_id}"])
    assert actor_shown(f"user:{person.public_id}") == "Wu Fan · Harbour City Gas"
    assert actor_shown(f"user:{alone.public_id}") == "Nobody's"
    assert actor_shown("system:clock") == "The exchange, on time"
    assert actor_shown("user:usr_gone") == "user:usr_gone"


@pytest.mark.django_db
def test_what_can_be_proposed_is_worded_as_what_is_to_be_done(
    exchange: Exchange, operator: Client
) -> None:
    applied = members.an_application(accounts.an_organisation(name="A seller"))
    row = Admission.objects.get(pk=applied.pk)
    page = operator.get(
        reverse("console:members_admission_propose", args=[row.pk])
    ).content.decode()
    offered = re.findall(r'<option value="(\w+)"[^>]*>([^<]+)</option>', page)
    assert {name for name, _words in offered} <= PROPOSABLE
    done = {str(ADMISSION.label(name)) for name, _words in offered}
    assert done.isdisjoint(words for _name, words in offered)


@pytest.mark.django_db
def test_a_list_without_rows_says_so_and_what_to_do(operator: Client) -> None:
    differences = reverse("console:payments_difference_changelist")
    page = operator.get(differences).content.decode()
    assert "Nothing here yet" in page
    assert "Run the reconciliation with the button above to look again." in page
    assert "Create a new item" not in page
    filtered = operator.get(f"{differences}?state__exact=open").content.decode()
    assert "Nothing fits what you search or filter by." in filtered
    assert "Nothing here yet" not in filtered


@pytest.mark.django_db
def test_who_takes_a_difference_stands_there_by_name(exchange: Exchange, operator: Client) -> None:
    Difference.objects.create(
        kind=DifferenceKind.values[0], subject="txn_1", currency="CNY", amount_minor=1, opened_at=DAY,
        owner=exchange.proposer.name,
    )  # fmt: skip
    page = operator.get(reverse("console:payments_difference_changelist")).content.decode()
    assert "First operator" in page
    assert exchange.proposer.name not in page
