"""The database itself refuses, whoever writes; and without its guards nothing is posted."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import call_command
from django.db import Error, connection, transaction

from exchange.ledger import checks, errors, guards, holds
from exchange.ledger.entries import Capture, EntryRequest, Posting
from exchange.ledger.guards import guards_in_place
from exchange.ledger.models import Account
from tests.factories.ledger import ACTOR, NOON, clearing, cny, fund, post, sums, wallet

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def books() -> None:
    clearing()
    fund(wallet(), 100)
    clearing("clearing:usd", "USD")


def run(statement: str, *arguments: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, arguments)


def broken_by(statement: str, *arguments: Any) -> str:
    """The name of the guard that refuses the statement; the sums are proved unchanged."""
    before = list(Account.objects.order_by("pk").values())
    with pytest.raises(Error) as caught:
        run(statement, *arguments)
    assert list(Account.objects.order_by("pk").values()) == before
    assert checks.run().sound
    return str(caught.value.__cause__.diag.constraint_name)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("statement", "guard"),
    [
        ("UPDATE ledger_transfer SET amount_minor = 1", "transfer_is_final"),
        ("UPDATE ledger_transfer SET amount_minor = 1 WHERE false", "transfer_is_final"),
        ("DELETE FROM ledger_transfer", "transfer_is_final"),
        ("TRUNCATE ledger_transfer CASCADE", "transfer_is_final"),
        ("UPDATE ledger_journalentry SET kind = 'x'", "posting_is_final"),
        ("DELETE FROM ledger_journalentry", "posting_is_final"),
        ("UPDATE ledger_externalref SET kind = 'x'", "external_ref_is_final"),
        ("DELETE FROM ledger_account", "account_is_kept"),
        ("TRUNCATE ledger_openhold", "open_holds_are_kept"),
        ("UPDATE ledger_account SET cr_minor = cr_minor + 1", "balance_follows_transfers"),
        ("UPDATE ledger_account SET dr_pending_minor = 0", "balance_follows_transfers"),
        ("UPDATE ledger_account SET guard = 0", "account_terms_are_final"),
        ("UPDATE ledger_account SET currency = 'USD'", "account_terms_are_final"),
        ("UPDATE ledger_account SET code = 'x' WHERE code = 'wallet:1'", "account_terms_are_final"),
    ],
)
def test_history_terms_and_balances_are_not_edited(statement: str, guard: str) -> None:
    assert broken_by(statement) == guard


def test_an_account_is_born_empty() -> None:
    statement = """INSERT INTO ledger_account
        (public_id, code, kind, currency, guard, dr_minor, cr_minor, dr_pending_minor,
         cr_pending_minor, opened_by) VALUES ('acc_x', 'x', 'asset', 'CNY', 0, 0, %s, 0, 0, 'x')"""
    assert broken_by(statement, 1) == "balance_starts_at_zero"


def insert(
    *,
    debit: str,
    credit: str,
    minor: int,
    currency: str = "CNY",
    phase: str = "single",
    **more: object,
) -> tuple[str, list[Any]]:
    """A posting and its transfer in plain SQL, past every action of the room."""
    columns = {"id": uuid.uuid4(), "step": 0, "kind": "", "amount_minor": minor,
               "currency": currency, "phase": phase, **more}  # fmt: skip
    names = ", ".join(columns)
    marks = ", ".join(["%s"] * len(columns))
    return (
        f"""WITH p AS (INSERT INTO ledger_journalentry
            (scope, key, fingerprint, kind, subject, actor, effective_at)
            VALUES ('sql', %s, '', 'x', '', 'x', now()) RETURNING id)
        INSERT INTO ledger_transfer (posting_id, debit_id, credit_id, {names})
        SELECT p.id, d.id, c.id, {marks} FROM p, ledger_account d, ledger_account c
        WHERE d.code = %s AND c.code = %s""",
        [str(uuid.uuid4()), *columns.values(), debit, credit],
    )


def refuser(**row: object) -> str:
    statement, arguments = insert(**row)  # type: ignore[arg-type]
    return broken_by(statement, *arguments)


def test_a_plain_insert_moves_the_balances_too() -> None:
    statement, arguments = insert(debit="wallet:1", credit="clearing", minor=30)
    run(statement, *arguments)
    assert (sums("wallet:1"), sums("clearing")) == ((30, 100, 0, 0), (100, 30, 0, 0))


def test_a_plain_insert_is_guarded() -> None:
    way = {"debit": "wallet:1", "credit": "clearing"}
    assert refuser(**way, minor=101) == "account_debits_within_credits"
    assert refuser(**way, minor=0) == "transfer_moves_something"
    assert refuser(**way, minor=-5) == "transfer_moves_something"
    assert refuser(debit="wallet:1", credit="wallet:1", minor=1) == "transfer_has_two_sides"
    assert refuser(**way, minor=1, phase="gift") == "transfer_phase_is_known"
    assert refuser(**way, minor=1, phase="post") == "transfer_resolves_or_stands_alone"
    late = {"created_at": NOON}
    assert refuser(**way, minor=1, **late) == "transfer_is_entered_with_its_posting"


def test_two_currencies_do_not_meet_in_plain_sql() -> None:
    names = {
        refuser(debit="clearing:usd", credit="clearing", minor=1),
        refuser(debit="clearing:usd", credit="clearing", minor=1, currency="USD"),
    }
    assert names == {"transfer_debit_shares_its_currency", "transfer_credit_shares_its_currency"}


def test_a_plain_insert_cannot_resolve_a_hold_amiss() -> None:
    wallet("wallet:2")
    pending = holds.authorise(Posting(scope="test", key="hold", kind="t"), debit="wallet:1", credit="clearing", amount=cny(50), actor=ACTOR, now=NOON)  # fmt: skip
    way = {"debit": "wallet:1", "credit": "clearing", "pending_of_id": pending}
    assert refuser(**way, minor=51, phase="post") == "transfer_stays_within_its_hold"
    assert refuser(**way, minor=49, phase="void") == "transfer_voids_the_whole_hold"
    assert (
        refuser(**{**way, "debit": "wallet:2"}, minor=1, phase="post")
        == "transfer_matches_its_hold"
    )
    post(Capture(pending=pending, amount=cny(50)))
    assert refuser(**way, minor=1, phase="post") == "hold_is_resolved_once"
    assert refuser(**{**way, "pending_of_id": uuid.uuid4()}, minor=1, phase="post") == (
        "transfer_resolves_a_known_hold"
    )


def test_a_posting_is_not_added_to_later() -> None:
    statement = """INSERT INTO ledger_transfer
        (id, posting_id, step, debit_id, credit_id, currency, amount_minor, phase, kind)
        SELECT gen_random_uuid(), p.id, 1, a.id, b.id, 'CNY', 1, 'single', ''
        FROM ledger_journalentry p, ledger_account a, ledger_account b
        WHERE a.code = 'clearing' AND b.code = 'wallet:1'"""
    with age_postings():
        assert broken_by(statement) == "transfer_is_entered_with_its_posting"


@contextmanager
def age_postings() -> Iterator[None]:
    """What was posted before counts as posted yesterday."""
    for statement in (
        "SET LOCAL session_replication_role = replica",
        "UPDATE ledger_journalentry SET created_at = created_at - interval '1 day'",
        "UPDATE ledger_transfer SET created_at = created_at - interval '1 day'",
        "SET LOCAL session_replication_role = DEFAULT",
    ):
        run(statement)
    yield


def test_open_holds_are_kept_by_the_database_alone() -> None:
    assert (
        broken_by("INSERT INTO ledger_openhold (transfer_id) SELECT id FROM ledger_transfer")
        == "open_hold_follows_transfers"
    )


@pytest.mark.parametrize(
    ("statement", "missing"),
    [
        ("ALTER TABLE ledger_transfer DISABLE TRIGGER transfers_move_balances", "trigger transfers_move_balances"),
        ("DROP TRIGGER transfer_is_final ON ledger_transfer", "trigger transfer_is_final"),
        ("ALTER TABLE ledger_account DROP CONSTRAINT account_debits_within_credits",
         "constraint account_debits_within_credits"),
        ("DROP INDEX hold_is_resolved_once", "constraint hold_is_resolved_once"),
        ("SET LOCAL session_replication_role = replica", "setting session_replication_role=origin"),
        ("CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
         "function ledger_refuse"),
    ],
)  # fmt: skip
def test_without_a_guard_nothing_is_posted(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    statement: str,
    missing: str,
) -> None:
    assert guards.missing_guards() == []
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement)
    monkeypatch.setattr(guards, "RECHECK_SECONDS", 0.0)
    with pytest.raises(errors.GuardsMissing) as caught:
        post(EntryRequest(debit="wallet:1", credit="clearing", amount=cny(1)))
    named = str(caught.value.facts["missing"][0])  # type: ignore[index]
    assert named.startswith(missing)
    assert sums("wallet:1") == (0, 100, 0, 0)
    (error,) = guards_in_place(databases=["default"])
    assert named in error.msg
    with pytest.raises(SystemExit, match="1"):
        call_command("check_ledger")
    assert f"missing: {named}" in capsys.readouterr().out


def test_a_guarded_database_passes_the_system_check() -> None:
    assert guards_in_place(databases=["default"]) == []
    assert guards_in_place() == []
