"""`python -m pricing`: evaluate vector files, quote, lint, clear, value, split, explain."""

import json
import os
import sys
from argparse import ArgumentParser
from collections.abc import Sequence

from pricing.commands import COMMANDS
from pricing.refusals import PricingRefusal

REFUSED = 2


def main(words: Sequence[str] | None = None) -> int:
    """Run one subcommand. 0 is done, 1 is found something, 2 is refused."""
    parser = ArgumentParser(prog="python -m pricing", description=__doc__)
    subparsers = parser.add_subparsers(dest="command", required=True)
    for name, command in sorted(COMMANDS.items()):
        subparser = subparsers.add_parser(name, help=command.summary, description=command.summary)
        command.add_arguments(subparser)
        subparser.add_argument("--json", action="store_true", help="answer in JSON")
    arguments = parser.parse_args(words)
    try:
        answer = COMMANDS[arguments.command].run(arguments)
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


def _keep_output() -> None:
    """Standard output is for the answer alone: what a solver writes goes where errors go."""
    sys.stdout = os.fdopen(os.dup(1), "w", encoding=sys.stdout.encoding, errors=sys.stdout.errors)
    os.dup2(2, 1)


if __name__ == "__main__":
    _keep_output()
    code = main()
    sys.stdout.flush()
    sys.exit(code)
