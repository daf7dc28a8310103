"""Writes docs/refusals.md from the classes of refusal."""

import importlib
import pkgutil
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

import accounts
import exchange
import pricing
from exchange.core.problems import problem_kinds

HEAD = """# Refusals

Every way in which the exchange says no. Over the API each is a problem document (RFC 9457) of the
type `/problems/<code>`; in the browser it is a sentence. Codes never change once released.
Written by `manage.py document_refusals`.

| code | HTTP | meaning |
|---|---|---|
"""
SKIPPED = {"migrations", "settings", "__main__"}


class Command(BaseCommand):
    help = "Write docs/refusals.md from the classes of refusal."

    def handle(self, *_args: Any, **_options: Any) -> None:
        path = settings.BASE_DIR / "docs" / "refusals.md"
        path.write_text(text())
        self.stdout.write(f"{path.relative_to(settings.BASE_DIR)}: {len(problem_kinds())} codes")


def text() -> str:
    """The page. Imports every module first, since a class that nobody imported is not known."""
    for package in (exchange, accounts, pricing):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if SKIPPED.isdisjoint(found.name.split(".")):
                importlib.import_module(found.name)
    rows = [
        f"| `{kind.code}` | {kind.status} | {kind.meaning.replace('|', '/')} |"
        for kind in problem_kinds().values()
    ]
    return HEAD + "\n".join(rows) + "\n"
