"""A word without end breaks where it is read and never makes a page wider than its window; what is written
from right to left goes its own way and turns nothing around it."""

from typing import Any

import pytest

from exchange.notices import notify
from exchange.orders import conversation
from tests.browser.conftest import OpenReader
from tests.factories import accounts
from tests.factories.orders import DAY, Market, a_market

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TURNED_TITLE = "قراءات العدادات 2019–2026 (smart meters)"
TURNED_NAME = "מדידות בע״מ 2019"
# Whether the first letter of an element's text stands to the right of its last one.
IS_TURNED = """(element) => {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let text = walker.nextNode();
  while (text.data.trim() === "") text = walker.nextNode();
  const at = (index) => {
    const range = document.createRange();
    range.setStart(text, index);
    range.setEnd(text, index + 1);
    return range.getBoundingClientRect().left;
  };
  const first = text.data.search(/\\S/);
  return at(first) > at(text.data.trimEnd().length - 1);
}"""
WORD = "Strandgutinventarverzeichnis" * 20


def pages(market: Market) -> dict[str, str]:
    """Pages of a trade in which everything is called by the word."""
    for thing in (market.seller, market.buyer, market.agent):
        thing.name = WORD[:120]
        thing.save(update_fields=["name"])
    about: dict[str, Any] = {"title": WORD[:200], "summary": WORD[:400], "description": WORD * 9}
    order = market.delivered(**about)
    conversation.write(order.public_id, actor=market.selling, text=WORD * 3, now=DAY)
    market.order(order.offer, po_number=WORD[:60])
    return {
        "product": f"/products/{order.product.public_id}/",
        "catalogue": "/catalogue/",
        "compare": f"/compare/?id={order.product.public_id}",
        "checkout": f"/offers/{order.offer.public_id}/buy/",
        "order": notify.path("order", order.public_id),
        "orders": "/orders/",
        "purchases": "/purchases/",
        "contract": f"{notify.path('order', order.public_id)}documents/contract.html",
        "organisation": f"/organisations/{market.buyer.public_id}/",
        "notices": "/notices/",
        "selling": "/sell/",
        "selling one": f"/sell/{order.product.public_id}/",
    }


@pytest.mark.parametrize("wide", [True, False], ids=["screen", "phone"])
def test_a_word_without_end_stays_within_every_page(
    open_reader: OpenReader,
    wide: bool,  # noqa: FBT001
) -> None:
    market = a_market()
    faults = []
    for name, address in pages(market).items():
        user = accounts.owner_of(market.seller) if name.startswith("selling") else market.agent
        reader = open_reader(user=user, wide=wide)
        assert reader.read(address) == 200, name
        if reader.overflow_px() > 0:
            faults.append(f"{name}: {reader.overflow_px()} px wider than the window")
    assert faults == []


@pytest.mark.parametrize("wide", [True, False], ids=["screen", "phone"])
def test_what_is_written_from_right_to_left_goes_its_own_way(
    open_reader: OpenReader,
    wide: bool,  # noqa: FBT001
) -> None:
    market = a_market()
    market.seller.name = TURNED_NAME
    market.seller.save(update_fields=["name"])
    order = market.delivered(title=TURNED_TITLE, summary=TURNED_TITLE, description=TURNED_TITLE)
    conversation.write(order.public_id, actor=market.selling, text=TURNED_TITLE, now=DAY)
    reader = open_reader(user=market.agent, wide=wide)
    for address, turned in {
        "/catalogue/": [".listing-title a", ".listing-summary"],
        f"/products/{order.product.public_id}/": ["h1", "#overview .prose p"],
        notify.path("order", order.public_id): ["p.whitespace-pre-line"],
        "/orders/": ["tbody th a"],
        "/notices/": [],
    }.items():
        assert reader.read(address) == 200
        assert reader.overflow_px() <= 0, address
        for place in turned:
            assert reader.page.locator(place).first.evaluate(IS_TURNED), (address, place)
    reader.read("/orders/")
    sentence = reader.page.locator("tbody th span").first
    assert sentence.inner_text() == f"from \u2068{TURNED_NAME}\u2069"
    assert not sentence.evaluate(IS_TURNED)
