"""`python -m pricing`: evaluate vector files, quote, lint, clear, value, split, explain."""

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from pricing.cases import declared, evaluate
from pricing.command import Answer, Command
from pricing.documents import NotJson, UnknownFormat, read_json
from pricing.refusals import PricingRefusal

REFUSED = 2


def _evaluate_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help='{"vectors": [{"id", "model", "params", "input"}]}')
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


def _explain_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("document", type=Path, help="a quote, an evidence or a report, JSON")


def _explain(arguments: Namespace) -> Answer:
    document = read_json(arguments.document, exact=False)
    explainers = declared("commands", "EXPLAINERS")
    kind = document.get("format") if isinstance(document, dict) else None
    if kind not in explainers:
        raise UnknownFormat(
            f"The field format is {kind!r}; accepted is one of {', '.join(sorted(explainers))}.",
            field="format",
            value=kind,
            accepted=sorted(explainers),
        )
    steps = explainers[kind](document)
    return Answer({"steps": steps.splitlines()}, steps)


COMMANDS: dict[str, Command] = {
    "evaluate": Command("answer the cases of a vector file", _evaluate_arguments, _evaluate),
    "explain": Command(
        "print the steps as a person would write them", _explain_arguments, _explain
    ),
}


def main(words: Sequence[str] | None = None) -> int:
    """Run one subcommand. 0 is done, 1 is found something, 2 is refused."""
    commands: dict[str, Command] = {**COMMANDS, **declared("commands", "COMMANDS")}
    parser = ArgumentParser(prog="python -m pricing", description=__doc__)
    subparsers = parser.add_subparsers(dest="command", required=True)
    for name, command in sorted(commands.items()):
        subparser = subparsers.add_parser(name, help=command.summary, description=command.summary)
        command.add_arguments(subparser)
        subparser.add_argument("--json", action="store_true", help="answer in JSON")
    arguments = parser.parse_args(words)
    try:
        answer = commands[arguments.command].run(arguments)
    except PricingRefusal as refusal:
        return _refused(refusal, as_json=arguments.json)
    print(_written(answer.document) if arguments.json else answer.text)
    return answer.exit_code


def _refused(refusal: PricingRefusal, *, as_json: bool) -> int:
    if as_json:
        error = {"code": refusal.code, "message": refusal.message, "facts": refusal.facts}
        print(_written({"error": error}))
    else:
        print(refusal.message, file=sys.stderr)
    return REFUSED


def _written(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True, default=str)


if __name__ == "__main__":
    sys.exit(main())
