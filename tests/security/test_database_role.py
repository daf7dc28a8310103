"""The role that serves reads and writes rows; it cannot rewrite what the database promises (case M2)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from exchange.audit import sequencer
from exchange.audit.models import Record
from exchange.core import database_roles
from exchange.journeys import acceptance
from exchange.metering import receipts
from exchange.orders.lifecycle import OrderState
from exchange.orders.models import Order
from tests.factories.auctions import END, a_house, clock_at
from tests.factories.members import minutes
from tests.factories.orders import DAY, a_market
from tests.metering.test_usage_plans import a_subscription, an_event, send

pytestmark = pytest.mark.django_db
ROLE = "assay_test_runtime"

REFUSED = (
    "DELETE FROM audit_record",
    "UPDATE audit_record SET actor = 'user:nobody'",
    "DELETE FROM audit_head",
    "UPDATE audit_leaf SET record_id = 1",
    "TRUNCATE audit_leaf",
    "TRUNCATE orders_order CASCADE",
    "ALTER TABLE audit_record DISABLE TRIGGER ALL",
    "ALTER TABLE orders_orderstep DISABLE TRIGGER USER",
    "DROP TRIGGER audit_record_is_append_only ON audit_record",
    "DROP TABLE audit_head",
    "CREATE TABLE mine (id integer)",
    "CREATE TRIGGER mine BEFORE INSERT ON audit_record EXECUTE FUNCTION audit_refuse_rewriting()",
    "CREATE OR REPLACE FUNCTION audit_refuse_rewriting() RETURNS trigger LANGUAGE sql AS 'SELECT 1'",
    "SET session_replication_role = replica",
    "UPDATE ledger_transfer SET amount_minor = 1",
    "DELETE FROM ledger_journalentry",
    "DELETE FROM orders_orderstep",
    "UPDATE orders_orderstep SET actor = 'user:nobody'",
    "DELETE FROM django_migrations",
)


def grant() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE ROLE {ROLE} NOSUPERUSER NOLOGIN")
        database_roles.grant_runtime(ROLE)


@pytest.fixture
def runtime() -> Iterator[None]:
    """The rest of the test's transaction, with the rights of the runtime role alone."""
    grant()
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {ROLE}")
        yield
        cursor.execute("RESET ROLE")


@pytest.mark.usefixtures("runtime")
@pytest.mark.parametrize("statement", REFUSED)
def test_the_runtime_role_cannot_rewrite_empty_or_unguard(statement: str) -> None:
    with (
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.usefixtures("runtime")
def test_an_order_runs_from_checkout_to_the_money_as_the_runtime_role() -> None:
    market = a_market()
    order = market.delivered()
    acceptance.accept(order.public_id, actor=market.buying, now=DAY + minutes(30))
    assert Order.objects.get(pk=order.pk).state == OrderState.CLOSED
    assert sequencer.sequence_batch(DAY) == Record.objects.count()


@pytest.mark.usefixtures("runtime")
def test_use_is_reported_and_receipted_as_the_runtime_role() -> None:
    market = a_market()
    metered = a_subscription(market)
    send(market, an_event(metered, 1), at=DAY + timedelta(hours=1))
    assert receipts.make_due(now=DAY + timedelta(days=5)) == 1


@pytest.mark.usefixtures("runtime")
def test_an_auction_is_bid_on_and_awarded_as_the_runtime_role() -> None:
    with clock_at(DAY):
        house = a_house()
        auction = house.auction()
        house.buyer("anna")
        house.bid("anna", auction, 150_00)
    with clock_at(END):
        assert house.close(auction).state


@pytest.mark.usefixtures("runtime")
def test_what_serving_takes_is_no_power_too_many() -> None:
    assert database_roles.powers_too_many() == []


def test_the_powers_of_an_owner_are_named() -> None:
    powers = database_roles.powers_too_many()
    assert "is a superuser" in powers
    assert "owns tables or belongs to their owner" in powers
    assert "may switch triggers off" in powers


@pytest.mark.parametrize(
    ("grants", "power"),
    [
        ("GRANT TRUNCATE ON audit_head TO {role}", "may empty tables or give them triggers"),
        ("GRANT DELETE ON audit_record TO {role}", "may change or delete records of the log"),
        ("GRANT CREATE ON SCHEMA public TO {role}", "may make tables"),
        ("GRANT SET ON PARAMETER session_replication_role TO {role}", "may switch triggers off"),
        ("ALTER ROLE {role} CREATEROLE", "may make roles"),
        ("ALTER TABLE core_outboxjob OWNER TO {role}", "owns tables or belongs to their owner"),
    ],
)
def test_each_power_that_serving_does_not_take_is_named(grants: str, power: str) -> None:
    grant()
    with connection.cursor() as cursor:
        cursor.execute(grants.format(role=ROLE))
        cursor.execute(f"SET LOCAL ROLE {ROLE}")
        found = database_roles.powers_too_many()
        cursor.execute("RESET ROLE")
    assert power in found


def test_a_table_of_a_later_migration_is_granted_by_default() -> None:
    grant()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE later (id bigserial PRIMARY KEY)")
        cursor.execute(f"SET LOCAL ROLE {ROLE}")
        cursor.execute("INSERT INTO later DEFAULT VALUES RETURNING id")
        assert cursor.fetchone() == (1,)
        cursor.execute("RESET ROLE")
