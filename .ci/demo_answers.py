"""Starts `make demo`, waits for its first page, stops it, and sees that it is gone.

Plain Python, for a machine on which nothing is installed yet.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request

WAIT_SECONDS = 900
STOP_SECONDS = 60


def main() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}/"
    started = time.monotonic()
    demo = subprocess.Popen(["make", "demo", f"PORT={port}"], start_new_session=True)
    try:
        page = first_page(address, demo)
    finally:
        if demo.poll() is None:
            os.killpg(demo.pid, signal.SIGTERM)
            demo.wait(timeout=STOP_SECONDS)
    title = re.search(r"<title>\s*(.*?)\s*</title>", page, re.DOTALL)
    if title is None:
        print("make demo: the first page has no title")
        return 1
    if not ended(address):
        print("make demo: it still answers after it was stopped")
        return 1
    print(f"make demo: “{title[1]}” after {time.monotonic() - started:.0f} s, and stopped")
    return 0


def first_page(address: str, demo: "subprocess.Popen[bytes]") -> str:
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline and demo.poll() is None:
        page = answer(address)
        if page is not None:
            return page
        time.sleep(1)
    raise SystemExit(f"make demo: no first page; it ended with {demo.poll()}")


def ended(address: str) -> bool:
    deadline = time.monotonic() + STOP_SECONDS
    while answer(address) is not None:
        if time.monotonic() > deadline:
            return False
        time.sleep(1)
    return True


def answer(address: str) -> str | None:
    try:
        with urllib.request.urlopen(address, timeout=30) as page:  # noqa: S310 - our own address
            return bytes(page.read()).decode()
    except OSError:  # not there yet, or not well
        return None


if __name__ == "__main__":
    sys.exit(main())
