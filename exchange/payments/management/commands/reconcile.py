"""Hold the payment provider's account against the books."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from exchange.core import clock, currencies
from exchange.payments.reconciliation import reconcile
from pricing.money import CURRENCIES


class Command(BaseCommand):
    help = "Hold the payment provider's account against the books; exit 1 on any difference."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--currency", default=currencies.home(), choices=sorted(CURRENCIES))
        parser.add_argument(
            "--whole", action="store_true", help="read the provider's lines from the beginning"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        report = reconcile(currency=options["currency"], now=clock.now(), whole=options["whole"])
        self.stdout.write(
            _("%(provider)s: %(lines)d lines there, %(booked)d facts here.")
            % {
                "provider": report.provider,
                "lines": report.lines_count,
                "booked": report.booked_count,
            }
        )
        self.stdout.write(
            _("Balance there %(there)s, here %(here)s.")
            % {"there": report.at_provider, "here": report.in_books}
        )
        for one in report.found:
            self.stdout.write(f"{one.kind.label}: {one.subject} · {one.amount} · {one.detail}")
        if not report.sound:
            raise CommandError(_("Provider and books differ."))
