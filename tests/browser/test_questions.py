"""What a file's reading asks can be read by everybody and answered from the keyboard."""

from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from exchange.catalog import revisions
from tests.browser.conftest import OpenReader
from tests.factories.catalog import DAY, a_stall
from tests.factories.vault import an_asking_file

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LOOKS = (
    {"language": "en", "wide": True},
    {"language": "zh-hans", "wide": False},
    {"language": "zh-hans", "dark": True},
)


@pytest.fixture(autouse=True)
def vault_root(tmp_path: Path, settings: Any) -> None:
    settings.VAULT_ROOT = str(tmp_path / "vault")
    settings.SECOND_FACTOR_REQUIRED = False


def test_a_question_is_accessible_and_answered_without_a_mouse(open_reader: OpenReader) -> None:
    stall = a_stall()
    file = an_asking_file(stall.seller)
    product = stall.draft()
    revisions.attach_file(product.public_id, actor=stall.selling, file_id=file.public_id, now=DAY)
    assert stall.selling.user_id is not None
    seller = User.objects.get(pk=stall.selling.user_id)
    data = f"/sell/{product.public_id}/data/"
    for look in LOOKS:
        for address in (data, f"/sell/files/{file.public_id}/"):
            reader = open_reader(user=seller, **look)
            assert reader.read(address) == 200
            assert reader.page.locator("#questions").count() == 1
            assert reader.accessibility_faults() == []
            assert reader.policy_faults() == []
            assert reader.overflow_px() <= 0
    reader = open_reader(user=seller)
    reader.read(data)
    reader.page.locator("#questions input:checked").focus()
    reader.page.keyboard.press("ArrowDown")
    chosen = reader.page.evaluate("document.activeElement.value")
    assert chosen != file.questions[0]["taken"]
    with reader.page.expect_navigation():
        reader.page.keyboard.press("Enter")
    file.refresh_from_db()
    assert [row[2] for row in file.answers] == [chosen]
