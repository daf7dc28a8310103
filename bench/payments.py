"""Money of the exchange: messages of the provider in, settlements out of escrow, a million lines matched.

`webhook.intake`: signed messages through the whole stack: the signature, what is known already, the row,
the promised work, the commit. `settle.release`: what the books do when accepted orders are released, three
sellers, the tax and the fee of each, a thousand orders a batch as `books.post_many` takes them; memory stays
that of a batch. Both against pgbench's TPC-B-like script. `reconcile.match`: the provider's lines against the
books' references, as the reconciliation asks, against the bare join of the same two tables on one key;
BENCH_MOVEMENTS says of how many.
"""

import itertools
import json
import os
import resource
import time
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from multiprocessing.synchronize import Event
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Organisation, OrganisationKind
from bench import measure
from bench.ledger import PEER
from bench.measure import Measurement
from exchange.core.lifecycle import Named
from exchange.core.periods import after_months
from exchange.ledger import books, months
from exchange.ledger.entries import EntryRequest, Posting
from exchange.ledger.models.accounts import AccountKind, Guard
from exchange.payments import chart, matching, statements
from exchange.payments.gateway.sandbox import messages
from pricing.money import Money

ORDERS = int(os.environ.get("BENCH_ORDERS", "100000"))
MOVEMENTS = int(os.environ.get("BENCH_MOVEMENTS", "1000000"))
STATEMENTS = int(os.environ.get("BENCH_STATEMENTS", "10000"))
SALES = 10
BATCH = 1000
SELLERS = 200
PARTIES = 3
CNY = "CNY"
GROSS = 106_00
KIBIBYTES = 1024
_runs = itertools.count()


def _hear(run: int, number: int, stop: Event) -> int:
    client = Client(SERVER_NAME="localhost")
    heard = 0
    while not stop.is_set():
        event = {
            "id": f"evt_{run}_{number}_{heard}", "object": "event", "type": "charge.updated",
            "created": int(time.time()), "livemode": False, "api_version": None, "pending_webhooks": 1,
            "request": None, "data": {"object": {"id": f"ch_{run}_{number}_{heard}", "object": "charge"}},
        }  # fmt: skip
        body = json.dumps(event)
        answer = client.post(
            "/webhooks/payments", body, content_type="application/json",
            headers={"Stripe-Signature": messages.sign(body, secret=settings.PAYMENT_WEBHOOK_SECRET)},
        )  # fmt: skip
        if answer.status_code != HTTPStatus.OK or not answer.json()["new"]:
            raise RuntimeError(answer.content.decode()[:500])
        heard += 1
    return heard


def intake() -> Measurement:
    """Messages kept per second by 8 clients."""
    Client(SERVER_NAME="localhost").post("/webhooks/payments")  # what the first request loads
    value, peer = measure.in_turns(
        lambda: measure.per_second(partial(_hear, next(_runs))), measure.pgbench_tpcb
    )
    return Measurement("webhook.intake", value, "messages/s", PEER, peer, goal=0.5)


