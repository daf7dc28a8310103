"""A client of the books for the kill test, run as a program: prepare | post NUMBER.

`post` books one unit after the other until its input ends, and prints each key once the books have
answered for it. While they are away it asks for the same key again and prints `away` once for it.
"""

import select
import sys
import time

import django

django.setup()

from django.core.management import call_command  # noqa: E402 - the settings must be read first

from exchange.ledger.entries import EntryRequest  # noqa: E402
from exchange.ledger.errors import LedgerUnavailable  # noqa: E402
from tests.factories.ledger import clearing, cny, fund, post, wallet  # noqa: E402

PAUSE_SECONDS = 0.02
PATIENCE_SECONDS = 60
SCOPE = "load"
AWAY = "away"


def prepare() -> None:
    for room in ("ledger", "audit"):
        call_command("migrate", room, verbosity=0, interactive=False, skip_checks=True)
    clearing()
    fund(wallet(), 10**9)


def load(number: str) -> None:
    step = 0
    while not select.select([sys.stdin], [], [], 0)[0]:
        insist(f"{number}:{step}")
        step += 1


def insist(key: str) -> None:
    """Book under the key until the books have said that they did."""
    was_away = False
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            post(
                EntryRequest(debit="wallet:1", credit="clearing", amount=cny(1)),
                scope=SCOPE,
                key=key,
            )
        except LedgerUnavailable:
            if time.monotonic() > deadline:
                raise
            was_away = True
            select.select([], [], [], PAUSE_SECONDS)
        else:
            break
    print(*([AWAY] if was_away else []), key, sep="\n", flush=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["prepare"]:
            prepare()
        case ["post", number]:
            load(number)
