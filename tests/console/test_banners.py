"""One text in both languages on every page of the site, the desk and the console, for its time."""

import json
from datetime import datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from exchange.audit.models import Record
from exchange.core import clock
from exchange.core.refusals import NotAllowed
from exchange.members.roles import Kind, Role
from exchange.notices import banners
from exchange.notices.banner_lifecycle import Level
from exchange.notices.models import Banner
from tests.factories import accounts
from tests.factories.members import Exchange, acting

pytestmark = pytest.mark.django_db
TEXT, TEXT_ZH = "Payouts are late this evening.", "今晚的出款会晚一些。"


def typed(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def announced(exchange: Exchange, *, begins: int = -1, ends: int = 2) -> Banner:
    now = clock.now()
    banner = banners.show(
        text=TEXT, text_zh=TEXT_ZH, level=Level.WARN, valid_from=now + timedelta(hours=begins),
        valid_until=now + timedelta(hours=ends), actor=exchange.proposer, now=now,
    )  # fmt: skip
    cache.delete(banners.KEY)
    return banner


def test_an_operator_announces_and_takes_off(
    exchange: Exchange, operator: Client, client: Client
) -> None:
    address = reverse("console:notices_banner_show")
    assert operator.get(address).status_code == 200
    now = clock.now()
    said = {
        "text": TEXT, "text_zh": TEXT_ZH, "level": "warn",
        "valid_from": typed(now - timedelta(hours=1)),
        "valid_until": typed(now + timedelta(hours=1)),
    }  # fmt: skip
    backwards = {**said, "valid_until": typed(now - timedelta(hours=2))}
    assert operator.post(address, backwards).status_code == 422
    assert operator.post(address, said).status_code == 302
    cache.delete(banners.KEY)  # what a commit does
    assert TEXT in client.get("/").content.decode()
    client.cookies["django_language"] = "zh-hans"
    assert TEXT_ZH in client.get("/").content.decode()
    assert TEXT in operator.get(reverse("console:index")).content.decode()
    banner = Banner.objects.get()
    record = Record.objects.get(event="notices.banner.announced")
    assert json.loads(bytes(record.canonical))["facts"]["text_zh"] == TEXT_ZH
    off = reverse("console:notices_banner_withdraw", args=[banner.pk])
    assert operator.post(off, {"sent": "1"}).status_code == 302
    cache.delete(banners.KEY)
    assert TEXT not in operator.get(reverse("console:index")).content.decode()
    assert operator.post(off, {"sent": "1"}).status_code == 403


def test_sellers_read_it_at_their_desk(exchange: Exchange) -> None:
    seller = accounts.an_organisation(name="Seller")
    exchange.admit(seller, Kind.SELLER)
    announced(exchange)
    desk = Client()
    desk.force_login(accounts.owner_of(seller))
    assert TEXT in desk.get(reverse("desk:index")).content.decode()


@pytest.mark.parametrize(("begins", "ends"), [(1, 2), (-2, -1)])
def test_it_stands_there_in_its_time_alone(
    exchange: Exchange, client: Client, begins: int, ends: int
) -> None:
    if ends < 0:
        with pytest.raises(banners.BannerRefused):
            announced(exchange, begins=begins, ends=ends)
    else:
        announced(exchange, begins=begins, ends=ends)
    assert TEXT not in client.get("/").content.decode()


def test_who_closes_it_sees_it_no_more_and_others_do(exchange: Exchange, client: Client) -> None:
    banner = announced(exchange)
    close = reverse("web:banner_close", args=[banner.public_id])
    answer = client.post(close, {"next": "/help/"})
    assert (answer.status_code, answer["Location"]) == (302, "/help/")
    assert TEXT not in client.get("/").content.decode()
    assert TEXT in Client().get("/").content.decode()
    elsewhere = client.post(close, {"next": "https://elsewhere.example/"})
    assert elsewhere["Location"] == "/"
    assert client.get(close).status_code == 405


def test_pages_ask_nothing_for_it_once_it_is_kept(
    exchange: Exchange, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    announced(exchange)
    client.get("/help/")
    with django_assert_num_queries(0):
        assert TEXT in client.get("/help/").content.decode()


def test_only_operators_announce(exchange: Exchange) -> None:
    now = clock.now()
    for actor in (exchange.acting_as(Role.SUPPORT), acting(accounts.a_user(), None)):
        with pytest.raises(NotAllowed):
            banners.show(
                text=TEXT, text_zh=TEXT_ZH, level=Level.INFO, valid_from=now,
                valid_until=now + timedelta(hours=1), actor=actor, now=now,
            )  # fmt: skip
    assert not Banner.objects.exists()
