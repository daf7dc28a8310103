"""`python -m tests.simulation [--seeds 200] [--first 1] [--steps 60] [--workers 2]`: so many histories, and
the report; `make simulate SEEDS=… FIRST_SEED=…`.

Each worker has a test database of its own, made where there is none, and plays in transactions that are
rolled back. A seed that fails is printed with its shortest history.
"""

import argparse
import multiprocessing
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed

from tests.simulation.alone import play_alone, prepare

EVERY = 20  # seeds that a worker plays in one go


def main() -> int:
    """Play, print, and say with the exit code whether something was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    said = parser.parse_args()
    if said.seeds < 1 or said.steps < 1 or said.workers < 1:
        parser.error("seeds, steps and workers are at least 1")
    began = time.monotonic()
    names = prepare(said.workers)
    parts = [
        range(start, min(start + EVERY, said.first + said.seeds))
        for start in range(said.first, said.first + said.seeds, EVERY)
    ]
    context = multiprocessing.get_context("spawn")
    free = context.Manager().Queue()
    for name in names:
        free.put(name)
    done, good, failed = 0, 0, []
    with ProcessPoolExecutor(said.workers, mp_context=context) as processes:
        playing = [processes.submit(play_alone, part, said.steps, free) for part in parts]
        for ended in as_completed(playing):
            result = ended.result()
            done, good = done + result.seeds, good + result.went_well
            failed += result.failed
            print(*result.histories, sep="\n", end="" if not result.histories else "\n")
            spent = time.monotonic() - began
            print(f"{done} seeds, {len(failed)} failed, {done / spent:.2f} a second", flush=True)
    share = good / (said.seeds * said.steps)
    print(f"{said.seeds} seeds from {said.first}, {said.steps} steps, {share:.0%} did something")
    print(f"failed: {sorted(failed)}" if failed else "every law held")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
