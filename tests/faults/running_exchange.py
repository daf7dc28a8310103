"""A whole exchange in processes of its own: the demo's web, worker, keeper and PostgreSQL, under a
supervisor that starts again what falls, and visitors who order through its pages meanwhile.

It lives in an instance of its own, whose cluster lies on a small file system in memory where one may be
mounted. What was killed comes back as it would under a service manager.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from html import unescape
from http import HTTPStatus
from http.client import HTTPException
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import psycopg

from exchange.local import demo, postgres, processes
from tests.local.processes import running

CLUSTER_MEGABYTES = 700
LOOK_SECONDS = 0.2
SUPERVISE_SECONDS = 0.5
BACK_SECONDS = 90  # a bound, not a measurement: a busy machine is no failure
REQUEST_SECONDS = 15
MANAGE = [sys.executable, "manage.py"]
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
OPENER = urllib.request.build_opener()
ORDER_AT = re.compile(r"/orders/(ord_\w+)/")


def eventually(holds: Callable[[], object], *, says: str, seconds: float = BACK_SECONDS) -> None:
    """Wait until it holds. Fails with what it says."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} seconds: {says}"
        time.sleep(LOOK_SECONDS)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class RunningExchange:
    """The processes by name; `is_small` says whether the cluster has a file system of its own."""

    name: str
    port: int
    is_small: bool
    instance: postgres.Instance
    children: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    extra: dict[str, dict[str, str]] = field(default_factory=dict)  # of one process's environment
    resting: set[str] = field(default_factory=set)
    _ends: threading.Event = field(default_factory=threading.Event)

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "exchange.settings.demo",
            "ASSAY_INSTANCE": self.name,
            "DATABASE_URL": self.instance.runtime_url,
            "DATABASE_OWNER_URL": self.instance.url,
            "PYTHONWARNINGS": "ignore",
        }

    def manage(self, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of `manage.py` beside it."""
        return self._run([*MANAGE, *words], environment)

    def run_python(self, *words: str, **environment: str) -> None:
        """Run Python beside it. What fails is shown."""
        done = self._run([sys.executable, *words], environment)
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"

    def _run(
        self, words: Sequence[str], environment: Mapping[str, str]
    ) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            words,
            cwd=postgres.PROJECT,
            env={**self.environment, **environment},
            check=False,
            capture_output=True,
            text=True,
        )

    def run_program(self, name: str, *words: str | Path) -> None:
        """Run one of PostgreSQL's own programs."""
        subprocess.run([self.instance.programs / name, *words], check=True)

    def sql(self, statement: str, *values: object) -> list[Any]:
        with psycopg.connect(self.instance.url) as connection:
            return connection.execute(statement.encode(), values).fetchall()

    # Supervision.

    def supervise(self) -> None:
        """Start again what has fallen, until the end."""
        while not self._ends.wait(SUPERVISE_SECONDS):
            for name in ("web", "worker"):
                child = self.children.get(name)
                if name not in self.resting and (child is None or child.poll() is not None):
                    self.start(name)
            with suppress(postgres.ServerDidNotStart):
                postgres.revive(self.name)

    def start(self, name: str) -> None:
        self.children[name] = processes.start(
            demo._commands(self.port)[name],
            number=signal.SIGKILL,
            log=self.instance.home / f"{name}.log",
            environment={**self.environment, **self.extra.get(name, {})},
        )

    def kill(self, name: str) -> None:
        """`kill -9` of the process group; the supervisor starts another."""
        child = self.children[name]
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait(timeout=10)

    def rest(self, *names: str) -> None:
        """Stop them until `wake`."""
        self.resting |= set(names)
        for name in names:
            self.kill(name)

    def wake(self) -> None:
        self.resting.clear()

    def kill_postmaster(self) -> None:
        os.kill(
            int((self.instance.cluster / "postmaster.pid").read_text().split()[0]), signal.SIGKILL
        )

    def kill_keeper(self) -> None:
        keepers = [
            number for number, line in running().items()
            if line.endswith(f"exchange.local.keeper {self.name}")
        ]  # fmt: skip
        for number in keepers:
            os.kill(number, signal.SIGKILL)

    def end(self) -> None:
        self._ends.set()

    # What is asked of it.

    def ready(self) -> dict[str, Any] | None:
        """What /readyz answers with a 200; None before."""
        try:
            with OPENER.open(self.address("/readyz"), timeout=REQUEST_SECONDS) as answer:
                said: dict[str, Any] = json.loads(answer.read())
                return said
        except (OSError, HTTPException, ValueError):
            return None

    def warnings(self) -> list[str]:
        """What /readyz warns of."""
        return list((self.ready() or {}).get("warnings", ()))

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def is_worked_off(self) -> bool:
        """Whether no promised work waits, and every record has its place in the log."""
        with suppress(psycopg.Error):
            waiting = self.sql(
                "SELECT (SELECT count(*) FROM core_outboxjob WHERE state IN ('ready', 'leased')"
                " AND run_after <= now()), (SELECT count(*) FROM core_outboxjob WHERE state = 'dead'),"
                " (SELECT count(*) FROM audit_pending)"
            )
            return waiting == [(0, 0, 0)]
        return False

    def check_soundness(self) -> None:
        """Books and log, and the rows of the business by the log."""
        for command in ("check_ledger", "verify_audit"):
            self.run_python("manage.py", command, "--skip-checks")


@contextmanager
def running_exchange() -> Iterator[RunningExchange]:
    """A seeded exchange that runs; nothing of it is left afterwards."""
    port = free_port()
    name = f"demo-{port}"  # the demo's provider finds the web server by it
    instance = postgres.locate(name)
    is_small = _mount(instance)
    exchange = RunningExchange(name, port, is_small, instance)
    supervisor = threading.Thread(target=exchange.supervise)
    try:
        postgres.attach(name)
        for words in (("migrate", "--verbosity", "0"), ("seed_demo", "--verbosity", "0")):
            exchange.run_python("manage.py", *words)
        supervisor.start()
        eventually(exchange.ready, says="the first start")
        yield exchange
    finally:
        exchange.end()
        if supervisor.is_alive():
            supervisor.join()
        for child in exchange.children:
            exchange.kill(child)
        if is_small:
            _discard_small(exchange)
        else:
            postgres.discard(name)


def _mount(instance: postgres.Instance) -> bool:
    """Give the cluster a small file system of its own, in memory; False where this is not permitted."""
    owner = instance.cluster.stat().st_uid
    done = subprocess.run(
        [
            "mount", "-t", "tmpfs", "-o", f"size={CLUSTER_MEGABYTES}m,mode=0700,uid={owner}",
            "tmpfs", instance.cluster,
        ],
        check=False,
        capture_output=True,
    )  # fmt: skip
    return done.returncode == 0


def _discard_small(exchange: RunningExchange) -> None:
    """The mount is taken away before the folder below it."""
    lease = postgres._leases.pop(exchange.instance.home)
    os.close(lease)
    eventually(
        lambda: (
            not postgres.accepts_connections(exchange.instance)
            and not (exchange.instance.cluster / "postmaster.pid").exists()
        ),
        says="the server ends with its last user",
    )
    subprocess.run(["umount", exchange.instance.cluster], check=True)
    postgres.discard(exchange.name)


@contextmanager
def disk_full(exchange: RunningExchange) -> Iterator[None]:
    """No byte is left on the cluster's file system."""
    filler = exchange.instance.cluster / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(1 << 16))
    try:
        yield
    finally:
        filler.unlink()


