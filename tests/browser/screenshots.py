"""`make screenshots`: pictures of the main pages in both languages and on a phone, in docs/pictures. With
`--site` those of every page of the site, in every look, in var/pictures.

What they show is the exchange of `make demo`, made anew on a database that is thrown away.
"""

# ruff: noqa: E402 - Django is set up before its models are imported
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exchange.settings.test")
os.environ.setdefault("ASSAY_INSTANCE", "test-pictures")
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

import django

django.setup()

from django.conf import settings
from django.db import connections
from django.test import Client, override_settings
from django.test.runner import DiscoverRunner
from django.utils import timezone
from playwright.sync_api import Browser

from accounts.models import User
from exchange.audit import sequencer
from exchange.demo import seeding
from tests.browser import chromium, demo_pages, server, site_pages

ROOT = Path(__file__).parents[2]
PICTURES, EVERY_PICTURE = ROOT / "docs" / "pictures", ROOT / "var" / "pictures"
HEIGHT_MAX_PX = 1500
QUALITY_PERCENT = 60
PHONE = {
    "home",
    "catalogue",
    "product",
    "order",
    "checkout",
    "sell_check",
    "earnings",
    "log",
    "auction",
    "announcement",
    "wallet",
    "meter",
}
DARK = {"home", "product", "order", "auction"}


@contextmanager
def serving() -> Iterator[str]:
    """The demo's exchange on a database and a folder that are thrown away; its address."""
    runner = DiscoverRunner(interactive=False, verbosity=0)
    runner.setup_test_environment()
    databases = runner.setup_databases()
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            override_settings(VAULT_ROOT=folder, SECOND_FACTOR_REQUIRED=False, ALLOWED_HOSTS=["*"]),
            server.serving() as url,
        ):
            now = timezone.now()
            seeding.seed(now)
            sequencer.sequence_batch(now)
            yield url
    finally:
        connections.close_all()
        runner.teardown_databases(databases)
        runner.teardown_test_environment()


def take(
    browser: Browser,
    url: str,
    *,
    pages: dict[str, str],
    look: str,
    user: User | None,
    folder: Path,
) -> None:
    """Pictures of `pages` in one look: en, zh, dark or phone."""
    context = browser.new_context(
        viewport=chromium.PHONE if look == "phone" else chromium.WIDE,
        color_scheme="dark" if look == "dark" else "light",
    )
    cookies = {settings.LANGUAGE_COOKIE_NAME: "zh-hans" if look in {"zh", "phone"} else "en"}
    if user is not None:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        cookies[settings.SESSION_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value
        sequencer.sequence_batch(timezone.now())  # a sign-in stands in the log, too
    context.add_cookies(
        [{"name": name, "value": value, "url": url} for name, value in cookies.items()]
    )
    page = context.new_page()
    for name, address in pages.items():
        answer = page.goto(url + address, wait_until="load")
        if answer is None or answer.status != site_pages.STATUS.get(name, 200):
            raise SystemExit(f"{name} ({address}) answered {answer and answer.status}.")
        height = min(page.evaluate("document.documentElement.scrollHeight"), HEIGHT_MAX_PX)
        clip = {"x": 0, "y": 0, "width": page.viewport_size["width"], "height": height}  # type: ignore[index]
        page.screenshot(
            path=folder / f"{name}-{look}.jpg",
            type="jpeg",
            quality=QUALITY_PERCENT,
            full_page=True,
            clip=clip,  # type: ignore[arg-type]  # four numbers by name
        )
    context.close()


def main(names: list[str]) -> None:
    """Take the pictures of every page, or of the pages named."""
    is_site = "--site" in names
    folder = EVERY_PICTURE if is_site else PICTURES
    folder.mkdir(parents=True, exist_ok=True)
    readers = site_pages.readers if is_site else demo_pages.readers
    names = [name for name in names if name != "--site"]
    with serving() as url, chromium.running() as browser:
        try:
            for look, only in {"en": None, "zh": None, "dark": DARK, "phone": PHONE}.items():
                for pages, user in readers():
                    wanted = {
                        name: address
                        for name, address in pages.items()
                        if (not names or name in names)
                        and (is_site or only is None or name in only)
                    }
                    take(browser, url, pages=wanted, look=look, user=user, folder=folder)
        finally:
            # Inside Playwright's loop Django keeps connections of its own.
            connections.close_all()


if __name__ == "__main__":
    main(sys.argv[1:])
