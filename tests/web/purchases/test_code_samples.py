"""The lines that a purchase shows are run as somebody copies them, against a server that answers."""

import html
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from exchange.delivery.models import Delivery
from exchange.members.permissions import SCOPE_DELIVERY
from exchange.web.purchases.samples import file_name
from tests.browser import server
from tests.factories import accounts
from tests.factories.delivery import Counter, a_counter
from tests.factories.vault import CSV
from tests.web.buyers import browser

pytestmark = pytest.mark.django_db(transaction=True)

FILE = "meters.parquet"
SECONDS_MAX = 60


@pytest.fixture
def counter(tmp_path: Path, settings: Settings) -> Counter:
    settings.VAULT_ROOT = str(tmp_path / "vault")
    settings.ALLOWED_HOSTS = ["localhost", "testserver"]
    return a_counter(days=365 * 100)


def samples(counter: Counter, host: str) -> dict[str, str]:
    """What the copy buttons of the purchase's page copy, by name."""
    reader = browser(counter.agent, counter.buyer)
    page = reader.get(f"/purchases/{counter.entitlement.public_id}/", headers={"host": host})
    found = re.findall(
        r'data-copy="([^"]*)"[^>]*aria-label="Copy the lines for ([^"]+)"', page.content.decode()
    )
    return {name: html.unescape(code) for code, name in found}


def run(command: list[str], counter: Counter, folder: Path, *, ends: tuple[int, ...] = (0,)) -> str:
    """What the lines print, run in an empty folder with a key of the buyer."""
    folder.mkdir(exist_ok=True)
    key = accounts.an_api_key(counter.buyer, scopes=(SCOPE_DELIVERY,), at=timezone.now())
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "ASSAY_KEY": key.secret},
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    assert done.returncode in ends, done.stderr
    return done.stdout


def test_every_sample_shown_is_known_here(counter: Counter) -> None:
    """One more on the page needs one more test."""
    assert list(samples(counter, "localhost")) == ["curl", "Python"]


def needs_curl() -> None:
    if shutil.which("curl") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("curl is missing, and CI must not skip what people copy.")
        pytest.skip("curl is not installed.")


def test_curl_fetches_and_goes_on_where_it_broke_off(counter: Counter, tmp_path: Path) -> None:
    needs_curl()
    folder = tmp_path / "here"
    with server.serving() as url:
        lines = samples(counter, url.removeprefix("http://"))["curl"]
        run(["bash", "-c", lines], counter, folder)
        whole = (folder / FILE).read_bytes()
        (folder / FILE).write_bytes(whole[:100])
        run(["bash", "-c", lines], counter, folder)
        assert (folder / FILE).read_bytes() == whole
        # Complete already: older versions of curl call the server's 416 an error, newer ones do not.
        run(["bash", "-c", lines], counter, folder, ends=(0, 22))
    assert (folder / FILE).read_bytes() == whole
    assert [path.name for path in folder.iterdir()] == [FILE]
    assert len(whole) == counter.table.parquet.size_bytes
    assert Delivery.objects.get().bytes_sent == 2 * len(whole) - 100


def test_python_fetches_the_table_and_asks_it(counter: Counter, tmp_path: Path) -> None:
    folder = tmp_path / "here"
    with server.serving() as url:
        lines = samples(counter, url.removeprefix("http://"))["Python"]
        printed = run([sys.executable, "-c", lines], counter, folder)
    header, first = CSV.decode().splitlines()[:2]
    assert all(name in printed for name in header.split(","))
    assert first.split(",")[0] in printed
    assert (folder / FILE).stat().st_size == counter.table.parquet.size_bytes


@pytest.mark.parametrize(
    ("table", "file"),
    [
        ("meters", "meters.parquet"),
        ("$(touch x)'; DROP é", "touch-x-DROP.parquet"),
        ("电表", "table.parquet"),
    ],
)
def test_a_table_called_like_code_gives_a_plain_file_name(table: str, file: str) -> None:
    assert file_name(table) == file


def test_what_a_new_key_shows_to_try_answers_whatever_the_key_may_do(
    counter: Counter, tmp_path: Path, settings: Settings
) -> None:
    needs_curl()
    owner = browser(accounts.owner_of(counter.buyer), counter.buyer)
    form = {"name": "Warehouse", "scopes": ["ledger:read"], "valid_days": "30"}
    with server.serving() as url:
        settings.PUBLIC_URL = url
        address = f"/organisations/{counter.buyer.public_id}/api-keys/new/"
        page = owner.post(address, form).content.decode()
        found = re.search(r"<pre[^>]*><code>(.*?)</code>", page, re.DOTALL)
        assert found
        printed = run(["bash", "-c", html.unescape(found[1])], counter, tmp_path / "here")
    told = json.loads(printed)
    assert (told["kind"], told["scopes"]) == ("key", ["ledger:read"])
