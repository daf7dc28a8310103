"""On a phone the rows of a table are blocks: nothing is cut, nothing scrolls sideways, every cell says what
it is, and to a screen reader it is the same table."""

import pytest

from exchange.journeys import acceptance
from exchange.notices import notify
from tests.browser.conftest import OpenReader
from tests.factories import accounts
from tests.factories.orders import DAY, Market, a_market

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# What of the tables cannot be read within the window.
CUT = """() => {
  const faults = [];
  for (const box of document.querySelectorAll(".table-scroll:has(table.cards)")) {
    if (box.scrollWidth > box.clientWidth) faults.push(`scrolls: ${box.getAttribute("aria-label")}`);
    for (const cell of box.querySelectorAll("tbody :is(td, th):not(.is-blank)")) {
      const isWide = cell.scrollWidth > cell.clientWidth || cell.getBoundingClientRect().right > innerWidth;
      if (isWide) faults.push(`cut: ${cell.dataset.label}: ${cell.textContent.trim()}`);
    }
  }
  return faults;
}"""
NAMES = """() => [...document.querySelectorAll("tbody td:not(.is-blank)")].slice(0, 4).map(
  (cell) => getComputedStyle(cell, "::before").content.split('"')[1])"""


def pages(market: Market) -> dict[str, str]:
    """Lists of both sides, each with rows, by name; those of the seller begin with `sold`."""
    title = "Quarter-hourly readings of all substations in the region 2019–2026"
    delivered, closed = market.delivered(title=title), market.delivered(title=title)
    acceptance.accept(closed.public_id, actor=market.buying, now=DAY)
    market.order(market.offer(123_456_789_00))
    return {
        "orders": "/orders/",
        "purchases": "/purchases/",
        "invoices": "/invoices/",
        "contracts": "/contracts/",
        "wallet": "/wallet/",
        "product": f"/products/{delivered.product.public_id}/",
        "contract": f"{notify.path('order', closed.public_id)}documents/contract.html",
        "organisation": f"/organisations/{market.buyer.public_id}/",
        "sold orders": "/orders/",
        "sold products": "/sell/",
        "sold earnings": "/sell/earnings/",
        "sold money that is held": "/sell/earnings/held/",
        "sold payouts": "/sell/payouts/",
        "sold files": "/sell/files/",
    }


def test_nothing_of_a_table_is_cut_on_a_phone(open_reader: OpenReader) -> None:
    market = a_market()
    seller = accounts.owner_of(market.seller)
    faults = []
    for name, address in pages(market).items():
        reader = open_reader(user=seller if name.startswith("sold") else market.agent, wide=False)
        assert reader.read(address) == 200, name
        if reader.overflow_px() > 0:
            faults.append(f"{name}: wider than the window")
        faults += [f"{name}: {fault}" for fault in reader.page.evaluate(CUT)]
        faults += [f"{name}: {fault}" for fault in reader.accessibility_faults()]
    assert faults == []


def test_a_cell_has_its_columns_name_and_the_table_its_roles(open_reader: OpenReader) -> None:
    market = a_market()
    market.order(market.offer(100))
    reader = open_reader(user=market.agent, wide=False)
    reader.read("/orders/")
    assert reader.page.evaluate(NAMES) == ["State", "Next step", "Total", "Placed"]
    table = reader.page.get_by_role("table", name="Orders")
    assert table.get_by_role("columnheader").count() == 5
    assert table.get_by_role("row").count() == 2
    assert table.get_by_role("rowheader").count() == 1
    assert table.get_by_role("cell").count() == 4


def test_on_a_screen_and_without_scripts_it_stays_a_table(open_reader: OpenReader) -> None:
    market = a_market()
    market.order(market.offer(100))
    for how in ({"wide": True}, {"wide": False, "scripts": False}):
        reader = open_reader(user=market.agent, **how)
        reader.read("/orders/")
        assert (
            reader.page.locator("tbody tr").evaluate("row => getComputedStyle(row).display")
            == "table-row"
        )
        assert reader.overflow_px() <= 0
