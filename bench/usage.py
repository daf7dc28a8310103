"""Metering events into the exchange.

`usage.intake`: programs of sellers, each in a process of its own, report events in batches through
the whole stack of the API: the key, the policy, the checks of each line, the lock, the days' totals,
the commit. The peer is a bare COPY of rows of the same shape into a table with the same keys.
"""

import json
from datetime import datetime, timedelta
from functools import cache
from http import HTTPStatus
from multiprocessing.synchronize import Event
from secrets import token_hex
from typing import Any

from bench import measure
from bench.measure import Measurement

BATCH = 5_000
CLIENTS = 2
TURNS = 3
PEER_TABLE = "bench_usage"
FIELDS = "seller_id, subscription_id, source, event_id, meter, quantity, at, arrived_at, period_no, bill_no"


@cache
def _market() -> Any:
    """The exchange, founded once."""
    from tests.factories.trading import a_market  # noqa: PLC0415 - only after django.setup()

    return a_market()


def _subscription(began: datetime) -> Any:
    """A subscription by use that begins at a moment, with money for its bill."""
    from exchange.metering.models import MeteredSubscription  # noqa: PLC0415 - only after setup
    from pricing.charges.plans import read_plan  # noqa: PLC0415 - for the same reason
    from tests.factories import listings  # noqa: PLC0415 - for the same reason
    from tests.factories.settlement import fund_wallet  # noqa: PLC0415 - for the same reason
    from tests.factories.trading import DAY  # noqa: PLC0415 - for the same reason
    from tests.metering.test_usage_plans import PLAN  # noqa: PLC0415 - for the same reason

    market = _market()
    fund_wallet(market.exchange, market.buyer, 10_000_000)
    offer = listings.an_offer(
        listings.a_listing(seller=market.seller, price_minor=None),
        period="P1M", kind="metered", plan=PLAN, plan_digest=read_plan(PLAN).digest,
    )  # fmt: skip
    order = market.order(offer, at=DAY, method="none")
    found = MeteredSubscription.objects.get(order_ref=order.public_id)
    shift = began - found.began_at
    period = found.periods.get()
    period.from_at, period.until_at = period.from_at + shift, period.until_at + shift
    period.grace_until += shift
    period.save()
    found.began_at = began
    found.save(update_fields=["began_at"])
    return found


@cache
def _client(secret: str) -> Any:
    from django.test import Client  # noqa: PLC0415 - only after django.setup()

    return Client(SERVER_NAME="localhost", headers={"Authorization": f"Bearer {secret}"})


def _lines(subscription: str, at: datetime) -> list[dict[str, Any]]:
    run, step = token_hex(6), timedelta(seconds=1)
    return [
        {
            "subscription": subscription, "source": "bench", "event_id": f"{run}-{number}",
            "meter": "rows", "quantity": number % 100, "at": (at + number * step).isoformat(),
        }
        for number in range(BATCH)
    ]  # fmt: skip


def _send(secret: str, subscription: str, at: datetime) -> int:
    answer = _client(secret).post(
        "/api/v1/usage",
        json.dumps(_lines(subscription, at)),
        content_type="application/json",
        headers={"Idempotency-Key": token_hex(16)},
    )
    if answer.status_code != HTTPStatus.OK or answer.json()["accepted"] != BATCH:
        raise RuntimeError(answer.content.decode()[:500])
    return BATCH


def _copy(subscription: Any, at: datetime) -> int:
    """The same rows by COPY, with nothing asked."""
    from django.db import connection, transaction  # noqa: PLC0415 - only after django.setup()

    run = token_hex(6)
    with (
        transaction.atomic(),
        connection.cursor() as cursor,
        cursor.copy(f"COPY {PEER_TABLE} ({FIELDS}) FROM STDIN") as copy,
    ):
        for number in range(BATCH):
            moment = at + timedelta(seconds=number)
            copy.write_row(
                (subscription.seller_id, subscription.pk, "bench", f"{run}-{number}", "rows",
                 number % 100, moment, at, 1, 1)
            )  # fmt: skip
    return BATCH


def intake() -> Measurement:
    """Accepted events per second."""
    from django.db import connection  # noqa: PLC0415 - only after django.setup()
    from django.utils import timezone  # noqa: PLC0415 - for the same reason

    from tests.factories.accounts import an_api_key  # noqa: PLC0415 - for the same reason

    now = timezone.now()
    at = now - timedelta(days=2)
    subscription = _subscription(at - timedelta(hours=1))
    secret = an_api_key(subscription.seller, scopes=("usage:write",), at=now).secret
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {PEER_TABLE} (LIKE metering_usageevent INCLUDING ALL)")
    _send(secret, subscription.public_id, at)  # what the first request loads is not measured

    def ours(_number: int, stop: Event) -> int:
        done = 0
        while not stop.is_set():
            done += _send(secret, subscription.public_id, at)
        return done

    def theirs(_number: int, stop: Event) -> int:
        done = 0
        while not stop.is_set():
            done += _copy(subscription, at)
        return done

    mine, peer = measure.in_turns(
        lambda: measure.per_second(ours, clients=CLIENTS),
        lambda: measure.per_second(theirs, clients=CLIENTS),
        turns=TURNS,
    )
    return Measurement("usage.intake", mine, "events/s", "bare COPY, rows/s", peer, goal=0.4)


BENCHES = {"usage.intake": intake}
