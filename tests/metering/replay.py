"""A year of use in the rhythm of real smart meters through the real rooms, billed month by month.

The readings of ten households for one year are taken as often as it takes to have as many events as
wanted: each copy is a further household, some seconds later. An event is a reading passed on, its
quantity the watt hours. Some arrive after their month was billed, some twice.
"""

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Sum

from exchange.journeys import billing
from exchange.members.actors import Actor
from exchange.members.roles import Role
from exchange.metering import bills, intake, receipts
from exchange.metering.models import MeteredSubscription, UsageBill, UsagePeriod, UsageReceipt
from exchange.orders.lifecycle import PaymentMethod
from exchange.orders.models import Order
from pricing.charges.plans import read_plan
from tests.factories import accounts, listings
from tests.factories.members import a_role, acting
from tests.factories.orders import Market
from tests.factories.payments import books_are_sound, fund_wallet

FILE = Path("electricity_smart_meters/smart_meter10.csv.gz")
BATCH = 10_000
MONTHS = 12
YEAR_BEGINS = datetime(2013, 1, 1)  # noqa: DTZ001 - the file's times have no zone
LATE_EVERY, AGAIN_EVERY = 200, 1_000
LATE_BY = timedelta(days=40)
PLAN: dict[str, Any] = {
    "format": "assay.plan/1",
    "plan": "by-watt-hour",
    "version": 1,
    "currency": "CNY",
    "minimum": "10.00",
    "charges": [
        {"name": "base", "model": "flat", "amount": "99.00"},
        {
            "name": "energy",
            "model": "graduated",
            "meter": "wh",
            "free_units": 1_000,
            "tiers": [
                {"up_to": 1_000_000, "unit": "0.0002"},
                {"up_to": 50_000_000, "unit": "0.00005"},
                {"up_to": None, "unit": "0.00001"},
            ],
        },
    ],
}
DAYS_DIFFER = """
SELECT count(*) FROM (
    SELECT bill_no, period_no, (at AT TIME ZONE 'UTC')::date, meter, sum(quantity), count(*)
    FROM metering_usageevent WHERE subscription_id = %(subscription)s GROUP BY 1, 2, 3, 4
    EXCEPT
    SELECT bill_no, period_no, day, meter, quantity, events
    FROM metering_usageday WHERE subscription_id = %(subscription)s
) AS wrong
"""


@dataclass(frozen=True)
class Reading:
    customer: str
    at: timedelta
    wh: int


@dataclass
class Replayed:
    """What became of it."""

    sent: int = 0
    accepted: int = 0
    duplicates: int = 0
    refused: int = 0
    bills: list[UsageBill] = field(default_factory=list)


def readings(path: Path) -> list[Reading]:
    """The readings of one year by time."""
    with gzip.open(path, "rt", newline="") as lines:
        found = [
            Reading(
                row["customer_id"],
                datetime.fromisoformat(row["reading_datetime"]) - YEAR_BEGINS,
                round(float(row["general_supply_kwh"]) * 1000),
            )
            for row in csv.DictReader(lines)
            if row["reading_datetime"].startswith("2013-") and row["general_supply_kwh"]
        ]
    return sorted(found, key=lambda one: one.at)


def subscribe(market: Market) -> MeteredSubscription:
    fund_wallet(market.exchange, market.buyer, 10_000_000)
    product = listings.a_listing(seller=market.seller, price_minor=None)
    offer = listings.an_offer(
        product, period="P1M", kind="metered", plan=PLAN, plan_digest=read_plan(PLAN).digest
    )
    order = market.order(offer, method=PaymentMethod.NONE)
    return MeteredSubscription.objects.get(order=order)


class Year:
    """Sends a year of events to one subscription and lets time pass."""

    def __init__(self, market: Market, *, source: Path, events: int) -> None:
        self.subscription = subscribe(market)
        operator = accounts.a_member(market.seller)
        a_role(market.seller, operator, Role.DATA_OPERATOR)
        self._actor: Actor = acting(operator, market.seller)
        year = readings(source)
        self._copies = -(-events // len(year))
        self._readings = year[: -(-events // self._copies)]
        self.outcome = Replayed()

    def run(self) -> Replayed:
        """All events in the order in which they arrive, the clock moved with them, to the last bill."""
        began = self.subscription.began_at
        month = 0
        arrivals = self._arrivals()
        while batch := list(islice(arrivals, BATCH)):
            arrived = began + max(at for at, _line in batch)
            while arrived >= began + timedelta(days=30 * (month + 1)):
                month += 1
                self._let_time_pass(began + timedelta(days=30 * month))
            self._send([line for _at, line in batch], now=arrived)
        for month_after in range(1, 4):
            self._let_time_pass(began + timedelta(days=366 + 31 * month_after))
        self.outcome.bills = list(
            UsageBill.objects.filter(period__subscription=self.subscription).order_by("pk")
        )
        return self.outcome

    def billed_again(self) -> list[str]:
        """The digests of all bills, from the events alone."""
        periods = UsagePeriod.objects.filter(
            subscription=self.subscription, bill__isnull=False
        ).select_related("subscription")
        return [bills.drawn(period).digest for period in periods.order_by("number")]

    def days_that_differ(self) -> int:
        """Totals of days that are not what the events say."""
        with connection.cursor() as cursor:
            cursor.execute(DAYS_DIFFER, {"subscription": self.subscription.pk})
            return int(cursor.fetchone()[0])

    def receipted(self) -> int:
        """Events that the daily receipts are for."""
        receipts = UsageReceipt.objects.filter(subscription=self.subscription)
        return int(receipts.aggregate(total=Sum("events"))["total"] or 0)

    def settles_to_zero(self) -> bool:
        """Every bill became an order that the wallet paid, and the books agree."""
        paid = Order.objects.filter(usage_bill__in=self.outcome.bills)
        states = set(paid.values_list("state", flat=True))
        return states <= {"delivered", "accepted", "settled", "closed"} and books_are_sound()

    def _arrivals(self) -> Iterator[tuple[timedelta, dict[str, Any]]]:
        """By time: (when it arrives, the line). What is late waits in a queue that is in order too."""
        late: list[tuple[timedelta, dict[str, Any]]] = []
        place = number = 0
        for reading in self._readings:
            for copy in range(self._copies):
                number += 1
                at = reading.at + timedelta(seconds=copy)
                line = self._line(reading, copy, at)
                if number % LATE_EVERY == 0:
                    late.append((at + LATE_BY, line))
                else:
                    yield at, line
                if number % AGAIN_EVERY == 1:
                    yield at, line
            while place < len(late) and late[place][0] <= reading.at:
                yield late[place]
                place += 1
        yield from late[place:]

    def _line(self, reading: Reading, copy: int, at: timedelta) -> dict[str, Any]:
        return {
            "subscription": self.subscription.public_id,
            "source": f"meter-{reading.customer}-{copy}",
            "event_id": str(int(reading.at.total_seconds())),
            "meter": "wh",
            "quantity": reading.wh,
            "at": (self.subscription.began_at + at).isoformat(),
        }

    def _send(self, lines: list[dict[str, Any]], *, now: datetime) -> None:
        taken = intake.report(lines, actor=self._actor, now=now)
        self.outcome.sent += len(lines)
        self.outcome.accepted += taken.accepted
        self.outcome.duplicates += taken.duplicates
        self.outcome.refused += len(taken.refused)

    def _let_time_pass(self, now: datetime) -> None:
        billing.run_due(now=now)
        receipts.make_due(now=now)
