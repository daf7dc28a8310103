"""`manage.py verify_audit`: check the whole log from nothing; code 1 when anything differs."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from exchange.audit import keys, queries, verification
from exchange.audit.findings import Counts, Finding
from exchange.audit.queries import NoSuchTree
from exchange.audit.verify import Unproven, open_checkpoint
from exchange.core import clock


class Command(BaseCommand):
    help = "Check every record, leaf, node and head of the transparency log, and the rows of the business by it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON document a line")
        parser.add_argument(
            "--files", action="store_true", help="read the sellers' files and compare their hashes"
        )
        parser.add_argument(
            "--against", type=Path, help="a checkpoint saved earlier, which the log must continue"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        counts = Counts()
        count = 0
        for finding in self._findings(counts, options["against"], is_deep=options["files"]):
            count += 1
            self.stdout.write(json.dumps(asdict(finding)) if options["json"] else _line(finding))
        if options["json"]:
            self.stdout.write(json.dumps({"findings": count, **asdict(counts)}))
        else:
            for name, number in asdict(counts).items():
                self.stdout.write(f"{name.replace('_', ' '):<16} {number:>12,}")
            self.stdout.write(f"{'findings':<16} {count:>12,}")
        if count:
            sys.exit(1)

    def _findings(self, counts: Counts, saved: Path | None, *, is_deep: bool) -> Iterator[Finding]:
        yield from verification.findings(clock.now(), counts, is_deep=is_deep)
        if saved is not None:
            yield from _check_against(saved)


def _check_against(saved: Path) -> Iterator[Finding]:
    try:
        checkpoint = open_checkpoint(saved.read_text(encoding="utf-8"), keys.verifier_keys())
    except (OSError, Unproven) as reason:
        raise CommandError(f"{saved}: {reason}") from reason
    try:
        root = queries.root_at(checkpoint.size)
    except NoSuchTree as reason:
        yield Finding("saved checkpoint", str(reason))
        return
    if root != checkpoint.root:
        detail = f"The first {checkpoint.size} records are not those that it was signed for."
        yield Finding("saved checkpoint", detail)


def _line(finding: Finding) -> str:
    named = f"  [{', '.join(finding.records)}]" if finding.records else ""
    return f"DIFFERENT  {finding.check}: {finding.detail}{named}"
