"""While the database is away every page and call answers 503, at once, with when to try again."""

from collections.abc import Iterator

import psycopg
import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError
from django.test import Client, RequestFactory

from exchange import urls
from exchange.core import away
from exchange.demo import urls as demo_urls
from exchange.web import errors

PATHS = ["/", "/orders/", "/accounts/login/", "/console/", "/api/v1/orders", "/nothing/here"]


class Lost(psycopg.OperationalError):
    sqlstate = "57P01"


@pytest.fixture
def breaker() -> Iterator[away.Breaker]:
    yield away.DATABASE
    away.DATABASE.note_success()


@pytest.fixture
def visitor(breaker: away.Breaker, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Somebody signed in, whose session cannot be read."""

    def lost(_store: SessionStore) -> None:
        raise OperationalError("server closed the connection") from Lost()

    monkeypatch.setattr(SessionStore, "load", lost)
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = "a" * 32
    return client


@pytest.mark.parametrize("path", PATHS)
def test_before_any_view_it_is_503_and_not_an_error_of_ours(
    visitor: Client, breaker: away.Breaker, path: str
) -> None:
    answer = visitor.get(path)
    assert answer.status_code == 503
    if path.startswith("/api/"):
        assert answer.json()["code"] == "unavailable"
    else:
        assert "Back in a moment" in answer.content.decode()
    assert answer["Retry-After"] == "5"


def test_an_error_that_nobody_names_is_503_where_the_database_does_not_answer(
    breaker: away.Breaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = RequestFactory().get("/")
    monkeypatch.setattr(away, "answers", lambda: False)
    assert errors.failed(request).status_code == 503
    monkeypatch.setattr(away, "answers", lambda: True)
    assert errors.failed(request).status_code == 500


@pytest.mark.django_db
def test_a_database_that_is_there_answers() -> None:
    assert away.answers()


def test_after_one_that_waited_the_others_hear_it_at_once(
    visitor: Client, breaker: away.Breaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor.get("/")
    asked: list[str] = []
    monkeypatch.setattr(SessionStore, "load", lambda _store: asked.append("asked"))
    assert visitor.get("/").status_code == 503
    assert asked == []
    assert Client().get("/healthz").status_code == 200


def test_one_is_let_through_when_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    breaker, now = away.Breaker(), [100.0]
    monkeypatch.setattr("exchange.core.away.time.monotonic", lambda: now[0])
    error = OperationalError("gone")
    error.__cause__ = Lost()
    breaker.note_failure(error)
    assert not breaker.lets_through()
    now[0] += away.RETRY_AFTER_SECONDS
    assert [breaker.lets_through() for _ in range(3)] == [True, False, False]
    breaker.note_success()
    assert breaker.lets_through()


def test_a_deadlock_is_503_for_one_and_nothing_for_others(breaker: away.Breaker) -> None:
    error = OperationalError("deadlock detected")
    error.__cause__ = psycopg.errors.DeadlockDetected()
    assert away.is_unavailable(error)
    breaker.note_failure(error)
    assert breaker.lets_through()


def test_the_demo_answers_errors_as_the_exchange_does() -> None:
    for status in (400, 403, 404, 500):
        name = f"handler{status}"
        assert getattr(demo_urls, name) == getattr(urls, name)
