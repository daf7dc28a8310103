"""No cache keeps what somebody signed in, or a program with a key, was answered."""

import pytest
from django.test import Client

from tests.api.callers import with_key
from tests.factories.orders import a_market
from tests.web.buyers import browser

PAGES = ["/", "/orders/", "/books/", "/catalogue/", "/organisations/", "/nothing/here"]
CALLS = ["/api/v1/me", "/api/v1/orders", "/api/v1/nothing"]


@pytest.mark.django_db
def test_what_stands_behind_a_sign_in_or_a_key_is_kept_by_nobody() -> None:
    market = a_market()
    person, program = browser(market.agent, market.buyer), with_key(market.buyer, "orders:read")
    answers = [person.get(path) for path in (*PAGES, *CALLS)]
    answers += [program.get(path) for path in CALLS]
    for answer in answers:
        assert "no-store" in answer["Cache-Control"], answer.request["PATH_INFO"]
        assert "private" in answer["Cache-Control"], answer.request["PATH_INFO"]


@pytest.mark.django_db
def test_what_everybody_may_see_says_nothing_of_caches() -> None:
    assert "Cache-Control" not in Client().get("/catalogue/")
