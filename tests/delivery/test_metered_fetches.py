"""Files that are paid by use: what one fetch is billed, and what is billed nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from exchange.catalog.lifecycle import Delivery as Way
from exchange.core import clock
from exchange.delivery import fetching, links
from exchange.delivery.lifecycle import Form
from exchange.delivery.models import Delivery, DownloadLink, Entitlement
from exchange.journeys import billing
from exchange.metering import caps
from exchange.metering.billing import with_tax
from exchange.metering.errors import CapRefused, UseBeyondPlan, UseNotCovered
from exchange.metering.models import MeteredSubscription, UsageBill, UsageDay, UsageEvent
from exchange.orders.lifecycle import PaymentMethod
from exchange.payments import wallets, withdrawals
from exchange.vault.models import DataTable
from pricing.charges.plans import read_plan
from pricing.money import Money
from tests.factories import listings
from tests.factories.delivery import a_revision
from tests.factories.orders import DAY, Market, a_market
from tests.factories.payments import books_are_sound, fund_wallet
from tests.factories.vault import CSV, a_read_file
from tests.races.test_order_races import at_once

pytestmark = pytest.mark.django_db
ROWS = 30
HOUR = timedelta(hours=1)
PLAN: dict[str, Any] = {
    "format": "assay.plan/1",
    "plan": "by-use",
    "version": 1,
    "currency": "CNY",
    "charges": [
        {"name": "calls", "model": "per_unit", "meter": "calls", "unit": "5.00"},
        {"name": "rows", "model": "per_unit", "meter": "rows", "unit": "0.10"},
        {"name": "bytes", "model": "per_unit", "meter": "bytes", "unit": "0.01"},
    ],
}
# One fetch of the CSV: a call at 5.00, 30 rows at 0.10, and each of its bytes at 0.01.
ONE_FETCH_MINOR = 500 + 300 + len(CSV)


@dataclass
class Tap:
    """A buyer that pays for a file by use, and the time of its day."""

    market: Market
    metered: MeteredSubscription
    table: DataTable
    client: Client
    patch: pytest.MonkeyPatch

    def at(self, moment: datetime) -> None:
        self.patch.setattr(timezone, "now", lambda: moment)

    def fetch(self, table: DataTable | None = None, form: Form = Form.CSV) -> fetching.Fetch:
        return fetching.fetch(
            Entitlement.objects.get(order=self.metered.order).public_id,
            table=(table or self.table).public_id,
            form=form,
            actor=self.market.buying,
            now=clock.now(),
        )

    def address(self, form: Form = Form.CSV, cap: int | None = None) -> str:
        link = fetching.make_link(
            Entitlement.objects.get(order=self.metered.order).public_id,
            table=self.table.public_id,
            form=form,
            actor=self.market.buying,
            spend_max_minor=cap,
            now=clock.now(),
        )
        return reverse("web:download", args=[links.sign(link)])

    def get(self, *, form: Form = Form.CSV, headers: dict[str, str] | None = None) -> Any:
        answer: Any = self.client.get(self.address(form), headers=headers)
        if answer.streaming:
            b"".join(cast("Iterator[bytes]", answer.streaming_content))
        return answer

    def used(self) -> dict[str, int]:
        return dict(UsageDay.objects.values_list("meter", "quantity").order_by("meter"))


@pytest.fixture
def tap(monkeypatch: pytest.MonkeyPatch, client: Client, tmp_path: Any, settings: Any) -> Tap:
    settings.VAULT_ROOT = str(tmp_path / "vault")
    market = a_market()
    fund_wallet(market.exchange, market.buyer, 1_000)
    product = listings.a_listing(seller=market.seller, price_minor=None, delivery=Way.FILE)
    file = a_read_file(market.seller)
    a_revision(product, file)
    offer = listings.an_offer(
        product, period="P1M", kind="metered", plan=PLAN, plan_digest=read_plan(PLAN).digest
    )
    order = market.order(offer, method=PaymentMethod.NONE)
    metered = MeteredSubscription.objects.get(order=order)
    tap = Tap(market, metered, file.tables.get(), client, monkeypatch)
    tap.at(DAY + HOUR)
    return tap


def test_a_fetch_in_many_ranges_is_billed_once(tap: Tap) -> None:
    starts = range(0, len(CSV), 100)
    for start in starts:
        assert tap.get(headers={"Range": f"bytes={start}-{start + 99}"}).status_code == 206
    for _again in range(3):
        tap.get()
    assert tap.used() == {"bytes": len(CSV), "calls": 1, "rows": ROWS}
    delivery = Delivery.objects.get()
    assert (delivery.uses, delivery.requests) == (1, len(starts) + 3)
    billing.run_due(now=DAY + timedelta(days=36))
    assert UsageBill.objects.get().net_minor == ONE_FETCH_MINOR
    assert books_are_sound()


def test_of_another_form_the_bytes_are_billed_and_the_rows_are_the_same(tap: Tap) -> None:
    tap.get()
    tap.get(form=Form.PARQUET)
    size = tap.table.parquet.size_bytes
    assert tap.used() == {"bytes": len(CSV) + size, "calls": 1, "rows": ROWS}


def test_a_connection_that_breaks_pays_what_was_sent(tap: Tap) -> None:
    fetch = tap.fetch()
    fetch.begin()
    assert UsageEvent.objects.exists() is False
    half = len(CSV) // 2
    fetch.count(half)
    assert tap.used() == {"bytes": half, "calls": 1, "rows": ROWS * half // len(CSV)}
    assert tap.used()["rows"] < ROWS


def test_single_bytes_cost_no_rows(tap: Tap) -> None:
    for start in range(5):
        tap.get(headers={"Range": f"bytes={start}-{start}"})
    assert tap.used() == {
        "bytes": 5,
        "calls": 1,
        **({"rows": rows} if (rows := ROWS * 5 // len(CSV)) else {}),
    }


def test_a_wallet_that_does_not_cover_the_use_is_told_before_anything_is_sent(tap: Tap) -> None:
    free = wallets.available_in(tap.market.buyer, "CNY").minor
    withdrawals.ask(actor=tap.market.leading, amount=Money(free - 100, "CNY"), token="all", now=DAY)
    refused = tap.get()
    assert (refused.status_code, refused.json()["code"]) == (409, "usage_not_covered")
    assert UsageEvent.objects.exists() is False
    assert Delivery.objects.exists() is False
    fund_wallet(tap.market.exchange, tap.market.buyer, 1_000)
    assert tap.get().status_code == 200


def test_what_was_begun_and_not_sent_yet_is_set_aside_together(tap: Tap) -> None:
    other = a_read_file(tap.market.seller, content=CSV.swapcase())
    a_revision(tap.metered.offer.product, other, number=2)
    free = wallets.available_in(tap.market.buyer, "CNY").minor
    one = ONE_FETCH_MINOR * 106 // 100 + 1  # with tax
    withdrawals.ask(actor=tap.market.leading, amount=Money(free - one, "CNY"), token="all", now=DAY)
    fetch = tap.fetch()
    fetch.begin()
    for table in (other.tables.get(), None):
        with pytest.raises(UseNotCovered):
            tap.fetch(table, Form.PARQUET).begin()
    fetch.count(len(CSV))
    assert tap.used() == {"bytes": len(CSV), "calls": 1, "rows": ROWS}
    assert (Delivery.objects.get().requests, Delivery.objects.get().uses) == (1, 1)


def test_what_was_begun_an_hour_ago_and_is_not_sent_keeps_nothing_aside(tap: Tap) -> None:
    other = a_read_file(tap.market.seller, content=CSV.swapcase())
    a_revision(tap.metered.offer.product, other, number=2)
    tap.fetch().begin()
    tap.fetch(form=Form.PARQUET).begin()
    held = tap.metered.periods.get().hold_minor
    both = ONE_FETCH_MINOR + tap.table.parquet.size_bytes
    assert held == with_tax(Money(both, "CNY"), tap.metered.tax_percent).minor
    tap.at(DAY + 2 * HOUR)
    tap.fetch(other.tables.get()).begin()
    assert tap.metered.periods.get().hold_minor == held


def test_a_link_spends_no_more_than_its_cap(tap: Tap) -> None:
    dear, cheap = tap.address(cap=ONE_FETCH_MINOR), tap.address(cap=ONE_FETCH_MINOR - 1)
    refused = tap.client.get(cheap)
    assert (refused.status_code, refused.json()["code"]) == (403, "link_cap_reached")
    assert refused.json()["cost_minor"] == ONE_FETCH_MINOR
    assert UsageEvent.objects.exists() is False
    for _again in range(2):
        b"".join(cast("Iterator[bytes]", cast("Any", tap.client.get(dear)).streaming_content))
    link = DownloadLink.objects.get(spend_max_minor=ONE_FETCH_MINOR)
    assert (link.spent_minor, link.requests) == (ONE_FETCH_MINOR, 2)
    tap.at(DAY + 3 * HOUR)
    DownloadLink.objects.update(expires_at=DAY + timedelta(days=1))
    assert tap.client.get(dear).json()["code"] == "link_cap_reached"


def test_answers_without_content_are_billed_nothing(tap: Tap) -> None:
    etag = f'"{tap.table.file.blob.sha256}"'
    assert tap.client.head(tap.address()).status_code == 200
    assert tap.get(headers={"If-None-Match": etag}).status_code == 304
    assert tap.get(headers={"Range": f"bytes={len(CSV)}-"}).status_code == 416
    assert UsageEvent.objects.exists() is False
    assert Delivery.objects.exists() is False


def test_a_fetch_an_hour_after_the_last_is_another(tap: Tap) -> None:
    tap.get()
    tap.at(DAY + 2 * HOUR - timedelta(seconds=1))
    tap.get()
    assert tap.used()["calls"] == 1
    tap.at(DAY + 3 * HOUR)
    tap.get(form=Form.PARQUET)
    size = tap.table.parquet.size_bytes
    assert tap.used() == {"bytes": len(CSV) + size, "calls": 2, "rows": 2 * ROWS}
    assert Delivery.objects.get().uses == 2


def test_a_download_that_took_hours_is_resumed_without_a_new_bill(tap: Tap) -> None:
    fetch = tap.fetch()
    fetch.begin()
    tap.at(DAY + 6 * HOUR)
    fetch.count(100)  # here it broke off
    tap.at(DAY + 6 * HOUR + timedelta(minutes=59))
    assert tap.get(headers={"Range": "bytes=100-"}).status_code == 206
    assert tap.used() == {"bytes": len(CSV), "calls": 1, "rows": ROWS}


def test_a_cap_closes_the_next_fetch_and_not_the_one_that_is_going_on(tap: Tap) -> None:
    caps.set_cap(
        tap.metered.public_id, actor=tap.market.leading, cap_minor=ONE_FETCH_MINOR, now=DAY
    )
    tap.get(headers={"Range": "bytes=0-99"})
    assert tap.get(headers={"Range": "bytes=100-"}).status_code == 206
    tap.at(DAY + 3 * HOUR)
    refused = tap.get()
    assert (refused.status_code, refused.json()["code"]) == (409, "usage_cap_reached")
    assert tap.used() == {"bytes": len(CSV), "calls": 1, "rows": ROWS}
    assert (Delivery.objects.get().requests, Delivery.objects.get().uses) == (2, 1)


def test_what_was_fetched_lately_counts_uses_as_a_meter_would(tap: Tap) -> None:
    for hour in (1, 1, 3):
        tap.at(DAY + hour * HOUR)
        tap.get()
    UsageDay.objects.all().delete()  # as of an order that was not paid by use
    lately = fetching.used_lately(
        buyer_id=tap.market.buyer.pk, product_id=tap.metered.offer.product_id, now=DAY + 4 * HOUR
    )
    assert lately.was_metered is False
    size = tap.table.parquet.size_bytes
    assert lately.used == {"calls": 2, "rows": 2 * ROWS, "bytes": 2 * size}


def whole_minor(tap: Tap) -> int:
    return with_tax(Money(ONE_FETCH_MINOR, "CNY"), tap.metered.tax_percent).minor


def cap(tap: Tap, minor: int | None) -> MeteredSubscription:
    name, leading = tap.metered.public_id, tap.market.leading
    return caps.set_cap(name, actor=leading, cap_minor=minor, now=clock.now())


def test_no_cap_frees_what_is_set_aside_for_a_use_that_was_begun(tap: Tap) -> None:
    fetch = tap.fetch()
    fetch.begin()
    with pytest.raises(CapRefused):
        cap(tap, 1)
    for minor in (ONE_FETCH_MINOR, 10 * ONE_FETCH_MINOR, None):
        cap(tap, minor)
        assert tap.metered.periods.get().hold_minor >= whole_minor(tap)
    fetch.count(len(CSV))
    assert tap.metered.periods.get().hold_minor == whole_minor(tap)
    tap.at(DAY + 3 * HOUR)
    cap(tap, None)
    assert tap.metered.periods.get().hold_minor == whole_minor(tap)
    assert books_are_sound()


def test_what_was_sent_is_counted_where_the_plan_has_no_price_for_it_any_more(tap: Tap) -> None:
    fetch = tap.fetch()
    fetch.begin()
    UsageDay.objects.create(
        subscription=tap.metered, bill_no=1, period_no=1, day=DAY.date(), meter="rows",
        quantity=10**18, events=1,
    )  # fmt: skip
    with pytest.raises(UseBeyondPlan):
        tap.fetch(form=Form.PARQUET).begin()
    fetch.count(len(CSV))
    counted = dict(UsageEvent.objects.values_list("meter", "quantity"))
    assert counted == {"bytes": len(CSV), "calls": 1, "rows": ROWS}
    assert Delivery.objects.get().bytes_sent == len(CSV)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_cap_beside_a_use_that_begins_leaves_it_set_aside(tap: Tap) -> None:
    fetch = tap.fetch()
    wide = 10 * ONE_FETCH_MINOR
    assert at_once(fetch.begin, lambda: cap(tap, wide), lambda: cap(tap, None)) == ["done"] * 3
    assert tap.metered.periods.get().hold_minor >= whole_minor(tap)
    assert books_are_sound()
