"""A model of the books in plain Python."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from exchange.ledger.entries import Authorise, Capture, Entry, EntryRequest, Void, transfer_id
from exchange.ledger.models import Account
from exchange.ledger.models.accounts import Guard
from tests.factories.ledger import clearing, wallet

CODES = ("clearing", "wallet:1", "wallet:2", "wallet:3", "clearing:usd", "wallet:usd")


@dataclass
class Held:
    entry: Authorise
    due: bool = False


@dataclass
class Model:
    """The books as a person would keep them: plain numbers and plain rules."""

    currency: dict[str, str]
    guarded: frozenset[str]
    sums: dict[str, list[int]]
    open_holds: dict[uuid.UUID, Held] = field(default_factory=dict)
    resolved: set[uuid.UUID] = field(default_factory=set)
    known: dict[str, Entry] = field(default_factory=dict)

    def post(self, key: str, entry: Entry) -> str | None:
        """Apply the entry; return the code of the refusal, or None."""
        if key in self.known:
            return None if self.known[key] == entry else "key_reused"
        refusal = self._refusal(entry)
        if refusal is None:
            self.sums = self._after(entry)
            self._remember(key, entry)
        return refusal

    def _refusal(self, entry: Entry) -> str | None:
        if isinstance(entry, Capture | Void):
            refusal = self._resolution_refusal(entry)
        else:
            refusal = self._move_refusal(entry)
        if refusal is not None:
            return refusal
        after = self._after(entry)
        short = any(after[code][0] + after[code][2] > after[code][1] for code in self.guarded)
        return "insufficient_funds" if short else None

    def _move_refusal(self, entry: EntryRequest | Authorise) -> str | None:
        if entry.debit == entry.credit:
            return "same_account"
        if entry.amount.minor <= 0:
            return "amount_not_positive"
        if entry.debit not in self.currency or entry.credit not in self.currency:
            return "unknown_account"
        currencies = {self.currency[entry.debit], self.currency[entry.credit]}
        return None if currencies == {entry.amount.currency} else "currency_mismatch"

    def _resolution_refusal(self, entry: Capture | Void) -> str | None:
        if isinstance(entry, Capture) and entry.amount.minor <= 0:
            return "amount_not_positive"
        if entry.pending in self.resolved:
            return "pending_already_resolved"
        held = self.open_holds.get(entry.pending)
        if held is None:
            return "unknown_pending"
        if isinstance(entry, Void):
            return None
        if entry.amount.minor > held.entry.amount.minor:
            return "exceeds_pending"
        return "pending_expired" if held.due else None

    def _after(self, entry: Entry) -> dict[str, list[int]]:
        after = {code: list(row) for code, row in self.sums.items()}
        if isinstance(entry, Capture | Void):
            hold = self.open_holds[entry.pending].entry
            after[hold.debit][2] -= hold.amount.minor
            after[hold.credit][3] -= hold.amount.minor
            if isinstance(entry, Capture):
                after[hold.debit][0] += entry.amount.minor
                after[hold.credit][1] += entry.amount.minor
        else:
            place = 2 if isinstance(entry, Authorise) else 0
            after[entry.debit][place] += entry.amount.minor
            after[entry.credit][place + 1] += entry.amount.minor
        return after

    def _remember(self, key: str, entry: Entry) -> None:
        self.known[key] = entry
        if isinstance(entry, Authorise):
            self.open_holds[transfer_id(scope="test", key=key)] = Held(entry)
        elif isinstance(entry, Capture | Void):
            del self.open_holds[entry.pending]
            self.resolved.add(entry.pending)

    def expire(self) -> int:
        due = [pending for pending, held in self.open_holds.items() if held.due]
        for pending in due:
            self.sums = self._after(Void(pending=pending))
            del self.open_holds[pending]
            self.resolved.add(pending)
        return len(due)


def open_accounts() -> list[Account]:
    return [
        (wallet if code.startswith("wallet") else clearing)(code, "USD" if "usd" in code else "CNY")
        for code in CODES
    ]


def model_of(accounts: Sequence[Account]) -> Model:
    return Model(
        currency={account.code: account.currency for account in accounts},
        guarded=frozenset(a.code for a in accounts if a.guard == Guard.CREDIT),
        sums={account.code: [0, 0, 0, 0] for account in accounts},
    )
