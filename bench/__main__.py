"""`python -m bench [NAME …]`: measure, print one table, write var/bench.json.

A NAME is a bench (`ledger.single`) or a room (`ledger`). Without names everything is measured.
A goal that is missed says NO in the table; it fails nothing, since machines differ.
"""

import argparse
import importlib
import json
from dataclasses import asdict
from importlib.util import find_spec

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
)
REPORT = postgres.PROJECT / "var" / "bench.json"


def _benches() -> dict[str, measure.Bench]:
    known: dict[str, measure.Bench] = {}
    for module in MODULES:
        if find_spec(module) is not None:
            known.update(importlib.import_module(module).BENCHES)
    return known


def _chosen(names: list[str], known: dict[str, measure.Bench]) -> dict[str, measure.Bench]:
    wrong = [n for n in names if not any(k == n or k.startswith(f"{n}.") for k in known)]
    if wrong:
        raise SystemExit(f"No such bench: {', '.join(wrong)}. There are: {', '.join(known)}.")
    return {
        name: bench
        for name, bench in known.items()
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


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    names = parser.parse_args().names
    figures: list[measure.Measurement] = []
    with measure.scratch_server():
        chosen = _chosen(names, _benches())
        print(_line("bench", "value", "unit", "peer value", "ratio", "goal", "met", "peer"))
        for bench in chosen.values():
            figures.append(bench())
            print(_show(figures[-1]), flush=True)
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(
        json.dumps(
            [{**asdict(one), "ratio": one.ratio, "reached": one.reached} for one in figures],
            indent=2,
        )
        + "\n"
    )


if __name__ == "__main__":
    main()
