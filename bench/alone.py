"""`python -m bench.alone MODULE NAME FILE`: one bench in this process, each of its figures a line of FILE."""

import importlib
import json
import sys
from dataclasses import asdict
from pathlib import Path

import django

from bench.measure import Measurement


def main(module: str, name: str, file: str) -> None:
    django.setup()
    measured = importlib.import_module(module).BENCHES[name]()
    with Path(file).open("a") as figures:
        for figure in [measured] if isinstance(measured, Measurement) else measured:
            figures.write(json.dumps(asdict(figure)) + "\n")
            figures.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
