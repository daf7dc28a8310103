"""The log is searched by indexes: a rare person or event among very many records costs a few pages of the table."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import RequestFactory

from exchange.audit.models import Record
from exchange.console.log import RecordTable
from exchange.console.urls import console

pytestmark = pytest.mark.django_db
MANY = 20_000
RARE = "usr_" + "0" * 26
FILL = """
    INSERT INTO audit_record (public_id, event, actor, subject, at, canonical)
    SELECT 'rec_' || n, 'orders.order.' || CASE n %% 3 WHEN 0 THEN 'made' ELSE 'paid' END,
        'user:usr_' || n %% 50, 'order:ord_' || n, now(), '\\x7b7d'
    FROM generate_series(1, %s) AS n
"""
ONE = """
    INSERT INTO audit_record (public_id, event, actor, subject, at, canonical)
    VALUES ('rec_rare', 'members.person.deactivated', %s, 'deactivation:dea_1', now(), '\\x7b7d')
"""


@pytest.fixture
def long_log() -> None:
    with connection.cursor() as cursor:
        cursor.execute(FILL, [MANY])
        cursor.execute(ONE, [f"user:{RARE}"])
        cursor.execute("ANALYZE audit_record")


def nodes_of(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for part in plan.get("Plans", ()) for node in nodes_of(part))]


@pytest.mark.parametrize(
    ("word", "index"),
    [
        (RARE, "record_by_actor"),
        (f"user:{RARE}", "record_by_actor"),
        ("members.person", "record_by_event"),
        ("members.person.deactivated", "record_by_event"),
        ("deactivation:dea_1", "record_by_subject"),
    ],
)
def test_what_is_rare_is_found_by_an_index(long_log: None, word: str, index: str) -> None:
    table = RecordTable(Record, console)
    request = RequestFactory().get("/", {"q": word})
    rows, _is_doubled = table.get_search_results(request, Record.objects.all(), word)
    asked = rows.order_by("-pk")[:51]
    assert [row.public_id for row in asked] == ["rec_rare"]
    (plan,) = json.loads(asked.explain(format="json", analyze=True, buffers=True))
    nodes = nodes_of(plan["Plan"])
    assert index in {node.get("Index Name") for node in nodes}
    assert not any(node["Node Type"] == "Seq Scan" for node in nodes)
    pages = plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]
    assert pages < 40
