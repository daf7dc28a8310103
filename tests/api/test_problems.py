import importlib
import pkgutil
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from django.http import Http404
from django.test import Client, RequestFactory
from rest_framework import exceptions
from rest_framework.exceptions import ErrorDetail

import accounts
import exchange
import pricing
from exchange.api import problems
from exchange.core.problems import problem_kinds, refusals
from exchange.core.refusals import Refusal
from tests.api.callers import JSON, post, signed_in, with_key
from tests.factories.accounts import a_user, an_organisation

PROJECT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db


def check(response: Any, *, status: int, code: str) -> dict[str, Any]:
    assert response.headers["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert (response.status_code, body["status"], body["code"]) == (status, status, code)
    assert body["type"] == f"/problems/{code}"
    assert body["title"]
    assert body["detail"]
    assert body["request_id"] == response.headers["X-Request-ID"]
    return body


def test_who_is_unknown_is_told_how_to_be_known(client: Client) -> None:
    response = client.get("/api/v1/me")
    check(response, status=401, code="not_authenticated")
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="exchange"'


def test_an_address_that_does_not_exist_is_a_problem(client: Client) -> None:
    body = check(client.get("/api/v1/nothing"), status=404, code="no_such_page")
    assert body["instance"] == "/api/v1/nothing"


def test_a_method_that_is_not_taken_is_a_problem() -> None:
    response = signed_in(a_user()).delete("/api/v1/me")
    check(response, status=405, code="method_not_allowed")


def test_a_command_for_another_format_is_a_problem() -> None:
    response = signed_in(a_user()).get("/api/v1/me", headers={"accept": "text/html"})
    check(response, status=406, code="not_acceptable")


def test_a_body_that_is_no_json_is_a_problem() -> None:
    organisation = an_organisation()
    program = with_key(organisation, "organisation:write")
    response = program.post(
        f"/api/v1/organisations/{organisation.public_id}/invitations",
        "{",
        content_type=JSON,
        headers={"idempotency-key": "k"},
    )
    check(response, status=400, code="malformed_body")


def test_a_body_of_another_type_is_a_problem() -> None:
    organisation = an_organisation()
    program = with_key(organisation, "organisation:write")
    response = program.post(
        f"/api/v1/organisations/{organisation.public_id}/invitations",
        "a=b",
        content_type="text/csv",
        headers={"idempotency-key": "k"},
    )
    check(response, status=415, code="unsupported_media_type")


def test_wrong_fields_are_each_named_with_their_pointer() -> None:
    organisation = an_organisation()
    program = with_key(organisation, "organisation:write")
    path = f"/api/v1/organisations/{organisation.public_id}/invitations"
    body = check(
        post(program, path, {"email": "nobody", "role": "king"}), status=422, code="fields_invalid"
    )
    assert [(error["pointer"], error["code"]) for error in body["errors"]] == [
        ("#/email", "invalid"),
        ("#/role", "invalid_choice"),
    ]
    assert organisation.invitations.exists() is False


@pytest.mark.parametrize(
    "address", ["/api/v1/orders/ord_%00x", "/api/v1/products/%00", "/api/v1/orders?state=%00"]
)
def test_an_address_that_no_row_can_have_is_a_problem(address: str) -> None:
    program = with_key(an_organisation(), "orders:read")
    check(program.get(address), status=404, code="no_such_page")


def test_a_host_that_is_not_ours_is_a_problem(client: Client) -> None:
    response = client.get("/api/v1/me", headers={"host": "evil.example"})
    check(response, status=400, code="bad_request")


def test_a_body_that_is_too_large_is_a_problem(settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    organisation = an_organisation()
    program = with_key(organisation, "organisation:write")
    path = f"/api/v1/organisations/{organisation.public_id}/invitations"
    response = post(program, path, {"email": "a@example.com", "role": "member"})
    check(response, status=413, code="body_too_large")


def test_an_error_of_ours_is_a_problem_that_tells_no_secret(monkeypatch: Any) -> None:
    def fail(*_args: Any) -> None:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr("exchange.api.accounts.caller_of", fail)
    client = signed_in(a_user())
    client.raise_request_exception = False
    response = client.get("/api/v1/me")
    check(response, status=500, code="server_error")
    assert "secret" not in response.content.decode()


def test_the_sentence_comes_in_the_callers_language(client: Client) -> None:
    english = client.get("/api/v1/me", headers={"accept-language": "en"}).json()["detail"]
    chinese = client.get("/api/v1/me", headers={"accept-language": "zh-hans"}).json()["detail"]
    assert english == "Authentication credentials were not provided."
    assert chinese == "身份认证信息未提供。"


def test_a_request_id_that_was_sent_is_kept_when_it_is_harmless(client: Client) -> None:
    kept = client.get("/api/v1/me", headers={"x-request-id": "abc-12345"})
    assert kept.headers["X-Request-ID"] == "abc-12345"
    made = client.get("/api/v1/me", headers={"x-request-id": "a b<script>"})
    assert made.headers["X-Request-ID"].startswith("req_")


def test_facts_never_replace_a_member_of_the_standard() -> None:
    told = problems.document(
        status=409, code="x", detail="d", request=None, facts={"status": 200, "extra": 1}
    )
    assert told == {
        "type": "/problems/x",
        "title": "X",
        "status": 409,
        "detail": "d",
        "code": "x",
        "extra": 1,
    }


def test_nested_errors_are_flattened_and_their_names_escaped() -> None:
    nested: Any = {"a/b": [{}, {"c": [ErrorDetail("Wrong.", code="bad")]}]}
    response = problems.handle(exceptions.ValidationError(nested), {})
    assert response is not None
    assert response.data["errors"] == [{"pointer": "#/a~1b/1/c", "code": "bad", "detail": "Wrong."}]


def test_a_refusal_keeps_its_status_code_and_facts() -> None:
    class Late(Refusal):
        """Too late."""

        code = "late_in_a_test"
        http_status = HTTPStatus.GONE

    response = problems.handle(
        Late("It is over.", closed_at="noon"), {"request": RequestFactory().get("/")}
    )
    assert response is not None
    assert response.status_code == 410
    assert response.data["closed_at"] == "noon"
    assert response.data["detail"] == "It is over."


def test_what_is_not_found_by_a_query_is_a_problem() -> None:
    response = problems.handle(Http404("no Member matches"), {})
    assert response is not None
    assert response.data["code"] == "no_such_page"
    assert "Member" not in response.data["detail"]


def modules() -> Iterator[str]:
    for package in (exchange, accounts, pricing):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            words = found.name.split(".")
            if "migrations" not in words and "settings" not in words and words[-1] != "__main__":
                yield found.name


def test_every_refusal_has_a_code_of_its_own_and_says_what_it_means() -> None:
    for name in modules():
        importlib.import_module(name)
    codes: dict[str, type] = {}
    for refusal in refusals():
        assert "code" in vars(refusal), f"{refusal} declares no code"
        assert refusal.__doc__, f"{refusal} says nothing"
        known = codes.setdefault(refusal.code, refusal)
        # The same fact may be found on two floors that do not know each other.
        assert known.__name__ == refusal.__name__, f"{refusal} and {known} share a code"
    assert set(codes) <= set(problem_kinds())


def test_the_documented_refusals_are_those_that_exist() -> None:
    """`manage.py document_refusals` writes docs/refusals.md anew."""
    for name in modules():
        importlib.import_module(name)
    command = importlib.import_module("exchange.api.management.commands.document_refusals")
    assert (PROJECT / "docs" / "refusals.md").read_text() == command.text()
