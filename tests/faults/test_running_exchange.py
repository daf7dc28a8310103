"""Faults of a whole exchange that runs: web, worker, keeper and PostgreSQL are killed, the disk is full,
clocks stand wrong, an older dump is restored, while visitors order through the pages.

After each fault the pages answer within a bounded time, work and log are caught up, the books and the log
are sound, and each order that was answered is there once, and no other.
"""

import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from exchange.local import postgres
from tests import depth
from tests.faults import first_schema
from tests.faults.running_exchange import (
    RunningExchange,
    Visitor,
    disk_full,
    eventually,
    running_exchange,
    trading,
)

pytestmark = [
    pytest.mark.fault,
    pytest.mark.deep,
    depth.ONLY_DEEP,
    pytest.mark.xdist_group("running exchange"),
]
FULL_SECONDS = 5
FIRST = "assay_first"
# The first schema has no place for these: rows of them could not be taken along, their records were.
NO_PLACE = re.compile(
    r"row: (?:approval|banner|card_top_up|comparison|deactivation|dispute|payout_hold|saved_card|distribution|question|sharing|trade_dispute_step|statement_run):\w+,"
    r" of which [\w.]+ speaks, is gone"
    r"|document F[IC]-[\w-]+ comes to \d+, and 0 were booked"  # its lines have no place
)


@pytest.fixture(scope="module")
def exchange() -> Iterator[RunningExchange]:
    with running_exchange() as running:
        yield running


@pytest.fixture(scope="module")
def offer_id(exchange: RunningExchange) -> str:
    """A free report: it is delivered at once."""
    [(found,)] = exchange.sql(
        "SELECT o.public_id FROM catalog_offer o JOIN catalog_product p ON p.id = o.product_id"
        " WHERE p.origin = 'demo:benchmark'"
    )
    return str(found)


@pytest.fixture
def orders_before(exchange: RunningExchange, offer_id: str) -> set[str]:
    return _orders(exchange, offer_id)


def _orders(exchange: RunningExchange, offer_id: str) -> set[str]:
    rows = exchange.sql(
        "SELECT r.public_id FROM orders_order r JOIN catalog_offer o ON o.id = r.offer_id"
        " WHERE o.public_id = %s",
        offer_id,
    )
    return {str(public_id) for (public_id,) in rows}


def _check_all_is_well(
    exchange: RunningExchange, offer_id: str, before: set[str], visitors: list[Visitor]
) -> None:
    """Nothing lost, nothing doubled, nothing stuck; books and log are sound."""
    answered = [order for visitor in visitors for order in visitor.orders]
    assert len(set(answered)) == len(answered)
    assert _orders(exchange, offer_id) - before == set(answered)
    eventually(exchange.ready, says="the exchange is ready")
    eventually(exchange.is_worked_off, says="promised work is done")
    exchange.check_soundness()


