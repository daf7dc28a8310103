"""`python -m tests.attack ROUNDS [--seed N] [--each N]`: as many rounds as wanted, and the report.

It works in the test database of this instance, which a run of the tests has made, in transactions
that are rolled back; after `--each` rounds the town is built anew from the next seed, in a process of
its own, which remembers nothing of rows that are gone.
"""

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from tests.attack.alone import play_alone
from tests.attack.untried import NEVER

OFTEN = 50  # so many times each use case succeeds in a long run


def main() -> int:
    """Play, print, and say with the exit code whether something was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.attack", description=__doc__)
    parser.add_argument("rounds", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=2_000)
    said = parser.parse_args()
    began, found = time.monotonic(), 0
    succeeded: Counter[str] = Counter()
    cases: list[str] = []
    parts = range(0, said.rounds, said.each)
    with ProcessPoolExecutor(
        1, mp_context=multiprocessing.get_context("spawn"), max_tasks_per_child=1
    ) as processes:
        played = processes.map(
            play_alone,
            [said.seed + number for number in range(len(parts))],
            [min(said.each, said.rounds - start) for start in parts],
        )
        for line, findings, counts, names in played:
            succeeded, cases = succeeded + counts, names
            found += len(findings)
            print(line, *findings, sep="\n", flush=True)
    spent = time.monotonic() - began
    print(f"{said.rounds} rounds, {said.rounds / spent:.1f} a second, {found} findings")
    rare = [name for name in cases if succeeded[name] < OFTEN and name not in NEVER]
    print(f"{len(rare)} of {len(cases)} use cases succeeded less than {OFTEN} times:")
    for name in sorted(rare, key=lambda name: (succeeded[name], name)):
        print(f"{succeeded[name]:8d}  {name}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
