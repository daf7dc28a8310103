"""Costly pages are counted by person and by address. Case M1."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from exchange.web.throttles import PEOPLE_AT_AN_ADDRESS
from tests.factories import accounts
from tests.web.buyers import browser

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def few(settings: Settings) -> None:
    cache.clear()
    settings.PAGE_RATES = {
        "search": "3/min", "document": "2/min", "costly": "2/min", "names": "2/min",
    }  # fmt: skip


def signed_in() -> Client:
    client = Client()
    client.force_login(accounts.a_user(), "django.contrib.auth.backends.ModelBackend")
    return client


def statuses(client: Client, times: int, *, address: str = "127.0.0.1") -> list[int]:
    return [
        client.get(reverse("web:catalogue"), REMOTE_ADDR=address).status_code
        for _time in range(times)
    ]


def test_searches_of_a_stranger_are_counted_by_address() -> None:
    assert statuses(Client(), 4) == [200, 200, 200, 429]
    assert statuses(Client(), 1) == [429]
    assert statuses(Client(), 1, address="192.0.2.7") == [200]


def test_searches_of_a_person_are_counted_wherever_the_person_is() -> None:
    client = signed_in()
    assert statuses(client, 2) == [200, 200]
    assert statuses(client, 2, address="192.0.2.7") == [200, 429]
    assert statuses(signed_in(), 1) == [200]


def test_an_address_has_room_for_several_people_and_no_more() -> None:
    people = [signed_in() for _number in range(PEOPLE_AT_AN_ADDRESS + 1)]
    assert [statuses(one, 3) for one in people[:-1]] == [[200] * 3] * PEOPLE_AT_AN_ADDRESS
    assert statuses(people[-1], 1) == [429]


def test_names_are_counted_where_they_are_looked_up_and_not_where_the_form_is_read() -> None:
    house = accounts.an_organisation()
    client = browser(accounts.owner_of(house), house)
    path = reverse("web:discount_tiers")
    assert {client.get(path).status_code for _time in range(4)} == {403}
    assert [client.post(path).status_code for _time in range(3)] == [403, 403, 429]


def test_the_refusal_says_what_to_do() -> None:
    client = signed_in()
    statuses(client, 3)
    answer = client.get(reverse("web:catalogue"))
    assert "Wait a minute" in answer.content.decode()
