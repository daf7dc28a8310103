"""A subcommand of `python -m pricing`, as each package of the library declares its own."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """What a command says: `document` for programs (plain JSON values), `text` for people."""

    document: object
    text: str
    exit_code: int = 0


@dataclass(frozen=True)
class Command:
    """A subcommand. Every package's `commands` module lists its own in `COMMANDS`, by name.

    `--json` is added to every one by the program; `run` reads the rest of its arguments and may
    raise a PricingRefusal, which the program prints.
    """

    summary: str
    add_arguments: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], Answer]
