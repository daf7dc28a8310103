"""Views and samples, counted by day of the exchange's zone and of nobody in particular."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any, Self

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from exchange.catalog import visits
from exchange.catalog.models import ProductDay
from exchange.catalog.visits import Visit
from exchange.core import clock
from exchange.jobs import tasks
from exchange.members.actors import NOBODY
from tests.factories import accounts
from tests.factories.catalog import Stall
from tests.factories.listings import a_document, a_listing, a_revision
from tests.factories.members import acting
from tests.web.buyers import browser

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
LATE = datetime(2026, 7, 1, 16, 30, tzinfo=UTC)  # half past midnight on the 2nd in Shanghai


def counted() -> list[tuple[date, int, int]]:
    return list(ProductDay.objects.values_list("day", "views", "samples"))


def test_a_day_is_that_of_the_exchanges_zone_and_counts_add_up(db: None) -> None:
    product = a_listing()
    buyer = acting(accounts.a_member(accounts.an_organisation()), accounts.an_organisation())
    for visit, actor in ((Visit.VIEW, NOBODY), (Visit.VIEW, buyer), (Visit.SAMPLE, NOBODY)):
        visits.count(product, visit, actor=actor, now=LATE)
    visits.count(product, Visit.VIEW, actor=NOBODY, now=LATE + timedelta(days=1))
    assert counted() == [(date(2026, 7, 2), 2, 1), (date(2026, 7, 3), 1, 0)]


def test_own_people_and_those_of_the_exchange_are_not_counted(stall: Stall) -> None:
    product = stall.list()
    own = accounts.a_member(stall.seller)
    elsewhere = acting(own, accounts.an_organisation())
    for actor in (stall.selling, acting(own, stall.seller), elsewhere, stall.reviewing):
        visits.count(product, Visit.VIEW, actor=actor, now=LATE)
    assert counted() == []
    draft = stall.draft(title="Other")
    visits.count(draft, Visit.VIEW, actor=NOBODY, now=LATE)
    assert counted() == []


def test_what_cannot_be_counted_breaks_nothing(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    product = a_listing()

    class Broken:
        def __enter__(self) -> Self:
            raise DatabaseError("the disk is full")

        def __exit__(self, *_error: object) -> None: ...

    monkeypatch.setattr(connection, "cursor", Broken)
    visits.count(product, Visit.VIEW, actor=NOBODY, now=LATE)
    monkeypatch.undo()
    assert counted() == []


def test_old_days_are_forgotten_by_the_clock(db: None) -> None:
    product = a_listing()
    now = clock.now()
    for days in (0, visits.KEPT_DAYS, visits.KEPT_DAYS + 1):
        visits.count(product, Visit.VIEW, actor=NOBODY, now=now - timedelta(days=days))
    tasks.purge_old_rows()
    assert ProductDay.objects.count() == 2


@pytest.mark.parametrize(
    ("headers", "views"),
    [
        ({"User-Agent": FIREFOX}, 1),
        ({"User-Agent": ""}, 0),
        ({"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}, 0),
        ({"User-Agent": "SomeSpider/1.0"}, 0),
        ({"User-Agent": FIREFOX, "Sec-Purpose": "prefetch;prerender"}, 0),
    ],
)
def test_the_page_counts_people(db: None, headers: dict[str, str], views: int) -> None:
    product = a_listing()
    assert Client().get(f"/products/{product.public_id}/", headers=headers).status_code == 200
    assert sum(one for _day, one, _samples in counted()) == views


def test_the_page_takes_one_more_statement(db: None, django_assert_num_queries: Any) -> None:
    product, client = a_listing(), Client()
    address = f"/products/{product.public_id}/"
    client.get(address)
    with CaptureQueriesContext(connection) as without:
        client.get(address)
    with django_assert_num_queries(len(without) + 1):
        client.get(address, headers={"User-Agent": FIREFOX})


def test_a_sample_is_counted_when_it_is_taken(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    product = a_listing()
    revision = a_revision(product, document=a_document(), has_sample=True)
    table = revision.tables.get().table.public_id
    monkeypatch.setattr("exchange.web.product.views.open_blob", lambda _blob: BytesIO(b"a,b"))
    address = f"/products/{product.public_id}/samples/{table}.csv"
    answer = Client().get(address, headers={"User-Agent": FIREFOX})
    assert answer.status_code == 200
    assert [(one, samples) for _day, one, samples in counted()] == [(0, 1)]
    own = browser(accounts.owner_of(product.seller), product.seller)
    own.get(address, headers={"User-Agent": FIREFOX})
    assert [samples for _day, _views, samples in counted()] == [1]
