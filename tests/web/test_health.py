import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from tests.factories.audit import record


@pytest.mark.django_db
def test_the_health_answers_need_no_sign_in(client: Client) -> None:
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").json() == {"status": "ready"}


@pytest.mark.django_db
def test_a_record_that_waits_too_long_for_the_log_is_a_warning(
    client: Client, settings: Settings
) -> None:
    record()
    settings.AUDIT_ALARM_SECONDS = -1
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "warnings": ["audit_records_unsequenced"]}
