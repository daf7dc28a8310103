"""While Redis is away requests are served: nothing is counted, and /readyz names the cache."""

from typing import Any

import pytest
from django.conf import settings as configured
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from exchange.core import caches

pytestmark = pytest.mark.django_db


@pytest.fixture
def away(settings: Any) -> None:
    """A cache at an address where nobody listens."""
    settings.CACHES = {
        "default": {
            "BACKEND": "exchange.core.caches.SharedCache",
            "LOCATION": "unix:///nowhere/redis.sock",
        }
    }
    settings.PAGE_RATES = {**configured.PAGE_RATES, "search": "2/min"}


def test_pages_and_calls_are_served_and_not_counted(away: None, client: Client) -> None:
    for _time in range(4):
        assert client.get(reverse("web:catalogue")).status_code == 200
        assert client.get("/api/v1/me").status_code == 401
        wrong = client.get("/api/v1/me", headers={"authorization": "Bearer ask_wrong"})
        assert wrong.status_code == 401


def test_signing_in_is_possible(away: None, client: Client) -> None:
    answer = client.post("/accounts/login/", {"login": "li@example.com", "password": "x"})
    assert answer.status_code == 200


def test_what_is_kept_is_not_known_and_a_lock_is_not_waited_for(away: None) -> None:
    cache.set("one", 1)
    assert cache.get("one", 7) == 7
    assert cache.add("lock", 1) is True
    assert cache.delete("lock") is False


def test_readyz_names_the_cache_and_serves(away: None, client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert "cache_unreachable" in answer.json()["warnings"]


def test_the_cache_of_one_process_always_answers() -> None:
    assert caches.answers() is True