FAULTS: dict[str, Callable[[RunningExchange], None]] = {
    "web": lambda exchange: exchange.kill("web"),
    "worker": lambda exchange: exchange.kill("worker"),
    "postmaster": RunningExchange.kill_postmaster,
    "keeper": RunningExchange.kill_keeper,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_process_killed_under_load_comes_back_and_nothing_is_lost(
    exchange: RunningExchange, offer_id: str, orders_before: set[str], fault: str
) -> None:
    with trading(exchange, offer_id) as visitors:
        FAULTS[fault](exchange)
    _check_all_is_well(exchange, offer_id, orders_before, visitors)


def test_everything_killed_at_once_comes_back_and_nothing_is_lost(
    exchange: RunningExchange, offer_id: str, orders_before: set[str]
) -> None:
    with trading(exchange, offer_id) as visitors:
        for kill in FAULTS.values():
            kill(exchange)
    _check_all_is_well(exchange, offer_id, orders_before, visitors)


def test_a_full_disk_stops_trade_and_when_there_is_room_again_it_goes_on(
    exchange: RunningExchange, offer_id: str, orders_before: set[str]
) -> None:
    if not exchange.is_small:
        pytest.skip("no file system may be mounted here")
    with trading(exchange, offer_id) as visitors, disk_full(exchange):
        eventually(lambda: any(one.unanswered for one in visitors), says="an order fails")
        time.sleep(FULL_SECONDS)
    _check_all_is_well(exchange, offer_id, orders_before, visitors)


@pytest.fixture(scope="module")
def wrong_clock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library that sets a process's clock wrong."""
    if shutil.which("cc") is None:
        pytest.skip("there is no C compiler to make the wrong clock with")
    library = tmp_path_factory.mktemp("clock") / "wrong_clock.so"
    source = Path(__file__).with_name("wrong_clock.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return library


@pytest.mark.parametrize(("web", "worker"), [(1, -1), (-1, 1)])
def test_processes_whose_clocks_are_an_hour_off_go_by_the_databases_and_are_named(
    exchange: RunningExchange,
    offer_id: str,
    orders_before: set[str],
    wrong_clock: Path,
    web: int,
    worker: int,
) -> None:
    [(began,)] = exchange.sql("SELECT now()")
    last_step = _last_step(exchange)
    hours = {"web": web, "worker": worker}
    for process, ahead in hours.items():
        exchange.extra[process] = {
            "LD_PRELOAD": str(wrong_clock),
            "WRONG_CLOCK_SECONDS": str(ahead * 3600),
        }
        exchange.kill(process)
    try:
        with trading(exchange, offer_id) as visitors:
            eventually(
                lambda: exchange.ready() and _wrong_clocks(exchange, began) == hours,
                says="both beat",
            )
            assert "process_clocks_differ" in exchange.warnings()
    finally:
        exchange.extra.clear()
        for process in ("web", "worker"):
            exchange.kill(process)
    [(outside,)] = exchange.sql(
        "SELECT count(*) FROM orders_orderstep WHERE id > %s AND (at < %s OR at > now())",
        last_step,
        began - timedelta(seconds=2),
    )
    assert outside == 0
    _check_all_is_well(exchange, offer_id, orders_before, visitors)


def _wrong_clocks(exchange: RunningExchange, since: datetime) -> dict[str, int]:
    """By how many hours the processes that live are off."""
    rows = exchange.sql(
        "SELECT kind, round(ahead_ms / 3600000.0)::int FROM core_heartbeat WHERE beat_at > %s"
        " AND abs(ahead_ms) > 1000",
        since,
    )
    return {str(kind): int(hours) for kind, hours in rows}


def _last_step(exchange: RunningExchange) -> int:
    [(found,)] = exchange.sql("SELECT max(id) FROM orders_orderstep")
    return int(found)


def test_an_older_dump_is_named_and_a_younger_one_goes_on(
    exchange: RunningExchange, offer_id: str, orders_before: set[str], tmp_path: Path
) -> None:
    """Nothing is signed on the older one; the witness keeps the heads that it lacks."""
    older, younger = tmp_path / "older.dump", tmp_path / "younger.dump"
    with trading(exchange, offer_id) as visitors:
        pass
    eventually(exchange.is_worked_off, says="promised work is done")
    _dump(exchange, older)
    exchange.wake()
    with trading(exchange, offer_id) as later:
        pass
    eventually(exchange.is_worked_off, says="promised work is done")
    _dump(exchange, younger)
    size = _signed_size(exchange)

    _restore(exchange, older)
    checked = exchange.manage("verify_audit", "--skip-checks")
    assert checked.returncode == 1
    assert re.search(rf"\b{size}\b", checked.stdout.replace(",", "")), checked.stdout
    eventually(
        lambda: "audit_log_cut_short" in exchange.warnings(),
        says="the lost tail is named",
    )
    assert _signed_size(exchange) < size

    _restore(exchange, younger)
    eventually(
        lambda: exchange.ready() and "audit_log_cut_short" not in exchange.warnings(),
        says="the log goes on",
    )
    with trading(exchange, offer_id) as last:
        pass
    _check_all_is_well(exchange, offer_id, orders_before, [*visitors, *later, *last])
    assert _signed_size(exchange) > size


def _signed_size(exchange: RunningExchange) -> int:
    [(size,)] = exchange.sql("SELECT max(tree_size) FROM audit_head")
    return int(size)


def _dump(exchange: RunningExchange, to: Path) -> None:
    """Web and worker rest from before it: nothing is signed that the dump does not hold."""
    exchange.rest("web", "worker")
    exchange.run_program("pg_dump", "--format=custom", f"--file={to}", exchange.instance.url)


def _restore(exchange: RunningExchange, dump: Path) -> None:
    """The database is made anew from the dump, while web and worker rest."""
    exchange.rest("web", "worker")
    name = postgres.DATABASE
    with psycopg.connect(
        exchange.instance.url.replace(f"/{name}?", "/postgres?"), autocommit=True
    ) as server:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
        server.execute(f"CREATE DATABASE {name}".encode())
    exchange.run_program("pg_restore", "--exit-on-error", f"--dbname={exchange.instance.url}", dump)
    exchange.wake()


def test_what_the_first_schema_held_is_upgraded(exchange: RunningExchange) -> None:
    """Each app's first migration, filled with all that it has a place for, migrates to the last one."""
    url = exchange.instance.url.replace(f"/{postgres.DATABASE}?", f"/{FIRST}?")
    with psycopg.connect(exchange.instance.url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {FIRST}".encode())
    old = {"DATABASE_URL": url, "DATABASE_OWNER_URL": url}
    exchange.run_python("-m", "tests.faults.first_schema", **old)
    copied = first_schema.fill(source=exchange.instance.url, target=url)
    assert copied["orders_order"] > 0
    assert copied["ledger_transfer"] > 0

    exchange.run_python("manage.py", "migrate", "--verbosity", "0", **old)
    exchange.run_python("manage.py", "check", **old)
    exchange.run_python("manage.py", "check_ledger", "--skip-checks", **old)
    found = exchange.manage("verify_audit", "--skip-checks", **old).stdout.splitlines()
    different = [line for line in found if line.startswith("DIFFERENT")]
    assert [line for line in different if not NO_PLACE.search(line)] == []
    assert any(line.startswith("leaves") for line in found)
    with psycopg.connect(url) as upgraded:
        for table in ("orders_order", "ledger_transfer", "audit_record"):
            [(count,)] = upgraded.execute(f"SELECT count(*) FROM {table}".encode()).fetchall()
            assert count == copied[table]
