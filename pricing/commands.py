"""The subcommands of `python -m pricing`: what each reads, and its answer for people and programs."""

import json
import secrets
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

from pricing.cases import evaluate
from pricing.charges import linter, quotes
from pricing.charges.plans import PLAN_BYTES_MAX, Plan, read_plan
from pricing.charges.quotes import Quote, make_quote, preview, quote_document
from pricing.charges.requests import read_request
from pricing.documents import NotJson, UnknownFormat, in_name_order, read_json
from pricing.exact import above_zero, exact_text, mapping, number, refuse, text
from pricing.mechanisms import evidence
from pricing.mechanisms.outcomes import MECHANISMS
from pricing.selfcheck import selfcheck
from pricing.worth import curves, reports, splitting
from pricing.worth.methods import run
from pricing.worth.reports import Report, Swing
from pricing.worth.views import ViewPrices, read_views
from pricing.worth.workings import shown

NUMERIC = frozenset("0123456789+-.,/% ")
BIDS_SHOWN = 50


@dataclass(frozen=True)
class Answer:
    """What a command says: `document` for programs (plain JSON values), `text` for people."""

    document: object
    text: str
    exit_code: int = 0


@dataclass(frozen=True)
class Command:
    """A subcommand; `run` may raise a PricingRefusal. The program adds `--json` to each."""

    summary: str
    add_arguments: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], Answer]


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table for the terminal. A column whose entries are all figures is set flush right."""
    written = [[str(cell) for cell in row] for row in rows]
    columns = list(zip(header, *written, strict=True))
    widths = [max(map(len, column)) for column in columns]
    flush = [bool(rows) and all(set(cell) <= NUMERIC for cell in column[1:]) for column in columns]
    lines = [list(header), ["-" * width for width in widths], *written]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, flush, strict=True)
        ).rstrip()
        for line in lines
    )


def _one_file(summary: str, parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help=summary)


def _evaluate_arguments(parser: ArgumentParser) -> None:
    _one_file('{"vectors": [{"id", "model", "params", "input"}]}', parser)
    parser.add_argument("--data", type=Path, default=Path(), help="where the cases' files lie")
    parser.add_argument("--out", type=Path, help="write the results there")
    parser.add_argument(
        "--beyond-last-tier",
        choices=["refuse", "covered_only"],
        help="use above a bounded last tier, where a case does not say",
    )


def _evaluate(arguments: Namespace) -> Answer:
    chosen = arguments.beyond_last_tier
    options = {"beyond_last_tier": chosen} if chosen else {}
    results = evaluate(read_json(arguments.file), arguments.data, options=options)
    document = {"results": results}
    written = json.dumps(document, ensure_ascii=False, indent=1)
    if arguments.out is None:
        return Answer(document, written)
    try:
        arguments.out.write_text(written + "\n")
    except OSError as reason:
        raise NotJson(
            f"The results cannot be written to {arguments.out}: {reason.strerror}.",
            field="out",
            value=str(arguments.out),
        ) from None
    return Answer(document, f"{len(results)} results are in {arguments.out}.")


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
        quote = quotes.replay(read_json(arguments.replay, exact=False))
        return Answer(quote_document(quote), "The quote is what its plan and request give.\n")
    if arguments.plan is None:
        refuse("plan", None, "the file of a plan, or --replay with the file of a quote")
    plan = read_plan(read_json(arguments.plan, bytes_max=PLAN_BYTES_MAX, exact=False))
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
    previews = preview(plan, mapping(periods, "preview"))
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
    _one_file("the plan, JSON", parser)
    parser.add_argument(
        "--step", help="what the meters count in, such as 1; decimals where it is not given"
    )


def _lint(arguments: Namespace) -> Answer:
    """Exit code 1 where something was found, so that a pipeline can stop."""
    plan = read_json(arguments.file, bytes_max=PLAN_BYTES_MAX, exact=False)
    step = None if arguments.step is None else above_zero(arguments.step, "step")
    findings = linter.lint(plan, step=step)
    document = {"findings": [asdict(finding) for finding in findings]}
    rows = [[finding.code, finding.charge, finding.sentence] for finding in findings]
    written = table(["finding", "charge", "proof"], rows) if rows else "Nothing found."
    return Answer(document, written, exit_code=1 if findings else 0)


def _clear(arguments: Namespace) -> Answer:
    document = mapping(read_json(arguments.file, exact=False), "document")
    if document.get("format") == evidence.FORMAT:
        again = evidence.reclear(document)
        return Answer(again, f"{outcome_table(again)}\n\nCleared again: the same bytes.")
    cleared = evidence.clear(document)
    return Answer(cleared, outcome_table(cleared))


def outcome_table(cleared: Mapping[str, Any]) -> str:
    """An evidence's outcome for the terminal: single figures first, then the table of awards."""
    name = cleared["auction"]["mechanism"]
    lines = [f"{name}: {MECHANISMS[name].summary}", ""]
    tables = []
    for field, value in sorted(cleared["outcome"].items()):
        if isinstance(value, list) and value and isinstance(value[0], dict):
            header = list(value[0])
            tables.append(f"{field}\n{table(header, [[row[h] for h in header] for row in value])}")
        else:
            lines.append(f"{field}: {_in_words(value)}")
    return "\n\n".join(["\n".join(lines), *tables])


