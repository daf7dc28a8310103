"""Serve the test provider's API and pages at a local address, and send its messages to this exchange."""

import threading
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from exchange.jobs.payments import TICK_SECONDS, carry_once
from exchange.payments.gateway.sandbox import network


class Command(BaseCommand):
    help = (
        "Serve the test provider over the network, for an exchange that runs with PAYMENT_PROVIDER=stripe"
        " and STRIPE_API_BASE at this address. It moves no money."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=12111)

    def handle(self, *_args: Any, **options: Any) -> None:
        if settings.ENVIRONMENT == "production":
            raise CommandError("The test provider is not served in production.")
        server = network.serve(options["port"])
        stop = threading.Event()
        sender = threading.Thread(target=_carry, args=(stop,), daemon=True)
        sender.start()
        self.stdout.write(f"http://{network.LOCAL}:{server.server_address[1]}")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            stop.set()
            server.server_close()


def _carry(stop: threading.Event) -> None:
    while not stop.wait(TICK_SECONDS):
        carry_once()
