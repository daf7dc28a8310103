"""Holds that run out: released and recorded, both or neither; and every row of the books recorded."""

import json
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from exchange.audit import coverage, log, verification
from exchange.audit.findings import Counts
from exchange.audit.models import Record
from exchange.ledger import books, holds
from exchange.ledger.entries import Authorise, EntryRequest, Posting, transfer_id
from exchange.ledger.models import Account, JournalEntry, OpenHold
from exchange.ledger.models.accounts import AccountKind, Guard
from tests.factories.ledger import ACTOR, NOON, cny, fund, sums, wallet
from tests.factories.ledger_clock import age_hold

pytestmark = pytest.mark.django_db
CLOCK = "system:clock"


@pytest.fixture(autouse=True)
def _accounts(db: None) -> None:
    for code, kind, guard in (
        ("clearing", AccountKind.ASSET, Guard.NONE),
        ("wallet:1", AccountKind.LIABILITY, Guard.CREDIT),
    ):
        books.open_account(code=code, kind=kind, currency="CNY", guard=guard, actor=ACTOR, now=NOON)
    post("top-up", EntryRequest(debit="clearing", credit="wallet:1", amount=cny(100)))


def post(key: str, entry: EntryRequest | Authorise) -> JournalEntry:
    return books.post(
        Posting(scope="test", key=key, kind="test.posting", transfers=[entry]),
        actor=ACTOR,
        now=NOON,
    )


def held(key: str, minor: int) -> UUID:
    later = timezone.now() + timedelta(days=1)
    post(key, Authorise(debit="wallet:1", credit="clearing", amount=cny(minor), expires_at=later))
    return transfer_id(scope="test", key=key)


def unrecorded() -> list[str]:
    return [
        finding.detail
        for finding in verification.findings(timezone.now(), Counts())
        if finding.check == "coverage"
    ]


def test_a_hold_that_ran_out_is_free_again_and_its_release_is_recorded() -> None:
    due, running = held("due", 30), held("running", 20)
    age_hold(due)
    assert holds.expire_due(actor=CLOCK, now=NOON) == 1
    assert sums("wallet:1") == (0, 100, 20, 0)
    assert list(OpenHold.objects.values_list("pk", flat=True)) == [running]
    posting = JournalEntry.objects.get(scope="ledger.expiry")
    record = Record.objects.get(event="ledger.hold.expired")
    assert (record.subject, record.actor) == (f"posting:{bytes(posting.fingerprint).hex()}", CLOCK)
    assert json.loads(bytes(record.canonical))["facts"] == {
        "scope": "ledger.expiry",
        "key": str(due),
        "kind": "ledger.hold.expired",
        "transfers": [{"phase": "void", "pending": str(due)}],
    }


def test_more_holds_than_a_batch_takes_are_all_released_and_recorded_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(holds, "EXPIRY_BATCH_MAX", 2)
    for number in range(5):
        age_hold(held(f"hold:{number}", 10))
    assert holds.expire_due(actor=CLOCK, now=NOON) == 5
    assert holds.expire_due(actor=CLOCK, now=NOON) == 0
    assert sums("wallet:1") == (0, 100, 0, 0)
    assert Record.objects.filter(event="ledger.hold.expired").count() == 5


def test_a_release_that_cannot_be_recorded_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    age_hold(held("due", 30))

    def fail(**_words: object) -> str:
        raise RuntimeError("the log is away")

    monkeypatch.setattr(log, "record", fail)
    with pytest.raises(RuntimeError, match="the log is away"):
        holds.expire_due(actor=CLOCK, now=NOON)
    assert sums("wallet:1") == (0, 100, 30, 0)
    assert OpenHold.objects.count() == 1


def test_every_account_and_posting_of_the_flows_has_its_record() -> None:
    age_hold(held("due", 30))
    holds.expire_due(actor=CLOCK, now=NOON)
    assert {"ledger.accounts", "ledger.postings"} <= {
        rule.name for rule in coverage.coverage_rules()
    }
    assert unrecorded() == []


def test_an_account_or_posting_made_past_the_flows_is_named() -> None:
    account = wallet("wallet:2")
    posting = fund(account, 1)
    account = Account.objects.create(
        code="wallet:3", kind=account.kind, currency=account.currency, guard=account.guard,
        owner=account.owner, opened_at=NOON, opened_by="test:1",
    )  # fmt: skip
    fingerprint = bytes(posting.fingerprint).hex()
    assert sorted(unrecorded()) == [
        f"account:{account.public_id} has no record at all.",
        f"ledger.accounts: account:{account.public_id} has no record ledger.account.opened.",
        f"ledger.postings: posting:{fingerprint} has no record ledger.posting.made or ledger.hold.expired.",
        f"posting:{fingerprint} has no record at all.",
    ]