def _in_words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {entry}" for name, entry in value.items()) or "none"
    if isinstance(value, list):
        return ", ".join(str(entry) for entry in value) or "none"
    return "none" if value is None else str(value)


def _explain_evidence(document: Any) -> str:
    """How an outcome came about. Clears it again first."""
    cleared = evidence.reclear(document)
    auction = cleared["auction"]
    bids = sorted(auction["bids"], key=lambda row: (-row.get("price", 0), row["time"], row["seq"]))
    steps = [
        f"{len(bids)} bids, inputs {cleared['inputs_digest']}.",
        "Bids are ranked by price, then time, then number:",
        *(f"  {rank}. {_bid(row)}" for rank, row in enumerate(bids[:BIDS_SHOWN], start=1)),
        f"Terms: {_in_words(auction['terms'])}.",
        "",
        outcome_table(cleared),
    ]
    return "\n".join(steps)


def _bid(row: Mapping[str, Any]) -> str:
    fields = sorted((name, value) for name, value in row.items() if name not in ("bidder", "seq"))
    what = ", ".join(f"{name} {_in_words(value)}" for name, value in fields)
    return f"{row['bidder']} (number {row['seq']}): {what}"


def _value_arguments(parser: ArgumentParser) -> None:
    _one_file('an engagement, or {"method", "parameters"} for one method, JSON', parser)
    parser.add_argument(
        "--sensitivity", metavar="CHANGE", help="vary every parameter by so much, for instance 0.1"
    )


def _value(arguments: Namespace) -> Answer:
    document = mapping(in_name_order(read_json(arguments.file)), "file")
    if "methods" not in document:
        if arguments.sensitivity is not None:
            refuse("sensitivity", arguments.sensitivity, "a report with methods and weights")
        valuation = run(document.get("method"), document.get("parameters"))
        written = reports.explain_valuation(valuation)
        return Answer(reports.valuation_document(valuation), written)
    report = reports.make_report(document)
    report_document = reports.report_document(report)
    if arguments.sensitivity is None:
        return Answer(report_document, report_table(report))
    swings = reports.tornado(report, change=arguments.sensitivity)
    tornado = [reports.swing_document(swing) for swing in swings]
    return Answer(
        {"report": report_document, "tornado": tornado},
        f"{report_table(report)}\n\n{tornado_table(report, swings)}",
    )


def report_table(report: Report) -> str:
    """A report for the terminal."""
    fields, weights = report.engagement, report.engagement["weights"]
    rows: list[list[object]] = [
        [
            label,
            valuation.method.formula,
            text(number(weights[label], "weight")),
            _major(valuation.value, report),
        ]
        for label, valuation in report.valuations.items()
    ]
    rows += [["", step.name, "", shown(step.value)] for step in report.conclusion.steps[:-1]]
    rows.append(["", "conclusion", "", f"{report.value.decimal:f}"])
    title = f"{fields['asset']}, {fields['value_type']} on {fields['base_date']}"
    warning = "\nThe methods lie far apart." if report.conclusion.wide else ""
    return f"{title}\n\n{table(['method', 'formula', 'weight', report.currency], rows)}{warning}"


def tornado_table(report: Report, swings: Sequence[Swing]) -> str:
    """Swings for the terminal, the widest first."""
    rows = [
        [swing.method, swing.parameter, _major(swing.low, report), _major(swing.high, report)]
        for swing in swings
    ]
    return table(["method", "parameter", "lower", "higher"], rows)


def _major(exact: Fraction | None, report: Report) -> str:
    """An amount in major units; None stands for a parameter that is not accepted."""
    return "not accepted" if exact is None else f"{reports.money(exact, report.currency).decimal:f}"


def _split(arguments: Namespace) -> Answer:
    split = splitting.make_split(read_json(arguments.file))
    rows = [[party, f"{part.decimal:f}"] for party, part in split.parts]
    rows.append(["together", f"{split.amount.decimal:f}"])
    parts = table(["party", split.amount.currency], rows)
    return Answer(splitting.split_document(split), "\n".join([*split.lines, "", parts]))


