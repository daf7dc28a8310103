"""The commands of the page about proofs are run as somebody copies them, beside the files that they name."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import timedelta
from html import unescape
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from exchange.audit import sequencer
from exchange.audit.models import Head
from exchange.delivery import comparisons
from exchange.journeys import acceptance, case_files
from exchange.metering import receipts
from exchange.metering.models import UsageReceipt
from exchange.metering.receipts import lines_of, receipt_file
from exchange.orders.models import Order
from tests.factories.delivery import a_revision, read_again
from tests.factories.members import minutes
from tests.factories.orders import DAY, Market, a_market, pay
from tests.factories.vault import a_read_file
from tests.metering.test_usage_plans import a_subscription, an_event, send

pytestmark = pytest.mark.django_db
SECONDS_MAX = 60
INSTALLS = re.compile(r"pip install ([a-z]+)")


@pytest.fixture
def market(tmp_path: Path, settings: Any) -> Market:
    settings.VAULT_ROOT = str(tmp_path / "vault")
    return a_market()


def commands(client: Client) -> list[str]:
    """Each line that the page shows to be copied."""
    page = client.get("/log/verify/").content.decode()
    shown = re.findall(r"<pre[^>]*>(.*?)</pre>", page, re.DOTALL)
    return [unescape(line) for block in shown for line in block.splitlines()]


def log_them() -> None:
    while sequencer.sequence_batch(DAY + minutes(3)):
        pass


def an_accepted_order(market: Market) -> Order:
    offer = market.offer(100, delivery="file")
    a_revision(offer.product, a_read_file(market.seller))
    bought = market.order(offer, at=DAY)
    pay(bought, at=DAY)
    read_again(comparisons.ask(bought.public_id, actor=market.buying, now=DAY))
    acceptance.accept(bought.public_id, actor=market.buying, now=DAY + minutes(1))
    return Order.objects.get(pk=bought.pk)


def downloaded(client: Client, address: str, **asked: str) -> bytes:
    answer = client.get(address, asked)
    assert answer.status_code == 200
    return b"".join(answer) if answer.streaming else answer.content


def files_of(client: Client, market: Market) -> Mapping[str, Mapping[str, bytes]]:
    """By the command's beginning, the files that somebody has beside the programs."""
    order = an_accepted_order(market)
    log_them()
    saved = Head.objects.latest("tree_size")
    metered = a_subscription(market)
    send(market, an_event(metered, 1), at=DAY + timedelta(days=1, hours=1))
    receipts.make_due(now=DAY + timedelta(days=3))
    log_them()
    receipt = UsageReceipt.objects.get()
    consistency = downloaded(client, "/log/consistency", old=str(saved.tree_size))
    return {
        "python verify.py proof.json": {
            "proof.json": downloaded(client, "/log/entries/3/proof.json"),
        },
        "python verify.py consistency": {
            "proof.json": consistency,
            "saved.txt": saved.checkpoint.encode(),
            "later.txt": downloaded(client, "/log/checkpoint"),
        },
        "python verify.py case": {
            "order-case.zip": case_files.case_file(
                order.public_id, actor=market.buying, now=DAY
            ).content,
        },
        "python verify_receipt.py": {
            "receipt.json": json.dumps(receipt_file(receipt)).encode(),
            "events.ndjson": b"".join(lines_of(metered.pk, receipt.day)),
        },
    }


def test_every_command_of_the_page_ends_with_proven(
    client: Client, market: Market, tmp_path: Path
) -> None:
    known = files_of(client, market)
    shown = commands(client)
    programs = [line for line in shown if not INSTALLS.fullmatch(line)]
    assert len(programs) == len(known) == len(shown) - 1  # one more needs its files above
    for number, line in enumerate(programs):
        begun = [files for begins, files in known.items() if line.startswith(begins)]
        assert len(begun) == 1, line
        folder = tmp_path / f"here-{number}"
        folder.mkdir()
        for name in ("verify.py", "verify_receipt.py"):
            (folder / name).write_bytes(downloaded(client, f"/log/{name}"))
        for name, content in begun[0].items():
            (folder / name).write_bytes(content)
        done = subprocess.run(
            ["bash", "-c", line.replace("python ", f"{sys.executable} ", 1)],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=SECONDS_MAX,
            check=False,
        )
        assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, ["PROVEN"]), (line, done)


def test_what_the_page_has_installed_is_all_that_the_programs_need(client: Client) -> None:
    installed = [found[1] for line in commands(client) if (found := INSTALLS.fullmatch(line))]
    assert installed == ["cryptography"]
    assert distribution("cryptography").version
