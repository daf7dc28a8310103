"""What the console's pages are made of: titles in words, style sheets that know every class, help for each search."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

import exchange.console.urls  # registers the tables
from accounts.models import Organisation
from exchange.console.desk.urls import desk
from exchange.console.fields import reading, titled
from exchange.console.sites import console
from exchange.ledger.models import Account
from exchange.members import rule_packs
from exchange.members.models import ApprovalRequest
from exchange.orders.models import Order
from tests.architecture.floors import PROJECT
from tests.console.conftest import SignedIn
from tests.factories import accounts
from tests.factories.orders import DAY, a_market

pytestmark = pytest.mark.django_db
assert exchange.console.urls.console is console
ASKED = {"valid_from": "", "value": "0.02", "source": "Notice 7", "tag": "F", "reason": ""}
TEMPLATES = PROJECT / "templates"
# Of the desk's pages the sheet of their own; the theme's and the console's are on each.
OF_DESK = ("css/desk.css",)
OF_ALL = ("unfold/css/styles.css", "css/console.css")
NAMED = re.compile(r"\.((?:\\.|[\w-])+)")


def _classes_of(*sheets: str) -> set[str]:
    text = "".join(Path(str(finders.find(sheet))).read_text() for sheet in sheets)
    return {re.sub(r"\\(.)", r"\1", name) for name in NAMED.findall(text)}


def _classes_in(template: Path) -> set[str]:
    found = re.findall(r'class="([^"]*)"', template.read_text())
    plain = (re.sub(r"{%.*?%}|{{.*?}}", " ", words) for words in found)
    return {name for words in plain for name in words.split()}


def test_every_class_of_the_console_has_a_rule_in_its_style_sheets() -> None:
    known = _classes_of(*OF_ALL)
    of_desk = known | _classes_of(*OF_DESK)
    unknown = {
        f"{template.relative_to(TEMPLATES)}: {name}"
        for folder in ("console", "unfold")
        for template in sorted((TEMPLATES / folder).rglob("*.html"))
        for name in _classes_in(template) - (of_desk if "desk" in template.parts else known)
    }
    assert unknown == set()


def test_every_search_says_what_it_finds_by() -> None:
    assert [
        f"{site.name}: {model._meta.label}"
        for site in (console, desk)
        for model, table in site._registry.items()
        if table.search_fields and not table.search_help_text
    ] == []


def test_a_page_is_called_by_words_and_not_by_the_id_that_it_shows_besides() -> None:
    market = a_market()
    order = market.delivered(title="Meter readings")
    assert titled(order) == "Meter readings"
    assert titled(Account.objects.get(code=f"escrow:order:{order.public_id}")).startswith(
        "Held for orders"
    )
    assert titled(Organisation.objects.get(pk=order.buyer_id)) == order.buyer.name


def test_a_request_is_called_by_its_act_in_words(operator: Client) -> None:
    asker = accounts.a_user()
    asked = ApprovalRequest.objects.create(
        act=rule_packs.AMEND,
        about="cn-2026-07/fee.service_rate",
        proposed_by=asker,
        proposed_at=DAY,
        arguments=ASKED,
    )
    page = operator.get(reverse("console:members_approvalrequest_change", args=[asked.pk]))
    assert page.context["subtitle"] == "Amend a rule · Waiting for a second person"


def test_no_is_a_word_and_not_a_red_cross() -> None:
    column = reading(Organisation, "sme", members_at="console")
    assert not isinstance(column, str)
    assert column(Organisation(sme=False)) == "No"
    assert column(Organisation(sme=True)) == "Yes"


def test_an_act_names_what_it_is_done_to(settings: Any, signed_in: SignedIn) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    market = a_market()
    order = market.delivered(title="Meter readings")
    page = signed_in(market.exchange.first).get(
        reverse("console:orders_order_price_reason", args=[order.pk])
    )
    assert page.status_code == 200
    assert "Meter readings" in page.content.decode()
    assert Order.objects.get(pk=order.pk).public_id not in page.context["about"]
