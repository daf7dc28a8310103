"""Whole trades per second: terms, checkout, payment, acceptance, settlement, invoice, certificate.

Eight buyers, each in a process of its own, buy over the public API: the terms are read, the order is
placed on their hash, the provider's word brings the money (without its network), the buyer accepts,
and the order is closed. The peer is pgbench's TPC-B-like transaction at scale 1, which is one
update of a hot row and a handful of others; a trade is some forty records in the books and the log.
"""

import json
from collections.abc import Callable
from functools import partial
from multiprocessing.synchronize import Event
from secrets import token_hex
from typing import Any

from bench import measure
from bench.measure import Measurement

GOAL = 0.005
PEER = "pgbench TPC-B scale 1, per s"


def _markets() -> list[tuple[str, str]]:
    """The session of each buyer's agent and the offer that they buy."""
    from django.test import Client  # noqa: PLC0415 - only after django.setup()

    from accounts.sign_in import SESSION_KEY  # noqa: PLC0415 - for the same reason
    from exchange.members.roles import Kind, Role  # noqa: PLC0415 - for the same reason
    from tests.factories import accounts  # noqa: PLC0415 - for the same reason
    from tests.factories.members import a_role  # noqa: PLC0415 - for the same reason
    from tests.factories.orders import a_market  # noqa: PLC0415 - for the same reason

    market = a_market()
    made = []
    for number in range(measure.CLIENTS):
        buyer = accounts.an_organisation(name=f"Buyer {number}")
        market.exchange.admit(buyer, Kind.BUYER)
        agent = accounts.a_member(buyer)
        a_role(buyer, agent, Role.BUYER_AGENT)
        client = Client()
        client.force_login(agent, backend="django.contrib.auth.backends.ModelBackend")
        session = client.session
        session[SESSION_KEY] = buyer.public_id
        session.save()
        made.append((str(session.session_key), market.offer(100).public_id))
    return made


def _buy(markets: list[tuple[str, str]], number: int, stop: Event) -> int:
    """One client: whole trades until told to stop."""
    done = 0
    while not stop.is_set():
        _buy_once(markets[number])
        done += 1
    return done


def _buy_once(market: tuple[str, str]) -> None:
    """One whole trade, from reading the terms to the closed order."""
    from django.conf import settings  # noqa: PLC0415 - only after django.setup()
    from django.test import Client  # noqa: PLC0415 - for the same reason
    from django.utils import timezone  # noqa: PLC0415 - for the same reason

    from exchange.orders.models import Order  # noqa: PLC0415 - for the same reason
    from tests.factories.orders import pay  # noqa: PLC0415 - for the same reason

    session, offer = market
    client = Client(SERVER_NAME="localhost")
    client.cookies[settings.SESSION_COOKIE_NAME] = session
    terms = client.get(f"/api/v1/offers/{offer}/terms").json()
    command = {"offer": offer, "terms_hash": terms["terms_hash"], "payment_method": "card"}
    order = _send(client, "/api/v1/orders", command)
    pay(Order.objects.get(public_id=order["id"]), at=timezone.now(), number=token_hex(8))
    closed = _send(client, f"/api/v1/orders/{order['id']}/accept", {})
    assert closed["state"] == "closed", closed


def _send(client: Any, path: str, body: dict[str, str]) -> dict[str, str]:
    answer = client.post(
        path,
        json.dumps(body),
        content_type="application/json",
        headers={"Idempotency-Key": token_hex(16)},
    )
    return dict(answer.json())


def journey() -> Measurement:
    markets = _markets()
    _buy_once(markets[0])  # what the first request of a process loads is not measured
    client: Callable[[int, Event], int] = partial(_buy, markets)
    ours, peer = measure.in_turns(lambda: measure.per_second(client), measure.pgbench_tpcb, turns=3)
    return Measurement(
        name="order.journey",
        value=ours,
        unit="trades/s",
        peer=PEER,
        peer_value=peer,
        goal=GOAL,
    )


BENCHES = {"order.journey": journey}
