"""`check_ledger` finds what somebody with all rights has falsified, and names it."""

import json

import pytest
from django.core.management import call_command
from django.db import connection

from exchange.ledger import books as writing
from exchange.ledger import checks
from exchange.ledger.entries import (
    Authorise,
    Capture,
    EntryRequest,
    ExternalFact,
    Posting,
    transfer_id,
)
from tests.factories.ledger import ACTOR, NOON, clearing, cny, fund, post, wallet

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def books() -> None:
    clearing()
    fund(wallet(), 100)
    post(EntryRequest(debit="wallet:1", credit="clearing", amount=cny(1)), key="moved")
    post(Authorise(debit="wallet:1", credit="clearing", amount=cny(10)), key="open")
    post(Authorise(debit="wallet:1", credit="clearing", amount=cny(10)), key="held")
    post(Capture(pending=transfer_id(scope="test", key="held"), amount=cny(5)), key="taken")
    writing.write([Posting(scope="test", key="refs", kind="k", transfers=[EntryRequest(debit="wallet:1", credit="clearing", amount=cny(2), kind="fee")] * 1, subject="order:1", refs=[ExternalFact(psp="p", object_type="t", object_id=i, kind="k") for i in ("b", "A", "a")])], actor=ACTOR, now=NOON)[0]  # fmt: skip


def forge(statement: str) -> None:
    """Write past all guards, as only a superuser can."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def broken() -> dict[str, list[str]]:
    return {
        finding.law: sorted(d.subject for d in finding.differences)
        for finding in checks.run().findings
        if finding.differences
    }


MOVED = transfer_id(scope="test", key="moved")
OPEN = transfer_id(scope="test", key="open")
HELD = transfer_id(scope="test", key="held")
TAKEN = transfer_id(scope="test", key="taken")


def test_sound_books_break_no_law(capsys: pytest.CaptureFixture[str]) -> None:
    assert broken() == {}
    call_command("check_ledger", "--json")
    report = json.loads(capsys.readouterr().out)
    assert (report["sound"], report["accounts_count"], report["transfers_count"]) == (True, 2, 6)
    assert [finding["law"] for finding in report["findings"]] == [f"L{n}" for n in range(1, 9)]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (
            "UPDATE ledger_account SET cr_minor = cr_minor + 1 WHERE code = 'wallet:1'",
            {"L1": ["currency CNY"], "L2": ["account wallet:1"]},
        ),
        (
            f"UPDATE ledger_transfer SET amount_minor = 2 WHERE id = '{MOVED}'",
            {"L2": ["account clearing", "account wallet:1"], "L4": ["posting test:moved"]},
        ),
        (
            f"UPDATE ledger_transfer SET kind = 'other' WHERE id = '{MOVED}'",
            {"L4": ["posting test:moved"]},
        ),
        (
            "UPDATE ledger_journalentry SET subject = 'order:2' WHERE key = 'refs'",
            {"L4": ["posting test:refs"]},
        ),
        (
            "UPDATE ledger_externalref SET object_id = 'c' WHERE object_id = 'b'",
            {"L4": ["posting test:refs"]},
        ),
        (
            f"DELETE FROM ledger_transfer WHERE id = '{MOVED}'",
            {
                "L2": ["account clearing", "account wallet:1"],
                "L4": ["posting test:moved"],
                "L8": ["posting test:moved"],
            },
        ),
        (
            f"UPDATE ledger_transfer SET currency = 'USD' WHERE id = '{MOVED}'",
            {"L4": ["posting test:moved"], "L5": [f"transfer {MOVED}"]},
        ),
        (
            f"UPDATE ledger_transfer SET pending_of_id = '{OPEN}' WHERE id = '{TAKEN}'",
            {"L4": ["posting test:taken"], "L7": sorted([f"transfer {HELD}", f"transfer {OPEN}"])},
        ),
        (f"DELETE FROM ledger_openhold WHERE transfer_id = '{OPEN}'", {"L7": [f"transfer {OPEN}"]}),
        (
            "UPDATE ledger_journalentry SET created_at = created_at - interval '1 s' WHERE key = 'moved'",
            {"L8": [f"transfer {MOVED}"]},
        ),
        (
            "ALTER TABLE ledger_account DROP CONSTRAINT account_debits_within_credits; UPDATE ledger_account SET dr_minor = 101, cr_minor = 100 WHERE code = 'wallet:1'",
            {"L1": ["currency CNY"], "L2": ["account wallet:1"], "L3": ["account wallet:1"]},
        ),
        (
            "ALTER TABLE ledger_journalentry DROP CONSTRAINT posting_key_names_one_request; UPDATE ledger_journalentry SET key = 'open' WHERE key = 'moved'",
            {"L4": ["posting test:open"], "L6": ["posting test:open"]},
        ),
    ],
)
def test_each_forgery_is_found_and_named(
    capsys: pytest.CaptureFixture[str], statement: str, expected: dict[str, list[str]]
) -> None:
    forge(statement)
    assert broken() == expected
    with pytest.raises(SystemExit, match="1"):
        call_command("check_ledger")
    printed = capsys.readouterr().out
    assert all(subject in printed for subjects in expected.values() for subject in subjects)
