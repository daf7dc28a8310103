"""Receipts and alerts of use: what both sides are told, and what an outsider can check."""

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.db.utils import IntegrityError

from exchange.audit import verification, verify
from exchange.audit.findings import Counts
from exchange.audit.keys import verifier_key
from exchange.metering import caps, receipts, verify_receipt
from exchange.metering.models import MeteredSubscription, UsageAlert, UsageReceipt
from exchange.metering.receipts import lines_of, receipt_file
from exchange.notices.models import Notice
from tests.factories.orders import DAY, Market, a_market
from tests.metering.test_usage_plans import a_subscription, an_event, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def market() -> Market:
    return a_market()


@pytest.fixture
def metered(market: Market) -> MeteredSubscription:
    return a_subscription(market)


def noon(day: int) -> timedelta:
    return timedelta(days=day, hours=1)


def test_each_day_with_arrivals_has_one_receipt_that_names_the_one_before(
    market: Market, metered: MeteredSubscription
) -> None:
    send(market, an_event(metered, 1), an_event(metered, 2, quantity=50), at=DAY + noon(1))
    send(market, an_event(metered, 3), at=DAY + noon(3))
    later = DAY + timedelta(days=5)
    assert receipts.make_due(now=later) == 2
    assert receipts.make_due(now=later) == 0
    first, second = UsageReceipt.objects.order_by("day")
    assert (first.events, second.events) == (2, 1)
    document = json.loads(bytes(second.document))
    assert document["before"] == first.digest
    assert json.loads(bytes(first.document))["meters"] == [
        {"meter": "rows", "quantity": 150, "events": 2}
    ]
    found = [
        one.detail for one in verification.findings(later, Counts()) if one.check == "coverage"
    ]
    assert [detail for detail in found if detail.startswith("metering.")] == []


def test_days_are_those_of_utc_whatever_zone_pages_are_shown_in(
    market: Market, metered: MeteredSubscription
) -> None:
    evening = datetime.combine(DAY.date() + timedelta(days=1), time(17, 30), tzinfo=UTC)
    send(market, an_event(metered, 1), at=evening)  # 01:30 of the next day in Shanghai
    send(market, an_event(metered, 2), at=evening + timedelta(hours=12))
    for hour in range(4):
        receipts.make_due(now=evening + timedelta(days=hour / 2))
    receipts.make_due(now=evening + timedelta(days=4))
    days = UsageReceipt.objects.order_by("day").values_list("day", "events")
    assert list(days) == [(evening.date(), 1), (evening.date() + timedelta(days=1), 1)]


def test_a_subscription_that_began_late_in_the_evening_has_its_receipt_the_day_after(
    market: Market,
) -> None:
    """17:00 of a day in UTC is the day after where the exchange is."""
    evening = DAY.replace(hour=17)
    metered = a_subscription(market)
    MeteredSubscription.objects.filter(pk=metered.pk).update(began_at=evening)
    send(market, an_event(metered, 1, at=evening.isoformat()), at=evening + timedelta(minutes=1))
    assert receipts.make_due(now=evening + timedelta(days=1)) == 1


def test_a_day_that_is_not_over_has_no_receipt(
    market: Market, metered: MeteredSubscription
) -> None:
    send(market, an_event(metered, 1), at=DAY + noon(1))
    assert receipts.make_due(now=DAY + noon(1) + timedelta(hours=2)) == 0
    assert receipts.make_due(now=DAY + timedelta(days=2)) == 1


def test_an_outsider_checks_a_receipt_with_two_files(
    market: Market, metered: MeteredSubscription, tmp_path: Path
) -> None:
    send(market, an_event(metered, 1), an_event(metered, 2, event_id="表计-2"), at=DAY + noon(1))
    receipts.make_due(now=DAY + timedelta(days=3))
    receipt = UsageReceipt.objects.get()
    (tmp_path / "r.json").write_text(json.dumps(receipt_file(receipt)))
    lines = list(lines_of(metered.pk, receipt.day))
    shutil.copy(verify.__file__, tmp_path / "verify.py")
    shutil.copy(verify_receipt.__file__, tmp_path / "verify_receipt.py")

    def run(events: bytes, key: str = str(verifier_key())) -> tuple[int, str]:
        (tmp_path / "e.ndjson").write_bytes(events)
        done = subprocess.run(
            [sys.executable, "verify_receipt.py", "r.json", "--events", "e.ndjson", "--key", key],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout

    code, said = run(b"".join(lines))
    assert (code, said.splitlines()[-1]) == (0, "PROVEN"), said
    assert run(lines[0])[0] == 1
    assert run(b"".join(lines).replace(b"100", b"101"))[0] == 1
    other = verify.VerifierKey(name="another.example", public=verifier_key().public)
    assert "No signature of the given key" in run(b"".join(lines), str(other))[1]


def test_a_receipt_is_never_changed(market: Market, metered: MeteredSubscription) -> None:
    send(market, an_event(metered, 1), at=DAY + noon(1))
    receipts.make_due(now=DAY + timedelta(days=3))
    with pytest.raises(IntegrityError), connection.cursor() as cursor:
        cursor.execute("UPDATE metering_usagereceipt SET events = 7")


def test_the_buyer_hears_once_of_each_part_of_a_cap(
    market: Market, metered: MeteredSubscription
) -> None:
    at = DAY + noon(1)
    caps.set_cap(
            metered.public_id, actor=market.leading,
        cap_minor=10_000, soft_minor=4_000, now=DAY,
    )  # fmt: skip
    send(market, an_event(metered, 1, quantity=2_100), at=at)  # 20.00: half of the soft cap
    send(market, an_event(metered, 2, quantity=10), at=at)
    told = UsageAlert.objects.values_list("limit", "percent").order_by("pk")
    assert list(told.all()) == [("soft", 50)]
    send(market, an_event(metered, 3, quantity=7_000), at=at)  # 90.10
    assert list(told.all()) == [
        ("soft", 50),
        ("hard", 50),
        ("hard", 80),
        ("soft", 80),
        ("soft", 100),
    ]
    kinds = Notice.objects.filter(kind__startswith="metering.").values_list("kind", "facts")
    assert sorted((kind, facts["percent"]) for kind, facts in kinds if "percent" in facts) == [
        ("metering.cap.nears", 50), ("metering.cap.nears", 80), ("metering.cap.nears", 100),
    ]  # fmt: skip
    send(market, an_event(metered, 4, quantity=5_000), at=at)
    assert Notice.objects.filter(kind="metering.cap.reached").exists()


def test_a_raised_cap_counts_anew(market: Market, metered: MeteredSubscription) -> None:
    at = DAY + noon(1)
    for cap in (5_000, 8_000):
        caps.set_cap(metered.public_id, actor=market.leading, cap_minor=cap, now=at)
        send(market, an_event(metered, cap, at=at.isoformat(), quantity=3_000), at=at)
    told = UsageAlert.objects.values_list("limit_minor", "percent").order_by("pk")
    assert list(told.all()) == [(5_000, 50), (8_000, 50)]
