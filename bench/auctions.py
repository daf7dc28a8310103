"""Bids on one hot English auction, and the close of one with a hundred thousand sealed bids.

`bids.intake`: eight programs with keys, each in a process of its own, send bids through the whole
stack of the API to one auction: the key, the policy, the deposit (held at each one's first bid), the
lock, the log, the commit. Only accepted bids count. The peer is pgbench's TPC-B-like transaction at
scale 1, which queues on one row as the bids do.

`auction.close_1e5`: from the end of the bidding to the last deposit given back. The peer is the
ledger's own batch posting of as many transfers.
"""

import json
import os
import tempfile
import time
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from http import HTTPStatus
from multiprocessing.synchronize import Event
from pathlib import Path
from secrets import token_hex
from typing import Any

from django.db import transaction

from bench import measure
from bench.measure import Measurement

SEALED = int(os.environ.get("BENCH_SEALED_BIDS", "100000"))
BATCH = 1000
PEER = "pgbench TPC-B, scale 1, 8 clients, tx/s"
SLOWEST_SHARE = 0.99
TAIL_TIMES_MAX = 10


def _house() -> Any:
    from tests.factories.auctions import a_house  # noqa: PLC0415 - only after django.setup()

    return a_house()


def _hot_auction(house: Any) -> tuple[str, list[str]]:
    """An open auction, and the secrets of eight bidders' keys."""
    from django.utils import timezone  # noqa: PLC0415 - only after django.setup()

    from tests.factories.accounts import an_api_key  # noqa: PLC0415 - for the same reason

    now = timezone.now()
    auction = house.auction(
        opens_at=now - timedelta(seconds=1),
        closes_at=now + timedelta(hours=6),
        opening_minor=1,
        increments=[(0, 1)],
        deposit_minor=1_000,
    )
    secrets = []
    for number in range(measure.CLIENTS):
        house.buyer(f"bidder {number}")
        organisation = house.organisation(f"bidder {number}")
        secrets.append(an_api_key(organisation, scopes=("orders:write",), at=now).secret)
    return auction.public_id, secrets


def _bid(
    auction_id: str, secrets: list[str], began: float, times: Path, number: int, stop: Event
) -> int:
    """One bidder: ever higher bids until told to stop; how many were accepted."""
    taken = []
    while not stop.is_set():
        sent = time.perf_counter()
        if _send(auction_id, secrets[number], began):
            taken.append(time.perf_counter() - sent)
    (times / f"{token_hex(8)}.json").write_text(json.dumps(taken))
    return len(taken)


@cache
def _client(secret: str) -> Any:
    from django.test import Client  # noqa: PLC0415 - only after django.setup()

    return Client(SERVER_NAME="localhost", headers={"Authorization": f"Bearer {secret}"})


def _send(auction_id: str, secret: str, began: float) -> bool:
    """Bid as many fen as microseconds have passed; False when somebody was quicker with more."""
    body = {"currency": "CNY", "amount_minor": 1_000 + int((time.time() - began) * 1_000_000)}
    answer = _client(secret).post(
        f"/api/v1/auctions/{auction_id}/bids",
        json.dumps(body),
        content_type="application/json",
        headers={"Idempotency-Key": token_hex(16)},
    )
    if answer.status_code == HTTPStatus.CONFLICT:
        return False
    if answer.status_code != HTTPStatus.CREATED:
        raise RuntimeError(answer.content.decode())
    return True


def intake() -> Measurement:
    """Accepted bids per second; the tail of their times is printed beside."""
    auction_id, secrets = _hot_auction(_house())
    with tempfile.TemporaryDirectory() as folder:
        times = Path(folder)
        began = time.time()
        for secret in secrets:  # what the first request of a process loads is not measured
            _send(auction_id, secret, began)
        client = partial(_bid, auction_id, secrets, began, times)
        ours, peer = measure.in_turns(
            lambda: measure.per_second(client), measure.pgbench_tpcb, turns=3
        )
        taken = [one for file in times.iterdir() for one in json.loads(file.read_text())]
    half, slow = measure.percentile(taken, 0.5), measure.percentile(taken, SLOWEST_SHARE)
    print(
        f"bids.intake: p50 {half * 1000:.1f} ms, p99 {slow * 1000:.1f} ms, {slow / half:.1f} times"
    )
    return Measurement("bids.intake", ours, "bids/s", PEER, peer, goal=0.35)


def _sealed_auction(house: Any) -> Any:
    """An auction with so many sealed bids of as many bidders with deposits, written in bulk."""
    from django.utils import timezone  # noqa: PLC0415 - only after django.setup()

    from exchange.auctions.lifecycle import Kind  # noqa: PLC0415 - for the same reason

    now = timezone.now()
    auction = house.auction(
        Kind.FIRST_PRICE,
        opens_at=now - timedelta(seconds=1),
        closes_at=now + timedelta(hours=6),
        deposit_minor=100,
    )
    house.seal("first", auction, {"price": 100})  # opens the auction and the held account
    for first in range(0, SEALED - 1, BATCH):
        _sealed_bids(house, auction, range(first, min(first + BATCH, SEALED - 1)), now)
    return auction


