"""The console's lists stay within a window of an operator's screen."""

import pytest
from django.urls import reverse

from exchange.audit.models import Record
from exchange.orders.models import Order
from tests.browser.conftest import OpenReader
from tests.factories import accounts
from tests.factories.orders import Market, a_market

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LISTS = (
    "orders_order", "audit_record", "payments_payment", "catalog_product", "members_admission",
    "accounts_organisation", "core_outboxjob",
)  # fmt: skip
# How far the widest box that scrolls sideways reaches beyond its own width.
BEYOND = """() => Math.max(0, ...[...document.querySelectorAll("#result_list, #changelist *")]
    .filter((one) => ["auto", "scroll"].includes(getComputedStyle(one).overflowX))
    .map((one) => one.scrollWidth - one.clientWidth))"""


def traded(market: Market) -> None:
    """Names as long as they come in earnest."""
    for house, name in (
        (market.buyer, "Harbour City Gas Distribution and Trading"),
        (market.seller, "Northern Meteorological Data Institute"),
    ):
        house.name = name
        house.save(update_fields=["name"])
    order = market.delivered(title="Quarter-hourly meter readings of a river town, 2019 to 2026")
    market.order(order.offer, po_number="PO-2026-000123")


@pytest.mark.parametrize("width", [1280, 1440])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_lists_do_not_scroll_sideways(open_reader: OpenReader, width: int, language: str) -> None:
    market = a_market()
    traded(market)
    assert Order.objects.count() == 2
    assert Record.objects.exists()
    reader = open_reader(language=language, user=accounts.owner_of(market.exchange.organisation))
    reader.page.set_viewport_size({"width": width, "height": 900})
    faults = []
    for table in LISTS:
        assert reader.read(reverse(f"console:{table}_changelist")) == 200, table
        beyond = max(reader.overflow_px(), reader.page.evaluate(BEYOND))
        if beyond > 0:
            faults.append(f"{table}: {beyond} px at {width}")
    assert faults == []