class Visitor:
    """A browser of the demo's buyer. Each form is sent again, as it is, until the page says what became
    of it: a token gives one order at most."""

    def __init__(self, exchange: RunningExchange, persona: str = "buyer") -> None:
        self.exchange = exchange
        self.persona = persona
        self.orders: list[str] = []
        self.unanswered = 0
        self._cookies = CookieJar()
        self._browser = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self._cookies), _NoRedirect()
        )

    def sign_in(self) -> None:
        def is_in() -> bool:
            self.get("/")
            status, _where, _page = self.post("/demo/step-into/", {"persona": self.persona})
            return status == HTTPStatus.FOUND

        eventually(is_in, says="a visitor signs in")

    def get(self, path: str) -> tuple[int, str, str]:
        return self._ask(path)

    def post(self, path: str, fields: Mapping[str, str]) -> tuple[int, str, str]:
        token = (
            next((one.value for one in self._cookies if one.name.endswith("csrftoken")), "") or ""
        )
        body = urllib.parse.urlencode({**fields, "csrfmiddlewaretoken": token}).encode()
        return self._ask(path, body)

    def order(self, offer_id: str) -> None:
        """One order, whatever it takes."""
        path = f"/offers/{offer_id}/buy/"
        fields: dict[str, str] = {}

        def answered() -> bool:
            if not fields:
                status, _where, page = self.get(path)
                if status == HTTPStatus.OK:
                    fields.update({name: unescape(value) for name, value in HIDDEN.findall(page)})
                    fields.update(agree="on", again="on")
                return False
            status, where, page = self.post(path, fields)
            assert status not in {HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.CONFLICT}, page
            found = ORDER_AT.search(where)
            self.unanswered += found is None
            if found is not None:
                self.orders.append(found[1])
            return found is not None

        eventually(answered, says="an order is answered")

    def _ask(self, path: str, body: bytes | None = None) -> tuple[int, str, str]:
        """Status, where it leads, and the page; status 0 where nothing was answered."""
        try:
            address = self.exchange.address(path)
            with self._browser.open(address, data=body, timeout=REQUEST_SECONDS) as answer:
                return answer.status, "", answer.read().decode()
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, answer.headers.get("Location", ""), answer.read().decode()
        except (OSError, HTTPException):
            return 0, "", ""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_asked: object) -> None:
        return None


@contextmanager
def trading(
    exchange: RunningExchange, offer_id: str, *, visitors: int = 2
) -> Iterator[list[Visitor]]:
    """Visitors order all the time, and their last orders are answered before this ends."""
    there = [Visitor(exchange) for _number in range(visitors)]
    ends = threading.Event()
    failures: list[BaseException] = []

    def trade(visitor: Visitor) -> None:
        try:
            visitor.sign_in()
            while not ends.is_set():
                visitor.order(offer_id)
                ends.wait(LOOK_SECONDS)
        except BaseException as failure:  # noqa: BLE001 - told to the test
            failures.append(failure)

    threads = [threading.Thread(target=trade, args=(visitor,)) for visitor in there]
    for thread in threads:
        thread.start()
    try:
        eventually(lambda: failures or all(one.orders for one in there), says="the first orders")
        yield there
        before = [len(one.orders) for one in there]
        eventually(
            lambda: (
                failures
                or all(len(one.orders) > count for one, count in zip(there, before, strict=True))
            ),
            says="orders go on",
        )
    finally:
        ends.set()
        for thread in threads:
            thread.join()
    assert failures == []
