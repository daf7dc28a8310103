"""The delivery read again beside its promise: what is kept, what is broken, who sees which figure."""

from copy import deepcopy
from typing import Any

import pytest

from exchange.audit.models import Record
from exchange.catalog.lifecycle import Future, Grade
from exchange.catalog.models import ColumnFlag, Product, Revision
from exchange.core.refusals import NotFound
from exchange.delivery import comparisons
from exchange.delivery.errors import NothingToCompare
from exchange.delivery.lifecycle import ComparisonState
from exchange.delivery.models import Comparison, Delivery
from exchange.jobs import runner
from exchange.orders.models import Order
from exchange.orders.queries import Side
from exchange.vault.content import blob_path
from exchange.vault.models import DataTable
from exchange.vault.reading import READER
from pricing.documents import digest
from tests.factories import accounts
from tests.factories.delivery import (
    BOUGHT,
    Counter,
    a_counter,
    a_revision,
    an_entitlement,
    an_order,
    read_again,
    withdraw,
)
from tests.factories.members import acting, minutes
from tests.factories.vault import a_read_file
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db

HONEST = {"kept": 19, "broken": 0, "unchecked": 0}


@pytest.fixture
def counter() -> Counter:
    return a_counter()


def in_terms(revision: Revision, table: DataTable, **changes: Any) -> dict[str, Any]:
    """A revision as a checkout freezes it in the terms."""
    told = {"name": table.name, "rows": table.rows, "sha256": table.parquet.sha256, **changes}
    return {"id": revision.public_id, "number": revision.number, "tables": [told]}


def a_purchase(counter: Counter, *revisions: dict[str, Any], **fields: Any) -> Order:
    """An order whose terms name these revisions, with its access open."""
    buyer = counter.buyer
    order = an_order(counter.product, buyer, revisions=list(revisions))
    an_entitlement(counter.product, buyer, order=order, **fields)
    return order


def compared(counter: Counter, order: Order) -> Comparison:
    asked = comparisons.ask(order.public_id, actor=counter.fetching, now=BOUGHT)
    return read_again(asked)


def broken(comparison: Comparison) -> list[tuple[str, str, str]]:
    return [
        (claim["claim"], claim["column"], claim["reason"])
        for table in comparison.document["tables"]
        for claim in table["claims"]
        if claim["verdict"] == "broken"
    ]


def fetched(order: Order, revision: Revision) -> None:
    """A table of the revision was downloaded."""
    Delivery.objects.create(
        entitlement=order.entitlement,
        revision=revision,
        table=revision.tables.get().table,
        first_at=BOUGHT,
        last_at=BOUGHT,
    )


def test_an_honest_delivery_keeps_every_claim_and_stands_in_the_log(counter: Counter) -> None:
    order = a_purchase(counter, in_terms(counter.revision, counter.table))
    comparison = compared(counter, order)
    assert (comparison.state, comparison.reader) == (ComparisonState.MADE, READER)
    assert (comparison.document["totals"], broken(comparison)) == (HONEST, [])
    said = bytes(Record.objects.get(event="delivery.comparison.made").canonical).decode()
    assert digest(comparison.document) in said
    assert digest(comparison.figures) in said


def test_the_job_makes_it_once_and_the_page_of_the_order_hears_of_it(counter: Counter) -> None:
    order = a_purchase(counter, in_terms(counter.revision, counter.table))
    asked, again = (
        comparisons.ask(order.public_id, actor=counter.fetching, now=BOUGHT) for _ in range(2)
    )
    assert asked == again
    runner.drain(worker="worker:test", limit=10)
    asked.refresh_from_db()
    assert (asked.state, asked.progress) == (ComparisonState.MADE, 100)
    assert Order.objects.get(pk=order.pk).version == order.version + 1


def test_what_terms_and_report_said_too_much_is_found_broken(counter: Counter) -> None:
    report = deepcopy(counter.table.document)
    meter, at, kwh = report["columns"]
    report["coverage"]["time"]["until"] = "2026-02-10 10:00:00"
    meter["original_name"] = meter["name"] = "device"
    at["type"] = "date"
    kwh["max"] = "5.5"
    kwh["histogram"] = {"edges": ["0", "100"], "counts": [30]}
    revision = a_revision(counter.product, counter.file, number=2, report=report)
    order = a_purchase(counter, in_terms(revision, counter.table, rows=31, sha256="0" * 64))
    assert broken(compared(counter, order)) == [
        ("content", "", "other_bytes"),
        ("rows", "", ""),
        ("until", "at", ""),
        ("type", "at", ""),
        ("range", "kwh", ""),
        ("distribution", "kwh", ""),
    ]


