"""`make demo`: database, migrations, seeds, web server and worker under one supervisor.

Ctrl-C or a SIGTERM ends everything in order; `kill -9` of the supervisor ends it too, because the
kernel tells its children and the database's keeper sees the lease fall.
"""

import argparse
import hashlib
import io
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from exchange.local import postgres, processes

READY_TIMEOUT_SECONDS = 180
STOP_TIMEOUT_SECONDS = 8
DATABASE_LOOK_SECONDS = 2
DATABASE_AWAY_SECONDS = 60


class Stopped(Exception):
    """Somebody asked the supervisor to stop."""


def _stop(_number: int, _frame: object) -> None:
    raise Stopped


def _environment(port: int) -> dict[str, str]:
    instance = f"demo-{port}"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exchange.settings.demo")
    os.environ["ASSAY_INSTANCE"] = instance
    postgres.provide()
    return {key: value for key, value in os.environ.items() if key != "DATABASE_OWNER_URL"}


def _close_to_others(home: Path) -> None:
    """Mail, documents, logs and keys are for this account alone, also those of an earlier release.

    Not the folder itself, nor the server's: its account passes through to them.
    """
    os.umask(0o077)
    for path in home.iterdir():
        if path.is_file():
            path.chmod(0o600)
        elif path.name not in {"postgres", "programs"}:
            path.chmod(0o700)


def _commands(port: int) -> dict[str, list[str]]:
    python = [sys.executable, "-m"]
    return {
        "web": [
            *python, "uvicorn", "exchange.asgi:application", "--host", "127.0.0.1", "--port", str(port),
            "--timeout-graceful-shutdown", "2", "--no-access-log",
            "--http", "exchange.local.zero_copy:ZeroCopyProtocol",
        ],
        "worker": [
            *python, "celery", "-A", "exchange.celery", "worker", "--pool", "threads",
            "--concurrency", "4", "--loglevel", "WARNING",
        ],
    }  # fmt: skip


def _state_of_the_code() -> str:
    """A fingerprint of everything that a prepared database depends on."""
    files = sorted(
        path
        for folder in ("accounts", "exchange")
        for path in (postgres.PROJECT / folder).rglob("*")
        if path.suffix in {".py", ".sql", ".json"}
    )
    listed = "\n".join(f"{path} {path.stat().st_mtime_ns}" for path in files)
    return hashlib.sha256(listed.encode()).hexdigest()


def _prepare(home: Path, data: Path | None) -> str:
    """Migrate and seed, unless this very code has done so: then Django need not start here.

    Returns what a visitor is told to click first.
    """
    mark, tour = home / "prepared", home / "tour.txt"
    state = f"{_state_of_the_code()} {data or ''}"
    if not (mark.exists() and mark.read_text() == state):
        tour.write_text(_migrate_and_seed(data))
        mark.write_text(state)
    return tour.read_text()


def _migrate_and_seed(data: Path | None) -> str:
    import django  # noqa: PLC0415 - Django reads the environment made just before
    from django.core.management import call_command  # noqa: PLC0415 - for the same reason

    print("Preparing the exchange and its stories …", flush=True)
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    call_command("seed_demo", verbosity=0, data=data)
    tour = io.StringIO()
    call_command("show_tour", stdout=tour)
    return tour.getvalue()


def _wait_until_ready(port: int, children: dict[str, subprocess.Popen[bytes]], home: Path) -> None:
    deadline = time.monotonic() + READY_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        _check_alive(children, home)
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise SystemExit(f"The web server did not become ready; see {home / 'web.log'}.")


def _check_alive(children: dict[str, subprocess.Popen[bytes]], home: Path) -> None:
    for name, child in children.items():
        if child.poll() is not None:
            tail = (home / f"{name}.log").read_text(errors="replace")[-1500:]
            raise SystemExit(
                f"The {name} process ended by itself (code {child.returncode}):\n{tail}"
            )


class Database:
    """Looks now and then whether the private server answers, and has it kept again if nobody does."""

    def __init__(self, port: int) -> None:
        self._instance = f"demo-{port}"
        self._look_at = self._answered_at = time.monotonic()

    def check(self) -> None:
        """Raises SystemExit with a sentence when the server has not come back in time."""
        now = time.monotonic()
        if now < self._look_at or not postgres.is_attached(self._instance):
            return
        self._look_at = now + DATABASE_LOOK_SECONDS
        try:
            answers = postgres.revive(self._instance)
        except postgres.ServerDidNotStart:
            answers = False
        if answers:
            self._answered_at = now
        elif now - self._answered_at > DATABASE_AWAY_SECONDS:
            log = postgres.PROJECT / "var" / self._instance / "postgres.log"
            raise SystemExit(
                f"The database has been away for {DATABASE_AWAY_SECONDS} seconds and does not come "
                f"back. Is the disk full? Its last words are in {log}."
            )


def _end(children: dict[str, subprocess.Popen[bytes]]) -> None:
    for child in children.values():
        child.terminate()
    deadline = time.monotonic() + STOP_TIMEOUT_SECONDS
    for child in children.values():
        try:
            child.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()


def run(port: int, data: Path | None = None) -> None:
    """Run the demo on `port`, with the real data of a folder if one is named, until somebody stops it."""
    processes.follow_parent(signal.SIGTERM)
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    children: dict[str, subprocess.Popen[bytes]] = {}
    try:
        environment = _environment(port)
        home = postgres.PROJECT / "var" / f"demo-{port}"
        home.mkdir(parents=True, exist_ok=True)
        _close_to_others(home)
        tour = _prepare(home, data)
        for name, command in _commands(port).items():
            children[name] = processes.start(
                command, number=signal.SIGTERM, log=home / f"{name}.log", environment=environment
            )
        _wait_until_ready(port, children, home)
        print(
            f"\n  Assay is running at http://localhost:{port}\n\n{tour}\n"
            f"  Logs: {home}\n  Ctrl-C stops it.\n",
            flush=True,
        )
        database = Database(port)
        while True:
            time.sleep(0.5)
            _check_alive(children, home)
            database.check()
    except Stopped:
        print("Stopping …", flush=True)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _end(children)


def _folder(path: str) -> Path:
    folder = Path(path)
    if not folder.is_dir():
        raise SystemExit(f"There is no folder {path}. Without DATA the demo shows synthetic data.")
    return folder.resolve()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Run a demo exchange on this machine.")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--data", type=_folder, help="a folder of real data to publish as well")
    arguments = parser.parse_args()
    run(arguments.port, arguments.data)
