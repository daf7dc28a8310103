"""Use by the meter: events in through the API, and the bill of a period with millions of them.

`usage.intake`: one program sends batches of ten thousand events with its key through the whole stack
of the API: the key, the policy, the reading of each line, the lock, what is known already, the day's
totals, the commit. The peer is COPY of the same rows into a bare table without indexes.

`usage.close`: from the end of the grace to the final bill: one pass over all its events, the price,
the record, the order. The peer is the bare aggregate of the same rows. BENCH_USAGE_EVENTS says of how
many; what they cost is small, so that the bill stays within the wallet.
"""

import json
import os
import time
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from bench import measure
from bench.measure import Measurement

EVENTS = int(os.environ.get("BENCH_USAGE_EVENTS", "1000000"))
BATCH = 10_000
BATCHES = 10
FILL = """
INSERT INTO metering_usageevent (seller_id, subscription_id, source, event_id, meter, quantity, at,
                                 arrived_at, period_no, bill_no)
SELECT %(seller)s, %(subscription)s, 'bench', 'f' || n, 'rows', 1 + n %% 7,
       %(began)s::timestamptz + n * interval '1 millisecond', %(began)s, 1, 1
FROM generate_series(1, %(events)s) AS n
"""
AGGREGATE = """
SELECT meter, sum(quantity), count(*) FROM metering_usageevent
WHERE subscription_id = %(subscription)s AND bill_no = 1 GROUP BY meter
"""


def _metered() -> Any:
    """A metered subscription, and the secret of its seller's key."""
    from django.utils import timezone  # noqa: PLC0415 - only after django.setup()

    from exchange.orders.lifecycle import PaymentMethod  # noqa: PLC0415 - for the same reason
    from pricing.charges.plans import read_plan  # noqa: PLC0415 - for the same reason
    from tests.factories import accounts, listings  # noqa: PLC0415 - for the same reason
    from tests.factories.orders import a_market  # noqa: PLC0415 - for the same reason
    from tests.factories.payments import fund_wallet  # noqa: PLC0415 - for the same reason

    market = a_market()
    fund_wallet(market.exchange, market.buyer, 1_000_000)
    plan = {
        "format": "assay.plan/1", "plan": "bench", "version": 1, "currency": "CNY",
        "charges": [{"name": "rows", "model": "per_unit", "meter": "rows", "unit": "0.0001"}],
    }  # fmt: skip
    product = listings.a_listing(seller=market.seller, price_minor=None)
    offer = listings.an_offer(
        product, period="P1M", kind="metered", plan=plan, plan_digest=read_plan(plan).digest
    )
    order = market.order(offer, method=PaymentMethod.NONE)
    key = accounts.an_api_key(market.seller, scopes=("usage:write",), at=timezone.now())
    from exchange.metering.models import MeteredSubscription  # noqa: PLC0415 - for the same reason

    return MeteredSubscription.objects.get(order=order), key.secret


def _bodies(subscription: Any, turn: str) -> list[str]:
    """The batches of a turn, as a program would send them."""
    began = subscription.began_at
    return [
        json.dumps(
            [
                {
                    "subscription": subscription.public_id,
                    "source": "gateway",
                    "event_id": f"{turn}{batch}-{number}",
                    "meter": "rows",
                    "quantity": 1 + number % 7,
                    "at": (began + timedelta(seconds=number)).isoformat(),
                }
                for number in range(BATCH)
            ]
        )
        for batch in range(BATCHES)
    ]


def _send_all(subscription: Any, secret: str, turn: str) -> float:
    """Events per second through the API."""
    from django.test import Client  # noqa: PLC0415 - only after django.setup()

    bodies = _bodies(subscription, turn)
    client = Client(SERVER_NAME="localhost", headers={"Authorization": f"Bearer {secret}"})
    began = time.perf_counter()
    for body in bodies:
        answer = client.post("/api/v1/usage", body, content_type="application/json")
        if answer.status_code != HTTPStatus.OK or answer.json()["accepted"] != BATCH:
            raise RuntimeError(answer.content.decode()[:500])
    return BATCH * BATCHES / (time.perf_counter() - began)


def _copy_all(subscription: Any) -> float:
    """The same rows per second by COPY into a bare table, batch by batch."""
    from django.db import connection  # noqa: PLC0415 - only after django.setup()

    began_at = subscription.began_at
    lines = [
        f"1\t{subscription.pk}\tgateway\te{number}\trows\t{1 + number % 7}\t"
        f"{(began_at + timedelta(seconds=number)).isoformat()}\t{began_at.isoformat()}\t1\t1\n"
        for number in range(BATCH)
    ]
    content = "".join(lines).encode()
    columns = (
        "seller_id, subscription_id, source, event_id, meter, quantity, at, arrived_at,"
        " period_no, bill_no"
    )
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_usage")
        cursor.execute("CREATE TABLE bench_usage (LIKE metering_usageevent)")
        cursor.execute("ALTER TABLE bench_usage ALTER COLUMN id DROP NOT NULL")
        began = time.perf_counter()
        for _batch in range(BATCHES):
            with cursor.copy(f"COPY bench_usage ({columns}) FROM STDIN") as copy:
                copy.write(content)
        taken = time.perf_counter() - began
        cursor.execute("DROP TABLE bench_usage")
    return BATCH * BATCHES / taken


def intake() -> Measurement:
    """Events per second through the API, against COPY."""
    subscription, secret = _metered()
    _send_all(subscription, secret, "warm")  # what the first request loads is not measured
    turns = iter(range(100))
    ours, peer = measure.in_turns(
        lambda: _send_all(subscription, secret, f"t{next(turns)}-"),
        lambda: _copy_all(subscription),
    )
    return Measurement(
        "usage.intake", ours, "events/s", "COPY into a bare table, rows/s", peer, goal=0.4
    )


def close() -> Measurement:
    """Events billed per second, against the bare aggregate of the same rows."""
    from django.db import connection  # noqa: PLC0415 - only after django.setup()

    from exchange.journeys import billing  # noqa: PLC0415 - for the same reason
    from exchange.metering.models import UsageBill  # noqa: PLC0415 - for the same reason

    subscription, _secret = _metered()
    values = {
        "seller": subscription.seller_id,
        "subscription": subscription.pk,
        "began": subscription.began_at,
        "events": EVENTS,
    }
    with connection.cursor() as cursor:
        cursor.execute(FILL, values)
        cursor.execute("VACUUM ANALYZE metering_usageevent")

    def aggregate() -> float:
        began = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute(AGGREGATE, values)
            cursor.fetchall()
        return time.perf_counter() - began

    aggregate()
    before = aggregate()
    period = subscription.periods.get(number=1)
    began = time.perf_counter()
    billing.run_one(subscription.pk, now=period.grace_until)
    ours = time.perf_counter() - began
    if UsageBill.objects.get(period=period).net_minor <= 0:
        raise RuntimeError("The period was not billed.")
    peer = (before + aggregate()) / 2
    return Measurement(
        "usage.close", EVENTS / ours, "events/s", f"bare aggregate of {EVENTS:,} rows, /s",
        EVENTS / peer, goal=0.3,
    )  # fmt: skip


BENCHES = {"usage.intake": intake, "usage.close": close}
