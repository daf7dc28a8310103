"""The pages of a trade in a real browser: readable by all, at any width, without and with scripts."""

import pytest

from exchange.journeys import acceptance
from exchange.notices import notify
from exchange.orders import conversation, limits
from pricing.money import Money
from tests.browser.conftest import OpenReader
from tests.factories import accounts
from tests.factories.orders import DAY, Market, a_market

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def trades(market: Market) -> dict[str, str]:
    """A page of each kind, by name."""
    unpaid, delivered, closed = (
        market.order(market.offer(100)),
        market.delivered(),
        market.delivered(),
    )
    acceptance.accept(closed.public_id, actor=market.buying, now=DAY)
    conversation.write(
        delivered.public_id,
        actor=market.selling,
        text="The second table is new since March.",
        now=DAY,
    )
    free = market.order(market.offer(0))
    offer = market.offer(1_000, period="P1M")
    limits.set_limit(actor=market.leading, limit=Money(50_000, "CNY"), now=DAY)
    return {
        "checkout": f"/offers/{offer.public_id}/buy/",
        "orders": "/orders/",
        "unpaid": notify.path("order", unpaid.public_id),
        "delivered": notify.path("order", delivered.public_id),
        "closed": notify.path("order", closed.public_id),
        "free": notify.path("order", free.public_id),
        "limit": "/buying-limit/",
    }


def test_the_pages_of_a_trade_have_no_fault_at_any_width(open_reader: OpenReader) -> None:
    market = a_market()
    pages = trades(market)
    faults: list[str] = []
    for user in (market.agent, accounts.owner_of(market.seller)):
        for wide in (True, False):
            reader = open_reader(user=user, wide=wide)
            for name, address in pages.items():
                if user != market.agent and name in {"checkout", "limit"}:
                    continue
                assert reader.read(address) == 200, name
                found = [*reader.accessibility_faults(), *reader.policy_faults()]
                faults += [f"{name}: {fault}" for fault in found]
                if reader.overflow_px() > 0:
                    faults.append(f"{name}: wider than the window (wide={wide})")
            faults += reader.faults
    assert faults == []


def test_a_trade_is_done_without_any_script(open_reader: OpenReader) -> None:
    market = a_market()
    offer = market.offer(0)
    reader = open_reader(user=market.agent, scripts=False)
    assert reader.read(f"/offers/{offer.public_id}/buy/") == 200
    reader.page.get_by_label("My organisation agrees to the terms on this page").check()
    reader.page.get_by_role("button", name="Get it for free").click()
    reader.page.get_by_text("Done. The data is yours to use within the licence.").wait_for()
