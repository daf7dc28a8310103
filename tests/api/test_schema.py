"""The description of the API, and the API held to it."""

import os
from typing import Any

import pytest
import schemathesis
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone
from drf_spectacular.drainage import reset_generator_stats
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as bounds
from hypothesis import strategies as st
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from exchange.members.permissions import SCOPES
from tests.factories.accounts import an_api_key, an_organisation

EXAMPLES_PER_OPERATION = 4


@schemathesis.serializer("application/offset+octet-stream")
def as_bytes(_context: schemathesis.SerializationContext, value: Any) -> bytes:
    """A piece of an upload: bytes under a name that the tool does not know."""
    return value if isinstance(value, bytes) else str(value).encode()


@pytest.fixture
def description(client: Client) -> dict[str, Any]:
    response = client.get("/api/v1/schema", headers={"accept": "application/vnd.oai.openapi+json"})
    described: dict[str, Any] = response.json()
    return described


@pytest.mark.django_db
def test_the_description_is_openapi_3_1_and_names_a_problem_for_every_operation(
    description: dict[str, Any],
) -> None:
    assert description["openapi"] == "3.1.0"
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            problem = operation["responses"]["default"]["content"]["application/problem+json"]
            assert problem["schema"] == {"$ref": "#/components/schemas/Problem"}, (path, method)


def test_the_description_is_made_without_a_warning() -> None:
    reset_generator_stats()  # of descriptions that other tests asked for, of sites of their own
    call_command("spectacular", validate=True, fail_on_warn=True, file=os.devnull)


@pytest.mark.django_db
def test_every_scope_in_the_description_exists(description: dict[str, Any]) -> None:
    named = {
        operation["x-required-scope"]
        for methods in description["paths"].values()
        for operation in methods.values()
        if "x-required-scope" in operation
    }
    assert named <= set(SCOPES)
    assert "organisation:read" in named


@pytest.mark.django_db
def test_the_pages_of_the_description_carry_no_inline_script_or_style(client: Client) -> None:
    page = client.get("/api/v1/docs")
    text = page.content.decode()
    assert page.status_code == 200
    assert "<style" not in text
    assert " style=" not in text
    assert text.count("<script") == text.count("<script src=") == 3
    assert page.headers["Content-Security-Policy"].count("unsafe") == 0
    script = client.get("/api/v1/docs?script=")
    assert script.headers["Content-Type"].startswith("application/javascript")
    assert "/api/v1/schema" in script.content.decode()


def test_every_address_of_version_1_is_described_or_a_page_of_the_description() -> None:
    names = {
        name.split(":")[-1]
        for name in get_resolver("exchange.api.urls").reverse_dict
        if isinstance(name, str)
    }
    assert {"me", "organisations", "schema", "docs"} <= names


@pytest.mark.django_db(transaction=True)  # the WSGI application closes connections itself
def test_whatever_is_sent_is_answered_as_described(description: dict[str, Any]) -> None:
    organisation = an_organisation()
    secret = an_api_key(organisation, scopes=tuple(SCOPES), at=timezone.now()).secret
    known = {"organisation_id": organisation.public_id}
    app = get_wsgi_application()
    schema = schemathesis.openapi.from_dict(description)
    tried = 0

    def hold(operation: Any) -> None:
        @seed(20260302)
        @bounds(
            max_examples=EXAMPLES_PER_OPERATION,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(), is_known=st.booleans())
        def answer_as_described(case: Any, is_known: bool) -> None:  # noqa: FBT001 - Hypothesis gives it
            nonlocal tried
            if is_known:
                case.path_parameters |= {
                    name: value for name, value in known.items() if name in case.path_parameters
                }
            headers = {"Authorization": f"Bearer {secret}"}
            response = case.call(app=app, headers=headers)
            case.validate_response(
                response,
                checks=[
                    content_type_conformance,
                    response_schema_conformance,
                    status_code_conformance,
                ],
            )
            assert response.status_code < 500
            tried += 1

        answer_as_described()

    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        hold(found.ok())
    assert tried > EXAMPLES_PER_OPERATION * 8
