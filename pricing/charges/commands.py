"""`quote` and `lint` of `python -m pricing`, and the explanation of quote documents."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pricing.charges.exact import exact_text, refuse
from pricing.charges.invoices import preview
from pricing.charges.linter import lint
from pricing.charges.plans import PLAN_BYTES_MAX, Plan, read_plan
from pricing.charges.quote_documents import FORMAT, explain, quote_document, replay
from pricing.charges.quotes import Quote, make_quote
from pricing.charges.requests import read_request
from pricing.command import Answer, Command
from pricing.documents import read_json
from pricing.tables import table


def read_plan_file(path: Path) -> Plan:
    """A plan from a file, within the size that a plan may have."""
    return read_plan(read_json(path, bytes_max=PLAN_BYTES_MAX, exact=False))


def _quote_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("plan", type=Path, nargs="?", help="the plan, JSON")
    parser.add_argument(
        "usage",
        nargs="*",
        metavar="METER=QUANTITY",
        help="what each meter counted, for instance calls=1200",
    )
    parser.add_argument("--request", type=Path, help="the whole request, JSON, instead of meters")
    parser.add_argument("--issued-at", help="the moment of the quote; now where it is not given")
    parser.add_argument("--replay", type=Path, help="check a quote: price it again, compare bytes")
    parser.add_argument("--preview", type=Path, help='requests of past periods, {"2026-01": {…}}')


def _quote(arguments: Namespace) -> Answer:
    if arguments.replay is not None:
        quote = replay(read_json(arguments.replay, exact=False))
        return Answer(quote_document(quote), "The quote is what its plan and request give.\n")
    if arguments.plan is None:
        refuse("plan", None, "the file of a plan, or --replay with the file of a quote")
    plan = read_plan_file(arguments.plan)
    if arguments.preview is not None:
        return _preview(plan, read_json(arguments.preview, exact=False))
    if arguments.request is not None:
        request = read_json(arguments.request, exact=False)
    else:
        issued = arguments.issued_at or datetime.now(UTC).isoformat(timespec="seconds")
        request = {"usage": _meters(arguments.usage), "issued_at": issued}
    quote = make_quote(plan, read_request(request, plan))
    return Answer(quote_document(quote), quote_table(quote))


def _meters(words: list[str]) -> dict[str, str]:
    usage: dict[str, str] = {}
    for word in words:
        meter, equals, quantity = word.partition("=")
        if not equals or meter in usage:
            refuse("usage", word, "METER=QUANTITY, each meter once")
        usage[meter] = quantity
    return usage


def _preview(plan: Plan, periods: Any) -> Answer:
    previews = preview(plan, periods)
    document = [
        {"period": each.period, "total_minor": each.quote.total.minor, "currency": plan.currency}
        for each in previews
    ]
    return Answer(document, "\n".join(each.sentence for each in previews))


def quote_table(quote: Quote) -> str:
    """A quote for the terminal."""
    rows: list[list[object]] = []
    for charge in quote.charges:
        rows += [[charge.name, line.text, exact_text(line.amount)] for line in charge.lines]
        rows.append(["", "billed", f"{charge.amount.decimal:f}"])
    rows += [["", line.text, f"{line.amount.decimal:f}"] for line in quote.adjustments]
    if quote.plan.tax.rate:
        tax = "tax, included" if quote.plan.tax.included else "tax"
        rows.append(["", tax, f"{quote.tax.decimal:f}"])
    rows.append(["", "total", f"{quote.total.decimal:f}"])
    title = f"{quote.plan.name}, version {quote.plan.version}, valid until {quote.valid_until}"
    return f"{title}\n\n{table(['charge', 'line', quote.plan.currency], rows)}"


def _lint_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("plan", type=Path, help="the plan, JSON")


def _lint(arguments: Namespace) -> Answer:
    """Exit code 1 where something was found, so that a pipeline can stop."""
    findings = lint(read_json(arguments.plan, bytes_max=PLAN_BYTES_MAX, exact=False))
    document = [
        {
            "code": finding.code,
            "charge": finding.charge,
            "sentence": finding.sentence,
            "proof": dict(finding.proof),
        }
        for finding in findings
    ]
    rows = [[finding.code, finding.charge, finding.sentence] for finding in findings]
    text = table(["finding", "charge", "proof"], rows) if rows else "Nothing found."
    return Answer({"findings": document}, text, exit_code=1 if findings else 0)


COMMANDS: dict[str, Command] = {
    "quote": Command("price a request under a plan", _quote_arguments, _quote),
    "lint": Command("find what a plan lets buyers do", _lint_arguments, _lint),
}

# Documents that `explain` can put into words, by their format.
EXPLAINERS: dict[str, Callable[[Any], str]] = {FORMAT: lambda document: explain(replay(document))}
