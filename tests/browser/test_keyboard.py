"""What somebody does without a mouse, and without our scripts."""

import pytest

from tests.browser import story
from tests.browser.conftest import OpenReader
from tests.factories.accounts import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FOCUS = "document.activeElement.id || document.activeElement.textContent.trim()"


def test_the_first_tab_reaches_the_skip_link_and_enter_goes_to_the_content(
    open_reader: OpenReader,
) -> None:
    reader = open_reader()
    reader.read("/help/")
    reader.page.keyboard.press("Tab")
    assert reader.page.evaluate(FOCUS) == "Skip to the content"
    assert reader.page.locator(".skip").is_visible()
    reader.page.keyboard.press("Enter")
    assert reader.page.evaluate(FOCUS) == "content"


def test_escape_closes_a_menu_and_gives_the_focus_back(open_reader: OpenReader) -> None:
    reader = open_reader(wide=False)
    reader.read("/help/")
    menu = reader.page.locator("details.menu", has_text="Menu")
    menu.locator("summary").focus()
    reader.page.keyboard.press("Enter")
    menu.get_by_role("link", name="Transparency log").focus()
    reader.page.keyboard.press("Escape")
    assert menu.get_attribute("open") is None
    assert reader.page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_a_click_elsewhere_closes_a_menu(open_reader: OpenReader) -> None:
    reader = open_reader()
    reader.read("/help/")
    menu = reader.page.locator("details.menu", has_text="Language")
    menu.locator("summary").click()
    assert menu.get_attribute("open") is not None
    reader.page.locator("h1").click()
    assert menu.get_attribute("open") is None


def test_the_chosen_theme_survives_the_next_page(open_reader: OpenReader) -> None:
    reader = open_reader()
    reader.read("/")
    reader.page.get_by_role("button", name="Switch between light and dark").click()
    reader.read("/help/")
    assert reader.page.evaluate("document.documentElement.dataset.theme") == "assay-dark"
    assert reader.accessibility_faults() == []
    assert reader.policy_faults() == []


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_the_language_changes_and_the_reader_stays_where_they_are(
    open_reader: OpenReader,
    scripts: bool,  # noqa: FBT001
) -> None:
    reader = open_reader(scripts=scripts)
    reader.read("/log/?before=3")
    reader.page.locator("details.menu", has_text="Language").locator("summary").click()
    reader.page.get_by_role("button", name="简体中文").click()
    reader.page.get_by_role("heading", level=1, name="透明日志").wait_for()
    assert reader.page.url.endswith("/log/?before=3")


def test_without_scripts_no_control_is_shown_that_does_nothing(open_reader: OpenReader) -> None:
    story.tell()
    reader = open_reader(scripts=False)
    reader.read("/log/")
    assert reader.page.locator("button[data-copy]").first.is_hidden()
    assert reader.page.locator("button[data-theme]").is_hidden()
    reader.page.locator("details", has_text="The signed text").locator("summary").click()
    assert reader.page.get_by_text("— log.test").is_visible()


def test_a_person_signs_in_and_out(open_reader: OpenReader) -> None:
    told = story.tell()
    reader = open_reader()
    reader.read("/accounts/login/")
    reader.page.get_by_label("Email").fill(told.person.email)
    reader.page.get_by_label("Password").fill(PASSWORD)
    reader.page.locator("main button[type=submit]").first.click()
    reader.page.locator("details.menu", has_text="Your account").locator("summary").click()
    assert reader.page.get_by_text(told.person.email).is_visible()
    reader.page.get_by_role("button", name="Sign out").click()
    assert reader.page.get_by_role("link", name="Sign in").is_visible()
    assert reader.faults == []
