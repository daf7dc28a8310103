"""`python -m bench [NAME …]`: measure, print one table, write var/bench.json.

A NAME is a bench (`ledger.single`) or a room (`ledger`). Without names everything is measured. Each
bench runs in a process, on a database and in folders of its own, so that none meets what another left;
its figures are printed and written as it ends. One that fails is named, the others go on, and the exit
code is 1. A goal that is missed says NO in the table; it fails nothing, since machines differ.
"""

import argparse
import importlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import measure
from exchange.local import postgres

MODULES = (
    "bench.ledger",
    "bench.audit",
    "bench.order_journey",
    "bench.outbox",
    "bench.download_stream",
    "bench.profile_file",
    "bench.pricing_charges",
    "bench.pricing_mechanisms",
    "bench.pricing_worth",
    "bench.catalogue_page",
    "bench.auctions",
    "bench.auction_pages",
    "bench.usage",
    "bench.payments",
)
REPORT = postgres.PROJECT / "var" / "bench.json"
QUICK_REPORT = postgres.PROJECT / "var" / "bench-quick.json"
# `--quick`: sizes at which a bench shows that it runs. Its figures mean nothing.
QUICK = {
    "BENCH_TURNS": "1",
    "BENCH_TURN_SECONDS": "0.5",
    "BENCH_HISTORY": "20000",
    "BENCH_LISTINGS": "2000",
    "BENCH_SEALED_BIDS": "1000",
    "BENCH_USAGE_EVENTS": "10000",
    "BENCH_OPEN_PAGES": "20",
    "BENCH_ORDERS": "3000",
    "BENCH_MOVEMENTS": "20000",
    "BENCH_STATEMENTS": "500",
    "BENCH_PROFILE_MB": "5",
    "BENCH_DOWNLOAD_BYTES": "20000000",
}


def known_benches() -> dict[str, str]:
    """The module of each bench, by the bench's name."""
    return {name: module for module in MODULES for name in importlib.import_module(module).BENCHES}


def _chosen(names: list[str], known: Mapping[str, str]) -> dict[str, str]:
    wrong = [n for n in names if not any(k == n or k.startswith(f"{n}.") for k in known)]
    if wrong:
        raise SystemExit(f"No such bench: {', '.join(wrong)}. There are: {', '.join(known)}.")
    return {
        name: module
        for name, module in known.items()
        if not names or any(name == n or name.startswith(f"{n}.") for n in names)
    }


def _line(*cells: str) -> str:
    return "{:<18} {:>12} {:<14} {:>12}  {:>7} {:>7}  {:<6} {}".format(*cells)


def _show(one: measure.Measurement) -> str:
    sign = "≤" if one.lower_is_better else "≥"
    return _line(
        one.name,
        f"{one.value:,.2f}",
        one.unit,
        f"{one.peer_value:,.2f}",
        f"{one.ratio:.2f}",
        f"{sign} {one.goal:g}",
        "yes" if one.reached else "NO",
        one.peer,
    )


def _measured_alone(name: str, module: str) -> tuple[list[measure.Measurement], int]:
    """The figures of one bench, and the exit code of its process."""
    with TemporaryDirectory() as folder, measure.fresh_database("bench") as address:
        figures = Path(folder) / "figures"
        ended = subprocess.run(
            [sys.executable, "-m", "bench.alone", module, name, figures],
            cwd=postgres.PROJECT,
            env={
                **os.environ,
                "DATABASE_URL": address,
                "VAULT_ROOT": f"{folder}/vault",
                "MEDIA_ROOT": f"{folder}/media",
            },
            check=False,
        )
        lines = figures.read_text().splitlines() if figures.exists() else []
    return [measure.Measurement(**json.loads(line)) for line in lines], ended.returncode


def measure_all(chosen: Mapping[str, str], *, report: Path) -> list[str]:
    """Measure one bench after the other and write the report after each. Returns those that failed."""
    rows: list[dict[str, object]] = []
    failed = []
    report.parent.mkdir(exist_ok=True)
    print(_line("bench", "value", "unit", "peer value", "ratio", "goal", "met", "peer"))
    for name, module in chosen.items():
        figures, code = _measured_alone(name, module)
        for one in figures:
            print(_show(one), flush=True)
            rows.append({**asdict(one), "ratio": one.ratio, "reached": one.reached})
        if code != 0 or not figures:
            failed.append(name)
            print(f"{name:<18} FAILED, exit code {code}", flush=True)
            rows.append({"name": name, "failed": True, "exit_code": code})
        report.write_text(json.dumps(rows, indent=2) + "\n")
    return failed


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--quick", action="store_true", help="small sizes: does every bench run?")
    wanted = parser.parse_args()
    if wanted.quick:
        os.environ.update(QUICK)
    with measure.empty_server():
        chosen = _chosen(wanted.names, known_benches())
        measure.migrate()
        failed = measure_all(chosen, report=QUICK_REPORT if wanted.quick else REPORT)
    if failed:
        print(f"Failed: {', '.join(failed)}.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
