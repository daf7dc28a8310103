"""`clear` of `python -m pricing`, and the explanation of evidence documents."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pricing.charges.exact import mapping
from pricing.command import Answer, Command
from pricing.documents import read_json
from pricing.mechanisms.evidence import FORMAT, clear, reclear
from pricing.mechanisms.outcomes import MECHANISMS
from pricing.tables import table


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("document", type=Path, help="an auction, or an evidence to clear again")


def _clear(arguments: Namespace) -> Answer:
    document = mapping(read_json(arguments.document, exact=False), "document")
    if document.get("format") == FORMAT:
        evidence = reclear(document)
        return Answer(evidence, f"{outcome_table(evidence)}\n\nCleared again: the same bytes.")
    evidence = clear(document)
    return Answer(evidence, outcome_table(evidence))


def outcome_table(evidence: dict[str, Any]) -> str:
    """An outcome for the terminal: single figures first, then the table of awards."""
    outcome = evidence["outcome"]
    name = evidence["auction"]["mechanism"]
    lines = [f"{name}: {MECHANISMS[name].summary}", ""]
    tables = []
    for field, value in sorted(outcome.items()):
        if isinstance(value, list) and value and isinstance(value[0], dict):
            header = list(value[0])
            tables.append(f"{field}\n{table(header, [[row[h] for h in header] for row in value])}")
        else:
            lines.append(f"{field}: {_shown(value)}")
    return "\n\n".join(["\n".join(lines), *tables])


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {entry}" for name, entry in value.items()) or "none"
    if isinstance(value, list):
        return ", ".join(str(entry) for entry in value) or "none"
    return "none" if value is None else str(value)


def explain(document: Any) -> str:
    """How an outcome came about. Clears it again first."""
    evidence = reclear(document)
    auction = evidence["auction"]
    bids = sorted(auction["bids"], key=lambda row: (-row.get("price", 0), row["time"], row["seq"]))
    steps = [
        f"{len(bids)} bids, inputs {evidence['inputs_digest']}.",
        "Bids are ranked by price, then time, then number:",
        *(f"  {rank}. {_bid(row)}" for rank, row in enumerate(bids[:50], start=1)),
        "Terms: " + (_shown(auction["terms"]) if auction["terms"] else "none") + ".",
        "",
        outcome_table(evidence),
    ]
    return "\n".join(steps)


def _bid(row: dict[str, Any]) -> str:
    what = ", ".join(
        f"{name} {_shown(value)}"
        for name, value in sorted(row.items())
        if name not in ("bidder", "seq")
    )
    return f"{row['bidder']} (number {row['seq']}): {what}"


COMMANDS: dict[str, Command] = {
    "clear": Command("clear an auction, or check an evidence", _arguments, _clear),
}

# Documents that `explain` can put into words, by their format.
EXPLAINERS: dict[str, Callable[[Any], str]] = {FORMAT: explain}
