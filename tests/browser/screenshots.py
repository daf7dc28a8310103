"""`make screenshots`: pictures of the main pages in both languages and on a phone, in docs/pictures."""

# ruff: noqa: E402 - Django is set up before its models are imported
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exchange.settings.test")
os.environ.setdefault("ASSAY_INSTANCE", "test-pictures")
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

import django

django.setup()

from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.db import connections
from django.test import Client
from django.test.runner import DiscoverRunner
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser

from accounts.models import User
from tests.browser import chromium, story

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
HEIGHT_MAX_PX = 1800
PRINCIPAL = {
    "home", "help", "log", "log_entry", "sign_in", "statement", "organisation", "admission", "team",
}  # fmt: skip
LOOKS = {
    "en": PRINCIPAL,
    "zh": PRINCIPAL,
    "dark": {"home", "log_entry"},
    "phone": {"home", "log", "statement", "admission"},
}


@contextmanager
def serving() -> Iterator[str]:
    """An exchange with a story, on a database that is thrown away; its address."""
    runner = DiscoverRunner(interactive=False, verbosity=0)
    runner.setup_test_environment()
    databases = runner.setup_databases()
    server = LiveServerThread("localhost", StaticFilesHandler)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    try:
        yield f"http://localhost:{server.port}"
    finally:
        server.terminate()
        server.join()
        connections.close_all()
        runner.teardown_databases(databases)
        runner.teardown_test_environment()


def take(
    browser: Browser, url: str, *, pages: dict[str, str], look: str, user: User | None
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
    context.add_cookies(
        [{"name": name, "value": value, "url": url} for name, value in cookies.items()]
    )
    page = context.new_page()
    for name, address in pages.items():
        page.goto(url + address, wait_until="load")
        height = min(page.evaluate("document.documentElement.scrollHeight"), HEIGHT_MAX_PX)
        clip = {"x": 0, "y": 0, "width": page.viewport_size["width"], "height": height}  # type: ignore[index]
        page.screenshot(path=PICTURES / f"{name}-{look}.png", full_page=True, clip=clip)  # type: ignore[arg-type]
    context.close()


def main(names: list[str]) -> None:
    """Take the pictures of the principal pages, or of the pages named in every look."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with serving() as url, chromium.running() as browser:
        told = story.tell()
        public, personal = story.public_pages(), story.personal_pages(told)
        for look, principal in LOOKS.items():
            for pages, user in ((public, None), (personal, told.person)):
                wanted = {key: pages[key] for key in pages if key in (names or principal)}
                take(browser, url, pages=wanted, look=look, user=user)
        # Inside Playwright's loop Django keeps connections of its own.
        connections.close_all()


if __name__ == "__main__":
    main(sys.argv[1:])