def _open(codes: list[str], kind: AccountKind, guard: Guard) -> None:
    """Accounts by the thousand: a bench needs no record of each."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_account (public_id, code, kind, currency, guard, opened_by,"
            " dr_minor, cr_minor, dr_pending_minor, cr_pending_minor)"
            " SELECT 'acc_' || left(md5(code), 26), code, %s, 'CNY', %s, 'bench', 0, 0, 0, 0"
            " FROM unnest(%s::text[]) AS code ON CONFLICT DO NOTHING",
            [kind.value, guard.value, codes],
        )


def _move(debit: str, credit: str, minor: int) -> EntryRequest:
    return EntryRequest(debit=debit, credit=credit, amount=Money(minor, CNY))


def _post(kind: str, transfers: dict[str, list[EntryRequest]]) -> None:
    postings = [
        Posting(scope=f"bench.{kind}", key=key, kind=f"bench.{kind}", transfers=moves)
        for key, moves in transfers.items()
    ]
    with transaction.atomic():
        books.post_many(postings, actor="bench", now=datetime.now(UTC))


def _hold_money(run: int, count: int) -> None:
    """What the buyers of `count` orders paid, in the escrow account of each."""
    for first in range(0, count, BATCH):
        orders = [f"{run}-{number}" for number in range(first, min(first + BATCH, count))]
        _open([chart.escrow(order) for order in orders], AccountKind.LIABILITY, Guard.CREDIT)
        moves = {
            order: [_move(chart.clearing("bench", CNY), chart.escrow(order), GROSS)]
            for order in orders
        }
        _post("paid", moves)


def _released(run: int, number: int) -> list[EntryRequest]:
    source = chart.escrow(f"{run}-{number}")
    shares = (50_00, 30_00, 18_00)
    sellers = [f"s{(number * PARTIES + party) % SELLERS}" for party in range(PARTIES)]
    return [
        *(
            _move(source, chart.pending(seller, CNY), share)
            for seller, share in zip(sellers, shares, strict=True)
        ),
        _move(source, chart.tax(CNY), 6_00),
        _move(source, chart.fee(CNY), 2_00),
    ]


def _release_all(count: int) -> float:
    """Transfers per second of one run over `count` orders."""
    run = next(_runs)
    _hold_money(run, count)
    began, moved = time.perf_counter(), 0
    for first in range(0, count, BATCH):
        numbers = range(first, min(first + BATCH, count))
        moves = {f"{run}-{number}": _released(run, number) for number in numbers}
        _post("released", moves)
        moved += sum(map(len, moves.values()))
    return moved / (time.perf_counter() - began)


def release() -> list[Measurement]:
    """Transfers per second out of escrow, and by how much the process grew in the longest run."""
    sellers = [chart.pending(f"s{number}", CNY) for number in range(SELLERS)]
    _open(sellers, AccountKind.LIABILITY, Guard.CREDIT)
    _open([chart.tax(CNY)], AccountKind.LIABILITY, Guard.CREDIT)
    _open([chart.fee(CNY)], AccountKind.INCOME, Guard.NONE)
    _open([chart.clearing("bench", CNY)], AccountKind.ASSET, Guard.NONE)
    part = max(BATCH, ORDERS // 10)
    _release_all(part)
    small = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIBIBYTES
    peers = [measure.pgbench_tpcb()]
    value = _release_all(ORDERS)
    peers.append(measure.pgbench_tpcb())
    large = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIBIBYTES
    return [
        Measurement("settle.release", value, "transfers/s", PEER, sum(peers) / 2, goal=15.0),
        Measurement(
            "settle.memory", large, "MiB", f"after a run of {part:,} orders", small,
            goal=1.2, lower_is_better=True,
        ),
    ]  # fmt: skip


FILL_BOOKS = """
WITH entry AS (
    INSERT INTO ledger_journalentry (scope, key, fingerprint, kind, actor, subject, effective_at)
    SELECT 'bench', 'm' || n, '\\x00', 'bench', 'bench', '', now()
    FROM generate_series(1, %(count)s) AS n RETURNING id, key
), moved AS (
    INSERT INTO ledger_transfer
        (id, posting_id, step, debit_id, credit_id, currency, amount_minor, phase, kind)
    SELECT md5(key)::uuid, id, 0, %(debit)s, %(credit)s, 'CNY', 1 + id %% 997, 'single', ''
    FROM entry RETURNING id, posting_id, amount_minor
)
INSERT INTO ledger_externalref (psp, object_type, object_id, kind, transfer_id)
SELECT 'bench', 'charge', 'ch_' || substr(md5(posting_id::text), 1, 24), 'charge', id FROM moved
"""
FILL_LINES = """
INSERT INTO payments_providermovement
    (provider, movement_id, kind, source_ref, currency, amount_minor, fee_minor, created_at,
     available_at, seen_at)
