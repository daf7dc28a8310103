"""`manage.py lifecycles`: every transition, who makes it, and what reacts to it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from exchange.core.lifecycle import Lifecycle, lifecycles


class Command(BaseCommand):
    help = "Prints every lifecycle with its transitions, deadlines, notices and reactions."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", default="", help="only those whose name begins so")

    def handle(self, *_args: Any, **options: Any) -> None:
        for lifecycle in lifecycles():
            if lifecycle.name.startswith(options["name"]):
                self._print(lifecycle)

    def _print(self, lifecycle: Lifecycle[Any]) -> None:
        self.stdout.write(f"{lifecycle.name} ({lifecycle.title})")
        for name, row in lifecycle.transitions.items():
            sources = sorted("new" if one is None else str(one.value) for one in row.sources)
            target = "stays" if row.target is None else str(row.target.value)
            self.stdout.write(f"  {name}: {', '.join(sources)} → {target}")
            for label, value in (
                ("by", row.by),
                ("time", "" if row.term is None else str(row.term)),
                ("event", row.event),
                ("tells", ", ".join(row.notify)),
                ("reactions", ", ".join(_named(one) for one in lifecycle.reactions.get(name, ()))),
            ):
                if value:
                    self.stdout.write(f"      {label}: {value}")
        for state, name in lifecycle.when_due.items():
            self.stdout.write(f"  when due in {state.value}: {name}")


def _named(reaction: Any) -> str:
    return f"{reaction.__module__.removeprefix('exchange.')}.{reaction.__qualname__}"
