"""A browser for each module and readers in every language and width."""

import os
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from tests.browser import chromium
from tests.browser.chromium import Reader

OpenReader = Callable[..., Reader]


@pytest.fixture(scope="module")
def browser(django_db_setup: None) -> Iterator[Browser]:
    """One Chromium for the tests of a module.

    Playwright keeps an event loop running in this thread while it lives: no test of another module
    that starts a loop of its own may come upon it, and the database is made outside of it, where
    it will be removed.
    """
    if chromium.path() is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is missing, and CI must not skip what only a browser can see.")
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium).")
    # Playwright keeps an event loop in this thread, which Django takes for an async view.
    patch = pytest.MonkeyPatch()
    patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with chromium.running() as running:
        yield running
    patch.undo()


@pytest.fixture
def address(live_server: LiveServer) -> str:
    """Where the exchange answers."""
    return str(live_server.url)


@pytest.fixture
def open_reader(browser: Browser, address: str) -> Iterator[OpenReader]:
    """Open a page: `open_reader(language="zh-hans", wide=False, dark=True, user=user)`."""
    contexts = []

    def open_one(
        *,
        language: str = "en",
        wide: bool = True,
        dark: bool = False,
        user: User | None = None,
        scripts: bool = True,
    ) -> Reader:
        context = browser.new_context(
            viewport=chromium.WIDE if wide else chromium.PHONE,
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            locale="en-GB" if language == "en" else "zh-CN",
        )
        contexts.append(context)
        cookies = {settings.LANGUAGE_COOKIE_NAME: language}
        if user is not None:
            client = Client()
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            cookies[settings.SESSION_COOKIE_NAME] = client.cookies[
                settings.SESSION_COOKIE_NAME
            ].value
        context.add_cookies(
            [{"name": name, "value": value, "url": address} for name, value in cookies.items()]
        )
        reader = Reader(page=context.new_page(), host=urlsplit(address).netloc)
        reader.listen()
        return reader

    yield open_one
    for context in contexts:
        context.close()