SELECT 'bench', 'txn_' || r.id, 'charge', r.object_id, 'CNY', t.amount_minor, 0, now(), now(), now()
FROM ledger_externalref AS r JOIN ledger_transfer AS t ON t.id = r.transfer_id
"""
BARE_JOIN = """
SELECT count(*), sum(m.amount_minor) FROM payments_providermovement AS m
JOIN ledger_externalref AS r ON r.object_id = m.source_ref
"""


def _timed(query: str) -> float:
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(query)
        (count, _sum) = cursor.fetchone()
    if count != MOVEMENTS:
        raise RuntimeError(f"{count} lines were joined.")
    return MOVEMENTS / (time.perf_counter() - began)


def _matched() -> float:
    began = time.perf_counter()
    matched = matching.match(provider="bench", currency=CNY, cutoff=None)
    if matched.found:
        raise RuntimeError(f"{len(matched.found)} lines do not agree.")
    return MOVEMENTS / (time.perf_counter() - began)


def match() -> Measurement:
    """Lines matched per second, each with its amount and sign, against the bare join."""
    clearing, other = chart.clearing("bench", CNY), "bench:other"
    _open([clearing, other], AccountKind.ASSET, Guard.NONE)
    with connection.cursor() as cursor:
        ids: dict[str, Any] = {}
        cursor.execute(
            "SELECT code, id FROM ledger_account WHERE code IN (%s, %s)", [clearing, other]
        )
        ids.update(cursor.fetchall())
        values = {"count": MOVEMENTS, "debit": ids[clearing], "credit": ids[other]}
        cursor.execute(FILL_BOOKS, values)
        cursor.execute(FILL_LINES)
        cursor.execute("VACUUM ANALYZE")
    value, peer = measure.in_turns(_matched, partial(_timed, BARE_JOIN), turns=3)
    return Measurement(
        "reconcile.match", value, "lines/s", f"bare join of {MOVEMENTS:,} rows, /s", peer, goal=0.3
    )


EARN = """
WITH seller AS (
    INSERT INTO ledger_account (public_id, code, kind, currency, guard, owner_id, opened_by,
        dr_minor, cr_minor, dr_pending_minor, cr_pending_minor)
    SELECT 'acc_' || left(md5(o.public_id), 26), 'seller:' || o.public_id || ':pending:CNY', %(kind)s, 'CNY',
        %(guard)s, o.id, 'bench', 0, 0, 0, 0
    FROM accounts_organisation o RETURNING id
), entry AS (
    INSERT INTO ledger_journalentry (scope, key, fingerprint, kind, actor, subject, effective_at)
    SELECT 'bench', seller.id || ':' || n, '\\x00', 'bench.sale', 'bench', '', %(at)s
    FROM seller, generate_series(1, %(sales)s) AS n RETURNING id, key
)
INSERT INTO ledger_transfer
    (id, posting_id, step, debit_id, credit_id, currency, amount_minor, phase, kind)
SELECT md5(key)::uuid, id, 0, %(debit)s, split_part(key, ':', 1)::bigint, 'CNY', 1 + id %% 997, 'single', ''
FROM entry
"""
BARE_TOTALS = """
SELECT count(*) FROM (
    SELECT a.code, e.kind, count(*), sum(t.amount_minor) FROM ledger_account a
    JOIN ledger_transfer t ON t.credit_id = a.id JOIN ledger_journalentry e ON e.id = t.posting_id
    WHERE a.code LIKE 'seller:%%' AND t.phase IN ('single', 'post') GROUP BY a.code, e.kind
) AS total
"""


def month() -> Measurement:
    """Sellers a second whose statement of a month is issued.

    The peer sums the same transfers in one statement and writes nothing. A seller's statement is a numbered document
    and its record in the log: two rows, each hashed as canonical JSON in Python, in batches that commit with their
    progress. That is most of its time, so that the goal is a few thousandths of the bare sum.
    """
    now = datetime.now(UTC)
    first_day = after_months(timezone.localtime(now).date().replace(day=1), -1)
    kind = OrganisationKind.PRIVATE
    made = [Organisation(name=f"Seller {number}", kind=kind) for number in range(STATEMENTS)]
    Organisation.objects.bulk_create(made)
    _open(["bench:buyers"], AccountKind.ASSET, Guard.NONE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM ledger_account WHERE code = 'bench:buyers'")
        values = {"debit": cursor.fetchone()[0], "at": months.bounds(first_day)[0], "sales": SALES}
        values |= {"kind": AccountKind.LIABILITY.value, "guard": Guard.CREDIT.value}
        cursor.execute(EARN, values)
        cursor.execute("VACUUM ANALYZE")
    began, issued = time.perf_counter(), 0
    while issued < STATEMENTS:
        new = statements.run_due(actor=Named("bench"), now=now)
        if not new:
            raise RuntimeError(f"{issued} statements were issued.")
        issued += new
    value = issued / (time.perf_counter() - began)
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(BARE_TOTALS)
        (count,) = cursor.fetchone()
    if count != STATEMENTS:
        raise RuntimeError(f"{count} sellers were summed.")
    peer = STATEMENTS / (time.perf_counter() - began)
    return Measurement(
        "statements.month",
        value,
        "sellers/s",
        f"bare totals of {STATEMENTS:,} sellers, /s",
        peer,
        goal=0.003,
    )


BENCHES = {
    "webhook.intake": intake,
    "settle.release": release,
    "reconcile.match": match,
    "statements.month": month,
}