def _sealed_bids(house: Any, auction: Any, numbers: range, now: datetime) -> None:
    from accounts.models import Organisation  # noqa: PLC0415 - only after django.setup()
    from exchange.auctions import sealing  # noqa: PLC0415 - for the same reason
    from exchange.auctions.models import Auction, Bid, Bidder  # noqa: PLC0415
    from pricing.exact import micros  # noqa: PLC0415 - for the same reason

    owner = house.exchange.first
    organisations = Organisation.objects.bulk_create(
        Organisation(name=f"Bidder {number}", kind="private", created_at=now) for number in numbers
    )
    sealer = sealing.Sealer(auction_id=auction.public_id, sealed_key=auction.sealed_key)
    placed = _deposits(auction, organisations, now)
    bids, bidders = [], []
    for number, organisation in zip(numbers, organisations, strict=True):
        rows, nonce = [{"price": 1 + number % 99, "quantity": 1}], sealing.new_nonce()
        name = organisation.public_id
        bids.append(
            Bid(
                auction=auction,
                bidder=organisation,
                by=owner,
                actor="bench",
                seq=number + 2,
                received_at=now,
                clock_micros=micros(now),
                commitment=sealing.commitment(
                    auction_id=auction.public_id, bidder=name, rows=rows, nonce=nonce
                ),
                envelope=sealer.seal(bidder=name, rows=rows, nonce=nonce),
                record_id="bench",
            )
        )
        bidders.append(
            Bidder(
                auction=auction,
                organisation=organisation,
                number=number + 2,
                deposit_id=placed[organisation.pk],
                registered_at=now,
            )
        )
    Bid.objects.bulk_create(bids)
    Bidder.objects.bulk_create(bidders)
    Auction.objects.filter(pk=auction.pk).update(
        bids_count=numbers.stop + 1, bidders_count=numbers.stop + 1
    )


def _deposits(auction: Any, organisations: list[Any], now: datetime) -> dict[int, int]:
    """Deposits of all, out of one wallet: what is measured is their way back."""
    from exchange.ledger import books  # noqa: PLC0415 - only after django.setup()
    from exchange.ledger.entries import Authorise, Posting, transfer_id  # noqa: PLC0415
    from exchange.payments import chart  # noqa: PLC0415 - for the same reason
    from exchange.payments.models import Deposit  # noqa: PLC0415 - for the same reason

    hold = Authorise(
        debit=_bench_wallet(now), credit=chart.held(auction.basis), amount=auction.deposit
    )
    keys = {one.pk: f"bench:{auction.public_id}:{one.public_id}" for one in organisations}
    requests = [
        Posting(scope="bench", key=key, kind="bench.deposit", transfers=[hold])
        for key in keys.values()
    ]
    books.post_many(requests, actor="bench", now=now)
    made = Deposit.objects.bulk_create(
        Deposit(
            purpose=auction.basis,
            organisation=one,
            currency="CNY",
            amount_minor=auction.deposit_minor,
            hold=transfer_id(scope="bench", key=keys[one.pk]),
            created_at=now,
        )
        for one in organisations
    )
    return {one.organisation_id: one.pk for one in made}


def _bench_wallet(now: datetime) -> str:
    from exchange.ledger import books  # noqa: PLC0415 - only after django.setup()
    from exchange.ledger.models.accounts import AccountKind, Guard  # noqa: PLC0415 - for the same reason

    with transaction.atomic():
        return books.open_account(
            code="bench:wallets", kind=AccountKind.LIABILITY, currency="CNY", guard=Guard.NONE,
            actor="bench", now=now,
        ).code  # fmt: skip


def _close_seconds(auction: Any) -> float:
    from exchange.auctions.models import Auction  # noqa: PLC0415 - only after django.setup()
    from exchange.journeys import awards  # noqa: PLC0415 - for the same reason
    from tests.factories.auctions import clock_at  # noqa: PLC0415 - for the same reason

    end = datetime.now(UTC) + timedelta(hours=12)
    with clock_at(end):
        began = time.perf_counter()
        awards.run_auction(auction.pk, now=end)
        taken = time.perf_counter() - began
    if Auction.objects.get(pk=auction.pk).settled_at is None:
        raise RuntimeError("The auction was not settled.")
    return taken


def _post_seconds() -> float:
    """The same number of transfers through the ledger's own batches."""
    from exchange.ledger import books  # noqa: PLC0415 - for the same reason
    from exchange.ledger.entries import EntryRequest, Posting  # noqa: PLC0415 - for the same reason
    from exchange.ledger.models.accounts import AccountKind, Guard  # noqa: PLC0415 - for the same reason
    from pricing.money import Money  # noqa: PLC0415 - for the same reason

    now = datetime.now(UTC)
    with transaction.atomic():
        other = books.open_account(
            code="bench:clearing", kind=AccountKind.ASSET, currency="CNY", guard=Guard.NONE,
            actor="bench", now=now,
        ).code  # fmt: skip
    move = EntryRequest(debit=other, credit=_bench_wallet(now), amount=Money(1, "CNY"))
    run = token_hex(8)
    began = time.perf_counter()
    for first in range(0, SEALED, BATCH):
        requests = [
            Posting(scope="bench", key=f"peer:{run}:{number}", kind="bench.batch", transfers=[move])
            for number in range(first, min(first + BATCH, SEALED))
        ]
        books.post_many(requests, actor="bench", now=now)
    return time.perf_counter() - began


def close() -> Measurement:
    """Bids opened, cleared, awarded, and deposits given back, per second."""
    auction = _sealed_auction(_house())
    before = _post_seconds()
    ours = _close_seconds(auction)
    peer = (before + _post_seconds()) / 2
    return Measurement(
        "auction.close_1e5",
        SEALED / ours,
        "bids/s",
        f"ledger batches of {SEALED:,} transfers, /s",
        SEALED / peer,
        goal=0.5,
    )


BENCHES = {"bids.intake": intake, "auction.close_1e5": close}
