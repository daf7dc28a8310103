"""Every page of the site on the demo's exchange, in Chinese and on a phone: it answers, keeps its width, and
no name of a cell lies under its button."""

from typing import Any

import pytest
from django.utils import timezone

from exchange.audit import sequencer
from exchange.demo import seeding
from tests import depth
from tests.browser import demo_pages, site_pages
from tests.browser.conftest import OpenReader

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.deep,
    depth.ONLY_DEEP,
]

LABEL_PX = 14  # of text of 13 px
COVERED = """(least) => [...document.querySelectorAll(".table.is-labelled td[data-label]")]
  .filter((cell) => [...cell.querySelectorAll(".btn")].some((button) => {
    const top = button.getBoundingClientRect().top;
    return top > 0 && top < cell.getBoundingClientRect().top + least;
  }))
  .map((cell) => cell.dataset.label)"""


def test_every_page_of_the_site_fits_a_phone(
    open_reader: OpenReader, settings: Any, tmp_path: Any
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    settings.VAULT_ROOT = str(tmp_path)
    now = timezone.now()
    seeding.seed(now)
    sequencer.sequence_batch(now)
    faults = []
    for pages, user in (*site_pages.readers(), *demo_pages.readers()):
        reader = open_reader(language="zh-hans", wide=False, user=user)
        for name, address in pages.items():
            if name.startswith(("console", "desk")):
                continue
            status = reader.read(address)
            if status != site_pages.STATUS.get(name, 200):
                faults.append(f"{name}: status {status}")
            if reader.overflow_px() > 0:
                faults.append(f"{name}: {reader.overflow_px()} px wider than the window")
            covered = reader.page.evaluate(COVERED, LABEL_PX)
            faults += [f"{name}: “{label}” lies under its button" for label in covered]
    assert not faults, "\n".join(faults)
