import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from exchange.core import clockwork
from exchange.core.models.clockwork import ProcessKind
from tests.factories.audit import execute, record


@pytest.fixture
def worker() -> None:
    clockwork.beat(process="w", kind=ProcessKind.WORKER)


@pytest.mark.django_db
@pytest.mark.usefixtures("worker")
def test_the_health_answers_need_no_sign_in(client: Client) -> None:
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").json() == {"status": "ready"}


@pytest.mark.django_db
@pytest.mark.usefixtures("worker")
def test_a_record_that_waits_too_long_for_the_log_is_a_warning(
    client: Client, settings: Settings
) -> None:
    record()
    settings.AUDIT_ALARM_SECONDS = -1
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "warnings": ["audit_records_unsequenced"]}


@pytest.mark.django_db
def test_books_without_a_guard_are_not_ready(client: Client) -> None:
    execute("DROP TRIGGER transfers_move_balances ON ledger_transfer")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "not ready", "missing": "ledger guards"}


@pytest.mark.django_db
def test_a_disabled_guard_is_a_missing_one(client: Client) -> None:
    execute("ALTER TABLE ledger_transfer DISABLE TRIGGER transfers_move_balances")
    assert client.get("/readyz").status_code == 503


@pytest.mark.django_db
@pytest.mark.usefixtures("worker")
def test_a_database_that_can_only_be_read_is_not_ready(client: Client) -> None:
    execute("SET TRANSACTION READ ONLY")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "not ready", "missing": "database"}
