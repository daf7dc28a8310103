"""`manage.py check_ledger`: recompute the laws of the books from nothing."""

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from exchange.ledger import checks, guards


class Command(BaseCommand):
    help = "Recompute the laws of the books and print what breaks them; exit 1 on any difference."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        missing = guards.missing_guards()
        report = checks.run()
        if options["json"]:
            self.stdout.write(
                json.dumps({**asdict(report), "missing_guards": missing, "sound": report.sound})
            )
        else:
            self._print(report, missing)
        if missing or not report.sound:
            sys.exit(1)

    def _print(self, report: checks.Report, missing: list[str]) -> None:
        self.stdout.write(f"{report.accounts_count} accounts, {report.transfers_count} transfers")
        for finding in report.findings:
            count = len(finding.differences)
            more = "+" if count == checks.DIFFERENCES_MAX else ""
            verdict = "holds" if count == 0 else f"{count}{more} differences"
            self.stdout.write(f"{finding.law}  {finding.title:<58} {verdict}")
            for difference in finding.differences:
                self.stdout.write(f"      {difference.subject}: {difference.detail}")
        for guard in missing:
            self.stdout.write(f"missing: {guard}")
