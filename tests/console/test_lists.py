"""Every list of the console: as a file with the columns that it shows, and narrowed by its days."""

import csv
import re
from http import HTTPStatus
from typing import Any

import pytest
from django.contrib.admin.utils import label_for_field
from django.db import connection
from django.db.models import DateField, DateTimeField, Model, Sum
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import exchange.console.urls  # registers the tables
from exchange.audit.models import Record
from exchange.console import sorting, tables
from exchange.console.fields import reading
from exchange.console.orders import OrderTable
from exchange.console.sites import console
from exchange.core.models import OutboxJob
from exchange.orders.models import Order
from tests.factories.orders import Market, a_market
from tests.factories.outbox import emit_job

pytestmark = pytest.mark.django_db
assert exchange.console.urls.console is console


@pytest.fixture
def market(settings: Any) -> Market:
    """One trade."""
    settings.SECOND_FACTOR_REQUIRED = False
    market = a_market()
    market.delivered(55)
    return market


@pytest.fixture
def reader(market: Market) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(market.exchange.first)
    return client


def rows_of(reader: Client, model: type[Model], asked: str = "") -> list[list[str]]:
    route = f"console:{model._meta.app_label}_{model._meta.model_name}_csv"
    answer: Any = reader.get(f"{reverse(route)}{asked}")
    assert answer.status_code == HTTPStatus.OK, route
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(b"".join(answer.streaming_content).decode().splitlines()))


def test_every_list_is_had_as_a_file_with_its_columns(reader: Client) -> None:
    for model, table in console._registry.items():
        rows = rows_of(reader, model)
        columns = [reading(model, name) for name in table.list_display]
        assert rows[0] == [str(label_for_field(one, model, table)) for one in columns], model
        assert not re.search(r"<\w|&\w+;|\('", "\n".join(",".join(row) for row in rows)), model


def test_the_file_has_what_the_list_shows_as_it_is_narrowed(market: Market, reader: Client) -> None:
    other = market.order(market.offer(7))
    listed = reverse("console:orders_order_changelist")
    page = reader.get(f"{listed}?state__exact=contract_signed").content.decode()
    assert f'href="{reverse("console:orders_order_csv")}?state__exact=contract_signed"' in page
    (_head, row) = rows_of(reader, Order, "?state__exact=contract_signed")
    assert row[0] == other.public_id
    assert "CN¥7.42" in row
    assert len(rows_of(reader, Order)) == 3
    assert rows_of(reader, Order, f"?q={other.public_id}")[1][0] == other.public_id


def test_what_a_person_wrote_stands_in_the_file_as_it_is(market: Market, reader: Client) -> None:
    title = "Flow where <p> is < 5 bar & rising"
    order = market.order(market.offer(7, title=title))
    assert title in rows_of(reader, Order, f"?q={order.public_id}")[1]


def test_a_file_for_what_cannot_be_asked_is_not_there(reader: Client) -> None:
    assert reader.get(f"{reverse('console:orders_order_csv')}?nonsense__exact=1").status_code == 404