def test_a_report_by_another_reader_is_not_compared_with_but_read_again(counter: Counter) -> None:
    report = {**deepcopy(counter.table.document), "reader": "assay-reader/0"}
    report["columns"][2]["max"] = "5.5"
    revision = a_revision(counter.product, counter.file, number=2, report=report)
    comparison = compared(counter, a_purchase(counter, in_terms(revision, counter.table)))
    (table,) = comparison.document["tables"]
    assert (table["promise_reader"], table["promise_was_read_again"]) == ("assay-reader/0", True)
    assert comparison.document["totals"] == HONEST


def test_a_later_revision_is_held_to_its_report_and_to_what_was_bought(counter: Counter) -> None:
    content = b"meter,at\n" + b"".join(
        b"M%d,2026-02-%02d 10:00:00\n" % (meter, day) for meter in (1, 9) for day in range(1, 11)
    )
    later = a_revision(
        counter.product, a_read_file(counter.product.seller, content=content), number=2,
        at=BOUGHT + minutes(1),
    )  # fmt: skip
    bought = in_terms(counter.revision, counter.table)
    order = a_purchase(counter, bought, future=Future.ALL)
    fetched(order, later)
    comparison = compared(counter, order)
    assert broken(comparison) == [("column_since", "kwh", "missing")]
    newest = comparison.document["tables"][0]
    assert (newest["number"], newest["is_in_terms"]) == (2, False)
    moved = {row["column"]: row["distance"] for row in newest["movement"]}
    assert moved == {"at": "1.000"}  # whose meter is personal beside kwh


def test_what_was_withdrawn_before_it_was_fetched_and_what_is_lost_is_broken(
    counter: Counter,
) -> None:
    order = a_purchase(counter, in_terms(counter.revision, counter.table))
    path = blob_path(counter.table.parquet)
    assert path is not None
    path.unlink()
    assert broken(compared(counter, order)) == [
        ("content", "", "other_bytes"),
        ("readable", "", "missing"),
    ]
    withdraw(counter.revision)
    assert broken(compared(counter, order)) == [("opened", "", "revision_revoked")]


def test_values_are_shown_only_where_they_may_leave(counter: Counter) -> None:
    order = a_purchase(counter, in_terms(counter.revision, counter.table))
    comparison = compared(counter, order)
    assert ranges(comparison, Side.BUYER) == {"at": True, "kwh": True}
    ColumnFlag.objects.create(
        product=counter.product, column="kwh", party="seller", reason="Of a household."
    )
    assert ranges(comparison, Side.SELLER) == {"at": True, "kwh": False}
    Product.objects.filter(pk=counter.product.pk).update(grade=Grade.GENERAL_3)
    for side, sees in ((Side.BUYER, False), (Side.EXCHANGE, False), (Side.SELLER, True)):
        seen = Comparison.objects.get(pk=comparison.pk)
        assert ranges(seen, side)["at"] is sees
    assert "kwh" not in ranges(compared(counter, order), Side.SELLER)


def ranges(comparison: Comparison, side: Side) -> dict[str, bool]:
    """The columns with a claim on their range, and whether its figures are shown."""
    (table,) = comparisons.seen_by(comparison, side)["tables"]
    return {
        claim["column"]: "promised" in claim
        for claim in table["claims"]
        if claim["claim"] == "range"
    }


def test_nobody_else_asks_and_nothing_is_read_where_nothing_was_delivered(counter: Counter) -> None:
    order = an_order(counter.product, counter.buyer)
    with pytest.raises(NothingToCompare):
        comparisons.ask(order.public_id, actor=counter.fetching, now=BOUGHT)
    stranger = accounts.an_organisation()
    with pytest.raises(NotFound):
        comparisons.ask(
            order.public_id, actor=acting(accounts.owner_of(stranger), stranger), now=BOUGHT
        )
    assert Comparison.objects.exists() is False


def test_both_parties_read_the_verdicts_and_the_pictures_on_the_page(counter: Counter) -> None:
    order = a_purchase(counter, in_terms(counter.revision, counter.table, rows=31))
    buyer = browser(counter.agent, counter.buyer)
    address = f"/orders/{order.public_id}/comparison/"
    assert "Check the delivery" in shown(buyer, address)
    assert buyer.post(f"{address}ask/").headers["Location"] == address
    assert "The delivered files are being read." in shown(buyer, address)
    runner.drain(worker="worker:test", limit=10)
    seller = browser(accounts.owner_of(counter.product.seller), counter.product.seller)
    for reader in (buyer, seller):
        page = shown(reader, address)
        for words in ("1 claim broken", "18 claims kept", "How the distributions moved", READER):
            assert words in page
        assert page.count("chart-moved") == 2  # of the personal column none
