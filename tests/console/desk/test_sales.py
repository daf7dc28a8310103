"""What the seller sold, is asked for, earned and was paid, as lists of the desk."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Organisation
from exchange.disputes import opening
from exchange.disputes.models import Dispute
from exchange.journeys import acceptance
from exchange.negotiation import rounds
from exchange.negotiation.models import Negotiation
from exchange.negotiation.rounds import Spoken
from exchange.negotiation.terms import Terms
from exchange.orders.models import Order, Subscription
from exchange.payments import reactions
from exchange.payments.models import Payout, Settlement
from tests.console.desk.lists import rows_of, the_list
from tests.factories import accounts
from tests.factories import payments as money
from tests.factories.orders import DAY, Market
from tests.metering.test_usage_plans import a_subscription
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db

OF_ALL = (
    "orders_order", "negotiation_negotiation", "orders_subscription", "disputes_dispute",
)  # fmt: skip
OF_MONEY = ("payments_settlement", "payments_payout")
QUERIES_MAX = 13


def trade(market: Market, title: str) -> None:
    """A sale of each kind, and a request: all of products of this title."""
    accepted = market.order(market.offer(100, title=title))
    money.pay_by_card(market, accepted)
    acceptance.accept(accepted.public_id, actor=market.buying, now=DAY)
    market.delivered(100, period="P1M", title=title)
    disputed = market.delivered(100, title=title)
    opening.open_dispute(
        disputed.public_id, kind="below_quality", reason="Gaps.", actor=market.buying, now=DAY
    )
    rounds.ask(
        actor=market.buying, product_id=market.offer(500, title=title).product.public_id,
        spoken=Spoken(Terms(currency="CNY", price_minor=None, access_days=30)), now=DAY,
    )  # fmt: skip


def pay_out(market: Market) -> None:
    money.an_account(market)
    reactions.run_due(now=DAY + money.days(30))


def test_each_list_holds_own_rows_alone_and_leads_to_their_pages(
    market: Market, owner: Client, competitor: Organisation
) -> None:
    trade(replace(market, seller=competitor), "Voltage of the grid")
    for table in (*OF_ALL, *OF_MONEY):
        assert "Nothing here yet" in shown(owner, the_list(table)), table
        assert rows_of(owner, table) == [], table
    trade(market, "Pressure of the main")
    pay_out(market)
    mine: dict[str, tuple[str, Iterable[Any]]] = {
        "orders_order": ("web:order", Order.objects.filter(seller=market.seller)),
        "negotiation_negotiation": (
            "web:negotiation", Negotiation.objects.filter(seller=market.seller),
        ),
        "orders_subscription": ("web:order", [Subscription.objects.get(first__seller=market.seller).latest]),
        "disputes_dispute": ("web:dispute", Dispute.objects.filter(order__seller=market.seller)),
        "payments_settlement": ("web:order", [Settlement.objects.get(seller=market.seller).order]),
    }  # fmt: skip
    for table, (name, rows) in mine.items():
        page = shown(owner, the_list(table))
        assert "Pressure of the main" in page, table
        assert "Voltage of the grid" not in page, table
        addresses = [reverse(name, args=[row.public_id]) for row in rows]
        assert [address for address in addresses if f'href="{address}"' not in page] == []
        assert owner.get(addresses[0]).status_code == 200
        assert len(rows_of(owner, table)) == len(addresses)
    payout = Payout.objects.get(organisation=market.seller)
    assert payout.public_id in shown(owner, the_list("payments_payout"))
    assert [row["payout_id"] for row in rows_of(owner, "payments_payout")] == [payout.public_id]


def test_the_lists_are_searched_and_filtered(market: Market, owner: Client) -> None:
    trade(market, "Pressure of the main")
    assert len(rows_of(owner, "orders_order", q="city gas")) == 3
    assert rows_of(owner, "orders_order", q="somebody else") == []
    assert len(rows_of(owner, "orders_order", state__exact="objected")) == 1
    assert len(rows_of(owner, "negotiation_negotiation", turn__exact="seller")) == 1
    assert rows_of(owner, "orders_subscription", ended_at__isempty="0") == []
    assert len(rows_of(owner, "payments_settlement", currency__exact="CNY")) == 1


def test_the_money_is_for_those_who_see_earnings(market: Market, owner: Client) -> None:
    colleague = browser(accounts.a_member(market.seller), market.seller)
    first_page = shown(colleague, reverse("desk:index"))
    for table in OF_MONEY:
        assert colleague.get(the_list(table)).status_code == 403
        assert colleague.get(reverse(f"desk:{table}_csv")).status_code == 403
        assert the_list(table) not in first_page
        assert the_list(table) in shown(owner, reverse("desk:index"))
    for table in OF_ALL:
        assert colleague.get(the_list(table)).status_code == 200


def test_the_first_page_counts_what_waits_for_the_seller(market: Market, owner: Client) -> None:
    trade(market, "Pressure of the main")
    tiles = {tile.title: tile for tile in owner.get(reverse("desk:index")).context["queues"]}
    assert tiles["Requests that wait for you"].figure == "1"
    assert tiles["Disputes that wait for you"].figure == "1"
    assert tiles["Payouts that did not arrive"].figure == "0"


def test_renewals_are_declined_and_offered_again_from_the_list(
    market: Market, owner: Client
) -> None:
    order = market.delivered(100, period="P1M", title="Pressure of the main")
    row, why = Subscription.objects.get(first=order), "The sensors are taken down."

    def choose(act: str, **more: str) -> Any:
        said = {"action": act, "_selected_action": [row.public_id], **more}
        return owner.post(the_list("orders_subscription"), said, follow=True)

    assert "They end with the period paid for" in choose("decline").content.decode()
    assert choose("decline", confirmed="1", reason="No.").status_code == 422
    done = choose("decline", confirmed="1", reason=why).content.decode()
    assert "done and recorded for 1 of 1" in done
    assert "Ends, as you decided" in done
    buyer = browser(market.agent, market.buyer)
    of_buyer = shown(buyer, reverse("web:order", args=[order.public_id]))
    assert why in of_buyer
    assert "Let it renew by itself" not in of_buyer
    assert rows_of(owner, "orders_subscription")[0]["declined_reason"] == why
    choose("offer_again", confirmed="1")
    assert "Let it renew by itself" in shown(buyer, reverse("web:order", args=[order.public_id]))


def test_no_row_has_a_form(market: Market, owner: Client) -> None:
    trade(market, "Pressure of the main")
    order = Order.objects.filter(seller=market.seller)[0]
    for key in (order.pk, order.public_id):
        assert owner.get(f"{the_list('orders_order')}{key}/change/").status_code == 404


def statements_of(client: Client, table: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(the_list(table)).status_code == 200
    return [query["sql"] for query in captured.captured_queries]


def test_no_list_is_counted_and_each_asks_the_same_however_long_it_is(
    market: Market, owner: Client
) -> None:
    trade(market, "Pressure of the main")
    few = {table: len(statements_of(owner, table)) for table in (*OF_ALL, *OF_MONEY)}
    trade(market, "Flow of the main")
    trade(market, "Heat of the main")
    for table, number in few.items():
        statements = statements_of(owner, table)
        assert [sql for sql in statements if "COUNT(*)" in sql] == [], table
        assert len(statements) == number <= QUERIES_MAX, table


def test_what_is_paid_by_use_costs_no_nothing_in_any_list_of_orders(
    market: Market, owner: Client
) -> None:
    order = a_subscription(market).order
    operator = browser(market.exchange.first, market.exchange.organisation)
    for client, address in (
        (owner, the_list("orders_order")),
        (owner, reverse("web:orders")),
        (operator, reverse("console:orders_order_changelist")),
    ):
        page = shown(client, address)
        assert order.title in page, address
        assert "By use" in page, address
        assert "0.00" not in page.partition('id="totals"')[0], address
