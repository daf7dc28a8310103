"""What a file's reading asks, on the wizard's page, at the desk and on the page of the file."""

import re
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from exchange.catalog import revisions
from exchange.catalog.models import Product
from exchange.vault import file_reading
from exchange.vault.lifecycle import FileState
from exchange.vault.models import DataFile
from tests.factories.catalog import DAY, Stall
from tests.factories.vault import TOWNS, a_read_file, an_asking_file

QUERIES_MAX = 35
FIELD = "encoding:towns.csv"


@pytest.fixture(autouse=True)
def vault_root(tmp_path: Path, settings: Settings) -> None:
    settings.VAULT_ROOT = str(tmp_path / "vault")


@pytest.fixture
def file(stall: Stall) -> DataFile:
    return an_asking_file(stall.seller)


@pytest.fixture
def product(stall: Stall, file: DataFile) -> Product:
    product = stall.draft()
    revisions.attach_file(product.public_id, actor=stall.selling, file_id=file.public_id, now=DAY)
    return product


def shown(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def places(product: Product, file: DataFile) -> dict[str, tuple[str, str]]:
    """The pages with questions, each with the address that takes the answers."""
    return {
        "wizard": (
            reverse("web:sell_data", args=[product.public_id]),
            reverse("web:sell_answer_file", args=[product.public_id]),
        ),
        "desk": (
            reverse("desk:sell_data", args=[product.public_id]),
            reverse("desk:sell_answer_file", args=[product.public_id]),
        ),
        "file": (
            reverse("web:file", args=[file.public_id]),
            reverse("web:file_answer", args=[file.public_id]),
        ),
    }


@pytest.mark.parametrize("place", ["wizard", "desk", "file"])
def test_a_question_is_shown_answered_and_changed(
    seller: Client, product: Product, file: DataFile, place: str
) -> None:
    page, action = places(product, file)[place]
    asking = shown(seller, page)
    assert "1 question about this file" in asking
    assert "Москва" in asking
    assert asking.count(f'name="{FIELD}"') == len(file.questions[0]["options"])
    assert re.search(r'value="[^"]+" required checked', " ".join(asking.split()))
    assert seller.post(action, {FIELD: "cp1251"}).headers["Location"] == page
    file.refresh_from_db()
    assert file.state == FileState.STORED
    waiting = shown(seller, page)
    assert "<progress" in waiting
    assert f'name="{FIELD}"' not in waiting
    file_reading.read_now(file.pk, now=DAY)
    answered = shown(seller, page)
    assert "What you answered" in answered
    assert "Cyrillic (Windows-1251)" in answered
    assert f'name="{FIELD}"' not in answered
    assert f"{page}?change=1#questions" in answered
    assert f'name="{FIELD}"' in shown(seller, f"{page}?change=1")


@pytest.mark.parametrize("place", ["wizard", "desk", "file"])
def test_an_answer_that_is_none_is_refused_on_the_page(
    seller: Client, product: Product, file: DataFile, place: str
) -> None:
    _page, action = places(product, file)[place]
    refused = seller.post(action, {FIELD: "utf-7"})
    assert refused.status_code == 422
    assert "Choose one of the readings that are shown." in refused.content.decode()
    file.refresh_from_db()
    assert file.state == FileState.READY


def test_the_checklist_counts_the_open_questions(seller: Client, product: Product) -> None:
    check = shown(seller, reverse("web:sell_check", args=[product.public_id]))
    assert "Each question about how the file is read is answered. Open: 1." in check


def test_questions_cost_no_statement_more_than_a_file_without(
    stall: Stall, seller: Client, product: Product
) -> None:
    page = reverse("web:sell_data", args=[product.public_id])
    shown(seller, page)
    with CaptureQueriesContext(connection) as asking:
        shown(seller, page)
    plain = a_read_file(stall.seller)
    revisions.attach_file(product.public_id, actor=stall.selling, file_id=plain.public_id, now=DAY)
    with CaptureQueriesContext(connection) as quiet:
        shown(seller, page)
    assert len(asking) == len(quiet)
    assert len(asking) <= QUERIES_MAX


def test_a_personal_column_shows_no_value_in_a_preview(stall: Stall, seller: Client) -> None:
    rows = "".join(f"Москва;138{12345670 + n:08d}\n" for n in range(20))
    file = a_read_file(
        stall.seller, content=f"city;phone\n{rows}".encode("cp1251"), name="towns.csv"
    )
    assert file.open_questions == 1
    assert "13812345670" not in str(file.questions)
    assert "***" in shown(seller, reverse("web:file", args=[file.public_id]))


def test_the_content_of_the_question_is_that_of_the_file(file: DataFile) -> None:
    assert TOWNS.decode("cp1251").split("\n")[1] in {
        ";".join(row) for option in file.questions[0]["options"] for row in option["rows"]
    }