def _arbitrage(arguments: Namespace) -> Answer:
    """Exit code 1 where something was found or not decided, so that a pipeline can stop."""
    document = mapping(in_name_order(read_json(arguments.file)), "file")
    if "versions" in document:
        checked = curves.check(curves.read_versions(document["versions"]))
    else:
        checked = ViewPrices(read_views(document.get("views"))).check()
    undercut = checked.undercut
    rows = [
        [sale.name, sale.price, " + ".join(sale.cheaper.views), sale.cheaper.price]
        for sale in undercut
    ]
    entries = [
        {
            "name": sale.name,
            "price": sale.price,
            "cheaper": list(sale.cheaper.views),
            "cheaper_price": sale.cheaper.price,
            "proven": sale.proven,
            "sentence": sale.sentence,
        }
        for sale in undercut
    ]
    doubts = [checked.doubt] if checked.doubt else []
    doubts += [sale.sentence for sale in undercut if not sale.proven]
    written = table(["for sale", "price", "cheaper together", "price"], rows) if rows else ""
    return Answer(
        {"arbitrage": entries, "unsure": list(checked.unsure)},
        "\n\n".join(filter(None, [written, *doubts])) or "Nothing found.",
        exit_code=1 if undercut or doubts else 0,
    )


# Documents that can be put into words, by their format.
EXPLAINERS: dict[str, Callable[[Any], str]] = {
    quotes.FORMAT: lambda document: quotes.explain(quotes.replay(document)),
    evidence.FORMAT: _explain_evidence,
    reports.FORMAT: lambda document: reports.explain(reports.replay(document)),
    splitting.FORMAT: splitting.explain,
}


def _explain(arguments: Namespace) -> Answer:
    document = read_json(arguments.file, exact=False)
    kind = document.get("format") if isinstance(document, dict) else None
    if not isinstance(kind, str) or kind not in EXPLAINERS:
        raise UnknownFormat(
            f"The field format is {kind!r}; accepted is one of {', '.join(sorted(EXPLAINERS))}.",
            field="format",
            value=kind,
            accepted=sorted(EXPLAINERS),
        )
    steps = EXPLAINERS[kind](document)
    return Answer({"steps": steps.splitlines()}, steps)


def _selfcheck_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--seconds", type=float, default=30, help="how long, 30 if not given")
    parser.add_argument("--seed", type=int, help="the first input's number; drawn if not given")
    parser.add_argument("--only", default="", help="the beginning of a function's name")
    parser.add_argument("--workers", type=int, default=1, help="processes, 1 if not given")


def _selfcheck(arguments: Namespace) -> Answer:
    """Exit code 1 where the library differs from a twin."""
    first = secrets.randbelow(10**9) if arguments.seed is None else arguments.seed
    checked = selfcheck(
        seconds=arguments.seconds,
        first_seed=first,
        only=arguments.only,
        workers=arguments.workers,
        report=_on_terminal,
    )
    _on_terminal(checked.counts.total(), end="\n")
    functions = checked.by_function
    document = {
        "first_seed": first,
        "workers": arguments.workers,
        "compared": {name: sum(by_scale.values()) for name, by_scale in functions.items()},
        "by_scale": functions,
        "differences": checked.differences,
    }
    scales = sorted({scale for by_scale in functions.values() for scale in by_scale})
    rows = [
        [name, *(by_scale.get(scale, 0) for scale in scales), sum(by_scale.values())]
        for name, by_scale in functions.items()
    ]
    totals = [sum(by_scale.get(scale, 0) for by_scale in functions.values()) for scale in scales]
    rows.append(["all", *totals, sum(totals)])
    lines = [table(["function", *scales, "inputs"], rows), f"The first seed was {first}."]
    lines += checked.differences or ["No difference."]
    return Answer(document, "\n".join(lines), 1 if checked.differences else 0)


def _on_terminal(compared: int, *, end: str = "") -> None:
    """Progress, where somebody looks: standard error, and only where it is a terminal."""
    if sys.stderr.isatty():
        print(f"\r{compared:,} inputs compared", end=end, file=sys.stderr, flush=True)


COMMANDS: dict[str, Command] = {
    "evaluate": Command("answer the cases of a vector file", _evaluate_arguments, _evaluate),
    "quote": Command("price a request under a plan", _quote_arguments, _quote),
    "lint": Command("find what a plan lets buyers do", _lint_arguments, _lint),
    "clear": Command(
        "clear an auction, or check an evidence",
        partial(_one_file, "an auction, or an evidence to clear again"),
        _clear,
    ),
    "value": Command("value an asset, or compute one figure", _value_arguments, _value),
    "split": Command(
        "split an amount",
        partial(_one_file, '{"method", "amount", "currency", …}, JSON'),
        _split,
    ),
    "arbitrage": Command(
        "find prices that others undercut",
        partial(
            _one_file,
            '{"views": [{"name", "cells", "price"}]} or {"versions": [{"name", "x", "price"}]},'
            " prices in minor units",
        ),
        _arbitrage,
    ),
    "selfcheck": Command(
        "compare the library with its slow twins", _selfcheck_arguments, _selfcheck
    ),
    "explain": Command(
        "print the steps as a person would write them",
        partial(_one_file, "a quote, an evidence or a report, JSON"),
        _explain,
    ),
}
