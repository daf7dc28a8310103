"""`python -m tests.attack ROUNDS [--seed N] [--each N]`: as many rounds as wanted, and the report.

It works in the test database of this instance, which a run of the tests has made, in transactions
that are rolled back; after `--each` rounds the town is built anew from the next seed.
"""

import argparse
import logging
import os
import sys
import time
from collections import Counter

OFTEN = 50  # so many times each use case succeeds in a long run


def main() -> int:
    """Play, print, and say with the exit code whether something was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.attack", description=__doc__)
    parser.add_argument("rounds", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=2_000)
    said = parser.parse_args()
    _set_up()
    from tests.attack.history import play  # noqa: PLC0415 - Django must be set up first

    began, left, seed, found = time.monotonic(), said.rounds, said.seed, 0
    succeeded: Counter[str] = Counter()
    while left > 0:
        history = play(seed, min(left, said.each), stop_at_finding=False)
        succeeded += history.attack.succeeded
        found += len(history.findings)
        print(f"seed {seed}: {history.share:.0%} of {history.attack.steps} rounds succeeded")
        for one in history.findings:
            print(f"FOUND with seed {seed}: {one}")
        left, seed = left - said.each, seed + 1
    spent = time.monotonic() - began
    print(f"{said.rounds} rounds, {said.rounds / spent:.1f} a second, {found} findings")
    rare = [name for name in history.attack.cases if succeeded[name] < OFTEN]
    print(
        f"{len(rare)} of {len(history.attack.cases)} use cases succeeded less than {OFTEN} times:"
    )
    for name in sorted(rare, key=lambda name: (succeeded[name], name)):
        print(f"{succeeded[name]:8d}  {name}")
    return 1 if found else 0


def _set_up() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exchange.settings.test")
    import django  # noqa: PLC0415 - after the settings are named

    django.setup()
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import setup_test_environment  # noqa: PLC0415

    setup_test_environment()
    logging.disable()  # of what rounds are refused, and what is left to workers
    connection.settings_dict["NAME"] = connection.creation._get_test_db_name()  # type: ignore[attr-defined]


if __name__ == "__main__":
    sys.exit(main())
