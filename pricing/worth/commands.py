"""`value`, `split` and `arbitrage` of `python -m pricing`, and the explanation of their documents."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pricing.charges.exact import mapping, number, refuse, sequence, text, whole
from pricing.command import Answer, Command
from pricing.documents import read_json
from pricing.tables import table
from pricing.worth.prices.curves import arbitrage as version_arbitrage
from pricing.worth.prices.curves import read_versions
from pricing.worth.prices.views import PRICE_MAX, VIEWS_MAX, Arbitrage, View, ViewPrices
from pricing.worth.replays import in_name_order
from pricing.worth.splitting import FORMAT as SPLIT_FORMAT
from pricing.worth.splitting import Split, make_split, split_document
from pricing.worth.splitting import explain as explain_split
from pricing.worth.valuation.methods import run
from pricing.worth.valuation.reports import FORMAT as REPORT_FORMAT
from pricing.worth.valuation.reports import (
    Report,
    explain,
    explain_valuation,
    make_report,
    money,
    replay,
    report_document,
    valuation_document,
)
from pricing.worth.valuation.sensitivity import Swing, swing_document, tornado
from pricing.worth.valuation.workings import shown

CELLS_MAX = 1_000_000


def _value_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "file", type=Path, help='an engagement, or {"method", "parameters"} for one method, JSON'
    )
    parser.add_argument(
        "--sensitivity", metavar="CHANGE", help="vary every parameter by so much, for instance 0.1"
    )


def _value(arguments: Namespace) -> Answer:
    document = mapping(in_name_order(read_json(arguments.file)), "file")
    if "methods" not in document:
        if arguments.sensitivity is not None:
            refuse("sensitivity", arguments.sensitivity, "a report with methods and weights")
        found = run(document.get("method"), document.get("parameters"))
        return Answer(valuation_document(found), explain_valuation(found))
    report = make_report(document)
    if arguments.sensitivity is None:
        return Answer(report_document(report), report_table(report))
    swings = tornado(report, change=arguments.sensitivity)
    written = {"report": report_document(report), "tornado": [swing_document(s) for s in swings]}
    return Answer(written, f"{report_table(report)}\n\n{tornado_table(report, swings)}")


def report_table(report: Report) -> str:
    """A report for the terminal."""
    weights = report.engagement["weights"]
    rows: list[list[object]] = [
        [
            label,
            valuation.method.formula,
            text(number(weights[label], "weight")),
            f"{money(valuation.value, report.currency).decimal:f}",
        ]
        for label, valuation in report.valuations.items()
    ]
    rows += [["", step.name, "", shown(step.value)] for step in report.conclusion.steps[:-1]]
    rows.append(["", "conclusion", "", f"{report.value.decimal:f}"])
    fields = report.engagement
    title = f"{fields['asset']}, {fields['value_type']} on {fields['base_date']}"
    warning = "\nThe methods lie far apart." if report.conclusion.wide else ""
    return f"{title}\n\n{table(['method', 'formula', 'weight', report.currency], rows)}{warning}"


def tornado_table(report: Report, swings: list[Swing]) -> str:
    """Swings for the terminal, the widest first."""
    rows = [
        [swing.method, swing.parameter, *(_end(end, report) for end in (swing.low, swing.high))]
        for swing in swings
    ]
    return table(["method", "parameter", "lower", "higher"], rows)


def _end(end: Any, report: Report) -> str:
    return "not accepted" if end is None else f"{money(end, report.currency).decimal:f}"


def _split_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help='{"method", "amount", "currency", …}, JSON')


def _split(arguments: Namespace) -> Answer:
    split = make_split(read_json(arguments.file))
    return Answer(split_document(split), split_table(split))


def split_table(split: Split) -> str:
    """A split for the terminal: how it came about, then the parts."""
    rows = [[party, f"{part.decimal:f}"] for party, part in split.parts]
    rows.append(["together", f"{split.amount.decimal:f}"])
    return "\n".join([*split.lines, "", table(["party", split.amount.currency], rows)])


def _arbitrage_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "file",
        type=Path,
        help='{"views": [{"name", "cells", "price"}]} or {"versions": [{"name", "x", "price"}]},'
        " prices in minor units",
    )


def _arbitrage(arguments: Namespace) -> Answer:
    """Exit code 1 where something was found, so that a pipeline can stop."""
    document = mapping(in_name_order(read_json(arguments.file)), "file")
    if "versions" in document:
        found = version_arbitrage(read_versions(document["versions"]))
    else:
        found = ViewPrices(read_views(document.get("views"))).arbitrage()
    rows = [
        [one.name, one.price, " + ".join(one.cheaper.views), one.cheaper.price] for one in found
    ]
    written = table(["for sale", "price", "cheaper together", "price"], rows)
    return Answer(
        {"arbitrage": [_arbitrage_document(one) for one in found]},
        written if rows else "Nothing found.",
        exit_code=1 if found else 0,
    )


def _arbitrage_document(one: Arbitrage) -> dict[str, object]:
    return {
        "name": one.name,
        "price": one.price,
        "cheaper": list(one.cheaper.views),
        "cheaper_price": one.cheaper.price,
        "sentence": one.sentence,
    }


def read_views(given: object) -> list[View]:
    """Views from JSON: [{"name", "cells": […], "price"}]. Raises BadValue."""
    views = []
    for index, row in enumerate(sequence(given, "views", most=VIEWS_MAX)):
        name = f"views[{index}]"
        fields = mapping(row, name)
        cells = sequence(fields.get("cells"), f"{name}.cells", most=CELLS_MAX)
        price = whole(fields.get("price"), f"{name}.price", least=0, most=PRICE_MAX)
        views.append(View(str(fields.get("name", index)), frozenset(map(str, cells)), price))
    return views


COMMANDS: dict[str, Command] = {
    "value": Command("value an asset, or compute one figure", _value_arguments, _value),
    "split": Command("split an amount", _split_arguments, _split),
    "arbitrage": Command("find prices that others undercut", _arbitrage_arguments, _arbitrage),
}

EXPLAINERS: dict[str, Callable[[Any], str]] = {
    REPORT_FORMAT: lambda document: explain(replay(document)),
    SPLIT_FORMAT: explain_split,
}