def test_every_list_is_narrowed_by_each_day_that_it_shows(reader: Client) -> None:
    for model, table in console._registry.items():
        fields = {field.name: field for field in model._meta.fields}
        days = [fields[name] for name in table.list_display if name in fields]
        listed = reverse(f"console:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for day in days:
            if not isinstance(day, DateField):
                continue
            at = "2016-01-0{} 00:00:00+00:00" if isinstance(day, DateTimeField) else "2016-01-0{}"
            asked = {f"{day.name}__gte": at.format(1), f"{day.name}__lt": at.format(2)}
            answer = reader.get(listed, asked)
            assert answer.status_code == HTTPStatus.OK, (model, day.name)
            shown = answer.context["cl"]
            assert day.name in [getattr(one, "field_path", "") for one in shown.filter_specs], model
            assert len(shown.result_list) == 0, (model, day.name)


def test_the_log_is_narrowed_by_thing_person_and_event(market: Market, reader: Client) -> None:
    order = Order.objects.get()
    steps = {f"order_step:{step.public_id}" for step in order.steps.all()}

    def found(asked: str) -> list[Record]:
        answer = reader.get(reverse("console:audit_record_changelist"), {"q": asked})
        assert answer.status_code == HTTPStatus.OK
        return list(answer.context["cl"].result_list)

    of_order = {one.subject for one in found(order.public_id)}
    assert steps <= of_order <= {*steps, f"order:{order.public_id}"}
    placed = found(f"{order.public_id} orders.order.placed {market.agent.email}")
    assert [one.event for one in placed] == ["orders.order.placed"]
    assert found(f"{order.public_id} orders.order.placed system:clock") == []
    assert {one.event.partition(".")[0] for one in found("orders.")} == {"orders"}
    agent = f"user:{market.agent.public_id}"
    assert {agent} == {one.actor for one in found(f"{market.agent.public_id} orders.")}
    assert found("nobody@example.com") == []
    assert found("nothing") == []


def totals_of(page: str) -> str:
    found = re.search(r'<p class="mt-4" id="totals">(.*?)</p>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", found[1]).split()) if found else ""


def test_a_list_of_money_says_what_its_rows_come_to(market: Market, reader: Client) -> None:
    other = market.order(market.offer(7))
    orders = reverse("console:orders_order_changelist")
    every = Order.objects.aggregate(minor=Sum("total_minor"))["minor"]
    page = reader.get(orders).content.decode()
    assert totals_of(page) == f"2 rows, in all: CN¥{every / 100:,.2f}"
    narrowed = reader.get(f"{orders}?state__exact=contract_signed").content.decode()
    assert totals_of(narrowed) == f"1 row, in all: CN¥{other.total_minor / 100:,.2f}"
    for table in ("payment", "refund", "payout", "chargeback"):
        assert reader.get(reverse(f"console:payments_{table}_changelist")).status_code == 200
    with CaptureQueriesContext(connection) as captured:
        reader.get(orders)
    assert sum("SUM(" in one["sql"] for one in captured) == 1


def test_what_is_too_long_to_add_up_is_not(
    market: Market, reader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    market.order(market.offer(7))
    monkeypatch.setattr(tables, "SUMMED_ROWS_MAX", 1)
    page = reader.get(reverse("console:orders_order_changelist")).content.decode()
    assert totals_of(page) == ""
    assert "narrow the list" in page


def test_every_list_is_sorted_by_its_days_and_amounts(reader: Client) -> None:
    sorted_lists = 0
    for table in console._registry.values():
        columns = list(table.get_list_display(None))
        places = [columns.index(one) for one in table.get_sortable_by(None)]
        sorted_lists += bool(places)
        for place in places:
            for sign in ("", "-"):
                answer = reader.get(f"{table.address()}?o={sign}{place + bool(table.actions)}")
                assert answer.status_code == HTTPStatus.OK, table
    assert sorted_lists > 30


def test_orders_are_sorted_by_amount_within_a_currency_and_else_as_declared(
    market: Market, reader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = [market.order(market.offer(yuan)) for yuan in (7, 9, 8)]
    place = OrderTable.list_display.index("total_shown")

    def ids(asked: str) -> list[str]:
        return [row[0] for row in rows_of(reader, Order, asked)[1:]]

    with CaptureQueriesContext(connection) as captured:
        least = ids(f"?o={place}&state__exact=contract_signed")
    by_currency = '"orders_order"."currency" ASC, "orders_order"."total_minor" ASC'
    assert any(f"ORDER BY {by_currency}" in one["sql"] for one in captured)
    assert least == [orders[number].public_id for number in (0, 2, 1)]
    most = ids(f"?o=-{place}&state__exact=contract_signed")
    assert most == [orders[number].public_id for number in (1, 2, 0)]
    declared = ids("")
    assert ids("?o=0") == ids("?o=99") == ids("?o=x") == declared
    monkeypatch.setattr(sorting, "SORTED_ROWS_MAX", 2)
    assert ids(f"?o={place}") == declared
    page = reader.get(f"{reverse('console:orders_order_changelist')}?o={place}").content.decode()
    assert "narrow the list to sort it" in page
    assert "table.csv?o=" not in page


def test_dead_letters_are_tried_again_together(market: Market, reader: Client) -> None:
    dead = [emit_job(key=f"dead{number}") for number in range(2)]
    fine = emit_job(key="fine")
    jobs = OutboxJob.objects.filter(pk__in=dead)
    jobs.update(state="dead", finished_at=Now(), attempts=9, last_error="No route.")
    listed = reverse("console:core_outboxjob_changelist")
    chosen = {"action": "retry_chosen", "_selected_action": [*dead, fine]}
    form = reader.post(listed, chosen)
    assert "3 rows are chosen" in form.content.decode()
    assert OutboxJob.objects.filter(state="dead").count() == 2
    short = reader.post(listed, {**chosen, "confirmed": "1", "reason": "x"})
    assert short.status_code == 422
    done = reader.post(
        listed, {**chosen, "confirmed": "1", "reason": "The route is back."}, follow=True
    )
    assert "done and recorded for 2 of 3" in done.content.decode()
    assert not OutboxJob.objects.filter(state="dead").exists()
    assert Record.objects.filter(event="core.outbox_job.retried").count() == 2
