"""Where the `type` of a problem document leads."""

from http import HTTPStatus

import pytest
from django.test import Client
from django.utils.html import escape

from exchange.core.problems import problem_kinds
from exchange.web.site.views import NEXT_STEPS
from tests.web.buyers import closed_up

pytestmark = pytest.mark.django_db


def test_every_code_has_a_page_that_says_what_to_do_and_stands_in_the_list(client: Client) -> None:
    listed = client.get("/problems/").content.decode()
    for kind in problem_kinds().values():
        answer = client.get(f"/problems/{kind.code}")
        text = answer.content.decode()
        assert answer.status_code == 200, kind.code
        assert f"<dd><code>/problems/{kind.code}</code></dd>" in closed_up(text)
        assert f"<dd>{kind.status}" in closed_up(text)
        assert str(escape(NEXT_STEPS[HTTPStatus(kind.status)])) in text
        assert f'<a href="/problems/{kind.code}"><code>{kind.code}</code></a>' in listed


def test_the_type_of_an_answer_of_the_api_leads_to_its_page(client: Client) -> None:
    told = client.get("/api/v1/organisations").json()
    page = client.get(told["type"])
    assert told["code"] == "not_authenticated"
    assert f'<span lang="en">{told["title"]}</span>' in page.content.decode()


def test_a_refusal_in_the_browser_leads_to_the_page_of_its_code(client: Client) -> None:
    refused = client.get("/log/?before=yesterday")
    assert refused.status_code == 422
    assert 'href="/problems/not_a_log_index"' in refused.content.decode()


@pytest.mark.parametrize("code", ["no_such_code", "Not_Found", "x" * 300])
def test_a_code_that_the_exchange_never_answers_is_not_found(client: Client, code: str) -> None:
    assert client.get(f"/problems/{code}").status_code == 404


def test_what_stands_between_backticks_is_code(client: Client) -> None:
    text = client.get("/problems/throttled").content.decode()
    assert "Too many requests; <code>Retry-After</code> says when to try again." in text
