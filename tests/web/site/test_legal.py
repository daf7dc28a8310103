"""Terms, privacy and imprint: the operator's own where there are, samples that say so where not."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from exchange.web.site import legal

NAMES = ("terms", "privacy", "imprint")
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "This text is a sample"), ("zh-hans", "样本")]
)
def test_a_sample_names_the_operator_and_says_that_it_is_one(
    client: Client, settings: Any, name: str, language: str, sentence: str
) -> None:
    settings.EXCHANGE_OPERATOR = "River Data Exchange Ltd"
    client.cookies["django_language"] = language
    page = client.get(f"/legal/{name}/")
    assert page.status_code == 200
    assert "River Data Exchange Ltd" in page.content.decode()
    assert sentence in page.content.decode()
    assert "{" not in "".join(
        line for block in legal.page_of(name, "en").blocks for line in block.lines
    )


def test_the_operators_own_text_stands_in_its_place(
    client: Client, settings: Any, tmp_path: Path
) -> None:
    settings.LEGAL_FOLDER = str(tmp_path)
    (tmp_path / "terms.en.txt").write_text(
        "Our terms\n\n## First\nOne line\nand another.\n\n- a <point>\n- {braces}\n"
    )
    page = client.get("/legal/terms/").content.decode()
    assert "<h1>Our terms</h1>" in page
    assert "<h2>First</h2>" in page
    assert "One line<br>and another." in page
    assert "<li>a &lt;point&gt;</li>" in page
    assert "<li>{braces}</li>" in page
    assert "This text is a sample" not in page
    client.cookies["django_language"] = "zh-hans"
    assert "Our terms" in client.get("/legal/terms/").content.decode()
    assert "样本" in client.get("/legal/privacy/").content.decode()


def test_the_check_of_a_deployment_warns_until_all_are_replaced(
    settings: Any, tmp_path: Path
) -> None:
    (warned,) = legal.texts_of_the_operator()
    assert warned.id == "exchange.W101"
    assert "terms.en.txt" in warned.msg
    settings.LEGAL_FOLDER = str(tmp_path)
    for name in NAMES:
        for language in ("en", "zh"):
            (tmp_path / f"{name}.{language}.txt").write_text("Title\n\nText.\n")
    assert legal.texts_of_the_operator() == []


def test_they_are_linked_below_every_page_and_at_sign_up(client: Client) -> None:
    home = client.get("/").content.decode()
    sign_up = client.get("/accounts/signup/").content.decode()
    for name in NAMES:
        assert f'href="/legal/{name}/"' in home
    assert sign_up.count('href="/legal/terms/"') == 2
    assert client.get("/legal/other/").status_code == 404
