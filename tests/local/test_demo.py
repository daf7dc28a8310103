"""The demo starts, answers, stops, and leaves nothing behind, however it ends."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator

import pytest

from exchange.local import postgres
from tests.local.processes import running
from tests.local.test_private_postgres import eventually, processes_of

pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("demo")]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Demo:
    """One supervised demo on a port of its own, started as `make demo` starts it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.instance = postgres.locate(f"demo-{port}")
        environment = {
            key: value
            for key, value in os.environ.items()
            if key not in {"DATABASE_URL", "ASSAY_INSTANCE", "DJANGO_SETTINGS_MODULE"}
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "exchange.local.demo", "--port", str(port)],
            cwd=postgres.PROJECT,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def wait_until_running(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if f"http://localhost:{self.port}" in line:
                return
        pytest.fail(f"the demo ended with {self.process.wait()}")

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.port}/readyz", timeout=5
            ) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def leftovers(self) -> list[str]:
        port = str(self.port)
        own = [line for line in running().values() if port in line and "exchange" in line]
        return [*own, *processes_of(self.instance)]

    def remove(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
        eventually(lambda: self.leftovers() == [])
        shutil.rmtree(self.instance.home)
        shutil.rmtree(self.instance.sockets)


@pytest.fixture
def demos() -> Iterator[list[Demo]]:
    started = [Demo(free_port()), Demo(free_port())]
    yield started
    for demo in started:
        demo.remove()


def test_two_demos_run_side_by_side_and_end_without_a_trace(demos: list[Demo]) -> None:
    killed, stopped = demos
    for demo in demos:
        demo.wait_until_running()
        assert demo.answers()
    killed.process.kill()
    eventually(lambda: killed.leftovers() == [])
    assert stopped.answers()
    stopped.process.send_signal(signal.SIGINT)
    assert stopped.process.wait(timeout=30) == 0
    eventually(lambda: stopped.leftovers() == [])
