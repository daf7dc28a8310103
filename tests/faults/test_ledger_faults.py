"""The books when the server ends a connection, is read-only or full."""

import psycopg
import pytest
from django.db import connection, transaction

from exchange.ledger import checks
from exchange.ledger.entries import EntryRequest
from exchange.ledger.errors import LedgerUnavailable
from exchange.ledger.models import JournalEntry
from tests.factories.ledger import clearing, cny, fund, post, sums, wallet

pytestmark = pytest.mark.fault
MOVE = EntryRequest(debit="wallet:1", credit="clearing", amount=cny(1))


@pytest.mark.django_db(transaction=True)
def test_a_read_only_database_refuses_and_writes_nothing() -> None:
    clearing()
    fund(wallet(), 10)
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
    with pytest.raises(LedgerUnavailable) as caught:
        post(MOVE, key="ro")
    assert caught.value.facts == {"retryable": True, "sqlstate": "25006"}
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = off")
    assert sums("wallet:1") == (0, 10, 0, 0)
    post(MOVE, key="ro")
    assert sums("wallet:1") == (1, 10, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_a_full_disk_refuses_and_leaves_no_half_posting() -> None:
    """The disk fills after the posting is written and before its transfers are."""
    clearing()
    fund(wallet(), 10)
    with connection.cursor() as cursor:
        cursor.execute(
            """CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = 'disk_full'; END $$"""
        )
        cursor.execute(
            "CREATE TRIGGER full_disk BEFORE INSERT ON ledger_transfer"
            " FOR EACH STATEMENT EXECUTE FUNCTION disk_full()"
        )
    try:
        with pytest.raises(LedgerUnavailable) as caught:
            post(MOVE, key="full")
        assert caught.value.facts["sqlstate"] == "53100"
        assert not JournalEntry.objects.filter(key="full").exists()
        assert sums("wallet:1") == (0, 10, 0, 0)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION disk_full() CASCADE")
    post(MOVE, key="full")
    assert checks.run().sound


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_server_ends_is_a_refusal_and_the_retry_works() -> None:
    clearing()
    fund(wallet(), 10)
    post(MOVE, key="first")
    _end_this_connection()
    with pytest.raises(LedgerUnavailable):
        post(MOVE, key="second")
    post(MOVE, key="second")
    assert sums("wallet:1") == (2, 10, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_a_connection_lost_inside_a_transaction_loses_all_of_it() -> None:
    clearing()
    fund(wallet(), 10)

    def flow() -> None:
        with transaction.atomic():
            post(MOVE, key="first")
            _end_this_connection()
            post(MOVE, key="second")

    with pytest.raises(LedgerUnavailable):
        flow()
    connection.close()
    assert sums("wallet:1") == (0, 10, 0, 0)
    assert not JournalEntry.objects.filter(key__in=["first", "second"]).exists()


def _end_this_connection() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    parameters = connection.get_connection_params()
    named = {k: parameters[k] for k in ("dbname", "user", "host") if k in parameters}
    with psycopg.connect(**named, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
