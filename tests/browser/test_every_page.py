"""Every button of every page that the access matrix knows can be read, in the light theme and in the dark.

The pages are asked for without a browser, one after the other, as somebody who may see them; many at a
time are then one document for the browser, with the style sheets that they name. So 300 pages take a
dozen loads. What scripts add is measured by `test_buttons` on the pages of the demo.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from playwright.sync_api import Browser
from pytest_django import DjangoDbBlocker

from tests import depth
from tests.architecture.test_access_matrix import ADDRESSES, address_of, row_of, world
from tests.architecture.visitors import Visitor, World
from tests.browser import chromium, contrast

__all__ = ["world"]  # the fixture of the access matrix
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db,
    pytest.mark.deep,
    depth.ONLY_DEEP,
]

AT_ONCE = 30
OK = 200
# Who sees most comes first: buttons are what one may press.
READERS = (
    Visitor.SELLER,
    Visitor.BUYER,
    Visitor.OPERATOR,
    Visitor.FINANCE,
    Visitor.REGULATOR,
    Visitor.ANONYMOUS,
)
PAGES_MIN = 200


@dataclass(frozen=True)
class Page:
    """The body of a page, and the style sheets that it names."""

    name: str
    sheets: tuple[str, ...]
    looks: str  # the classes of the body, which the buttons take their colours from
    body: str


def pages(world: World) -> Iterator[Page]:
    """Each address of the matrix that shows somebody a page."""
    for name in ADDRESSES:
        route = row_of(name)
        if route is None or route.get is None or route.elsewhere:
            continue
        reader = next((one for one in READERS if route.get.get(one) == OK), None)
        if reader is None:
            continue
        answer: HttpResponseBase = world.clients[reader].get(address_of(name, route, world))
        if isinstance(answer, StreamingHttpResponse):
            list(answer)  # a file is closed when it has been read
        elif (
            isinstance(answer, HttpResponse)
            and answer.status_code == OK
            and answer.headers["Content-Type"].startswith("text/html")
        ):
            page = page_of(name, answer.content.decode())
            if page is not None:
                yield page


def page_of(name: str, text: str) -> Page | None:
    body = re.search(r"<body([^>]*)>(.*)</body>", text, re.DOTALL)
    if body is None:  # a part, which a script puts into a page
        return None
    looks = re.search(r'class="([^"]*)"', body[1])
    links = re.findall(r"<link[^>]*rel=\"stylesheet\"[^>]*>", text)
    found = [re.search(r'href="([^"]+)"', link) for link in links]
    without_scripts = re.sub(r"(?s)<script\b.*?</script>", "", body[2])
    return Page(
        name=name,
        sheets=tuple(unescape(one[1]) for one in found if one),
        looks=looks[1] if looks else "",
        body=without_scripts,
    )


def sheet(address: str) -> str:
    path = finders.find(address.removeprefix(settings.STATIC_URL))
    return Path(str(path)).read_text() if path else ""


def document(pages: list[Page], *, dark: bool) -> str:
    """The pages one below the other. The console's sheets ask for a class, the site's for the theme."""
    styles = "".join(f"<style>{sheet(address)}</style>" for address in pages[0].sheets)
    parts = "".join(f'<section class="{page.looks}">{page.body}</section>' for page in pages)
    return f'<!doctype html><html class="{"dark" if dark else ""}"><head>{styles}</head><body>{parts}</body></html>'


def in_groups(found: list[Page]) -> Iterator[list[Page]]:
    """Pages of the same style sheets, AT_ONCE in each."""
    for sheets in dict.fromkeys(page.sheets for page in found):
        alike = [page for page in found if page.sheets == sheets]
        for start in range(0, len(alike), AT_ONCE):
            yield alike[start : start + AT_ONCE]


@pytest.fixture(scope="module")
def found(world: World, django_db_blocker: DjangoDbBlocker) -> list[Page]:
    """Before there is a browser, whose event loop Django takes for an async view."""
    with django_db_blocker.unblock():
        return list(pages(world))


def test_every_button_of_every_page_is_readable_in_both_themes(
    found: list[Page], browser: Browser
) -> None:
    assert len(found) >= PAGES_MIN
    faults = list[str]()
    context = browser.new_context(viewport=chromium.WIDE, java_script_enabled=True)
    page = context.new_page()
    page.route("**/*", lambda route: route.abort())
    for group in in_groups(found):
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            page.set_content(document(group, dark=theme == "dark"), wait_until="domcontentloaded")
            found_here = {fault for button in contrast.buttons(page) for fault in button.faults}
            names = ", ".join(one.name for one in group)
            faults += [f"{theme}: {fault} (one of {names})" for fault in sorted(found_here)]
    context.close()
    assert not faults, "\n".join(faults)
