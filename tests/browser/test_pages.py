"""Every page, in both languages, on a screen and on a phone: accessible, quiet and within its width."""

from typing import Any

import pytest

from tests.browser import contrast, story
from tests.browser.conftest import OpenReader

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LOOKS = {"screen": {}, "phone": {"wide": False}, "dark": {"dark": True}}
# In the dark the same page differs in nothing but its colours.
RULES = {"dark": ["color-contrast"]}
STATUS = {"nothing": 404, "refused": 422}


@pytest.mark.parametrize(
    ("language", "look"), [("en", "screen"), ("zh-hans", "phone"), ("zh-hans", "dark")]
)
def test_every_page_is_accessible_keeps_its_width_and_calls_nobody(
    open_reader: OpenReader, settings: Any, language: str, look: str
) -> None:
    """The contrast of buttons is measured apart, because axe let an invisible Pay button pass: where
    text has the very colour of its ground (1:1) it reports “incomplete” and no violation."""
    settings.SECOND_FACTOR_REQUIRED = False
    told = story.tell()
    faults = []
    for user, pages in told.readers:
        reader = open_reader(language=language, **LOOKS[look], user=user)
        for name, address in pages.items():
            status = reader.read(address)
            seen = [
                *reader.faults,
                *reader.policy_faults(),
                *reader.accessibility_faults(*RULES.get(look, ())),
            ]
            if look == "screen":
                seen += contrast.button_faults(reader.page)
            reader.faults.clear()
            if status != STATUS.get(name, 200):
                seen.append(f"status {status}")
            if reader.overflow_px() > 0:
                seen.append(f"{reader.overflow_px()} px wider than the window")
            if reader.page.evaluate("document.documentElement.lang") != (
                "en" if language == "en" else "zh-Hans"
            ):
                seen.append("the wrong language")
            faults += [f"{name}: {one}" for one in seen]
    assert not faults, "\n".join(faults)
